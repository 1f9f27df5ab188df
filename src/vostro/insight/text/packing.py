"""Packing 权重压缩: weights as few bytes as they need, in a file that runs nothing when it is read."""

import zlib

import numpy as np
import numpy.typing as npt

from vostro.insight.errors import ModelFileError

__all__ = ["pack_weights", "unpack_weights"]

Singles = npt.NDArray[np.float32]


def pack_weights(weights: Singles) -> bytes:
    """Return weights, shape (columns, classes), as compressed half floats (3 digits are kept).

    >>> unpack_weights(pack_weights(np.array([[1.0, -0.5]], dtype=np.float32)), 2)
    array([[ 1. , -0.5]], dtype=float32)
    """
    return zlib.compress(weights.astype("<f2").tobytes(), 6)


def unpack_weights(packed: bytes, classes: int) -> Singles:
    """Return the weights that ``pack_weights`` packed, shape (columns, classes).

    Raises:
        ModelFileError: they are damaged.
    """
    try:
        flat = np.frombuffer(zlib.decompress(packed), dtype="<f2")
        return flat.astype(np.float32).reshape(-1, classes)
    except (zlib.error, ValueError) as error:
        raise ModelFileError(path="weights", reason=str(error)) from error
