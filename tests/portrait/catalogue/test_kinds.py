"""Manual, model and household tags, and values that expire: on the real log and lake, as of any moment."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from vostro.capture import load_all, read_contracts
from vostro.engine import Workspace
from vostro.portrait import RuleError, build_portraits, parse_rule, read_tags
from vostro.portrait.catalogue.errors import (
    CustomerUnknownError,
    ManualTagError,
    ManualUntilError,
    ManualValueError,
    TagUnknownError,
)
from vostro.portrait.catalogue.estimates import keep_estimates, tenths
from vostro.portrait.catalogue.held import held_at
from vostro.portrait.catalogue.manual import ManualTags, canonical_value, manual_history
from vostro.portrait.catalogue.models import learning_order, model_faults, with_model_tags
from vostro.words import FaultsError, Text

T0 = datetime(2026, 1, 1, 9, tzinfo=UTC)
DAY = timedelta(days=1)
CONTRACT = """\
contract: people
meaning: {en: People, zh: 客户}
file: people.csv
key: [id]
customer: id
columns:
  id: {type: text, personal_data: identity, meaning: {en: Number, zh: 编号}}
  aum: {type: decimal, decimal: [12, 2], meaning: {en: Assets, zh: 资产}}
  home: {type: text, meaning: {en: Address, zh: 住址}}
  risk: {type: text, meaning: {en: Risk, zh: 风险}}
"""
TAGS = """\
- {tag: aum, name: {en: Assets, zh: 资产}, dimension: consumption, attribute: people.aum}
- {tag: home, name: {en: Home, zh: 住址}, dimension: basic, attribute: people.home}
- {tag: risk, name: {en: Risk, zh: 风险}, dimension: credit, attribute: people.risk, expires: 30 days}
- tag: vip
  name: {en: Care, zh: 关怀}
  dimension: experience
  manual: text
  values: {gold: {en: gold, zh: 金}, plain: {en: plain, zh: 普通}}
  expires: 10 days
  owner: branch
  purpose: {en: Who gets a call from the director, zh: 行长致电客户}
