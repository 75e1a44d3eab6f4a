"""Arrays that a thread uses again and again.

Fresh pages from the system cost more than the arithmetic that is done on them.
"""

from __future__ import annotations

import threading
from typing import TypeVar

import numpy as np
import numpy.typing as npt

LINE_BYTES = 64
Number = TypeVar("Number", bound=np.generic)
_of_thread = threading.local()


def scratch(name: str, size: int, dtype: type[Number]) -> npt.NDArray[Number]:
    """An array of the calling thread; the next call with its name may give the same memory.

    It begins on a line of the processor's cache.
    """
    n_bytes = size * np.dtype(dtype).itemsize
    held: npt.NDArray[np.uint8] | None = getattr(_of_thread, name, None)
    if held is None or held.size < n_bytes:
        held = np.empty(n_bytes + LINE_BYTES, np.uint8)
        held = held[-held.ctypes.data % LINE_BYTES :][:n_bytes]
        setattr(_of_thread, name, held)
    return held[:n_bytes].view(dtype)
