"""Indexes 人群索引的版本: which audience index is in force?

A build makes a new one beside the old; whoever asks next gets the new one.
"""

import threading
from pathlib import Path

from vostro.portrait import AudienceIndex, index_folder, open_index

__all__ = ["IndexHolder"]


class IndexHolder:
    """The index in force: opened at the first question, and again when a build has made a newer one."""

    def __init__(self, state: Path) -> None:
        self._folder = index_folder(state)
        self._lock = threading.Lock()
        self._held: tuple[str, AudienceIndex] | None = None

    def index(self) -> AudienceIndex:
        """Return the index.

        Raises:
            IndexMissingError, IndexDamagedError: there is none, or it cannot be read.
        """
        with self._lock:
            pointer = self._folder / "current"
            name = pointer.read_text(encoding="utf-8") if pointer.is_file() else ""
            if self._held is None or self._held[0] != name:
                self._held = (name, open_index(self._folder))
            return self._held[1]
