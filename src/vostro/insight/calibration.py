"""Calibration 校准: turn the trees' log-odds into probabilities that come true.

``probability = 1 / (1 + exp(-(slope * logodds + intercept)))``, learnt on rows that the trees
had not seen. Strictly increasing, so the ranking stays; a line in log-odds, so that a row's
reasons still sum. Source: Platt (1999); his smoothed targets keep it finite when the trees
separate the outcomes. Isotonic steps were tried and gave ties and a worse log loss.
"""

import msgspec
import numpy as np
import numpy.typing as npt

__all__ = ["Calibration", "learn_calibration"]

Floats = npt.NDArray[np.float64]
SLOPE_LEAST = 0.01  # trees that rank unseen rows worse than chance are flattened, never turned around
STEPS = 50


class Calibration(msgspec.Struct, frozen=True):
    """A line from uncalibrated to calibrated log-odds."""

    slope: float
    intercept: float

    def logodds(self, raw: Floats) -> Floats:
        """Return calibrated log-odds, shape as given."""
        return self.slope * raw + self.intercept

    def probability(self, raw: Floats) -> Floats:
        """Return calibrated probabilities in (0, 1), shape as given."""
        return np.asarray(0.5 * (1 + np.tanh(0.5 * self.logodds(raw))), dtype=np.float64)


def learn_calibration(raw: Floats, observed: Floats, weight: Floats | None = None) -> Calibration:
    """Fit slope and intercept by maximum likelihood (Newton's steps).

    Args:
        raw: shape (n,), log-odds of rows that the trees had not seen.
        observed: shape (n,), 0 or 1, both present.
        weight: shape (n,) or None.
    """
    size = np.ones(len(raw)) if weight is None else weight
    hits, misses = float(size[observed == 1].sum()), float(size[observed == 0].sum())
    aim = np.where(observed == 1, (hits + 1) / (hits + 2), 1 / (misses + 2))
    base = float(np.log((hits + 1) / (misses + 1)))
    if np.ptp(raw) < 1e-12:
        return Calibration(1.0, base - float(raw[0]))
    slope = _newton(raw, aim, size, base)
    if slope[0] >= SLOPE_LEAST:
        return Calibration(float(slope[0]), float(slope[1]))
    return Calibration(SLOPE_LEAST, base - SLOPE_LEAST * float(np.average(raw, weights=size)))


def _newton(raw: Floats, aim: Floats, size: Floats, base: float) -> Floats:
    """Damped Newton's method on the two parameters; the likelihood is concave."""
    centre, spread = float(raw.mean()), float(raw.std())
    columns = np.column_stack([(raw - centre) / spread, np.ones(len(raw))])
    found = np.array([0.0, base])
    for _ in range(STEPS):
        said = 0.5 * (1 + np.tanh(0.5 * (columns @ found)))
        gradient = columns.T @ (size * (aim - said))
        curve = (columns * (size * np.maximum(said * (1 - said), 1e-9))[:, None]).T @ columns
        step = np.linalg.solve(curve + 1e-9 * np.eye(2), gradient)
        step *= min(1.0, 2.0 / float(np.abs(step).max(initial=1e-300)))
        found = found + step
        if float(np.abs(step).max()) < 1e-10:
            break
    slope = found[0] / spread
    return np.array([slope, found[1] - slope * centre])
