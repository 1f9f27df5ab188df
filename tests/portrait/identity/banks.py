"""A bank of two sources with people who are in both under different identifiers."""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl

from vostro.capture import Contract, ContractColumn
from vostro.engine import Lake
from vostro.portrait.identity import IdentityDefinition
from vostro.portrait.identity.definition import HouseholdRule
from vostro.words import Text

MEANING = Text(en="a", zh="甲")
MOMENT = datetime(2026, 3, 1, tzinfo=UTC)
COLUMNS = ("first_name", "surname", "dob", "city", "email")
DEFINITION = IdentityDefinition(
    sources={name: {column: column for column in COLUMNS} for name in ("crm", "core")},
    fields={"first_name": "name", "surname": "name", "dob": "date", "city": "text", "email": "email"},
    survivorship={"email": "longest", "city": "most_frequent", "surname": ["core", "crm"]},
    household=HouseholdRule(same=["surname", "city"]),
)


def contract(name: str) -> Contract:
    columns = {each: ContractColumn(type="text", meaning=MEANING) for each in ("client", *COLUMNS)}
    return Contract(
        contract=name, meaning=MEANING, file=f"{name}.csv", columns=columns, key=["client"], customer="client"
    )


CONTRACTS = {name: contract(name) for name in ("crm", "core")}


def put(lake: Lake, source: str, frame: pl.DataFrame, load: int) -> None:
    """Make a frame (client and fields) the records of one load of a source."""
    rows = frame.select("client", *COLUMNS).with_columns(
        load_time=pl.lit(datetime(2026, 1, load, tzinfo=UTC)).cast(pl.Datetime("us", "UTC")),
        _load=pl.lit(load, dtype=pl.Int64),
        _line=pl.int_range(2, pl.len() + 2, dtype=pl.Int64),
    )
    with lake.stage(source, f"load-{load}") as stage, lake.store.begin() as connection:
        stage.write(rows)
        lake.publish(connection, stage)


FIRST = [
    "anna",
    "boris",
    "chen",
    "dora",
    "emil",
    "fatima",
    "gustav",
    "hanna",
    "ivan",
    "julia",
    "karl",
    "lena",
]
LAST = [
    "adler",
    "bauer",
    "cerny",
    "dvorak",
    "ekman",
    "fischer",
    "gruber",
    "horak",
    "imhof",
    "jansky",
    "kovar",
]


def people(n: int, *, seed: int = 1) -> pl.DataFrame:
    """Return ``n`` different people with nothing in common but chance: ``n`` and the columns of a source."""
    rng = np.random.default_rng(seed)
    tail = rng.integers(0, 40, n)
    days = rng.integers(0, 22_000, n)
    frame = pl.DataFrame(
        {
            "n": np.arange(n),
            "first_name": np.array(FIRST)[rng.integers(0, len(FIRST), n)],
            "surname": [
                LAST[i] + "aeiou"[t % 5] * (t % 3) + "rnlst"[t % 5]
                for i, t in zip(rng.integers(0, len(LAST), n), tail, strict=True)
            ],
            "dob": [str(date(1940, 1, 1) + timedelta(days=int(each))) for each in days],
            "city": [f"city {each}" for each in rng.integers(0, 17, n)],
        }
    )
    return frame.with_columns(
        email=pl.format(
            "{}.{}@mail.cz", pl.col("first_name").str.head(1), pl.Series(rng.integers(10_000, 99_999, n))
        ),
        client=pl.format("P{}", pl.col("n").cast(pl.String).str.zfill(5)),
    )


def again(frame: pl.DataFrame, *, seed: int = 2) -> pl.DataFrame:
    """Return the same people as another source writes them: typos in a third of the names, a fifth without city."""
    rng = np.random.default_rng(seed)
    typo, blank = pl.Series(rng.random(frame.height) < 0.33), pl.Series(rng.random(frame.height) < 0.2)
    return frame.with_columns(
        client=pl.format("Q{}", pl.col("n").cast(pl.String).str.zfill(5)),
        surname=pl.when(typo)
        .then(pl.col("surname").str.slice(0, 2) + pl.col("surname").str.slice(3))
        .otherwise("surname"),
        city=pl.when(~blank).then("city"),
    )
