"""Faults of product knowledge are told with file and line, all at once."""

import pytest

from vostro.insight.recommend import Knowledge
from vostro.words import FaultsError

from .bank import EVENT_FILE, FILE, TAGS


def written(folder, products=FILE, events=EVENT_FILE):
    (folder / "knowledge" / "life_events").mkdir(parents=True)
    (folder / "knowledge" / "products.yaml").write_text(products, encoding="utf-8")
    (folder / "knowledge" / "life_events" / "family.yaml").write_text(events, encoding="utf-8")
    return folder


def test_files_are_read(tmp_path):
    found = Knowledge.read(written(tmp_path), tags=TAGS)
    assert found.sold == ("deposit",)
    assert found.members("accounts") == {"accounts"}
    first = found.advise({"balance": 60_000, "child_days": 20}, held=["accounts"])[0]
    assert first.score == 3.0
    assert [text.zh for text in first.fits] == ["余额较高且闲置", "子女出生"]


def test_no_folder_is_no_knowledge(tmp_path):
    assert Knowledge.read(tmp_path, tags=TAGS).sold == ()


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("needs: [accounts]", "needs: [acounts]", 6, "did you mean 'accounts'?"),
        ("balance > 50000", "balanse > 50000", 8, "balanse"),
        ("balance > 50000", "secret > 5", 8, "secret"),
        ("life_event: new_child", "life_event: new_chld", 9, "did you mean 'new_child'?"),
        ("{life_event: new_child}", "{weight: 2}", 9, "either when or life_event"),
        ("weight: 2,", "weight: -1,", 8, "above 0"),
        ("sold: false", "sold: false\n  kinds: [accounts]", 4, "leads back to itself"),
        ("  needs: [accounts]", "  needs: [deposit]", 6, "leads back to itself"),
        ("needs: [accounts]", "need: [accounts]", 6, "need"),
    ],
)
def test_faults_are_told_with_file_and_line(tmp_path, old, new, line, said):
    with pytest.raises(FaultsError) as caught:
        Knowledge.read(written(tmp_path, FILE.replace(old, new)), tags=TAGS)
    (fault,) = caught.value.faults
    assert (fault.data["file"], fault.data["line"]) == ("knowledge/products.yaml", line)
    assert said in fault.say("en")
    assert fault.say("zh")


def test_all_faults_at_once(tmp_path):
    broken = FILE.replace("[accounts]", "[nothing]").replace("50000", "'much'")
    with pytest.raises(FaultsError) as caught:
        Knowledge.read(written(tmp_path, broken, EVENT_FILE.replace("child_days", "chld_days")), tags=TAGS)
    assert len(caught.value.faults) == 3
    assert {fault.data["file"] for fault in caught.value.faults} == {
        "knowledge/products.yaml",
        "life_events/family.yaml",
    }
