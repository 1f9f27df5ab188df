"""The newest load is held against those before it: what changed is found, what did not is left in peace."""

from datetime import UTC, datetime, timedelta
from typing import ClassVar

import msgspec
import numpy as np
import polars as pl
import pytest

from vostro.capture.contracts import Contract, ContractColumn, Reference
from vostro.capture.quality import QualityProfile, SourceQuality
from vostro.capture.watch.check import Check
from vostro.capture.watch.limits import Watch
from vostro.capture.watch.of_loads import load_checks
from vostro.capture.watch.past import PastColumn, PastLoad
from vostro.words import Text

WORDS = Text(en="x", zh="x")
START = datetime(2026, 1, 1, tzinfo=UTC)


def contract(watch: Watch | None = None, key: list[str] | None = None, **columns: ContractColumn) -> Contract:
    given = columns or {
        "amount": ContractColumn(type="number", meaning=WORDS),
        "job": ContractColumn(type="text", meaning=WORDS),
    }
    return Contract(
        contract="t", meaning=WORDS, file="t", columns=given, key=key or [], watch=watch or Watch()
    )


class Kept:
    """What the tests remember of a load beside what the watch needs: its whole quality."""

    qualities: ClassVar[dict[int, SourceQuality]] = {}


def quality(given: Contract, frame: pl.DataFrame, past: list[PastLoad], rejected: int) -> SourceQuality:
    profile = QualityProfile(given)
    profile.add(frame.with_columns(pl.Series("_line", np.arange(2, frame.height + 2))), {})
    first, last = (Kept.qualities[past[i].load_id] if past else None for i in (0, -1))
    return profile.finish(rejected, last, (past[0].load_id, first) if first else None)


def after(
    given: Contract, past: list[PastLoad], frame: pl.DataFrame, rejected: int = 0, repeated: int = 0
) -> list[PastLoad]:
    number = past[-1].load_id + 1 if past else 1
    found = quality(given, frame, past, rejected)
    Kept.qualities[number] = found
    load = PastLoad(
        load_id=number,
        load_time=START + timedelta(days=number),
        file=f"{number}.csv",
        rows_read=frame.height + rejected,
        rows_loaded=frame.height,
        rows_rejected=rejected,
        rows_repeated=repeated,
        event_time_max=None,
        reference=found.reference,
        columns={each.name: msgspec.convert(msgspec.to_builtins(each), PastColumn) for each in found.columns},
    )
    return [*past, load]


def frame(
    rng: np.random.Generator, rows: int = 800, shift: float = 0.0, missing: float = 0.1, retired: float = 0.2
) -> pl.DataFrame:
    """Amounts with some missing, and four jobs."""
    amount = np.exp(rng.normal(shift, 1.0, rows))
    shares = np.array([0.4, 0.3, 0.3 - retired / 2, retired / 2])
    return pl.DataFrame(
        {
            "amount": pl.Series(amount).set(pl.Series(rng.random(rows) < missing), None),
            "job": rng.choice(["admin", "worker", "student", "retired"], rows, p=shares / shares.sum()),
        }
    )


def steady(rng: np.random.Generator, loads: int, given: Contract) -> list[PastLoad]:
    past: list[PastLoad] = []
    for _ in range(loads):
        past = after(given, past, frame(rng, int(rng.normal(800, 30))), rejected=int(rng.poisson(4)))
    return past


def of(checks: list[Check], kind: str, subject: str = "") -> Check:
    return next(each for each in checks if each.check == kind and each.subject == subject)


def verdicts(checks: list[Check]) -> set[str]:
    return {f"{each.check} {each.subject}".strip() for each in checks if each.verdict == "alert"}


def test_the_first_load_has_nothing_to_be_compared_with() -> None:
    given = contract()
    checks = load_checks(given, steady(np.random.default_rng(0), 1, given))
    assert {each.verdict for each in checks} == {"too_little_history"}
    assert load_checks(given, []) == []


def test_an_unchanged_source_is_left_in_peace() -> None:
    """Stated: volume alarms in 0.5 % of loads, drift of all columns together in at most 1 %, shares in 0.1 %."""
    given, alarms, loads = contract(), [], 0
    for seed in range(40):
        past = steady(np.random.default_rng(seed), 20, given)
        for i in range(9, 21):
            alarms += list(verdicts(load_checks(given, past[:i])))
            loads += 1
    assert loads == 480
    assert alarms.count("volume") <= 9  # 2.4 expected
    assert len([each for each in alarms if each.startswith("drift")]) <= 4
    assert len([each for each in alarms if each.startswith(("null", "reject"))]) <= 3


@pytest.mark.parametrize(
    ("change", "found"),
    [
        ({"rows": 120}, "volume"),
        ({"rows": 8_000}, "volume"),
        ({"missing": 0.6}, "null_rate amount"),
        ({"shift": 1.5}, "drift amount"),
        ({"shift": -1.5}, "drift_reference amount"),
        ({"retired": 0.6}, "drift job"),
    ],
)
def test_what_changed_is_found(change: dict[str, float], found: str) -> None:
    given = contract()
    for seed in range(10):
        rng = np.random.default_rng(seed)
        past = after(given, steady(rng, 12, given), frame(rng, **change))  # type: ignore[arg-type]
        assert found in verdicts(load_checks(given, past))


