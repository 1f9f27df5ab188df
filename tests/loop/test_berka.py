"""The Czech bank from its raw files to portraits, through the command line and against plain Polars.

Published figures: Berka and Sochorova, PKDD'99 Discovery Challenge; the README of the data set.
"""

import csv
import gzip
import io
import json
import os
import random
import shutil
import subprocess
import sys
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from vostro.bank import Bank, read_bank
from vostro.engine import Workspace, load_settings
from vostro.portrait import build_portraits
from vostro.words import parse_moment

ROOT = Path(__file__).parents[2]
END, SPRING = "1999-01-01T00:00+01:00", "1994-03-31T00:00+01:00"
TABLES = ("account", "card", "client", "disp", "district", "loan", "order")
TRANS = ("trans_1993_to_1994q1", "trans_loan_accounts_1997_98")
PUBLISHED = {
    "account": 4500,
    "card": 892,
    "client": 5369,
    "disp": 5369,
    "district": 77,
    "loan": 682,
    "order": 6471,
}
OWN = (
    "SLUZBY",
    "UROK",
    "SANKC. UROK",
    "payment for statement",
    "interest credited",
    "sanction interest if negative balance",
)


def vostro(*arguments: object) -> str:
    """Run a command and return what it printed."""
    words = [sys.executable, "-m", "vostro", *map(str, arguments)]
    done = subprocess.run(words, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def raw(folder: Path, name: str) -> pl.DataFrame:
    """Read a raw file with Python's own csv module: every cell is text."""
    with gzip.open(folder / f"{name}.csv.gz", "rt", encoding="latin-1", newline="") as file:
        rows = list(csv.reader(file, delimiter=";"))
    return pl.DataFrame(rows[1:], schema=rows[0], orient="row")


@pytest.fixture(scope="module")
def source(data_dir: Path) -> Path:
    return data_dir / "berka"


@pytest.fixture(scope="module")
def loaded(source: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[dict[str, Any]]]:
    bank = tmp_path_factory.mktemp("berka") / "bank"
    shutil.copytree(ROOT / "examples" / "berka", bank, ignore=shutil.ignore_patterns(".vostro"))
    found = json.loads(vostro("load", bank, "--data", source, "--json"))
    return bank, found if isinstance(found, list) else found["sources"]


@pytest.fixture(scope="module")
def tables(loaded: tuple[Path, list[dict[str, Any]]]) -> Iterator[tuple[Bank, Workspace]]:
    folder, _ = loaded
    with Workspace.open(folder, load_settings(folder, os.environ)) as workspace:
        yield read_bank(folder), workspace


@pytest.fixture(scope="module")
def portraits(tables: tuple[Bank, Workspace]) -> dict[str, pl.DataFrame]:
    bank, workspace = tables
    return {
        moment: build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=parse_moment(moment))
        for moment in (END, SPRING)
    }


@pytest.fixture(scope="module")
def moves(source: Path) -> pl.DataFrame:
    """All transactions, from the raw files: client, day, amount, signed, own (booked by the bank itself)."""
    disp = raw(source, "disp").filter(pl.col("type") == "OWNER").select("account_id", customer="client_id")
    rows = pl.concat([raw(source, name).with_columns(file=pl.lit(name)) for name in TRANS])
    credit = pl.col("type").is_in(["PRIJEM", "credit"])
    return rows.join(disp, on="account_id", how="left").with_columns(
        day=("19" + pl.col("date")).str.to_date("%Y%m%d"),
        credit=credit,
        amount=pl.col("amount").cast(pl.Float64),
        balance=pl.col("balance").cast(pl.Float64),
        signed=pl.when(credit).then(1).otherwise(-1) * pl.col("amount").cast(pl.Float64),
        own=pl.col("k_symbol").is_in(list(OWN)),
    )


def test_the_row_counts_are_the_published_ones(loaded: tuple[Path, list[dict[str, Any]]]) -> None:
    rows = {(each["source"], each["file"]): each["rows_loaded"] for each in loaded[1]}
    contracts = {"order": "standing_order"}
    for name, count in PUBLISHED.items():
        assert rows[contracts.get(name, name), f"{name}.csv.gz"] == count
    assert [rows["trans", f"{name}.csv.gz"] for name in TRANS] == [49_102, 30_200]
    assert rows["home", "client.csv.gz"] == 5369 and rows["loan_outcome", "loan.csv.gz"] == 682
    assert all(each["rows_rejected"] == 0 for each in loaded[1])


def counts(tables: tuple[Bank, Workspace], table: str, column: str) -> dict[Any, int]:
    return dict(tables[1].lake.scan(table).collect()[column].value_counts().iter_rows())


