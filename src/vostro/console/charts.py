"""Charts 图表: which points, names and forms does each chart of the report get?

A chart is plain data for ``report.js``: the figures of the run as they are, and the words of
one language. Nothing is computed here; a chart without figures is left out.
"""

from typing import Any

from vostro.console.page import Page
from vostro.learn import (
    CapacityPoint,
    EffectResult,
    Rate,
    RunReport,
    ShuffledResult,
    WavesResult,
)

__all__ = ["by_size", "charts", "effect_groups"]

Chart = dict[str, Any]
_PSI_WATCH, _PSI_RETRAIN = 0.1, 0.25
_PSI_FAR = 1.0  # beyond it, both limits lie so near to zero that their names would overlap


def charts(report: RunReport, page: Page) -> dict[str, Chart]:
    """Return the charts of a report in the page's language, by name."""
    drawn: dict[str, Chart] = {}
    if report.shuffled is not None:
        drawn |= _shuffled(report.shuffled, page)
    if report.waves is not None:
        drawn |= _waves(report.waves, page)
    if report.effect.status == "measured":
        drawn["effect"] = _effect(report.effect, page)
    if report.capacity:
        drawn |= _capacity(report.capacity, report.currency, page)
    return drawn | _made(report, page)


def effect_groups(effect: EffectResult) -> list[tuple[str, Rate]]:
    """Return the groups whose success rates are compared, with the key of their words."""
    control = "effect.control_replay" if effect.replays_history else "effect.control"
    return [("effect.chosen", effect.chosen), ("effect.random", effect.random), (control, effect.control)]


def by_size(values: dict[str, float]) -> list[tuple[str, float]]:
    """Return names and values, the greatest first.

    >>> by_size({"age": 0.1, "job": 0.3})
    [('job', 0.3), ('age', 0.1)]
    """
    return sorted(values.items(), key=lambda pair: -pair[1])


def _shuffled(result: ShuffledResult, page: Page) -> dict[str, Chart]:
    lift = {
        "kind": "columns",
        "names": [str(row.tenth) for row in result.lift],
        "values": [row.lift for row in result.lift],
        "form": "times",
        "x": page.words("model.tenth"),
        "y": page.words("model.against_average"),
        "marks": [{"at": 1, "name": page.words("model.average")}],
    }
    calibration = {
        "kind": "calibration",
        "points": [[b.predicted, b.observed, b.rows] for b in result.calibration],
        "x": page.words("model.said"),
        "y": page.words("model.happened"),
        "rows": page.words("model.customers"),
        "diagonal": page.words("model.diagonal"),
    }
    return {"lift": lift, "calibration": calibration}


def _waves(result: WavesResult, page: Page) -> dict[str, Chart]:
    names = [str(wave.wave) for wave in result.waves]
    ratio = {
        "kind": "columns",
        "names": names,
        "values": [wave.ratio for wave in result.waves],
        "form": "times",
        "x": page.words("model.wave"),
        "y": page.words("model.ratio"),
        "marks": [
            {"at": result.best_fifth, "name": page.words("model.mean")},
            {"at": 1, "name": page.words("model.average")},
        ],
    }
    rates = {
        "kind": "lines",
        "names": names,
        "series": [
            {
                "name": page.words("model.wave_best"),
                "role": "accent",
                "values": [w.rate_best_fifth for w in result.waves],
            },
            {"name": page.words("model.wave_all"), "role": "grey", "values": [w.rate for w in result.waves]},
        ],
        "form": "share",
        "x": page.words("model.wave"),
        "y": page.words("model.rate"),
    }
    return {"wave_ratio": ratio, "wave_rates": rates}


def _effect(effect: EffectResult, page: Page) -> Chart:
    rows = [
        {
            "name": page.words(key),
            "value": rate.rate,
            "low": rate.low,
            "high": rate.high,
            "role": key.split(".")[1],
        }
        for key, rate in effect_groups(effect)
        if rate.rate is not None
    ]
    return {"kind": "whisker", "rows": rows, "form": "share", "x": page.words("model.rate")}


def _capacity(points: list[CapacityPoint], currency: str, page: Page) -> dict[str, Chart]:
    common = {
        "kind": "curve",
        "shares": [p.share for p in points],
        "contacts": [p.contacts for p in points],
        "x": page.words("capacity.share"),
        "contacts_name": page.words("capacity.contacts"),
        "actual": next((i for i, p in enumerate(points) if p.actual), None),
        "actual_name": page.words("capacity.actual"),
    }
    successes = common | {
        "values": [p.successes for p in points],
        "low": [p.successes_low for p in points],
        "high": [p.successes_high for p in points],
        "band": page.words("capacity.band"),
        "form": "count",
        "y": page.words("capacity.wins"),
    }
    value = common | {
        "values": [p.net_value_amount for p in points],
        "form": "money",
        "money": page.form.currency(currency),
        "y": page.words("capacity.net"),
    }
    return {"capacity_successes": successes, "capacity_value": value}


def _made(report: RunReport, page: Page) -> dict[str, Chart]:
    drawn: dict[str, Chart] = {}
    if report.importance:
        drawn["importance"] = _rows(_named(report.importance, report, page), "share", page.words("made.gain"))
    if report.drift_psi:
        drawn["drift"] = _rows(_named(report.drift_psi, report, page), "number", page.words("made.psi"))
        drawn["drift"]["marks"] = [
            {"at": _PSI_WATCH, "name": page.words("made.watch")},
            {"at": _PSI_RETRAIN, "name": page.words("made.retrain")},
        ]
        if max(report.drift_psi.values()) > _PSI_FAR:
            drawn["drift"]["marks"] = drawn["drift"]["marks"][1:]
    if report.steps_seconds:
        steps = [(page.plain("step", code), seconds) for code, seconds in report.steps_seconds.items()]
        drawn["steps"] = _rows(steps, "seconds", page.words("made.seconds"))
    return drawn


def _named(values: dict[str, float], report: RunReport, page: Page) -> list[tuple[str, float]]:
    return [(page.tag(code, report.tag_names), value) for code, value in by_size(values)]


def _rows(pairs: list[tuple[str, float]], form: str, name: str) -> Chart:
    names, values = [name for name, _ in pairs], [value for _, value in pairs]
    return {"kind": "rows", "names": names, "values": values, "form": form, "x": name, "marks": []}
