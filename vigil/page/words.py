"""Numbers and lists as a person would say them."""

from __future__ import annotations

import math
from collections.abc import Sequence


def duration_words(seconds: float) -> str:
    """`23.9 h`, `8.0 min` or `12.3 s`."""
    if seconds >= 2 * 3600:
        return f"{seconds / 3600:.1f} h"
    if seconds >= 120:
        return f"{seconds / 60:.1f} min"
    return f"{seconds:.1f} s"


def count_words(n: int, one: str, many: str = "") -> str:
    """`no seizures`, `1 seizure`, `12 seizures`."""
    plural = many or f"{one}s"
    return f"no {plural}" if n == 0 else f"{n} {one if n == 1 else plural}"


def list_words(items: Sequence[str]) -> str:
    """`a`, `a and b`, `a, b and c`."""
    if len(items) < 2:
        return "".join(items)
    return f"{', '.join(items[:-1])} and {items[-1]}"


def percent(share: float) -> str:
    """A share as a whole percentage, or with a decimal where it is small."""
    if not math.isfinite(share):
        return "–"
    value = 100 * share
    return f"{value:.1f} %" if 0 < value < 10 else f"{value:.0f} %"


def number(value: object, digits: int = 3) -> str:
    """A number with a few significant digits; a dash where there is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return "–" if value is None or value == "" else str(value)
    if not math.isfinite(value):
        return "–"
    return str(int(value)) if float(value).is_integer() else f"{value:.{digits}g}"


def size_words(n_bytes: float) -> str:
    """Bytes in the unit that suits them (powers of 1000)."""
    for unit in ("B", "kB", "MB", "GB"):
        if n_bytes < 1000:
            return f"{n_bytes:.0f} {unit}" if unit == "B" else f"{n_bytes:.1f} {unit}"
        n_bytes /= 1000
    return f"{n_bytes:.1f} TB"


def sentence(text: str) -> str:
    """The text with a full stop at its end."""
    text = text.strip()
    return text if text.endswith((".", "!", "?")) else f"{text}."
