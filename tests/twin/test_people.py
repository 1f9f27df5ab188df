"""The people of the twin are plausible: margins and joint distributions, checked in the delivered file."""

import re

import polars as pl

from vostro.twin.people import EDUCATIONS, JOBS


def _share(frame: pl.DataFrame, condition: pl.Expr) -> float:
    return float(frame.select(condition.fill_null(value=False).mean()).item())


def test_margins(clean: pl.DataFrame) -> None:
    ranges = {
        "adult": (pl.col("age") >= 18, 0.95, 1.0),
        "over 80": (pl.col("age") > 80, 0.005, 0.05),
        "women": (pl.col("gender") == "female", 0.48, 0.54),
        "single": (pl.col("marital") == "single", 0.12, 0.30),
        "retired": (pl.col("job") == "retired", 0.15, 0.32),
        "degree": (pl.col("education").is_in(["bachelor", "postgraduate"]), 0.2, 0.45),
        "card": (pl.col("holds_card") == "yes", 0.35, 0.6),
        "mortgage": (pl.col("holds_mortgage") == "yes", 0.1, 0.3),
        "term deposit": (pl.col("holds_term_deposit") == "yes", 0.08, 0.25),
        "arrears": (pl.col("in_arrears") == "yes", 0.01, 0.06),
        "opted out": (pl.col("opted_out_of_calls") == "yes", 0.03, 0.10),
        "income untold": (pl.col("income_cny_month").is_null(), 0.08, 0.12),
    }
    for name, (condition, low, high) in ranges.items():
        assert low <= _share(clean, condition) <= high, name


def test_money_is_log_normal_and_grows_with_age_and_income(clean: pl.DataFrame) -> None:
    frame = clean.drop_nulls("income_cny_month").with_columns(
        pl.col("balance_cny", "income_cny_month").log1p()
    )
    assert 0.3 < frame.select(pl.corr("balance_cny", "income_cny_month")).item() < 0.8
    adults = frame.filter((pl.col("age") >= 20) & (pl.col("balance_cny") > 7))
    assert abs(adults["balance_cny"].skew() or 0) < 0.5
    old, young = (
        clean.filter(rule)["balance_cny"].median() for rule in (pl.col("age") > 60, pl.col("age") < 25)
    )
    assert old > 2 * young
    pay = clean.group_by("education").agg(pl.col("income_cny_month").median()).drop_nulls()
    ranked = sorted(pay.rows(), key=lambda row: EDUCATIONS.index(row[0]))
    assert [row[1] for row in ranked] == sorted(row[1] for row in ranked)


def test_lives_make_sense(clean: pl.DataFrame) -> None:
    age = pl.col("age")
    assert clean.filter(age < 18)["holds_card"].unique().to_list() == ["no"]
    assert clean.filter(age < 18)["previous_contacts"].max() == 0
    assert clean.filter(pl.col("job") == "student")["age"].median() < 22
    assert clean.filter(pl.col("job") == "retired")["age"].median() > 60
    assert (clean["tenure_months"] <= (clean["age"] - 15) * 12).all()
    assert (
        clean.filter(age < 30)["app_logins_30d"].mean() > 2 * clean.filter(age > 65)["app_logins_30d"].mean()
    )
    assert set(clean["job"].drop_nulls()) == set(JOBS)


def test_missing_belongs_together(clean: pl.DataFrame) -> None:
    never = clean["previous_contacts"] == 0
    assert (clean["last_contact_days"].is_null() == never).all()
    assert (clean["previous_result"].is_null() == never).all()
    assert (clean["salary_day"].is_null() == (clean["salary_account"] == "no")).all()
    assert (clean.filter(pl.col("holds_card") == "no")["card_spend_90d_cny"] == 0).all()


def test_nobody_can_be_taken_for_a_real_person(clean: pl.DataFrame) -> None:
    """Every family name is "example"; every number is in the block reserved for fiction, 555-0100 to 555-0199."""
    names = clean["full_name"]
    assert (names.str.starts_with("示例") | names.str.ends_with(" Exemplo")).all()
    assert set(clean.filter(names.str.ends_with("Exemplo"))["region"]) == {"macau"}
    form = re.compile(r"\+1-[2-9]\d\d-555-01\d\d")
    assert all(form.fullmatch(phone) for phone in clean["phone"].unique())
