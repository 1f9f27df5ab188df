"""Averaged effects 模型平均: who is moved by the action, when the data cannot say it for sure?

The outcome is what a customer would do anyway (one effect for each bin of each column), plus the effect
of the action, plus what *modifies* that effect: the bins of a column, the trend along a number, or the
prognosis itself. Which modifiers there are is not chosen but averaged over: each set of them counts by how
likely it makes the data, so that a column that moves everything leads, one that may be noise whispers, and
with no evidence for any the ranking is that of a response model with one odds ratio for all.

Sources: Raftery, Madigan and Hoeting (1997), "Bayesian Model Averaging for Linear Regression Models", JASA 92;
Scott and Berger (2010), "Bayes and empirical-Bayes multiplicity adjustment", Annals of Statistics 38 (the prior over
sets); Kent et al. (2020), "The PATH Statement", Annals of Internal Medicine 172 (the prognosis as modifier).
"""

from dataclasses import dataclass
from math import lgamma

import msgspec
import numpy as np
import numpy.typing as npt

from vostro.insight.additive import additive_effects
from vostro.insight.binning import FIRST

__all__ = ["AdditivePair", "learn_averaged"]

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.intp]

STEPS = 7  # of the linearisation; the first STEPS_PLAIN without modifiers
STEPS_PLAIN = 4
VARIANCE_FIRST, VARIANCE_BELIEF = 0.01, 2.0  # of main effects: squared log-odds, and so many effects' worth
ARM_VARIANCE = 1.0  # squared log-odds, of the action's common effect
SPREADS = (0.1, 0.3, 1.0)  # log-odds; how far a modifier's effects may lie apart, all three equally believed
SIZE_MOST = 4  # modifiers in a set
BEAM = 6  # sets kept at each size while searching
NEIGHBOURS = 0.95  # prior correlation of the main effects of neighbouring bins of a number
LINE = 4.0  # variance of a straight line along a number, in those of its bins
CHUNK_ROWS = 50_000


class AdditivePair(msgspec.Struct, frozen=True):
    """Two additive scores over the same bins: without the action, and what the action adds."""

    base: float
    main: tuple[tuple[float, ...], ...]  # for each column the effect of each code
    arm: float
    modifiers: tuple[tuple[float, ...], ...]
    logistic: bool  # scores are log-odds; else the outcome itself
    evidence: tuple[tuple[str, float], ...] = ()  # column, or prognosis, and the probability that it is one

    def scores(self, codes: Codes) -> tuple[Floats, Floats]:
        """Return the scores without and with the action, each shape (n,)."""
        without = self.base + _sums(codes, self.main)
        return without, without + self.arm + _sums(codes, self.modifiers)

    def parts(self, codes: Codes) -> tuple[Floats, Floats]:
        """Return what each column adds to the scores without and with the action, each shape (n, columns)."""
        own = additive_effects(codes, _arrays(self.main))
        return own, own + additive_effects(codes, _arrays(self.modifiers))


def learn_averaged(  # noqa: PLR0913 - each is one fact of the problem, all by name
    codes: Codes,
    sizes: tuple[int, ...],
    ordered: tuple[bool, ...],
    names: tuple[str, ...],
    *,
    treated: Floats,
    outcome: Floats,
    weight: Floats | None = None,
    logistic: bool = True,
    modify: bool = True,
    variance: float = VARIANCE_FIRST,
    steps: int = 0,
) -> AdditivePair:
    """Learn both scores from rows of one arm and control.

    Args:
        codes: shape (n, columns), each column in 0 .. size - 1; code 0 (unseen) has no effect.
        sizes: count of codes of each column.
        ordered: whether the bins of a column lie along a number, so that a trend makes sense.
        names: of the columns.
        treated: shape (n,), 0 or 1, both present.
        outcome: shape (n,); 0 or 1 when logistic, else any number.
        weight: shape (n,), mean 1, or None.
        logistic: whether the scores are log-odds.
        modify: without, the action has one effect for all.
        variance: first guess of the variance of main effects, in squared log-odds or squared standard
            deviations of the outcome.
        steps: more steps than are usual, where the variances have far to go.
    """
    scale = 1.0 if logistic else float(np.std(outcome)) or 1.0
    problem = _Problem(codes, sizes, treated, outcome / scale, weight, logistic, ordered)
    fit = _Fit(problem, ordered, names, variance)
    for step in range(steps + (STEPS if modify else STEPS_PLAIN + 1)):
        fit.step(modify=modify and step >= steps + STEPS_PLAIN)
    return fit.result(scale)


