"""People 客户群: who banks here, and what do the bank's systems know of them?

Each group of facts is drawn given the ones before it (age, then education and work, then
income, then balances and holdings, then habits), so that the joint distribution is
plausible. What the files never show (``Minds``) is drawn along the way.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.twin.chance import BoolArray, FloatArray, IntArray, pick, pick_by_row, sigmoid, stream
from vostro.twin.names import made_up_names, made_up_phones

__all__ = ["EDUCATIONS", "JOBS", "MARITAL", "REGIONS", "RESULTS", "Minds", "People", "draw_people"]

EDUCATIONS = ("primary", "secondary", "vocational", "bachelor", "postgraduate")
JOBS = (
    "services",
    "production",
    "technician",
    "clerk",
    "management",
    "self_employed",
    "student",
    "retired",
    "unemployed",
)
MARITAL = ("single", "married", "divorced", "widowed")
REGIONS = ("east", "south", "central", "north", "southwest", "northwest", "northeast", "macau")
RESULTS = ("refused", "hesitant", "bought")
_REGION_SHARES = (0.30, 0.21, 0.15, 0.12, 0.10, 0.04, 0.05, 0.03)
_WORK_BY_EDUCATION = np.array(  # services .. self_employed, one row an education
    [
        (0.38, 0.38, 0.05, 0.03, 0.02, 0.14),
        (0.31, 0.27, 0.13, 0.10, 0.04, 0.15),
        (0.19, 0.20, 0.30, 0.15, 0.06, 0.10),
        (0.12, 0.04, 0.24, 0.29, 0.22, 0.09),
        (0.07, 0.01, 0.24, 0.20, 0.38, 0.10),
    ]
)
_PAY_LOG = np.array([0.0, 0.02, 0.18, 0.12, 0.48, 0.20, -1.3, -0.35, -1.1])  # by job
_SALARY_SHARE = np.array([0.50, 0.58, 0.62, 0.64, 0.60, 0.12, 0.02, 0.42, 0.0])  # by job
_SALARY_DAYS = np.array([5, 8, 10, 15, 20, 25, 28])
_SALARY_DAY_SHARES = (0.12, 0.08, 0.26, 0.24, 0.12, 0.12, 0.06)


@dataclass(frozen=True, slots=True, eq=False)
class Minds:
    """What no file of the bank shows; each of shape (n_customers,)."""

    phone_liking: FloatArray  # standard deviations; how gladly a call is taken
    plan: FloatArray  # 0 and up; how far a purchase is decided already, call or no call


@dataclass(frozen=True, slots=True, eq=False)
class People:
    """Every customer: the facts in the bank's files, and the minds behind them."""

    facts: pl.DataFrame  # one row a customer, in the order of customer_id
    minds: Minds

    def number(self, column: str) -> FloatArray:
        """Return a column of the facts as floats, shape (n_customers,); a missing value is NaN."""
        return self.facts[column].cast(pl.Float64).to_numpy()

    def flag(self, column: str) -> BoolArray:
        """Return a yes/no column of the facts as booleans, shape (n_customers,)."""
        return (self.facts[column] == "yes").to_numpy()


def draw_people(customers: int, seed: int, snapshot: date) -> People:
    """Draw the whole bank as its systems showed it on the evening of ``snapshot``."""
    facts = _life(customers, seed) | _region_and_names(customers, seed)
    facts |= _money(facts, seed)
    facts |= _holdings(facts, seed)
    facts |= _habits(facts, seed)
    phone_liking = _phone_liking(facts, seed)
    facts |= _contacts(facts, phone_liking, seed)
    plan = facts.pop("_plan")
    frame = _frame(facts, seed, snapshot)
    return People(frame, Minds(phone_liking=phone_liking, plan=plan))


Facts = dict[str, npt.NDArray[Any]]


def _life(count: int, seed: int) -> Facts:
    generator = stream(seed, "life")
    age = np.floor(16 + 77 * generator.beta(1.75, 2.6, count)).astype(np.int64)
    female = generator.random(count) < np.where(age > 70, 0.56, 0.50)
    schooling = generator.normal(size=count) + (44 - age) / 38
    education = np.searchsorted(np.array([-1.35, -0.25, 0.25, 1.55]), schooling).astype(np.int64)
    education = np.where(age < 20, np.minimum(education, 1), education)
    job = pick_by_row(generator, _WORK_BY_EDUCATION, education)
    luck = generator.random(count)
    job = np.where(luck < 0.035, JOBS.index("unemployed"), job)
    job = np.where(luck > 1 - sigmoid((22.5 - age) / 1.3), JOBS.index("student"), job)
    job = np.where(luck > 1 - sigmoid((age - np.where(female, 55, 60)) / 1.8), JOBS.index("retired"), job)
    return {"age": age, "female": female, "education": education, "job": job, "marital": _marital(age, seed)}


