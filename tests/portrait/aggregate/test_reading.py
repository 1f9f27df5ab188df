"""``aggregate:`` in YAML: what it means, and every fault at its line, in both languages, with what was meant."""

import pytest

from vostro.capture import Contract, EventTime
from vostro.engine import read_definitions
from vostro.portrait import check_rules, read_tags
from vostro.portrait.aggregate.definition import DAY_US, Clock, Window
from vostro.portrait.tags import build_tags

from .cases import COLUMNS, CONTRACT, NAME

CONTRACTS = {
    "payment": CONTRACT,
    "clients": Contract(contract="clients", meaning=NAME, file="c", columns=COLUMNS, customer="customer_id"),
    "rates": Contract(
        contract="rates", meaning=NAME, file="r", columns=COLUMNS, event_time=EventTime(column="paid")
    ),
    "answers": Contract(
        contract="answers",
        meaning=NAME,
        file="a",
        columns=COLUMNS,
        customer="customer_id",
        event_time=EventTime(column="paid"),
        awaited=True,
    ),
    "visits": Contract(
        contract="visits",
        meaning=NAME,
        file="v",
        columns=COLUMNS,
        customer="customer_id",
        event_time=EventTime(column="paid"),
        event="visit",
    ),
    "calls": Contract(
        contract="calls",
        meaning=NAME,
        file="v",
        columns=COLUMNS,
        customer="customer_id",
        event_time=EventTime(column="paid"),
        event="visit",
    ),
}


def bank(tmp_path, *aggregates, rest=""):
    (tmp_path / "tags").mkdir(exist_ok=True)
    text = "".join(
        f"- tag: t{i}\n  name: {{en: T{i}, zh: 标签{i}}}\n  dimension: consumption\n  aggregate: {each}\n"
        for i, each in enumerate(aggregates)
    )
    (tmp_path / "tags" / "a.yaml").write_text(text + rest, encoding="utf-8")
    return tmp_path


def tag(tmp_path, aggregate):
    return read_tags(bank(tmp_path, aggregate), CONTRACTS)["t0"]


@pytest.mark.parametrize(
    ("aggregate", "kind"),
    [
        ("{of: payment, measure: count}", "integer"),
        ("{of: paid, measure: sum(points)}", "integer"),
        ("{of: paid, measure: sum(amount)}", "decimal"),
        ("{of: paid, measure: sum(rate)}", "number"),
        ("{of: paid, measure: mean(points)}", "number"),
        ("{of: paid, measure: max(due)}", "date"),
        ("{of: paid, measure: first(online)}", "boolean"),
        ("{of: paid, measure: last(seen)}", "moment"),
        ("{of: paid, measure: distinct(city)}", "integer"),
        ("{of: paid, measure: 'top(city, 3)'}", "text"),
        ("{of: paid, measure: days_since_last}", "integer"),
        ("{of: paid, measure: count, window: 7 days, trend: true}", "number"),
        ("{of: paid, measure: count, where: online, ratio_to: {}}", "number"),
    ],
)
def test_the_type_of_a_measure(tmp_path, aggregate, kind):
    found = tag(tmp_path, aggregate)
    assert (found.kind, found.type, found.aggregate.of) == ("aggregate", kind, "payment")


def test_a_sum_holds_more_digits_than_its_column(tmp_path):
    assert (tag(tmp_path, "{of: paid, measure: sum(amount)}").digits, COLUMNS["amount"].decimal) == (
        20,
        (12, 2),
    )
    assert tag(tmp_path, "{of: paid, measure: max(amount)}").digits == 12


def test_a_ratio_takes_measure_and_window_from_the_tag_and_no_filter(tmp_path):
    found = tag(tmp_path, "{of: paid, measure: sum(amount), where: online, window: 2 weeks, ratio_to: {}}")
    share = found.aggregate.ratio_to
    assert (share.measure, share.window, share.where) == (found.aggregate.measure, Window(14 * DAY_US), None)
    assert found.aggregate.where.text == "online"


def test_lineage_and_sensitivity(tmp_path):
    found = tag(tmp_path, "{of: paid, measure: sum(amount), where: city = 'a', ratio_to: {measure: count}}")
    assert found.columns == {"payment.amount", "payment.city", "payment.paid"}
    assert found.sensitivity == "none"


