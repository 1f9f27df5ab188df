"""Derived columns, mapped values and years of two digits."""

from datetime import date

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vostro.capture.checks import ContractChecks
from vostro.capture.errors import DeriveError
from vostro.capture.expressions import expression_fault
from vostro.words import FaultsError

PEOPLE = """
contract: people
meaning: {en: People, zh: 人}
file: people.csv
columns:
  code: {type: text, pattern: '\\d{6}', meaning: {en: Code, zh: 编码}}
  gender:
    {type: text, allowed: [female, male], meaning: {en: Gender, zh: 性别},
     derive: "CASE WHEN CAST(SUBSTR(code, 3, 2) AS INT) > 50 THEN 'female' ELSE 'male' END"}
  born:
    {type: date, layout: "%y%m%d", years_from: 1900, required: true, meaning: {en: Born, zh: 出生},
     derive: "LPAD(CAST(CAST(code AS INT) - CASE WHEN gender = 'female' THEN 5000 ELSE 0 END AS VARCHAR), 6, '0')"}
"""


def people(desk, *codes, text=PEOPLE):
    report = desk.load("code\n" + "".join(f"{code}\n" for code in codes), text, name="people.csv")
    return report, desk.table("people")


def test_birth_numbers_are_read_as_their_country_writes_them(desk):
    _, table = people(desk, "706213", "450204", "000229", "005101", "001231", "996231")
    assert table["gender"].to_list() == ["female", "male", "female", "male", "female"]
    assert table["born"].to_list() == [
        date(1970, 12, 13), date(1945, 2, 4), date(1900, 1, 1), date(1900, 12, 31), date(1999, 12, 31),
    ]  # fmt: skip
    (reject,) = desk.rejects()
    assert (reject["code"], reject["field"], reject["value"]) == (
        "date_impossible",
        "born",
        "000229",
    )  # 1900 had none


def test_a_broken_record_tells_its_own_fault_only(desk):
    report, table = people(desk, "70621", "450204", "709913")
    assert report.rejects_by_reason == {"pattern": 1, "date_impossible": 1}
    assert [each["message_en"].count(";") for each in desk.rejects()] == [0, 1]
    assert table.height == 1


@settings(max_examples=40, deadline=None)
@given(born=st.dates(date(1900, 1, 1), date(1999, 12, 31)), woman=st.booleans())
def test_every_birth_number_comes_back(born, woman):
    import msgspec
    import yaml

    from vostro.capture import Contract

    contract = msgspec.convert(yaml.safe_load(PEOPLE), Contract)
    code = f"{born.year % 100:02d}{born.month + 50 * woman:02d}{born.day:02d}"
    typed, faults = ContractChecks(contract).check(pl.DataFrame({"code": [code]}), pl.Series([1]).to_numpy())
    assert faults.good.all()
    assert typed.row(0) == (code, "female" if woman else "male", born)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(day=st.dates(date(1850, 1, 1), date(2120, 1, 1)), offset=st.integers(0, 99))
def test_years_of_two_digits_fall_into_their_hundred_years(day, offset):
    from vostro.capture.parsing import _in_years

    first = day.year - offset
    text = f"{day.year % 100:02d}{day.month:02d}{day.day:02d}"
    read = pl.select(_in_years(pl.lit(text).str.to_date("%y%m%d", strict=False), first)).item()
    assert read == day
    assert _in_years(pl.lit(None), None) is not None


def test_moments_have_years_of_two_digits_too(desk):
    text = PEOPLE.split("  code:", maxsplit=1)[0] + (
        '  at: {type: moment, layout: "%y%m%d %H:%M:%S", years_from: 1900, zone: Etc/GMT-1, meaning: {en: At, zh: 时}}\n'
    )
    desk.load("at\n311107 00:00:00\n", text, name="people.csv")
    assert desk.table("people")["at"][0].year == 1931
    assert desk.table("people")["at"][0].hour == 23, "midnight one hour ahead of UTC is the evening before"


