"""Every fault of a contract is told, with its file, its line and a way out."""

from pathlib import Path

import pytest

from vostro.capture import Contract, read_contracts
from vostro.capture.contract_faults import load_order
from vostro.words import FaultsError

GOOD = """\
contract: accounts
meaning: {en: Accounts, zh: 账户}
file: accounts.csv
key: [account_id]
customer: owner
event_time: {column: opened}
columns:
  account_id: {type: integer, meaning: {en: Account, zh: 账号}}
  owner: {type: text, meaning: {en: Owner, zh: 户主}}
  opened: {type: date, meaning: {en: Opened, zh: 开户日}}
  balance: {type: decimal, decimal: [12, 2], min: 0, meaning: {en: Balance, zh: 余额}}
"""


def bank(folder: Path, *texts: str) -> Path:
    (folder / "contracts").mkdir(exist_ok=True)
    for number, text in enumerate(texts):
        (folder / "contracts" / f"c{number}.yaml").write_text(text, encoding="utf-8")
    return folder


def test_defaults_are_the_usual_ones(tmp_path):
    contract = read_contracts(bank(tmp_path, GOOD))["accounts"]
    assert contract.format.delimiter == ","
    assert contract.rejects_share_max == 1.0
    assert contract.lateness_span is None
    assert contract.missing("owner") == [""]
    assert contract.required == {"account_id", "owner", "opened"}
    assert contract.zone_of("opened") is None


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("key: [account_id]", "key: [acount_id]", 4, "did you mean 'account_id'?"),
        ("customer: owner", "customer: ownr", 5, "did you mean 'owner'?"),
        ("{column: opened}", "{column: balance}", 6, "an event time is a date or a moment"),
        ("{column: opened}", "{}", 6, "name either"),
        ("{column: opened}", "{months_in_order: owner}", 6, "year and month of the first record"),
        ("{column: opened}", "{column: opened, zone: Lisbon}", 6, "not an IANA time zone"),
        ("type: integer", "type: int", 8, "Invalid enum value"),
        ("type: integer", "tipe: integer", 8, "did you mean 'type'?"),
        ("type: text", "type: text, min: 3", 9, "a text column has no min"),
        ("type: text", "type: text, allowed: [yes, maybe]", 9, "write them in quotes"),
        ("type: text", "type: text, allowed: []", 9, "no value would be allowed"),
        ("type: text", "type: text, pattern: '['", 9, "not a regular expression"),
        ("type: text", "type: text, layout: '%Y'", 9, "only a date or moment has a layout"),
        ("type: text", "type: text, personal_data: secret", 9, "Invalid enum value"),
        ("type: date", "type: date, min: soon", 10, "not of type date"),
        ("type: date", "type: moment, layout: '%Y%m%d %H%M'", 10, "states no zone"),
        ("type: date", "type: moment, zone: Asia/Beijing2", 10, "not an IANA time zone"),
        ("min: 0", "min: 10, max: 5", 11, "max 5 is below min 10"),
        ("min: 0", "max: much", 11, "'much' is not of type decimal"),
        ("[12, 2]", "[2, 12]", 11, "digits in all"),
        ("  balance:", "  Balance:", 11, "is not a column name"),
        ("  balance:", "  load_time:", 11, "the lake writes itself"),
        ("  balance: {", "  balance: {from: owner, ", 11, "already read into column 'owner'"),
        ("type: date", "type: date, from: row_number", 10, "a row number is text or integer"),
        ("file: accounts.csv", "file: ../accounts.csv", 3, "inside the data folder"),
        ("file: accounts.csv", "file: accounts.csv\nlateness: soon", 4, "90 days"),
        ("file: accounts.csv", "file: accounts.csv\nrejects_max: few", 4, "5 %"),
        ("file: accounts.csv", "file: accounts.csv\nformat: {encoding: klingon}", 4, "encoding"),
        ("file: accounts.csv", "file: accounts.csv\nevent: Opened!", 4, "use a-z"),
        ("file: accounts.csv", "file: accounts.csv\nignore: {owner: not needed}", 4, "both ignored and read"),
        ("key: [account_id]", "key: [account_id]\nreferences: [{column: owner, to: persons.id}]", 5, "no contract 'persons'"),
        ("key: [account_id]", "key: [account_id]\nreferences: [{column: owner, to: accounts.owner}]", 5, "refer to itself"),
    ],
)  # fmt: skip
def test_a_fault_names_line_and_way_out(tmp_path, old, new, line, said):
    assert old in GOOD
    with pytest.raises(FaultsError) as caught:
        read_contracts(bank(tmp_path, GOOD.replace(old, new, 1)))
    faults = [fault for fault in caught.value.faults if said in fault.say("en")]
    assert faults, caught.value.say("en")
    assert f"contracts/c0.yaml:{line}:" in faults[0].say("en")
    assert caught.value.say("zh")


def test_all_faults_are_told_at_once(tmp_path):
    broken = GOOD.replace("key: [account_id]", "key: [x]").replace("customer: owner", "customer: y")
    with pytest.raises(FaultsError) as caught:
        read_contracts(bank(tmp_path, broken))
    assert len(caught.value.faults) == 2


def other(name: str, column: str, to: str) -> str:
    text = GOOD.replace("contract: accounts", f"contract: {name}")
    return text + f"references: [{{column: {column}, to: {to}}}]\n"


def test_references_are_compared_across_contracts(tmp_path):
    with pytest.raises(FaultsError, match=r"'owner' is text and accounts\.account_id is integer"):
        read_contracts(bank(tmp_path, GOOD, other("cards", "owner", "accounts.account_id")))
    with pytest.raises(
        FaultsError, match=r"accounts: there is no column 'acount_id'; did you mean 'account_id'"
    ):
        read_contracts(bank(tmp_path, GOOD, other("cards", "account_id", "accounts.acount_id")))
    ring = other("a", "owner", "b.owner"), other("b", "owner", "a.owner")
    with pytest.raises(FaultsError, match="round in a circle"):
        read_contracts(bank(tmp_path, *ring))


def test_what_is_referred_to_loads_first(tmp_path):
    texts = other("c", "owner", "b.owner"), other("b", "owner", "accounts.owner"), GOOD
    assert load_order(read_contracts(bank(tmp_path, *texts))) == ["accounts", "b", "c"]


def test_digest_follows_what_is_loaded_and_nothing_else(tmp_path):
    def digest(text: str) -> str:
        return read_contracts(bank(tmp_path, text))["accounts"].digest()

    first = digest(GOOD)
    assert digest(GOOD.replace("en: Owner", "en: Holder")) == first
    assert digest(GOOD.replace("file: accounts.csv", "file: accounts_*.csv\nrejects_max: 5 %")) == first
    assert digest(GOOD.replace("min: 0", "min: 1")) != first
    assert digest(GOOD.replace("type: text", "type: text, missing: ['-']")) != first
    assert isinstance(read_contracts(bank(tmp_path, GOOD))["accounts"], Contract)


@pytest.mark.parametrize("example", ["term_deposit", "quickstart"])
def test_the_examples_have_no_faults(example):
    assert read_contracts(Path(__file__).parents[2] / "examples" / example)