def test_the_published_breakdowns(tables: tuple[Bank, Workspace]) -> None:
    assert counts(tables, "disp", "role") == {"owner": 4500, "user": 869}
    assert counts(tables, "loan_outcome", "status") == {
        "paid": 203, "ended_unpaid": 31, "running": 403, "running_in_debt": 45,
    }  # fmt: skip
    assert counts(tables, "card", "card_type") == {"classic": 659, "junior": 145, "gold": 88}
    assert counts(tables, "account", "statements") == {"monthly": 4167, "weekly": 240, "each_transaction": 93}
    assert counts(tables, "standing_order", "purpose") == {
        "household": 3502, None: 1379, "loan_payment": 717, "insurance": 532, "leasing": 341,
    }  # fmt: skip


def test_two_vocabularies_say_the_same(tables: tuple[Bank, Workspace], moves: pl.DataFrame) -> None:
    assert sum(counts(tables, "trans", "purpose").values()) == 79_302
    purposes = counts(tables, "trans", "purpose")
    for word, texts in {
        "insurance": ("POJISTNE", "insurrance payment"),
        "statement_fee": ("SLUZBY", "payment for statement"),
        "interest": ("UROK", "interest credited"),
        "penalty_interest": ("SANKC. UROK", "sanction interest if negative balance"),
        "household": ("SIPO", "household"),
        "pension": ("DUCHOD",),
        "loan_payment": ("UVER",),
        None: ("", " "),
    }.items():
        assert purposes[word] == moves["k_symbol"].is_in(list(texts)).sum(), word
    assert counts(tables, "trans", "type") == {
        "credit": int(moves["credit"].sum()),
        "debit": int((~moves["credit"]).sum()),
    }
    ways = counts(tables, "trans", "operation")
    assert ways["card_out"] == 12 + 54 and ways[None] == moves["operation"].is_in([""]).sum()


def test_what_is_missing_is_null(tables: tuple[Bank, Workspace], moves: pl.DataFrame) -> None:
    district = tables[1].lake.scan("district").collect().sort("district_id")
    lost = district.filter(pl.col("unemployment_1995").is_null())
    assert lost["district_id"].to_list() == [69] and lost["crimes_1995"].to_list() == [None]
    partner = tables[1].lake.scan("trans").collect()["partner_account"]
    assert partner.null_count() == moves["account"].is_in(["", "0"]).sum()


def test_birth_numbers(tables: tuple[Bank, Workspace], source: Path) -> None:
    clients = tables[1].lake.scan("client").collect()
    wanted = {}
    for number, code in raw(source, "client").select("client_id", "birth_number").iter_rows():
        year, month, day = int(code[:2]), int(code[2:4]), int(code[4:])
        wanted[int(number)] = (
            date(1900 + year, month - 50 * (month > 50), day),
            "female" if month > 50 else "male",
        )
    assert {row[0]: row[1:] for row in clients.select("client_id", "born", "gender").iter_rows()} == wanted


def test_every_transaction_loan_and_card_has_its_owner(tables: tuple[Bank, Workspace], source: Path) -> None:
    disp = raw(source, "disp")
    owners = disp.filter(pl.col("type") == "OWNER").select(pl.col("account_id", "client_id").cast(pl.Int64))
    for table in ("trans", "loan", "account", "standing_order"):
        rows = tables[1].lake.scan(table).collect().select("account_id", found="client_id")
        assert (
            rows.join(owners, on="account_id", how="left")
            .filter(pl.col("client_id").ne_missing(pl.col("found")))
            .is_empty()
        )
    holders = dict(disp.select(pl.col("disp_id", "client_id").cast(pl.Int64)).iter_rows())
    cards = tables[1].lake.scan("card").collect()
    assert all(holders[row[0]] == row[1] for row in cards.select("disp_id", "client_id").iter_rows())


def test_nothing_of_the_future_is_known_in_spring_1994(
    portraits: dict[str, pl.DataFrame], source: Path
) -> None:
    spring = portraits[SPRING]
    assert spring["loan_status"].null_count() == spring.height, "what became of a loan was known in 1998"
    assert spring["home_salary"].null_count() == spring.height, "statistics of 1996"
    assert spring["standing_orders"].sum() == 0, "orders have no date but the end of the data"
    loans = raw(source, "loan").filter(pl.col("date") < "940331")
    assert spring["loans"].sum() == loans.height > 0
    assert spring["tenure_days"].count() == 1229, "accounts that were opened by then"
    assert portraits[END]["loans"].sum() == 682
    assert portraits[END]["loan_status"].count() == 682


def by_customer(rows: pl.DataFrame, value: pl.Expr, portrait: pl.DataFrame) -> pl.Series:
    """Return a value for each customer of a portrait, in its order."""
    found = rows.group_by("customer").agg(value.alias("value"))
    return portrait.select("customer").join(found, on="customer", how="left", maintain_order="left")["value"]