class _Problem:
    """The rows as a design of 1, bins, action, action x bins, and its weighted cross-products."""

    def __init__(
        self,
        codes: Codes,
        sizes: tuple[int, ...],
        treated: Floats,
        outcome: Floats,
        weight: Floats | None,
        logistic: bool,
        ordered: tuple[bool, ...],
    ) -> None:
        self.codes, self.sizes, self.outcome, self.logistic = codes, sizes, outcome, logistic
        self.weight = np.ones(len(outcome)) if weight is None else weight
        self.share = float(np.average(treated, weights=self.weight))
        self.tilt = treated - self.share  # centred, so that main effects and modifiers barely meet
        self.start = np.concatenate([[0], np.cumsum(sizes)]).astype(np.intp)
        self.count = int(self.start[-1])
        self.column = np.repeat(np.arange(len(sizes)), sizes)
        rows = np.bincount((codes + self.start[:-1]).ravel(), minlength=self.count)
        rows[self.start[:-1]] = 0
        self.free = np.flatnonzero(rows)  # codes that rows have, the unseen left out
        self.group, self.rows = self.column[self.free], rows[self.free]
        self.tight = self._tightness(ordered)

    def _tightness(self, ordered: tuple[bool, ...]) -> Floats:
        """Return the inverse of the prior correlation of the bins' main effects, shape (bins, bins).

        Neighbouring bins of a number have like effects, and may rise along it; levels of a text are strangers.
        """
        code = self.free - self.start[self.group]
        lies = np.array(ordered, dtype=bool)[self.group] & (code >= FIRST)
        kin = (self.group[:, None] == self.group) & lies[:, None] & lies
        lines = [_trend(self, column) for column in range(len(ordered)) if ordered[column]]
        alike = np.where(kin, NEIGHBOURS ** np.abs(code[:, None] - code), np.eye(len(code)))
        for line in lines:
            alike += LINE * np.outer(line, line)
        return np.asarray(np.linalg.inv(alike), dtype=np.float64)

    def score(self, main: Floats, extra: Floats) -> Floats:
        """Return the linear score of each row; ``main`` leads with the intercept, ``extra`` with the arm."""
        return np.asarray(
            main[0] + self._lookup(main[1:]) + self.tilt * (extra[0] + self._lookup(extra[1:])),
            dtype=np.float64,
        )

    def _lookup(self, effects: Floats) -> Floats:
        table = np.zeros(self.count)
        table[self.free] = effects
        total = np.zeros(len(self.codes))
        for first, code in zip(self.start[:-1], self.codes.T, strict=True):
            total += table[first + code]
        return total

    def working(self, score: Floats) -> tuple[Floats, Floats]:
        """Return the weights and residuals of the quadratic that touches the likelihood at a score."""
        if self.logistic:
            said = 0.5 * (1 + np.tanh(0.5 * score))
            return self.weight * said * (1 - said), self.weight * (self.outcome - said)
        gap = self.outcome - score
        noise = max(float(np.average(gap**2, weights=self.weight)), 1e-12)
        return self.weight / noise, self.weight * gap / noise

    def products(self, mass: Floats, residual: Floats) -> tuple[Floats, Floats]:
        """Return curvature (d, d) and slope (d,) over intercept, bins, action and action x bins."""
        half = 1 + len(self.free)
        curve, slope = np.zeros((2 * half, 2 * half)), np.zeros(2 * half)
        for first in range(0, len(mass), CHUNK_ROWS):
            rows = slice(first, first + CHUNK_ROWS)
            block = self._block(rows)
            tilt = self.tilt[rows]
            for i, left in ((0, mass[rows]), (1, mass[rows] * tilt)):
                own = (block * left[:, None]).T
                curve[:half, i * half : (i + 1) * half] += own @ block
            curve[half:, half:] += (block * (mass[rows] * tilt**2)[:, None]).T @ block
            slope[:half] += block.T @ residual[rows]
            slope[half:] += block.T @ (residual[rows] * tilt)
        curve[half:, :half] = curve[:half, half:].T
        return curve, slope

    def _block(self, rows: slice) -> Floats:
        codes = self.codes[rows]
        block = np.zeros((len(codes), 1 + self.count))
        block[:, 0] = 1.0
        np.put_along_axis(block, 1 + codes + self.start[:-1], 1.0, axis=1)
        return block[:, np.concatenate([[0], 1 + self.free])]


