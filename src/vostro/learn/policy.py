"""Off-policy value 离线策略评估: what would another policy have earned?

The log holds decisions of the *logged* policy, each with the probability it gave the action it took.
Reweighting the rewards values a *target* policy without one message. Where a model of the reward is at hand, the weights
need only mend what the model gets wrong, which is steadier.

Sources: Horvitz and Thompson (1952), JASA 47 (IPS); Swaminathan and Joachims (2015), "The Self-Normalized Estimator
for Counterfactual Learning", NIPS 28 (SNIPS); Dudík, Langford and Li (2011), "Doubly Robust Policy Evaluation and
Learning", ICML 28 (DM, DR); Wang, Agarwal and Dudík (2017), ICML 34 (switch); Su, Dimakopoulou, Krishnamurthy and
Dudík (2020), "Doubly robust off-policy evaluation with shrinkage", ICML 37; Kish (1965) for the effective size.
"""

from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, get_args

import numpy as np
import numpy.typing as npt

from vostro.learn.intervals import Z95
from vostro.learn.policy_errors import (
    MethodError,
    NoOverlapError,
    PolicyLengthError,
    PredictionsMissingError,
    ProbabilityError,
    RewardError,
)

__all__ = ["Method", "PolicyValue", "off_policy_value"]

FloatArray: TypeAlias = npt.NDArray[np.float64]
Method: TypeAlias = Literal["ips", "snips", "dm", "dr", "switch", "shrunk"]
LIMITS_TRIED = 30


@dataclass(frozen=True, slots=True)
class PolicyValue:
    """The worth of a policy, with the evidence behind it."""

    reward_mean: float  # per decision, in the unit of the rewards
    reward_se: float  # one standard error
    reward_low: float  # 95 %, normal; too narrow where few decisions count
    reward_high: float
    decisions: int
    decisions_effective: float  # count; far below the log's length is weak evidence
    weight_mean: float  # near 1; well below, the log lacks actions that the target policy takes
    weight_most: float  # how much the heaviest decision counts
    method: Method
    limit: float | None  # of the weights, for "switch" and "shrunk"


def off_policy_value(
    reward: npt.ArrayLike,
    *,
    p_logged: npt.ArrayLike,
    p_target: npt.ArrayLike,
    predicted: npt.ArrayLike | None = None,
    predicted_target: npt.ArrayLike | None = None,
    method: Method | None = None,
    limit: float | None = None,
) -> PolicyValue:
    """Value a target policy from another policy's log.

    Args:
        reward: shape (n,), in any unit; what each logged decision earned.
        p_logged: shape (n,), in (0, 1]; the logged policy's probability of the action it took.
        p_target: shape (n,), in [0, 1]; the target policy's probability of that action.
        predicted: shape (n,); a model's reward of the logged action. The model must not have been fitted on the
            same decision, else errors hide.
        predicted_target: shape (n,); the model's mean reward over the actions of the target policy.
        method: "ips" weights alone; "snips" weights that are made to sum to n; "dm" the model alone; "dr" the model,
            mended by weights; "switch" the same without weights above ``limit``; "shrunk" the same with each weight w
            drawn to ``limit`` * w / (w ** 2 + ``limit``). None: "dr" with a model, else "snips".
        limit: above 0; None: the one with the least estimated squared bias and variance on this log.

    NaN is an error everywhere. The standard error takes probabilities and predictions as known.

    Raises:
        ProbabilityError, RewardError, PolicyLengthError: a value is missing or out of range; names the first row.
        NoOverlapError: every ``p_target`` is zero.
        PredictionsMissingError, MethodError: the method cannot be used.

    A coin chose who got a coupon (rows 0 and 2). Value "always send the coupon":

    >>> reward = np.array([10.0, 0.0, 20.0, 0.0])
    >>> coin, always = np.full(4, 0.5), np.array([1.0, 0.0, 1.0, 0.0])
    >>> found = off_policy_value(reward, p_logged=coin, p_target=always)
    >>> found.reward_mean, round(found.reward_se, 2), found.decisions_effective
    (15.0, 3.54, 2.0)
    """
    log = _Log.read(reward, p_logged, p_target)
    has_model = predicted is not None and predicted_target is not None
    chosen: Method = method or ("dr" if has_model else "snips")
    if chosen not in get_args(Method):
        raise MethodError(method=chosen, known=", ".join(get_args(Method)))
    if chosen in ("ips", "snips"):
        return _weighted(log, chosen)
    if not has_model:
        raise PredictionsMissingError(method=chosen)
    size = len(log.reward)
    said = _numbers("predicted", predicted, size)
    said_target = _numbers("predicted_target", predicted_target, size)
    return _modelled(log, said, said_target, chosen, limit)


