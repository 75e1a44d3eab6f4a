"""The nearest thing to what a person wrote and is not there, for sentences that help."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from pathlib import Path


def nearest_word(word: str, allowed: Sequence[str]) -> str | None:
    """The allowed word that a misspelt one resembles, or None."""
    close = difflib.get_close_matches(word, allowed, n=1, cutoff=0.6)
    return close[0] if close else None


def nearest_file(path: Path) -> str | None:
    """Name of the file or folder beside a path that is not there which resembles it, or None."""
    names = [p.name for p in path.parent.iterdir()] if path.parent.is_dir() else []
    return nearest_word(path.name, names)