def _marital(age: IntArray, seed: int) -> IntArray:
    generator = stream(seed, "marital")
    single = generator.random(age.size) < np.maximum(sigmoid((27.5 - age) / 3.2), 0.04)
    parted = generator.random(age.size) < np.clip((age - 27) / 220, 0, 0.14)
    widowed = generator.random(age.size) < np.clip((age - 62) / 75, 0, 0.4)
    return np.select([single, widowed, parted], [0, 3, 2], 1)


def _region_and_names(count: int, seed: int) -> Facts:
    region = pick(stream(seed, "region"), _REGION_SHARES, count)
    portuguese = (region == REGIONS.index("macau")) & (stream(seed, "language").random(count) < 0.45)
    return {"region": region, "portuguese": portuguese}


def _money(facts: Facts, seed: int) -> Facts:
    generator = stream(seed, "money")
    age, job, count = facts["age"], facts["job"], facts["age"].size
    peak = 0.25 - ((age - 45) / 32.0) ** 2 * 0.5
    income_log = 8.72 + _PAY_LOG[job] + 0.17 * facts["education"] + peak + generator.normal(0, 0.42, count)
    saving = generator.normal(0, 1.05, count)
    balance_log = 0.95 + 0.95 * income_log + 0.019 * (age - 40) + saving
    drained = generator.random(count) < 0.06
    balance = np.exp(np.where(drained, generator.normal(3.5, 1.2, count), balance_log))
    salaried = generator.random(count) < _SALARY_SHARE[job]
    salary_day = _SALARY_DAYS[pick(generator, _SALARY_DAY_SHARES, count)]
    return {
        "income": np.round(np.exp(income_log), -1),
        "income_told": generator.random(count) < 0.9,
        "balance": np.round(balance, 2),
        "salaried": salaried,
        "salary_day": salary_day,
    }


def _holdings(facts: Facts, seed: int) -> Facts:
    generator = stream(seed, "holdings")
    age, count = facts["age"], facts["age"].size
    wealth = (np.log1p(facts["balance"]) - 10.2) / 1.4
    earns = (np.log(facts["income"]) - 9.0) / 0.6

    def holds(log_odds: npt.NDArray[Any], eligible: npt.NDArray[Any]) -> npt.NDArray[Any]:
        return eligible & (generator.random(count) < sigmoid(log_odds))

    card = holds(0.2 + 0.7 * earns - 0.022 * np.abs(age - 36), age >= 18)
    mortgage = holds(-0.9 + 0.6 * earns - ((age - 38) / 11.0) ** 2 * 0.7, age >= 22)
    fund = holds(-1.6 + 0.75 * wealth + 0.35 * earns - ((age - 42) / 22.0) ** 2 * 0.4, age >= 18)
    deposit = holds(-1.9 + 0.75 * wealth + 0.028 * (age - 45), age >= 18)
    arrears = holds(-4.6 - 0.7 * wealth + 0.8 * mortgage + 0.5 * card, age >= 18)
    spend = np.exp(7.2 + 0.75 * earns + generator.normal(0, 0.6, count)) * card
    months = np.floor((age - 15.5) * 12 * generator.beta(1.1, 2.4, count)).astype(np.int64)
    return {
        "card": card,
        "mortgage": mortgage,
        "fund": fund,
        "deposit": deposit,
        "arrears": arrears,
        "spend": np.round(spend, 2),
        "tenure": months,
    }


def _habits(facts: Facts, seed: int) -> Facts:
    generator = stream(seed, "habits")
    age, count = facts["age"], facts["age"].size
    uses_app = generator.random(count) < sigmoid((66 - age) / 9.0)
    taste = generator.gamma(1.3, 1 / 1.3, count)
    app = generator.poisson(15 * np.exp(-0.018 * (age - 35)) * taste * (1 + 0.4 * facts["salaried"]))
    branch = generator.poisson(0.35 * np.exp(0.022 * (age - 40)) * np.where(uses_app, 0.7, 2.2))
    plan = generator.exponential(1.0, count) * (generator.random(count) < 0.12)
    views = generator.poisson(np.where(uses_app, 0.12 + 1.7 * plan, 0.0))
    return {"app": app * uses_app, "branch": branch, "views": views, "_plan": plan}