class _Fit:
    """Effects as they stand, moved by one linearisation at a time."""

    def __init__(
        self, problem: _Problem, ordered: tuple[bool, ...], names: tuple[str, ...], variance: float
    ) -> None:
        self.problem, self.belief = problem, variance
        free = len(problem.free)
        self.main, self.extra = np.zeros(1 + free), np.zeros(1 + free)
        average = float(np.average(problem.outcome, weights=problem.weight))
        self.main[0] = np.log(average / (1 - average)) if problem.logistic else average
        self.variance = np.full(len(problem.sizes), variance)
        self.ordered, self.names = ordered, names
        self.evidence: tuple[tuple[str, float], ...] = ()

    def step(self, *, modify: bool) -> None:
        """Lay the quadratic at the present effects and move to its posterior mean."""
        problem = self.problem
        held = np.concatenate([self.main, self.extra])
        curve, slope = problem.products(*problem.working(problem.score(self.main, self.extra)))
        pull = slope + curve @ held  # the quadratic's linear term around zero
        half = len(self.main)
        plain = np.arange(half + 1)  # intercept, bins, action
        inner = curve[np.ix_(plain, plain)] + np.diag(np.r_[1e-6, np.zeros(half - 1), 1 / ARM_VARIANCE])
        inner[1:half, 1:half] += problem.tight / self.variance[problem.group]
        cross = curve[half + 1 :, : half + 1]
        solved = np.linalg.solve(inner, np.column_stack([pull[plain], cross.T]))
        extra = np.zeros(half - 1)
        if modify:
            schur = curve[half + 1 :, half + 1 :] - cross @ solved[:, 1:]
            extra = self._average(schur, pull[half + 1 :] - cross @ solved[:, 0])
        found = solved[:, 0] - solved[:, 1:] @ extra
        self.main, self.extra = found[:half], np.concatenate([found[half:], extra])
        self._learn_variance(np.linalg.inv(inner)[1:half, 1:half])

    def _learn_variance(self, doubt: Floats) -> None:
        group, columns, tight = self.problem.group, len(self.problem.sizes), self.problem.tight
        squares = self.main[1:] * (tight @ self.main[1:]) + np.sum(tight * doubt, axis=1)
        sums = np.bincount(group, squares, minlength=columns)
        counts = np.bincount(group, minlength=columns)
        self.variance = (sums + VARIANCE_BELIEF * self.belief) / (counts + VARIANCE_BELIEF)

    def _average(self, curve: Floats, pull: Floats) -> Floats:
        modifiers = _modifiers(self.problem, self.main[1:], self.ordered, self.names)
        bases, names = [each.basis for each in modifiers], [each.name for each in modifiers]
        found, chances = _average_sets(curve, pull, bases, names)
        self.evidence = tuple(chances.items())
        return found

    def result(self, scale: float) -> AdditivePair:
        """Return the effects as tables by code, in the outcome's own units."""
        main, extra, share = scale * self.main, scale * self.extra, self.problem.share
        # the action was centred on its share: without it stand main effects less share x extra
        return AdditivePair(
            base=float(main[0] - share * extra[0]),
            main=self._tables(main[1:] - share * extra[1:]),
            arm=float(extra[0]),
            modifiers=self._tables(extra[1:]),
            logistic=self.problem.logistic,
            evidence=tuple((name, min(1.0, float(chance))) for name, chance in self.evidence),
        )

    def _tables(self, effects: Floats) -> tuple[tuple[float, ...], ...]:
        whole = np.zeros(self.problem.count)
        whole[self.problem.free] = effects
        return tuple(tuple(part.tolist()) for part in np.split(whole, self.problem.start[1:-1]))


@dataclass(frozen=True, slots=True)
class _Modifier:
    """One way in which the effect may differ: directions in the space of bins."""

    name: str
    basis: Floats  # shape (bins, directions)


def _modifiers(
    problem: _Problem, main: Floats, ordered: tuple[bool, ...], names: tuple[str, ...]
) -> list[_Modifier]:
    """Return the bins of each column, the trend along each number, and the prognosis."""
    identity = np.eye(len(problem.free))
    rows = problem.rows
    found = []
    for column, name in enumerate(names):
        own = np.flatnonzero(problem.group == column)
        if len(own) < 2:
            continue  # the same for everyone modifies nothing
        found.append(_Modifier(name, identity[:, own]))
        if ordered[column] and len(own) > 2:
            found.append(_Modifier(name, _trend(problem, column)[:, None]))
    spread = np.sqrt(
        sum(_variance(main[problem.group == c], rows[problem.group == c]) for c in range(len(names)))
    )
    if len(names) > 1 and spread > 1e-9:
        found.append(_Modifier("prognosis", (main / spread)[:, None]))
    return found


