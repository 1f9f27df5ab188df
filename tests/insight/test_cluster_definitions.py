"""Clusters as definitions: read, and every fault told with its line."""

from pathlib import Path

import pytest

from vostro.insight import read_clusters
from vostro.portrait import TagInfo
from vostro.words import FaultsError, Text

TAGS = {
    "age": TagInfo(type="integer", name=Text("Age", "年龄")),
    "secret": TagInfo(type="integer", name=Text("Secret", "秘"), uses=("decide",)),
}
GOOD = """- clusters: groups
  name: {en: Groups, zh: 分群}
  features: [age]
  k: 4
"""


def bank(tmp_path: Path, text: str) -> Path:
    (tmp_path / "clusters").mkdir(exist_ok=True)
    (tmp_path / "clusters" / "c.yaml").write_text(text, encoding="utf-8")
    return tmp_path


def test_a_definition_is_read(tmp_path: Path) -> None:
    found = read_clusters(bank(tmp_path, GOOD), tags=TAGS)["groups"]
    assert (found.features, found.k, found.method, found.seed) == (("age",), 4, "kmeans", 0)
    assert read_clusters(bank(tmp_path, GOOD.replace("k: 4", "k: auto")), tags=TAGS)["groups"].k == "auto"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("[age]", "[agee]", 3, "did you mean 'age'"),
        ("[age]", "[secret]", 3, "may not be used to segment"),
        ("[age]", "[]", 3, "at least one"),
        ("k: 4", "k: 1", 4, "2 to 50"),
        ("k: 4", "k: many", 4, "k"),
        ("clusters: groups", "clusters: known", 1, "an estimator has this code"),
    ],
)
def test_faults_are_told(tmp_path: Path, old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(FaultsError) as caught:
        read_clusters(bank(tmp_path, GOOD.replace(old, new)), tags=TAGS, estimators={"known": None})
    (fault,) = caught.value.faults
    assert fault.data["line"] == line and words in fault.data["message_en"]
