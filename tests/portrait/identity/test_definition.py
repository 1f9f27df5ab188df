"""identity.yaml: what is read, and every fault with its line."""

from pathlib import Path

import pytest

from vostro.portrait import read_identity
from vostro.words import FaultsError

from .banks import CONTRACTS

GOOD = """\
sources:
  crm: {given: first_name, family: surname}
  core: {family: surname, mail: email}
fields: {given: name, family: name, mail: email}
keys: [[mail, family]]
survivorship: {family: [core, crm], mail: longest}
household: {same: [family]}
"""


def write(folder: Path, text: str) -> Path:
    (folder / "identity.yaml").write_text(text, encoding="utf-8")
    return folder


def test_a_definition_is_read(folder: Path) -> None:
    found = read_identity(write(folder, GOOD), CONTRACTS)
    assert found is not None
    assert found.keys == [["mail", "family"]]
    assert (found.threshold, found.review) == (0.95, 0.5)


def test_without_a_file_there_is_none(folder: Path) -> None:
    assert read_identity(folder, CONTRACTS) is None


@pytest.mark.parametrize(
    ("change", "line", "words"),
    [
        (("crm:", "crn:"), 2, "contract 'crn' does not exist; did you mean 'crm'?"),
        (("given: first_name", "given: first_nam"), 2, "did you mean 'first_name'?"),
        (("given: first_name", "givn: first_name"), 2, "field 'givn' is not among `fields`"),
        (("mail: email}", "mail: e_mail}"), 3, "column 'e_mail' is not in contract 'core'"),
        (("given: name", "given: nam"), 4, "kind 'nam' does not exist; did you mean 'name'?"),
        (("given: name", "given: name, id: text"), 4, "field 'id' is a word of identity's own"),
        (("[[mail, family]]", "[[mial]]"), 5, "field 'mial' is not among `fields`"),
        (("longest", "longer"), 6, "rule 'longer' does not exist"),
        (("[core, crm]", "[cor]"), 6, "source 'cor' is not among `sources`"),
        (("[family]", "[famly]"), 7, "field 'famly' is not among `fields`"),
        (("keys:", "threshold: 0.4\nkeys:"), 5, "above 0.5 and below 1"),
        (("keys:", "review: 0.99\nkeys:"), 5, "at most `threshold`"),
    ],
)
def test_faults_have_a_line(folder: Path, change: tuple[str, str], line: int, words: str) -> None:
    with pytest.raises(FaultsError) as caught:
        read_identity(write(folder, GOOD.replace(*change)), CONTRACTS)
    said = [str(fault) for fault in caught.value.faults]
    assert any(words in each and f"identity.yaml:{line}:" in each for each in said), said