def _trend(problem: _Problem, column: int) -> Floats:
    """Return bins of a number as equal steps of mean 0 and variance 1 over the rows; all else stands at 0."""
    code = problem.free - problem.start[column]
    known = (problem.group == column) & (code >= FIRST)
    found = np.zeros(len(code))
    if not known.any():
        return found
    step, size = code[known].astype(np.float64), problem.rows[known]
    centre = np.average(step, weights=size)
    width = np.sqrt(max(np.average((step - centre) ** 2, weights=size), 1e-12))
    found[known] = (step - centre) / width
    return found


def _variance(values: Floats, rows: Codes) -> float:
    if len(values) == 0:
        return 0.0
    return float(np.average((values - np.average(values, weights=rows)) ** 2, weights=rows))


def _average_sets(
    curve: Floats, pull: Floats, bases: list[Floats], names: list[str]
) -> tuple[Floats, dict[str, float]]:
    """Return the mean effects over sets of modifiers, and for each name the chance that one of it is in the set.

    The quadratic has curvature ``curve`` (d, d) and linear term ``pull`` (d,); each basis is (d, directions).
    """
    if not bases:
        return np.zeros(len(pull)), {}
    whole = np.column_stack(bases)
    owner = np.repeat(np.arange(len(bases)), [each.shape[1] for each in bases])
    gram, slope = whole.T @ curve @ whole, whole.T @ pull
    weights, means, sets = [], [], []
    for spread in SPREADS:
        for chosen, (evidence, use, mean) in _search(gram, slope, owner, spread).items():
            weights.append(evidence + _set_prior(len(chosen), len(bases)))
            means.append((use, mean))
            sets.append(chosen)
    share = np.exp(np.array(weights) - max(weights))
    share /= share.sum()
    total = np.zeros(len(owner))
    for part, (use, mean) in zip(share, means, strict=True):
        total[use] += part * mean
    chances = dict.fromkeys(names, 0.0)
    for part, each in zip(share.tolist(), sets, strict=True):
        for name in {names[i] for i in each}:
            chances[name] += part
    return whole @ total, chances


def _search(
    gram: Floats, slope: Floats, owner: Codes, spread: float
) -> dict[tuple[int, ...], tuple[float, Codes, Floats]]:
    """Return log evidence, directions and mean of the sets that a beam search meets, from the empty one."""
    found: dict[tuple[int, ...], tuple[float, Codes, Floats]] = {
        (): (0.0, np.zeros(0, dtype=np.intp), np.zeros(0))
    }
    front: list[tuple[int, ...]] = [()]
    groups = range(int(owner.max()) + 1)
    for _ in range(min(SIZE_MOST, len(groups))):
        grown = {tuple(sorted((*each, more))) for each in front for more in groups if more not in each}
        for chosen in sorted(grown):
            found[chosen] = _evidence(gram, slope, np.flatnonzero(np.isin(owner, chosen)), spread)
        front = sorted(grown, key=lambda each: -found[each][0])[:BEAM]
    return found


def _evidence(gram: Floats, slope: Floats, use: Codes, spread: float) -> tuple[float, Codes, Floats]:
    """Return the log evidence of a set against the empty set, its directions and their mean effects."""
    inner = gram[np.ix_(use, use)] * spread**2 + np.eye(len(use))
    factor = np.linalg.cholesky(inner)
    mean = np.asarray(np.linalg.solve(inner, slope[use]) * spread**2, dtype=np.float64)
    return float(0.5 * slope[use] @ mean - np.log(np.diag(factor)).sum()), use, mean


def _set_prior(size: int, groups: int) -> float:
    """Log prior of a set: each size equally likely, and each set of a size."""
    return lgamma(size + 1) + lgamma(groups - size + 1) - lgamma(groups + 1)


def _arrays(tables: tuple[tuple[float, ...], ...]) -> tuple[Floats, ...]:
    return tuple(np.array(each) for each in tables)


def _sums(codes: Codes, tables: tuple[tuple[float, ...], ...]) -> Floats:
    found = additive_effects(codes, _arrays(tables)).sum(axis=1)
    return np.asarray(found, dtype=np.float64)
