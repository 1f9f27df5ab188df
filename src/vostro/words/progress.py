"""Progress 进度: how far is a piece of work? Told by whoever works, heard by whoever shows it."""

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Hears how far a stage is: its name, what is done and what there is to do in all."""

    def __call__(self, step: str, done: float, total: float) -> None:
        """Take note; called often, must be fast."""


def silent(step: str, done: float, total: float) -> None:
    """Take no note of progress."""
