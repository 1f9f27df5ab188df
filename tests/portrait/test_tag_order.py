"""The order of tags: each after what it reads; circles are told, long chains are not circles."""

from vostro.portrait import read_tags

from .banks import CONTRACTS, bank, faults_of, tag


def test_a_circle_is_told_once_with_its_path(tmp_path):
    text = (
        tag("one", "rule: two AND age > 1")
        + tag("two", "tiers: {x: three}")
        + tag("three", "rule: one")
        + tag("self", "rule: NOT self")
        + tag("behind", "rule: three AND age > 5")
    )
    assert faults_of(bank(tmp_path, text)) == [
        "tags/b.yaml:4: tags read each other in a circle: one → two → three → one",
        "tags/b.yaml:16: tag 'self' reads itself",
    ]


def test_a_long_chain_of_tags_is_no_circle(tmp_path):
    text = "".join(tag(f"t{i}", f"rule: t{i + 1} OR age > {i}") for i in range(1_200)) + tag(
        "t1200", "rule: age > 5"
    )
    tags = read_tags(bank(tmp_path, text), CONTRACTS)
    assert next(code for code in tags if code.startswith("t")) == "t1200"