@dataclass(frozen=True, slots=True)
class _Log:
    """Checked decisions."""

    reward: FloatArray
    weight: FloatArray  # p_target / p_logged

    @classmethod
    def read(cls, reward: Any, p_logged: Any, p_target: Any) -> "_Log":
        kept = np.asarray(reward, dtype=np.float64).reshape(-1)
        if len(kept) < 2:
            raise PolicyLengthError(name="reward", found=len(kept), wanted=len(kept))
        _finite("reward", kept)
        logged = _probabilities("p_logged", p_logged, len(kept), zero=False)
        target = _probabilities("p_target", p_target, len(kept), zero=True)
        if not target.any():
            raise NoOverlapError(decisions=len(kept))
        return cls(kept, target / logged)


def _weighted(log: _Log, method: Method) -> PolicyValue:
    """IPS and SNIPS; the latter's error is that of a ratio (delta method)."""
    size = len(log.reward)
    if method == "ips":
        terms = log.weight * log.reward
        return _value(log, float(terms.mean()), float(terms.std(ddof=1)) / size**0.5, method)
    total = log.weight.sum()
    mean = float(log.weight @ log.reward / total)
    spread = float(np.sqrt(np.sum((log.weight * (log.reward - mean)) ** 2)) / total)
    return _value(log, mean, spread, method)


def _modelled(
    log: _Log, said: FloatArray, said_target: FloatArray, method: Method, limit: float | None
) -> PolicyValue:
    """DM, DR, and DR with fewer or smaller weights."""
    gap = log.reward - said
    if method in ("switch", "shrunk") and limit is None:
        limit = _best_limit(log.weight, gap, said_target, method)
    weight = _limited(log.weight, method, limit)
    terms = said_target + weight * gap
    error = float(terms.std(ddof=1)) / len(terms) ** 0.5
    return _value(log, float(terms.mean()), error, method, limit)


def _limited(weight: FloatArray, method: Method, limit: float | None) -> FloatArray:
    """The weights that a method uses: none, all, those within the limit, or all drawn towards it."""
    if method == "dm":
        return np.zeros_like(weight)
    if method == "dr" or limit is None:
        return weight
    if method == "switch":
        return np.where(weight <= limit, weight, 0.0)
    return np.asarray(limit * weight / (weight**2 + limit), dtype=np.float64)


def _best_limit(weight: FloatArray, gap: FloatArray, said_target: FloatArray, method: Method) -> float:
    """The limit of least estimated bias squared plus variance; the bias is what the changed weights leave out."""
    used = weight[weight > 0]
    low, high = np.log(used.min()), np.log(used.max())
    power = 1 if method == "switch" else 2  # a shrunk weight is about w until w squared nears the limit
    tried = np.exp(power * np.linspace(low, high + (0 if power == 1 else 2), LIMITS_TRIED))
    risks = []
    for limit in tried:
        kept = _limited(weight, method, float(limit))
        bias = float(np.mean((kept - weight) * gap))
        risks.append(bias**2 + float((said_target + kept * gap).var(ddof=1)) / len(gap))
    return float(tried[int(np.argmin(risks))])


def _value(log: _Log, mean: float, error: float, method: Method, limit: float | None = None) -> PolicyValue:
    weight = log.weight
    return PolicyValue(
        reward_mean=mean,
        reward_se=error,
        reward_low=mean - Z95 * error,
        reward_high=mean + Z95 * error,
        decisions=len(weight),
        decisions_effective=float(weight.sum() ** 2 / np.sum(weight**2)),
        weight_mean=float(weight.mean()),
        weight_most=float(weight.max()),
        method=method,
        limit=limit,
    )


def _numbers(name: str, values: Any, size: int) -> FloatArray:
    kept = np.asarray(values, dtype=np.float64).reshape(-1)
    if len(kept) != size:
        raise PolicyLengthError(name=name, found=len(kept), wanted=size)
    return _finite(name, kept)


def _finite(name: str, values: FloatArray) -> FloatArray:
    wrong = ~np.isfinite(values)
    if wrong.any():
        row = int(wrong.argmax())
        raise RewardError(name=name, value=f"{values[row]:g}", row=row)
    return values


def _probabilities(name: str, values: Any, size: int, *, zero: bool) -> FloatArray:
    kept = np.asarray(values, dtype=np.float64).reshape(-1)
    if len(kept) != size:
        raise PolicyLengthError(name=name, found=len(kept), wanted=size)
    wrong = ~((kept >= 0 if zero else kept > 0) & (kept <= 1))  # NaN is wrong too
    if wrong.any():
        row = int(wrong.argmax())
        wanted = "0 <= p <= 1" if zero else "0 < p <= 1"
        raise ProbabilityError(name=name, p=f"{kept[row]:g}", row=row, wanted=wanted)
    return kept
