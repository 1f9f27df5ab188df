"""Segments from YAML, and all faults of tags and segments at once."""

import pytest

from vostro.portrait import read_segments, read_tags
from vostro.words import FaultsError

from .banks import CONTRACTS, bank, faults_of, tag


def test_segments(tmp_path):
    folder = bank(tmp_path, "", "- {segment: adults, name: {en: Adults, zh: 成年}, rule: age >= 18}\n")
    segments = read_segments(folder, read_tags(folder, CONTRACTS))
    assert segments["adults"].rule.words("zh") == "年龄不低于18"
    assert segments["adults"].rule.tags == {"age"}
    (folder / "segments" / "b.yaml").write_text(
        "- {segment: a, name: {en: A, zh: 甲}, rule: aged > 1}\n", encoding="utf-8"
    )
    with pytest.raises(FaultsError, match=r"segments/b\.yaml:1"):
        read_segments(folder, read_tags(folder, CONTRACTS))


def test_broken_yaml_of_tags_does_not_blame_segments(tmp_path):
    folder = bank(tmp_path, "- tag: [", "- {segment: a, name: {en: A, zh: 甲}, rule: anything > 1}\n")
    assert len(faults_of(folder)) == 1


def test_all_faults_of_tags_and_segments_at_once(tmp_path):
    tags = (
        tag("x", "rule: agee > 1") + tag("y", "rule: x AND age > 1") + tag("z", "attribute: clients.nothing")
    )
    segments = """\
- segment: one
  name: {en: One, zh: 一}
  rule: age >= 18 AN in_default
- segment: two
  name: {en: Two, zh: 二}
  rule: |
    age >= 18
    AND job = 'student'
- {segment: three, name: {en: Three, zh: 三}, rule: x OR age > 2}
"""
    assert faults_of(bank(tmp_path, tags, segments)) == [
        "tags/b.yaml:4: there is no tag 'agee'; did you mean age?",
        "tags/b.yaml:12: contract 'clients' has no column 'nothing'",
        "segments/b.yaml:3: 'AN' is not expected here; is AND, OR or an operator missing before it?",
        "segments/b.yaml:6: tag 'job' may not be used to select a segment (its uses: show)",
    ]  # 'y' and 'three' read a tag that has its own fault: they are not told again