def test_a_slow_change_is_seen_against_the_reference() -> None:
    given, rng = contract(), np.random.default_rng(4)
    past: list[PastLoad] = []
    for step in range(30):
        past = after(given, past, frame(rng, 3_000, shift=0.05 * step))
    checks = load_checks(given, past)
    assert of(checks, "drift", "amount").verdict == "ok"
    assert of(checks, "drift_reference", "amount").verdict == "alert"


def test_quiet_weekends_are_usual_once_enough_of_them_are_known() -> None:
    given, rng = contract(), np.random.default_rng(9)
    past: list[PastLoad] = []
    wrong = []
    for day in range(99):
        weekend = (START + timedelta(days=day + 1)).weekday() >= 5
        past = after(given, past, frame(rng, int(rng.normal(100 if weekend else 800, 10))))
        if day >= 70:
            wrong.append(of(load_checks(given, past[-80:]), "volume").verdict)
    assert wrong.count("alert") == 0 and wrong.count("watch") <= 5
    monday = after(given, past[:-1], frame(rng, 100))  # as few as on a weekend
    assert (START + timedelta(days=99)).weekday() < 5
    assert of(load_checks(given, monday[-80:]), "volume").verdict == "alert"


def test_rejects_and_repeated_keys() -> None:
    given, rng = contract(key=["job"]), np.random.default_rng(1)
    past = steady(rng, 5, given)
    many = load_checks(given, after(given, past, frame(rng), rejected=200, repeated=100))
    assert of(many, "reject_rate").verdict == "alert" and of(many, "reject_rate").value == pytest.approx(0.2)
    assert of(many, "duplicate_rate").verdict == "alert" and of(many, "duplicate_rate").value == 0.1
    few = load_checks(given, after(given, past, frame(rng), rejected=5))
    assert of(few, "reject_rate").verdict == "ok" and of(few, "duplicate_rate").verdict == "ok"


def test_columns_that_come_go_or_change_their_type() -> None:
    old, rng = contract(), np.random.default_rng(2)
    past = steady(rng, 3, old)
    wider = contract(**old.columns, city=ContractColumn(type="text", meaning=WORDS))
    checks = load_checks(wider, after(wider, past, frame(rng).with_columns(city=pl.lit("x"))))
    assert (of(checks, "schema").verdict, of(checks, "schema").value) == ("watch", 1)
    assert "city" in of(checks, "schema").words.en
    retyped = contract(amount=ContractColumn(type="text", meaning=WORDS))
    less = after(retyped, past, pl.DataFrame({"amount": ["a", "b"] * 400}))
    checks = load_checks(retyped, less)
    assert (of(checks, "schema").verdict, of(checks, "schema").value) == ("alert", 2)
    assert of(checks, "drift", "amount").verdict == "too_little_history"


def test_limits_of_the_contract_come_first() -> None:
    rng = np.random.default_rng(3)
    watch = Watch(
        volume="5 %", null_rate_max={"amount": "1 %"}, psi_max=5.0, reject_rate_max="0 %", ignore=["job"]
    )
    given = contract(watch)
    past = after(given, steady(rng, 2, given), frame(rng, 900, shift=1.5, missing=0.1), rejected=1)
    checks = load_checks(given, past)
    assert verdicts(checks) == {"volume", "null_rate amount", "reject_rate"}
    assert of(checks, "drift", "amount").verdict == "watch", "above 0.1, below what the contract allows"
    assert not [each for each in checks if each.subject == "job"]
    least = contract(Watch(rows_min=1_000))
    assert of(load_checks(least, steady(rng, 1, least)), "volume").verdict == "alert"


def test_keys_times_names_and_personal_data_do_not_drift() -> None:
    given = contract(
        key=["id"],
        id=ContractColumn(type="integer", meaning=WORDS),
        day=ContractColumn(type="date", meaning=WORDS),
        note=ContractColumn(type="text", meaning=WORDS),
        phone=ContractColumn(type="integer", meaning=WORDS, personal_data="contact"),
        account=ContractColumn(type="integer", meaning=WORDS),
    )
    given = msgspec.structs.replace(given, references=[Reference(column="account", to="accounts.id")])

    def rows(start: int) -> pl.DataFrame:
        numbers = range(start, start + 400)
        return pl.DataFrame(
            {
                "id": numbers,
                "day": [(START + timedelta(days=n)).date() for n in numbers],
                "note": [f"note {n}" for n in numbers],
                "phone": numbers,
                "account": numbers,
            }
        )

    past = after(given, after(given, [], rows(0)), rows(5_000))
    assert not [each for each in load_checks(given, past) if each.check.startswith("drift")]


def test_every_check_is_said_in_both_languages() -> None:
    given, rng = contract(key=["job"]), np.random.default_rng(1)
    for past in (steady(rng, 1, given), steady(rng, 12, given)):
        for each in load_checks(given, past):
            assert each.words.en and any("一" <= sign <= "鿿" for sign in each.words.zh)
            assert each.load_id == past[-1].load_id
