"""Kernel 句向量分类: which class does the meaning of a text speak for?

Ridge regression on random Fourier features of the sentence embedding: near what a Gaussian kernel would
say, but the work grows with the texts only, not with their square. Folds are left out by taking their
part from the sums, so cross-fitting costs one solution a fold.

Source: Rahimi and Recht (2007), "Random Features for Large-Scale Kernel Machines"; Yu and others (2016),
"Orthogonal Random Features".
"""

import msgspec
import numpy as np
import numpy.typing as npt
from scipy.linalg import cho_factor, cho_solve

__all__ = ["KernelHead", "KernelTried", "cross_fit_kernel", "learn_kernel"]

Floats = npt.NDArray[np.float64]
Singles = npt.NDArray[np.float32]
Rows = npt.NDArray[np.intp]

BLOCKS = 4  # orthogonal blocks of directions; 2 features a direction
WIDTHS = (0.5, 1.0)  # of the kernel: exp(-width x squared distance), the mean squared length being 1
RIDGES = (0.1, 0.3, 1.0)
SPARE = 1e-6
CHUNK = 4096


class KernelTried(msgspec.Struct, frozen=True):
    """Settings of the kernel."""

    width: float
    ridge: float


class KernelHead(msgspec.Struct, frozen=True):
    """What turns embeddings into margins."""

    embedder: str  # version of the embedding model
    seed: int
    width: float
    ridge: float
    directions: bytes  # float32, shape (size, directions)
    centre: bytes  # float32, shape (size,)
    spread: float
    weights: bytes  # float32, shape (features + 1, classes); the last row is the intercept
    size: int
    classes: int

    def margins(self, embeddings: Singles) -> Floats:
        """Return margins, shape (n, classes): 1 speaks for a class, -1 against it; 0 of an empty text."""
        directions = np.frombuffer(self.directions, dtype="<f4").reshape(self.size, -1)
        weights = np.frombuffer(self.weights, dtype="<f4").reshape(-1, self.classes)
        scaled = (embeddings - np.frombuffer(self.centre, dtype="<f4")) / np.float32(self.spread)
        found = np.empty((len(embeddings), self.classes))
        for first in range(0, len(scaled), CHUNK):
            waves = _waves(scaled[first : first + CHUNK], directions, self.width)
            found[first : first + CHUNK] = waves @ weights[:-1] + weights[-1]
        return np.asarray(found * np.any(embeddings, axis=1, keepdims=True))


def cross_fit_kernel(
    embeddings: Singles, marked: npt.NDArray[np.bool_], folds: list[Rows], *, seed: int
) -> dict[KernelTried, Floats]:
    """Return, for each setting, margins of texts by kernels that had not seen them, shape (n, classes)."""
    scaled, _, _ = _scaled(embeddings)
    aims = np.where(marked, 1.0, -1.0)
    directions = _directions(embeddings.shape[1], seed)
    found: dict[KernelTried, Floats] = {}
    for width in WIDTHS:
        waves = _with_one(_waves(scaled, directions, width))
        whole, hits = _gram(waves, aims)
        margins = {ridge: np.empty(aims.shape) for ridge in RIDGES}
        for fold in folds:
            part, part_hits = _gram(waves[fold], aims[fold])
            for ridge in RIDGES:
                margins[ridge][fold] = waves[fold] @ _solved(whole - part, hits - part_hits, ridge)
        found |= {KernelTried(width, ridge): said for ridge, said in margins.items()}
    return found


def learn_kernel(
    embeddings: Singles, marked: npt.NDArray[np.bool_], tried: KernelTried, *, seed: int, embedder: str
) -> KernelHead:
    """Learn from all texts with chosen settings."""
    scaled, centre, spread = _scaled(embeddings)
    directions = _directions(embeddings.shape[1], seed)
    waves = _with_one(_waves(scaled, directions, tried.width))
    weights = _solved(*_gram(waves, np.where(marked, 1.0, -1.0)), tried.ridge)
    return KernelHead(
        embedder,
        seed,
        tried.width,
        tried.ridge,
        directions.astype("<f4").tobytes(),
        centre.astype("<f4").tobytes(),
        spread,
        weights.astype("<f4").tobytes(),
        embeddings.shape[1],
        marked.shape[1],
    )


def _scaled(embeddings: Singles) -> tuple[Singles, Singles, float]:
    """Return embeddings around 0 with a mean squared length of 1, and what was taken away."""
    centre = embeddings.mean(axis=0)
    away = embeddings - centre
    spread = float(np.sqrt((away.astype(np.float64) ** 2).sum(axis=1).mean())) or 1.0
    return (away / np.float32(spread)).astype(np.float32), centre, spread


def _directions(size: int, seed: int) -> Singles:
    rng = np.random.default_rng(seed)
    blocks = []
    for _ in range(BLOCKS):
        turned, _ = np.linalg.qr(rng.normal(size=(size, size)))
        blocks.append(turned * np.sqrt(rng.chisquare(size, size=size)))
    return np.hstack(blocks).astype(np.float32)


def _waves(scaled: Singles, directions: Singles, width: float) -> Singles:
    turned = scaled @ directions * np.float32(np.sqrt(2 * width))
    return np.asarray(np.hstack([np.cos(turned), np.sin(turned)]) / np.float32(np.sqrt(directions.shape[1])))


def _with_one(waves: Singles) -> Singles:
    return np.hstack([waves, np.ones((len(waves), 1), dtype=np.float32)])


def _gram(waves: Singles, aims: Floats) -> tuple[Floats, Floats]:
    single = waves.T @ waves
    return single.astype(np.float64), (waves.T @ aims.astype(np.float32)).astype(np.float64)


def _solved(gram: Floats, hits: Floats, ridge: float) -> Floats:
    """Return ridge weights; the intercept, last, is not drawn towards 0."""
    penalty = np.full(len(gram), ridge)
    penalty[-1] = SPARE
    held = gram.copy()
    held[np.diag_indices_from(held)] += penalty
    return np.asarray(cho_solve(cho_factor(held, lower=True, overwrite_a=True), hits), dtype=np.float64)