WORDS = """
contract: words
meaning: {en: Words, zh: 词}
file: words_*.csv
columns:
  kind:
    {type: text, required: true, allowed: [credit, debit], meaning: {en: Kind, zh: 类},
     values: {PRIJEM: credit, VYDAJ: debit, withdrawal: debit}}
  fine: {type: boolean, values: {ANO: "yes", NE: "no"}, missing: ["", " ", "?"], meaning: {en: Fine, zh: 好}}
"""


def test_two_vocabularies_become_one(desk):
    desk.load("kind,fine\nPRIJEM,ANO\nVYDAJ,NE\nprijem,?\n", WORDS, name="words_1.csv")
    desk.load("kind,fine\ncredit,true\nwithdrawal, \n", WORDS, name="words_2.csv")
    assert desk.table("words").sort("_load", "_line").select("kind", "fine").rows() == [
        ("credit", True), ("debit", False), ("credit", True), ("debit", None),
    ]  # fmt: skip
    (reject,) = desk.rejects()
    assert (reject["code"], reject["value"]) == ("not_allowed", "prijem"), (
        "words that nobody named stay as they are"
    )


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("NOW()", "clock"),
        ("current_date > code", "clock"),
        ("SUM(n)", "each record"),
        ("ROW_NUMBER() OVER (ORDER BY n)", "more than one"),
        ("(SELECT 1)", "more than one"),
        ("n::text", "CAST"),
        ("n; 1", "one expression"),
        ("m + 1", "no column above"),
        ("n +", "cannot read"),
        ("NOSUCH(n)", "cannot read"),
    ],
)
def test_what_is_no_expression_over_one_record_is_told(text, words):
    fault = expression_fault(text, [("n", pl.Int64()), ("code", pl.String())], truth=False)
    assert fault is not None
    assert words in fault[0]
    assert fault[1]


@pytest.mark.parametrize(
    "text", ["n * 2", "42", "code || 'now()'", "code IN ('a', 'b')", "CASE WHEN n IS NULL THEN 'x' END"]
)
def test_what_is_one_is_not(text):
    assert expression_fault(text, [("n", pl.Int64()), ("code", pl.String())], truth=False) is None


def test_faults_of_made_columns_are_told(desk):
    for old, new, words in (
        ('derive: "CASE', 'from: x, derive: "CASE', "no header"),
        ("'female' ELSE 'male' END\"}", "'female' ELSE born END\"}", "no column above"),
        ("years_from: 1900", "years_from: 0", "such as 1900"),
        ('layout: "%y%m%d"', 'layout: "%Y%m%d"', "two digits"),
    ):
        with pytest.raises(FaultsError, match=words):
            desk.contracts(PEOPLE.replace(old, new))
    with pytest.raises(FaultsError, match="none of the allowed"):
        desk.contracts(WORDS.replace("VYDAJ: debit", "VYDAJ: debt"))


def test_what_cannot_be_computed_refuses_the_file(desk):
    text = PEOPLE.replace(
        "CASE WHEN CAST(SUBSTR(code, 3, 2) AS INT) > 50", "CASE WHEN CAST(REPEAT(code, 9) AS INT) > 50"
    )
    try:
        report, _ = people(desk, "706213", text=text)
    except (DeriveError, FaultsError):
        return
    assert report.rows_read == 1


def test_the_digest_of_older_contracts_is_as_it_was(desk):
    from vostro.words import canonical_json, digest

    from .conftest import CLIENTS

    contract = desk.contract(CLIENTS)
    import msgspec

    plain = msgspec.to_builtins(contract, enc_hook=str)
    assert digest(canonical_json(plain)) != contract.digest(), "meanings are left out"
    assert contract.digest() == desk.contract(CLIENTS.replace("en: Age", "en: Years")).digest()
    assert (
        contract.digest()
        != desk.contract(CLIENTS.replace("type: integer", "type: integer, values: {a: b}")).digest()
    )
