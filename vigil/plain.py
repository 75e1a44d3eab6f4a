"""What JSON can hold: it has no word for what is not a number."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np


def plain(content: Any) -> Any:
    """The same of plain numbers, lists and dicts, with None for NaN and infinity."""
    if isinstance(content, Mapping):
        return {str(k): plain(v) for k, v in content.items()}
    if isinstance(content, list | tuple):
        return [plain(v) for v in content]
    if isinstance(content, np.generic):
        content = content.item()
    return None if isinstance(content, float) and not math.isfinite(content) else content