def test_the_clock_is_that_of_the_bank(tmp_path):
    bank(tmp_path, "{of: paid, measure: count}")
    (tmp_path / "bank.yaml").write_text(
        "bank: b\nname: {en: B, zh: 乙}\ncurrency: CNY\nzone: Asia/Shanghai\n", encoding="utf-8"
    )
    assert read_tags(tmp_path, CONTRACTS)["t0"].aggregate.clock == Clock(8 * 3_600_000_000)


def test_rule_tags_read_aggregates(tmp_path):
    rest = "- {tag: busy, name: {en: B, zh: 乙}, dimension: behaviour, rule: t0 >= 3}\n"
    tags = read_tags(bank(tmp_path, "{of: paid, measure: count}", rest=rest), CONTRACTS)
    assert tags["busy"].columns == {"payment.paid"}


FAULTS = [
    ("{of: paiment, measure: count}", "no contract or event 'paiment'; did you mean 'payment'?"),
    ("{of: clients, measure: count}", "contract 'clients' has no `event_time`"),
    ("{of: rates, measure: count}", "contract 'rates' has no `customer`"),
    ("{of: answers, measure: count}", "contract 'answers' is awaited"),
    ("{of: visit, measure: count}", "several contracts bring events 'visit': visits, calls"),
    ("{of: paid, measure: sum(amout)}", "has no column 'amout'; did you mean 'amount'?"),
    ("{of: paid, measure: sum(city)}", "sum cannot take column 'city' of type text"),
    ("{of: paid, measure: top(amount)}", "top cannot take column 'amount' of type decimal"),
    ("{of: paid, measure: distinct(seen)}", "distinct cannot take column 'seen' of type moment"),
    ("{of: paid, measure: total(amount)}", "'total(amount)' is not a measure"),
    ("{of: paid, measure: counts}", "did you mean 'count'?"),
    ("{of: paid, measure: sum}", "sum needs a column"),
    ("{of: paid, measure: count(amount)}", "count takes no column; to leave events out write where"),
    ("{of: paid, measure: 'sum(amount, 2)'}", "sum takes one column and nothing else"),
    ("{of: paid, measure: 'top(city, 0)'}", "k is a whole number from 1 to 100, not '0'"),
    ("{of: paid, measure: count, window: 90}", "Expected `str | null`, got `int`"),
    ("{of: paid, measure: count, window: 3 months}", "'3 months' is not a window"),
    ("{of: paid, measure: count, window: 0 days}", "'0 days' is not a window"),
    ("{of: paid, measure: count, window: 40000 days}", "'40000 days' is not a window"),
    ("{of: paid, measure: count, where: citi = 'a'}", "'payment' has no column 'citi'; did you mean city?"),
    ("{of: paid, measure: count, where: city = 3}", "they cannot be compared"),
    ("{of: paid, measure: count, trend: true}", "it needs `window`"),
    (
        "{of: paid, measure: count, window: 7 days, trend: true, ratio_to: {measure: sum(points)}}",
        "a trend or a ratio, not both",
    ),
    ("{of: paid, measure: max(city), window: 7 days, trend: true}", "max(city) is not a number"),
    ("{of: paid, measure: count, ratio_to: {measure: top(city)}}", "top(city) is not a number"),
    ("{of: paid, measure: count, window: 7 days, ratio_to: {}}", "is 1 for everyone"),
    ("{of: paid, measure: count, windows: 7 days}", "unknown field 'windows'; did you mean 'window'?"),
]


@pytest.mark.parametrize(("aggregate", "words"), FAULTS)
def test_a_fault_has_its_line_and_both_languages(tmp_path, aggregate, words):
    (fault,) = check_rules(bank(tmp_path, aggregate), CONTRACTS)
    assert words in str(fault)
    assert str(fault).startswith("tags/a.yaml:4: ")
    assert fault.say("zh") != fault.say("en")


def test_all_faults_of_a_definition_at_once(tmp_path):
    wrong = (
        "{of: paid, measure: sum(x), where: y, window: z, ratio_to: {measure: sum(q), where: r, window: s}}"
    )
    assert len(check_rules(bank(tmp_path, wrong), CONTRACTS)) == 6


def test_faults_beside_good_tags(tmp_path):
    folder = bank(tmp_path, "{of: paid, measure: count}", "{of: nothing, measure: count}")
    from vostro.portrait.tag_definition import TagDefinition

    tags, faults = build_tags(read_definitions(folder / "tags", "tag", TagDefinition), CONTRACTS)
    assert (list(tags), len(faults)) == (["t0"], 1)