@pytest.mark.parametrize("moment", [END, SPRING])
def test_a_second_opinion_of_tags(
    portraits: dict[str, pl.DataFrame], moves: pl.DataFrame, moment: str
) -> None:
    portrait, end = portraits[moment], date.fromisoformat(moment[:10])
    amount = pl.col("amount").sum()
    seen = moves.filter(pl.col("day") < end)

    def since(days: int) -> pl.DataFrame:
        return seen.filter((pl.col("day") >= end - timedelta(days=days)) & ~pl.col("own"))

    sums = {
        "balance": by_customer(seen, pl.col("signed").sum(), portrait),
        "money_in_365d": by_customer(since(365).filter("credit"), amount, portrait),
        "spend_365d": by_customer(since(365).filter(~pl.col("credit")), amount, portrait),
        "spend_90d": by_customer(since(90).filter(~pl.col("credit")), amount, portrait),
        "transactions": by_customer(seen.filter(~pl.col("own")), pl.len(), portrait),
        "transactions_90d": by_customer(since(90), pl.len(), portrait),
        "active_days_365d": by_customer(since(365), pl.col("day").n_unique(), portrait),
        "household_paid": by_customer(
            seen.filter(pl.col("k_symbol").is_in(["SIPO", "household"])), pl.col("amount").sum(), portrait
        ),
        "penalties": by_customer(seen.filter(pl.col("k_symbol").is_in(list(OWN[2::3]))), pl.len(), portrait),
        "rfm_frequency": by_customer(since(365), pl.len(), portrait),
        "rfm_monetary": by_customer(since(365), amount, portrait),
    }
    for tag, value in sums.items():
        assert (portrait[tag].cast(pl.Float64) - value.fill_null(0).cast(pl.Float64)).abs().max() < 0.005, tag
    others = {
        "spend_mean_365d": by_customer(
            since(365).filter(~pl.col("credit")), pl.col("amount").mean(), portrait
        ),
        "balance_lowest": by_customer(seen, pl.col("balance").min(), portrait),
        "lifecycle_last_days": by_customer(
            seen.filter(~pl.col("own")), (end - pl.col("day").max()).dt.total_days(), portrait
        ),
        "booked_by_bank_share": by_customer(seen, pl.col("own").mean(), portrait),
    }
    for tag, value in others.items():
        assert portrait[tag].is_null().equals(value.is_null()), tag
        assert (portrait[tag].cast(pl.Float64) - value.cast(pl.Float64)).abs().max() < 0.005, tag


def test_the_trend_is_against_the_window_before(
    portraits: dict[str, pl.DataFrame], moves: pl.DataFrame
) -> None:
    portrait, end = portraits[SPRING], date(1994, 3, 31)
    mine = moves.filter(~pl.col("own"))
    now = mine.filter(pl.col("day").is_between(end - timedelta(days=90), end, closed="left"))
    then = mine.filter(
        pl.col("day").is_between(end - timedelta(days=180), end - timedelta(days=90), closed="left")
    )
    a, b = (by_customer(rows, pl.len().cast(pl.Int64), portrait).fill_null(0) for rows in (now, then))
    wanted = pl.select(pl.when(b > 0).then((a - b) / b)).to_series()
    assert (portrait["transactions_trend_90d"] - wanted).abs().max() < 1e-12
    assert portrait["transactions_trend_90d"].is_null().equals(wanted.is_null())


def test_ages_are_those_of_the_birth_dates(portraits: dict[str, pl.DataFrame], source: Path) -> None:
    born = {}
    for number, code in raw(source, "client").select("client_id", "birth_number").iter_rows():
        month = int(code[2:4])
        born[number] = date(1900 + int(code[:2]), month - 50 * (month > 50), int(code[4:]))
    for customer, days in portraits[END].select("customer", "life_days").iter_rows():
        assert days == (date(1999, 1, 1) - born[customer]).days


def test_demographics_reach_the_customer(portraits: dict[str, pl.DataFrame], source: Path) -> None:
    district = dict(raw(source, "district").select("A1", "A11").iter_rows())
    home = dict(raw(source, "client").select("client_id", "district_id").iter_rows())
    for customer, salary in portraits[END].select("customer", "home_salary").iter_rows():
        assert salary == int(district[home[customer]])