def _phone_liking(facts: Facts, seed: int) -> FloatArray:
    generator = stream(seed, "phone_liking")
    seen = (
        0.022 * (facts["age"] - 45) - 0.30 * (np.log1p(facts["app"]) - 2.0) + 0.25 * np.log1p(facts["branch"])
    )
    liking: FloatArray = 0.85 * seen + generator.normal(0, 0.7, facts["age"].size)
    return liking


def _contacts(facts: Facts, phone_liking: FloatArray, seed: int) -> Facts:
    generator = stream(seed, "contacts")
    count = facts["age"].size
    zest = generator.gamma(1.1, 1.0, count)
    calls = generator.poisson(0.9 * zest * (1 + 0.5 * (facts["balance"] > 60_000)) * (facts["age"] >= 18))
    days = 2 + np.floor(720 * generator.beta(1.0, 1.2 + 0.4 * calls)).astype(np.int64)
    mood = 0.95 * phone_liking + 0.6 * facts["_plan"] + generator.logistic(0, 0.7, count)
    result = np.searchsorted(np.array([0.55, 2.4]), mood).astype(np.int64)
    opted_out = generator.random(count) < sigmoid(-3.3 - 0.8 * phone_liking + 0.3 * calls)
    return {"calls": calls, "days": days, "result": result, "opted_out": opted_out}


def _frame(facts: Facts, seed: int, snapshot: date) -> pl.DataFrame:
    """Lay the facts out as the columns of the bank's customer file."""
    count = facts["age"].size
    told = stream(seed, "told").random((3, count))
    never = facts["calls"] == 0
    since = np.datetime64(snapshot, "M") - facts["tenure"].astype("timedelta64[M]")
    day = stream(seed, "since").integers(0, 28, count).astype("timedelta64[D]")
    joined = np.minimum(since.astype("datetime64[D]") + day, np.datetime64(snapshot, "D"))
    columns = [
        _ids(count),
        made_up_names(seed, facts["female"], facts["portuguese"]),
        made_up_phones(seed, count),
        _words("gender", ("male", "female"), facts["female"]),
        pl.Series("age", facts["age"]),
        _words("marital", MARITAL, facts["marital"], unknown=told[0] < 0.004),
        _words("education", EDUCATIONS, facts["education"], unknown=told[1] < 0.05),
        _words("job", JOBS, facts["job"], unknown=told[2] < 0.012),
        _words("region", REGIONS, facts["region"]),
        pl.Series("customer_since", joined),
        pl.Series("tenure_months", facts["tenure"]),
        _where("income_cny_month", facts["income"], facts["income_told"]),
        pl.Series("balance_cny", facts["balance"]),
        _yes("salary_account", facts["salaried"]),
        _where("salary_day", facts["salary_day"], facts["salaried"]),
        _yes("holds_card", facts["card"]),
        _yes("holds_mortgage", facts["mortgage"]),
        _yes("holds_fund", facts["fund"]),
        _yes("holds_term_deposit", facts["deposit"]),
        _yes("in_arrears", facts["arrears"]),
        pl.Series("card_spend_90d_cny", facts["spend"]),
        pl.Series("app_logins_30d", facts["app"]),
        pl.Series("deposit_page_views_30d", facts["views"]),
        pl.Series("branch_visits_90d", facts["branch"]),
        pl.Series("previous_contacts", facts["calls"]),
        _where("last_contact_days", facts["days"], ~never),
        _words("previous_result", RESULTS, facts["result"]).zip_with(
            pl.Series(~never), pl.Series([None], dtype=pl.String)
        ),
        _yes("opted_out_of_calls", facts["opted_out"]),
    ]
    return pl.DataFrame(columns)


def _ids(count: int) -> pl.Series:
    number = pl.Series("customer_id", np.arange(1, count + 1)).cast(pl.String)
    return ("C" + number.str.zfill(8)).alias("customer_id")


def _words(
    name: str, words: tuple[str, ...], code: npt.NDArray[Any], unknown: npt.NDArray[Any] | None = None
) -> pl.Series:
    """Return the word of each code; where ``unknown`` the file says "unknown"."""
    code = code.astype(np.int64)
    if unknown is not None:
        words, code = (*words, "unknown"), np.where(unknown, len(words), code)
    return pl.Series(name, words).gather(pl.Series(code))


def _yes(name: str, flags: npt.NDArray[Any]) -> pl.Series:
    return _words(name, ("no", "yes"), flags)


def _where(name: str, values: npt.NDArray[Any], told: npt.NDArray[Any]) -> pl.Series:
    """Return the values, empty where not told."""
    return pl.Series(name, values).zip_with(
        pl.Series(told), pl.Series([None], dtype=pl.Series(name, values).dtype)
    )
