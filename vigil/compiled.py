"""Compiled functions (numba), kept on disk for the next process where there is a place for them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

Function = TypeVar("Function", bound=Callable[..., object])


def compiled(**options: bool | set[str]) -> Callable[[Function], Function]:
    """Compile a function when it is first called.

    Numba keeps what it compiled beside the module, or in the user's cache folder, or where
    NUMBA_CACHE_DIR points. In a container where none of them can be written, each process
    compiles anew, which takes some seconds.

    Parameters
    ----------
    **options : bool or set of str
        Numba's own, such as `nogil` and `fastmath`.
    """
    njit: Any = numba.njit  # its many forms have types that a dictionary of options fits none of

    def decorate(function: Function) -> Function:
        try:
            kept: Function = njit(cache=True, **options)(function)
        except RuntimeError:  # numba found no place for its cache
            kept = njit(**options)(function)
        return kept

    return decorate