def test_fees_and_interest_would_make_every_account_active(
    tables: tuple[Bank, Workspace], moves: pl.DataFrame
) -> None:
    """On the last day of February 1994 nearly every account moved: interest. Its owners did little that day."""
    end = date(1994, 3, 1)
    before = moves.filter((pl.col("day") < end) & (pl.col("file") == TRANS[0]))
    every = before.group_by("customer").agg(pl.col("day").max())
    assert (every["day"] == date(1994, 2, 28)).mean() > 0.9
    bank, workspace = tables
    moment = parse_moment("1994-03-01T00:00+01:00")
    portrait = build_portraits(bank.tags, bank.contracts, workspace.lake, as_of=moment)
    own = by_customer(before.filter(~pl.col("own")), pl.col("day").max(), portrait)
    assert (
        (portrait["lifecycle_last_days"] <= 1).sum() == (own == date(1994, 2, 28)).sum() < 0.05 * every.height
    )
    assert portrait["booked_by_bank_share"].mean() > 0.25


def test_the_day_that_was_cut_is_not_seen(moves: pl.DataFrame, portraits: dict[str, pl.DataFrame]) -> None:
    assert moves.filter((pl.col("file") == TRANS[0]) & (pl.col("day") == date(1994, 3, 31))).height > 0
    ends = (
        moves.filter(pl.col("day") < date(1994, 3, 31))
        .group_by("customer", "day")
        .agg(pl.col("signed").sum())
    )
    assert portraits[SPRING]["balance"].cast(pl.Float64).sum() == pytest.approx(
        ends["signed"].sum(), abs=0.01
    )


def test_the_order_within_a_day_does_not_matter(
    source: Path, portraits: dict[str, pl.DataFrame], tmp_path: Path
) -> None:
    """Both files with their rows in another order give the same portraits."""
    data, bank = tmp_path / "data", tmp_path / "bank"
    shutil.copytree(source, data)
    shutil.copytree(ROOT / "examples" / "berka", bank, ignore=shutil.ignore_patterns(".vostro"))
    for name in TRANS:
        path = data / f"{name}.csv.gz"
        head, *lines = gzip.decompress(path.read_bytes()).splitlines(keepends=True)
        random.Random(7).shuffle(lines)
        if not lines[-1].endswith(b"\n"):
            lines[-1] += b"\n"
        buffer = io.BytesIO()
        with gzip.GzipFile(fileobj=buffer, mode="wb", mtime=0) as file:
            file.write(head + b"".join(line if line.endswith(b"\n") else line + b"\n" for line in lines))
        path.unlink()
        path.write_bytes(buffer.getvalue())
    vostro("load", bank, "--data", data, "--json")
    with Workspace.open(bank, load_settings(bank, os.environ)) as workspace:
        defined = read_bank(bank)
        found = build_portraits(defined.tags, defined.contracts, workspace.lake, as_of=parse_moment(SPRING))
    assert found.equals(portraits[SPRING])


def test_segments_and_their_sizes(tables: tuple[Bank, Workspace], portraits: dict[str, pl.DataFrame]) -> None:
    bank, _ = tables
    sizes = {code: int(each.mask(portraits[END]).sum()) for code, each in bank.segments.items()}
    assert 8 <= len(sizes) <= 12 and min(sizes.values()) >= 0
    assert sizes["owners"] == 4500 and sizes["second_users"] == 869
    assert sizes["loans_at_risk"] == 31 + 45
    assert int(bank.segments["owners"].mask(portraits[SPRING]).sum()) == 1229


def test_there_are_about_sixty_tags_in_six_dimensions(tables: tuple[Bank, Workspace]) -> None:
    bank, _ = tables
    assert 60 <= len(bank.tags) <= 90
    assert {each.dimension for each in bank.tags.values()} == {
        "basic", "interest", "social", "consumption", "credit", "behaviour",
    }  # fmt: skip
    assert {"attribute", "aggregate", "rule", "household"} <= {each.kind for each in bank.tags.values()}


def test_the_whole_bank_from_the_command_line(source: Path, tmp_path: Path) -> None:
    """Load and build in one; learn clusters; build again, which assigns them; ask the audience index."""
    bank = tmp_path / "bank"
    shutil.copytree(ROOT / "examples" / "berka", bank, ignore=shutil.ignore_patterns(".vostro"))
    built = json.loads(vostro("build", bank, "--data", source, "--json"))
    assert (built["customers"], built["segments"]["owners"]) == (5369, 4500)
    assert built["coverage"]["holdings_cluster"] == 0, "nobody has learnt them yet"
    found = json.loads(vostro("clusters", bank, "holdings", "--json"))
    assert not found["weak"] and sum(each["size"] for each in found["portraits"]) == 5369
    again = json.loads(vostro("build", bank, "--data", source, "--json"))
    assert all(each["already_loaded"] for each in again["sources"])
    assert again["coverage"]["holdings_cluster"] == 1
    largest = found["portraits"][0]["size"]
    asked = json.loads(vostro("audience", "holdings_cluster = 1", bank, "--json"))
    assert asked["count"] == largest and not asked["outdated"]
    page = (bank / ".vostro" / "portrait.html").read_text(encoding="utf-8")
    assert "PKDD" in page
