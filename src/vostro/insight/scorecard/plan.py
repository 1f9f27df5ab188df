"""Plan of a scorecard 评分卡设置: what was asked, and is it possible?"""

import math
from collections.abc import Sequence
from numbers import Real

import msgspec

from vostro.insight.scorecard.bins import Limits, Special, Trend
from vostro.insight.scorecard.errors import ScorecardChoiceError
from vostro.insight.scorecard.rejects import REJECT_METHODS, RejectMethod
from vostro.insight.scorecard.scaling import Scaling

__all__ = ["AGAINST", "CardPlan", "check_choice", "check_number", "check_plan", "plain_plan"]

TRENDS = ("auto", "increasing", "decreasing", "peak", "valley", "none")
AGAINST = ("best", "mean")


class CardPlan(msgspec.Struct, frozen=True):
    """What was asked of a scorecard."""

    seed: int
    features: tuple[str, ...] | None
    trends: dict[str, Trend]
    special: dict[str, tuple[Special, ...]]
    limits: Limits
    scaling: Scaling
    rejects: RejectMethod
    reject_odds: float


def check_plan(plan: CardPlan) -> None:
    """Refuse settings without meaning.

    Raises:
        ScorecardChoiceError: a setting is none of those that there are, or outside its range.
        ScalingError: points cannot be laid out so.
    """
    plan.scaling.check()
    check_choice("rejects", plan.rejects, REJECT_METHODS)
    for name, trend in plan.trends.items():
        check_choice(f"trends['{name}']", trend, TRENDS)
    check_number("reject_odds", plan.reject_odds, least=0.001)
    limits = plan.limits
    check_number("limits.share_least", limits.share_least, least=0.0, most=0.5)
    check_number("limits.bins_most", limits.bins_most, least=2, most=20)
    check_number("limits.z_least", limits.z_least, least=0.0)
    check_number("limits.iv_least", limits.iv_least, least=0.0)
    check_number("limits.p_most", limits.p_most, least=0.0, most=1.0)


def plain_plan(plan: CardPlan) -> CardPlan:
    """Return the plan as a model file gives it back: 600 is 600.0, a number of NumPy is a number.

    Raises:
        ScorecardChoiceError: a setting is of another kind than it should be.
    """
    try:
        return msgspec.convert(msgspec.to_builtins(plan, enc_hook=float), CardPlan)
    except (TypeError, ValueError) as error:
        reason = str(error).splitlines()[0][:200]
        raise ScorecardChoiceError(setting="Scorecard", found=reason, wanted="numbers | texts") from error


def check_choice(setting: str, found: str, wanted: Sequence[str]) -> None:
    """Refuse a word that is none of those wanted.

    Raises:
        ScorecardChoiceError: it is not.
    """
    if found not in wanted:
        raise ScorecardChoiceError(setting=setting, found=f"'{found}'", wanted=" | ".join(wanted))


def check_number(setting: str, found: float, *, least: float, most: float = math.inf) -> None:
    """Refuse a number outside of its range.

    Raises:
        ScorecardChoiceError: it is below, above, infinite or no number.
    """
    if not (isinstance(found, Real) and math.isfinite(found) and least <= found <= most):
        raise ScorecardChoiceError(setting=setting, found=found, wanted=f"{least:g} .. {most:g}")