- {tag: loss, name: {en: Loss, zh: 损失}, dimension: credit, manual: decimal}
- {tag: met, name: {en: Met, zh: 面谈}, dimension: experience, manual: boolean}
- {tag: chance, name: {en: Chance, zh: 概率}, dimension: behaviour, model: {estimator: deposit}}
- {tag: chance_tenth, name: {en: Tenth, zh: 十分位}, dimension: behaviour, model: {estimator: deposit, value: tenth}}
- {tag: likely, name: {en: Likely, zh: 可能}, dimension: behaviour, rule: chance > 0.5 AND vip = 'gold'}
- {tag: house_aum, name: {en: House assets, zh: 家庭资产}, dimension: social, household: {by: home, sum: aum}}
- {tag: house_size, name: {en: House size, zh: 家庭人数}, dimension: social, household: {by: home}}
- {tag: rich_house, name: {en: Rich house, zh: 富裕家庭}, dimension: social, rule: house_aum > 100 AND house_size > 1}
"""
ROWS = "id,aum,home,risk\na,60.10,x,low\nb,50.00,x,high\nc,500.00,y,low\nd,,,\n"


@pytest.fixture
def bank(workspace: Workspace):
    folder = workspace.bank
    for name, text in {"contracts/a.yaml": CONTRACT, "tags/a.yaml": TAGS, "people.csv": ROWS}.items():
        path = folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
    contracts = read_contracts(folder)
    load_all(contracts, folder, store=workspace.store, lake=workspace.lake, load_time=T0)
    return workspace.lake, read_tags(folder, contracts), contracts


def test_a_person_sets_and_clears_and_every_moment_keeps_its_own(bank) -> None:
    lake, tags, contracts = bank
    desk = ManualTags(lake, tags, contracts)
    desk.set("vip", "a", "gold", by="ann", reason="met", moment=T0)
    desk.set("vip", "b", "gold", by="ann", reason="met", moment=T0, until=T0 + 2 * DAY)
    desk.set("vip", "a", "plain", by="bob", reason="left", moment=T0 + 3 * DAY)
    desk.clear("vip", "a", by="bob", reason="wrong", moment=T0 + 4 * DAY)
    desk.set("loss", "c", "12.5", by="bob", reason="court", moment=T0)
    desk.set("met", "c", "是", by="bob", reason="court", moment=T0)

    def vip(moment: datetime | None) -> list[str | None]:
        return build_portraits(tags, contracts, lake, as_of=moment)["vip"].to_list()

    assert vip(T0 + 1 * DAY) == ["gold", "gold", None, None]
    assert vip(T0 + 2 * DAY) == ["gold", None, None, None]  # b: until then, and not at that moment
    assert vip(T0 + 3 * DAY) == ["plain", None, None, None]
    assert vip(T0 + 5 * DAY) == [None] * 4
    now = build_portraits(tags, contracts, lake)
    assert now["loss"].to_list() == [None, None, Decimal("12.5000"), None]
    assert now["met"].to_list() == [None, None, True, None]
    history = manual_history(lake, tags)["vip"]
    assert history["by"].to_list() == ["ann", "ann", "bob"]
    moments = pl.DataFrame(
        {"customer": ["a", "b", "a", "a"], "as_of": [T0 - DAY, T0, T0 + 3 * DAY, T0 + DAY]}
    )
    moments = moments.with_columns(pl.col("as_of").cast(pl.Datetime("us", "UTC")))
    assert held_at(lake, tags, moments)["vip"].to_list() == [None, "gold", "plain", "gold"]


def test_the_definitions_expiry_ends_a_value(bank) -> None:
    lake, tags, contracts = bank
    ManualTags(lake, tags, contracts).set("vip", "a", "gold", by="ann", reason="met", moment=T0)
    last = build_portraits(tags, contracts, lake, as_of=T0 + 10 * DAY - timedelta(microseconds=1))
    assert last["vip"][0] == "gold"
    assert build_portraits(tags, contracts, lake, as_of=T0 + 10 * DAY)["vip"][0] is None
    fresh = build_portraits(tags, contracts, lake, as_of=T0 + 29 * DAY)["risk"].to_list()
    assert fresh == ["low", "high", "low", None]
    assert build_portraits(tags, contracts, lake, as_of=T0 + 30 * DAY)["risk"].null_count() == 4
    assert build_portraits(tags, contracts, lake, as_of=T0 + 30 * DAY)["aum"].null_count() == 1


def test_what_cannot_be_set_is_refused(bank) -> None:
    lake, tags, contracts = bank
    desk = ManualTags(lake, tags, contracts)
    said = {"by": "ann", "reason": "r", "moment": T0}
    with pytest.raises(TagUnknownError, match="Did you mean 'vip'"):
        desk.set("vipp", "a", "gold", **said)
    with pytest.raises(ManualTagError, match="attribute"):
        desk.set("aum", "a", "1", **said)
    with pytest.raises(ManualValueError, match="did you mean 'gold'"):
        desk.set("vip", "a", "golt", **said)
    with pytest.raises(CustomerUnknownError):
        desk.set("vip", "zoe", "gold", **said)
    with pytest.raises(ManualUntilError):
        desk.set("vip", "a", "gold", **said, until=T0)
    with pytest.raises(CustomerUnknownError):
        desk.clear("vip", "zoe", **said)
    assert manual_history(lake, tags)["vip"].is_empty()


BAD = [("integer", "1.5"), ("integer", "9" * 20), ("number", "inf"), ("number", "x"), ("decimal", "1.00001"),
       ("decimal", "1e15"), ("boolean", "maybe"), ("date", "2026-02-30"), ("moment", "2026-01-01T00:00"),
       ("text", " ")]  # fmt: skip
GOOD = [("integer", " 07 ", "7"), ("number", "1e3", "1000.0"), ("decimal", "1200.5", "1200.5000"), ("text", "a b", "a b"),
        ("boolean", "Yes", "true"), ("date", "2026-02-28", "2026-02-28"),
        ("moment", "2026-01-01T08:00+08:00", "2026-01-01T00:00:00+00:00")]  # fmt: skip


def _tag(kind: str):
    from vostro.portrait import Tag

    return Tag(tag="t", dimension="basic", name=Text(en="T", zh="标"), type=kind, manual=True)


@pytest.mark.parametrize(("kind", "text"), BAD)
def test_a_value_of_another_type_is_refused(kind: str, text: str) -> None:
    with pytest.raises(ManualValueError):
        canonical_value(_tag(kind), text)


@pytest.mark.parametrize(("kind", "text", "kept"), GOOD)
def test_a_value_has_one_form(kind: str, text: str, kept: str) -> None:
    assert canonical_value(_tag(kind), text) == kept
    assert canonical_value(_tag(kind), kept) == kept


def test_estimates_are_tags_and_rules_read_them(bank) -> None:
    lake, tags, contracts = bank
    ManualTags(lake, tags, contracts).set("vip", "a", "gold", by="ann", reason="r", moment=T0)
    before = build_portraits(tags, contracts, lake)
    assert before["chance"].null_count() == 4
    first = pl.DataFrame({"customer": list("abcd"), "value": [0.9, 0.2, 0.4, None]})
    keep_estimates(lake, "deposit", first, as_of=T0)
    keep_estimates(lake, "deposit", first.with_columns(value=1 - pl.col("value")), as_of=T0 + 5 * DAY)
    keep_estimates(lake, "depositary", first, as_of=T0 + 6 * DAY)  # another estimator
    at = build_portraits(tags, contracts, lake, as_of=T0 + DAY)
    assert at["chance"].to_list() == [0.9, 0.2, 0.4, None]
    assert at["chance_tenth"].to_list() == [1, 7, 4, None]
    assert at["likely"].to_list() == [True, False, False, None]
    now = with_model_tags(before, tags, lake)
    assert now["chance"].to_list() == pytest.approx([0.1, 0.8, 0.6, None])
    assert now.equals(build_portraits(tags, contracts, lake))
    assert build_portraits(tags, contracts, lake, as_of=T0 - DAY).height == 0


def test_tenths_are_of_one_size_and_ordered() -> None:
    values = pl.Series([i / 1000 for i in range(1000)]).shuffle(seed=1)
    found = pl.DataFrame({"value": values, "tenth": tenths(values)}).sort("value", descending=True)
    assert found["tenth"].value_counts()["count"].to_list() == [100] * 10
    assert found["tenth"].is_sorted()


def test_households_count_and_sum_over_their_members(bank) -> None:
    lake, tags, contracts = bank
    portraits = build_portraits(tags, contracts, lake)
    assert portraits["house_aum"].to_list() == [Decimal("110.10"), Decimal("110.10"), Decimal("500.00"), None]
    assert portraits["house_size"].to_list() == [2, 2, 1, None]
    assert portraits["rich_house"].to_list() == [True, True, False, None]
    assert tags["house_aum"].columns == {"people.home", "people.aum"}
    assert tags["house_aum"].depends == {"home", "aum"}


FAULTS = [
    ("household: {by: hom}", "tags/a.yaml:14: there is no tag 'hom'; did you mean 'home'?"),
    ("household: {by: home, sum: risk}", "tags/a.yaml:14: tag 'risk' is no number and cannot be summed"),
    ("rule: aum > 1, expires: 3 days", "only attribute, model and manual tags expire"),
    ("manual: text, expires: soon", "'soon' is not a span of time"),
    ("manual: text, refresh: 0 days", "'0 days' is no time at all"),
    ("manual: words", "manual"),
    ("model: {estimator: a, value: rank}", "model.value"),
]


@pytest.mark.parametrize(("what", "said"), FAULTS)
def test_a_fault_names_its_line(bank, tmp_path: Path, what: str, said: str) -> None:
    folder = tmp_path / "bank"
    line = f"- {{tag: z, name: {{en: Z, zh: 子}}, dimension: basic, {what}}}\n"
    (folder / "tags" / "a.yaml").write_text(
        "\n".join(TAGS.split("\n")[:3]) + "\n" + "\n" * 10 + line, encoding="utf-8"
    )
    with pytest.raises(FaultsError) as caught:
        read_tags(folder, bank[2])
    assert said in caught.value.say("en") and "tags/a.yaml:14" in caught.value.say("en")
    assert "14" in caught.value.say("zh")


def test_a_model_tag_names_an_estimator_that_does_not_read_it(bank) -> None:
    tags = bank[1]
    assert model_faults(tags, {"deposit": ("aum", "home")}) == []
    unknown = model_faults(tags, {"deposits": ("aum",)})
    assert len(unknown) == 2 and "did you mean 'deposits'" in unknown[0].say("en")
    circle = model_faults(tags, {"deposit": ("aum", "likely")})
    assert "in a circle" in circle[0].say("en") and circle[0].data["line"] == tags["chance"].line


def test_only_what_may_price_sets_a_price(bank) -> None:
    tags = bank[1]
    with pytest.raises(RuleError, match="may not be used to set a price"):
        parse_rule("aum > 5", tags, use="price")


def test_estimators_learn_after_those_whose_estimates_they_read(bank) -> None:
    tags = bank[1]
    reads = {
        "second": ("aum", "likely"),
        "deposit": ("aum",),
        "aum": ("home",),
    }  # an estimator may be called as a tag
    order = learning_order(tags, reads)
    assert sorted(order) == sorted(reads) and order.index("deposit") < order.index("second")
    assert learning_order(tags, {"second": ("likely",)}) == ["second"], "clusters are not learnt here"
