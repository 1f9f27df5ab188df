"""Mixture 混合模型: which hidden groups could have given these customers, each with its own chances?

Inside a group the tags are independent: a number is normal (on the robust scale of ``mixed``), a
word or yes-or-no has a chance for each level. A value that is not known counts as a level, and a
missing number says nothing about its size. Learnt by expectation and maximisation from several
starts; the number of groups by the Bayesian information criterion.

Source: Hunt and Jorgensen (1999), "Mixture model clustering using the MULTIMIX program", Australian &
New Zealand Journal of Statistics 41; Schwarz (1978) for the criterion.
"""

from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt
import polars as pl

from vostro.insight.mixed import MixedColumn, MixedSpace, encode_mixed

__all__ = ["Mixture", "MixtureData", "learn_mixture", "mixture_data"]

Floats = npt.NDArray[np.float64]
VARIANCE_LEAST = 0.05  # of a number on the robust scale, where the whole is about 1
PRIOR_ROWS = 1.0  # rows, spread over the levels as in the whole: no chance is zero
ROUNDS_MOST = 300
GAIN_LEAST = 1e-6  # relative gain of the likelihood below which learning ends


class MixtureData(NamedTuple):
    """Customers as a mixture sees them."""

    numbers: Floats  # (n, numbers), 0 where unknown
    known: Floats  # (n, numbers), 1 where known, else 0
    levels: Floats  # (n, levels), one-hot within each word tag
    starts: tuple[int, ...]  # first level of each word tag, and the end


class Mixture(msgspec.Struct, frozen=True):
    """A learnt mixture of k groups."""

    shares: tuple[float, ...]  # shape (k,), sum 1
    means: tuple[tuple[float, ...], ...]  # shape (k, numbers)
    variances: tuple[tuple[float, ...], ...]  # shape (k, numbers)
    chances: tuple[tuple[float, ...], ...]  # shape (k, levels), sum 1 within each word tag
    log_likelihood: float
    free: int  # free parameters

    def bic(self, rows: int) -> float:
        """Return the Bayesian information criterion; the smallest is best."""
        return self.free * float(np.log(rows)) - 2 * self.log_likelihood

    def posterior(self, data: MixtureData) -> tuple[Floats, float]:
        """Return each row's chance of each group, shape (n, k), and the log-likelihood of all rows."""
        log = self._log_density(data) + np.log(np.asarray(self.shares))
        most = log.max(axis=1, keepdims=True)
        total = most[:, 0] + np.log(np.exp(log - most).sum(axis=1))
        return np.exp(log - total[:, None]), float(total.sum())

    def _log_density(self, data: MixtureData) -> Floats:
        variances, means = np.asarray(self.variances), np.asarray(self.means)
        precision = 1 / variances
        constant = data.known @ (np.log(2 * np.pi * variances) + means**2 * precision).T
        squares = (data.numbers**2) @ precision.T - 2 * data.numbers @ (means * precision).T
        words = data.levels @ np.log(np.asarray(self.chances)).T
        return np.asarray(words - 0.5 * (squares + constant), dtype=np.float64)


def mixture_data(frame: pl.DataFrame, space: MixedSpace) -> MixtureData:
    """Return customers as a mixture sees them: numbers on the robust scale, all else as levels."""
    numbers, known, levels, starts = [], [], [], [0]
    for column in space.columns:
        plain = msgspec.structs.replace(column, weight=1.0)
        block = encode_mixed(frame, plain)
        if column.kind in ("number", "moment"):
            numbers.append(block[:, :1])
            known.append(1 - block[:, 1:] if column.nulls else np.ones((len(block), 1)))
            if not column.nulls:
                continue
            block = np.column_stack([1 - block[:, 1], block[:, 1]])
        levels.append(_complete(block, column))
        starts.append(starts[-1] + levels[-1].shape[1])
    rows = frame.height
    return MixtureData(
        np.hstack(numbers) if numbers else np.zeros((rows, 0)),
        np.hstack(known) if known else np.zeros((rows, 0)),
        np.hstack(levels) if levels else np.zeros((rows, 0)),
        tuple(starts),
    )


def learn_mixture(data: MixtureData, first: Floats, *, rounds: int = ROUNDS_MOST) -> Mixture:
    """Learn a mixture from a first guess of who belongs where.

    Args:
        data: shape (n, ...).
        first: shape (n, k), rows sum to 1; a guess, such as of k-means.
        rounds: at most so many.
    """
    chance, before = first, -np.inf
    for _ in range(rounds):
        mixture = _maximise(data, chance)
        chance, likelihood = mixture.posterior(data)
        if likelihood - before <= GAIN_LEAST * abs(likelihood):
            break
        before = likelihood
    return msgspec.structs.replace(mixture, log_likelihood=likelihood)


def _complete(block: Floats, column: MixedColumn) -> Floats:
    """Add a level for values that no level stands for (of new customers), so that rows sum to 1."""
    if column.kind in ("number", "moment"):
        return block
    other = 1 - block.sum(axis=1)
    return np.column_stack([block, other])


def _maximise(data: MixtureData, chance: Floats) -> Mixture:
    sizes = chance.sum(axis=0)
    seen = np.maximum(chance.T @ data.known, 1e-9)
    means = (chance.T @ data.numbers) / seen
    variances = (chance.T @ data.numbers**2) / seen - means**2
    prior = PRIOR_ROWS * (data.levels.mean(axis=0) + 1e-6)
    counts = chance.T @ data.levels + prior
    chances = np.empty_like(counts)
    for start, end in zip(data.starts[:-1], data.starts[1:], strict=True):
        part = counts[:, start:end]
        chances[:, start:end] = part / part.sum(axis=1, keepdims=True)
    k, numbers = len(sizes), data.numbers.shape[1]
    used = int((data.levels.any(axis=0)).sum()) - (len(data.starts) - 1)
    return Mixture(
        shares=tuple((np.maximum(sizes, 1e-9) / np.maximum(sizes, 1e-9).sum()).tolist()),
        means=tuple(map(tuple, means.tolist())),
        variances=tuple(map(tuple, np.maximum(variances, VARIANCE_LEAST).tolist())),
        chances=tuple(map(tuple, chances.tolist())),
        log_likelihood=-np.inf,
        free=k - 1 + k * (2 * numbers + used),
    )
