"""A bank is read as a whole; what it does not have is told in words."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

import vostro
from vostro.bank import CampaignUnknownError, read_bank
from vostro.words import FaultsError, VostroError

STARTER = Path(vostro.__file__).parent / "starter"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(STARTER, tmp_path / "bank", ignore=shutil.ignore_patterns(".vostro")))


def test_the_only_campaign_need_not_be_named(folder: Path) -> None:
    assert read_bank(folder).campaign().campaign == "spring_deposit"


def test_an_unknown_campaign_is_told_with_those_known(folder: Path) -> None:
    with pytest.raises(CampaignUnknownError) as caught:
        read_bank(folder).campaign("spring_deposits")
    assert "spring_deposits" in caught.value.say("en") and "spring_deposit" in caught.value.say("zh")


def test_of_two_campaigns_one_must_be_named(folder: Path) -> None:
    file = folder / "campaigns/spring_deposit.yaml"
    text = file.read_text(encoding="utf-8")
    (folder / "campaigns/b.yaml").write_text(text.replace("spring_deposit", "autumn"), encoding="utf-8")
    with pytest.raises(CampaignUnknownError) as caught:
        read_bank(folder).campaign()
    assert "autumn, spring_deposit" in caught.value.say("en")


def test_no_bank_here(tmp_path: Path) -> None:
    with pytest.raises(VostroError):
        read_bank(tmp_path)


def test_every_fault_of_the_header_at_its_line(folder: Path) -> None:
    (folder / "bank.yaml").write_text(
        "bank: My Bank\nname: {en: A, zh: 甲}\ncurrency: euro\nzone: Europe/Lisbonn\n", encoding="utf-8"
    )
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    told = [each.say("en") for each in caught.value.faults]
    assert [f"bank.yaml:{line}:" in each for line, each in zip((1, 3, 4), told, strict=True)] == [True] * 3


def test_a_tag_may_not_read_what_comes_after_the_decision(folder: Path) -> None:
    file = folder / "tags/late.yaml"
    file.write_text(
        "- tag: bought_it\n  name: {en: A, zh: 甲}\n  dimension: behaviour\n  attribute: outcomes.bought\n",
        encoding="utf-8",
    )
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    (fault,) = caught.value.faults
    assert "late.yaml:4:" in fault.say("en") and "'outcomes' is awaited" in fault.say("en")


def test_the_version_changes_with_a_script_and_not_with_state(folder: Path) -> None:
    before = read_bank(folder).version
    (folder / ".vostro").mkdir()
    (folder / ".vostro/state.yaml").write_text("x: 1", encoding="utf-8")
    assert read_bank(folder).version == before
    script = folder / "scripts/term_deposit.md"
    script.write_text(script.read_text(encoding="utf-8") + "\nMore.", encoding="utf-8")
    assert read_bank(folder).version != before


def test_a_tag_may_not_take_a_name_of_the_loop(folder: Path) -> None:
    file = folder / "tags/basic.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("- tag: marital", "- tag: wave"), encoding="utf-8"
    )
    with pytest.raises(FaultsError, match="choose another"):
        read_bank(folder)


@pytest.mark.parametrize(
    ("data", "code"),
    [(b"# en\nHello\n", "reach.script"), ("# en\n您好".encode("gb18030"), "reach.script_encoding")],
)
def test_a_script_is_read_before_anything_is_estimated(folder: Path, data: bytes, code: str) -> None:
    (folder / "scripts/term_deposit.md").write_bytes(data)
    with pytest.raises(VostroError) as caught:
        read_bank(folder)
    assert caught.value.code == code


def test_a_contract_may_not_take_the_name_of_a_table_of_ours(folder: Path) -> None:
    text = (folder / "contracts/customers.yaml").read_text(encoding="utf-8")
    text = text.replace("contract: customers", "contract: portrait")
    (folder / "contracts/more.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    assert "more.yaml:2" in caught.value.faults[0].say("en")
    assert "'portrait'" in caught.value.faults[0].say("en")


def test_a_bank_of_the_past_says_at_which_moment_it_lives(folder: Path) -> None:
    header = folder / "bank.yaml"
    text = header.read_text(encoding="utf-8")
    header.write_text(text + 'as_of: "1999-01-01T00:00:00+01:00"\n', encoding="utf-8")
    now = datetime(2026, 1, 1, tzinfo=UTC)
    assert read_bank(folder).moment(now) == datetime(1998, 12, 31, 23, tzinfo=UTC)
    header.write_text(text + "as_of: 1999-01-01\n", encoding="utf-8")
    with pytest.raises(FaultsError):
        read_bank(folder)


def test_product_knowledge_is_checked_with_the_bank_and_moves_its_version(folder: Path) -> None:
    events = folder / "knowledge" / "life_events"
    events.mkdir(parents=True)
    file = folder / "knowledge" / "products.yaml"
    file.write_text("- product: fund\n  name: {en: fund, zh: 基金}\n", encoding="utf-8")
    before = read_bank(folder).version
    file.write_text(file.read_text(encoding="utf-8") + "  needs: [acount]\n", encoding="utf-8")
    with pytest.raises(FaultsError) as caught:
        read_bank(folder)
    assert "knowledge/products.yaml" in caught.value.say("en") and "acount" in caught.value.say("en")
    file.write_text("- product: fund\n  name: {en: fund, zh: 基金}\n", encoding="utf-8")
    (events / "first_job.yaml").write_text("- life_event: first_job\n", encoding="utf-8")
    with pytest.raises(FaultsError, match="first_job"):  # its fields are missing
        read_bank(folder)
    (events / "first_job.yaml").unlink()
    assert read_bank(folder).version == before
