"""Another capacity 容量假设: what would have been earned with more contacts, or fewer?

For each share of the contactable customers, the highest values of every wave are taken
and their outcomes are reweighted by the chance that they were contacted
(Horvitz-Thompson 1952), so that customers who were contacted at random stand for those
who were not contacted. The interval takes the variance of a Poisson bootstrap in closed
form (the sum of squared weighted outcomes).
"""

import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.learn.intervals import Z95
from vostro.learn.results import CapacityPoint
from vostro.words import Money

__all__ = ["SHARES", "what_if_capacity"]

SHARES = tuple(round(0.05 * i, 2) for i in range(1, 21))


def what_if_capacity(
    answers: pl.DataFrame, *, replays_history: bool, actual_share: float, margin: Money, contact_cost: Money
) -> list[CapacityPoint]:
    """Return a point for each share in ``SHARES``, and one for the actual share.

    Args:
        answers: one row a contactable customer: wave, verdict, value, would_be_chosen (bool),
            contact_probability, success (bool).
        replays_history: everyone was contacted, so every outcome counts once; otherwise shares whose
            customers had no chance of a contact are left out.
        actual_share: contacts of the campaign / contactable customers.
        margin: earned by one success. In a live campaign what the control group did by itself is
            taken off first; without a control group nothing is claimed, and there are no points.
        contact_cost: of one contact.
    """
    if not replays_history and not (answers["verdict"] == "control").any():
        return []
    # Among equal values those with a seat come first, as they did in the decision.
    order = ["wave", "value", "would_be_chosen"]
    ranked = answers.sort(order, descending=[False, True, True], maintain_order=True)
    place = (pl.int_range(pl.len()) + 1).over("wave")
    ranked = ranked.with_columns(place=place, size=pl.len().over("wave"))
    seen, weight = _weights(ranked, replays_history)
    earned = np.where(seen, ranked["success"].to_numpy(), 0.0) * weight
    baseline = np.zeros(ranked.height) if replays_history else _baseline(ranked)
    hopeless = np.zeros(ranked.height, np.bool_) if replays_history else _hopeless(ranked)
    points = []
    for share in sorted({*SHARES, round(actual_share, 4)}):
        inside = (ranked["place"] <= (ranked["size"] * share).round()).to_numpy()
        actual = share == round(actual_share, 4)
        if not actual and hopeless[inside].any():
            continue
        points.append(_point(share, inside, earned, baseline, margin, contact_cost, actual))
    return points


def _weights(
    ranked: pl.DataFrame, replays_history: bool
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.float64]]:
    if replays_history:
        return np.ones(ranked.height, np.bool_), np.ones(ranked.height)
    seen = ranked["verdict"].is_in(["chosen", "explored"]).to_numpy()
    chance = ranked["contact_probability"].to_numpy()
    return seen, np.divide(1.0, chance, out=np.zeros(ranked.height), where=seen)


def _hopeless(ranked: pl.DataFrame) -> npt.NDArray[np.bool_]:
    """Return who had no chance of a contact, so that nobody's outcome stands for theirs."""
    return np.asarray(ranked["contact_probability"].to_numpy() <= 0.0, dtype=np.bool_)


def _baseline(ranked: pl.DataFrame) -> npt.NDArray[np.float64]:
    """Return what each customer would have done by itself, from the control group, reweighted."""
    control = (ranked["verdict"] == "control").to_numpy()
    share = control.mean() if control.any() else 1.0
    return np.where(control, ranked["success"].to_numpy(), 0.0) / share


def _point(
    share: float,
    inside: npt.NDArray[np.bool_],
    earned: npt.NDArray[np.float64],
    baseline: npt.NDArray[np.float64],
    margin: Money,
    contact_cost: Money,
    actual: bool,
) -> CapacityPoint:
    contacts = int(inside.sum())
    successes = float(earned[inside].sum())
    half = Z95 * float(np.sqrt((earned[inside] ** 2).sum()))
    extra = successes - float(baseline[inside].sum())
    net = extra * float(margin.amount) - contacts * float(contact_cost.amount)
    return CapacityPoint(
        share=share,
        contacts=contacts,
        successes=successes,
        successes_low=max(0.0, successes - half),
        successes_high=successes + half,
        rate=successes / contacts if contacts else 0.0,
        net_value=f"{net:.2f} {margin.currency}",
        net_value_amount=net,
        actual=actual,
    )
