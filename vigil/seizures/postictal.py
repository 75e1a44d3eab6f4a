"""Postictal suppression: how long the brain stays quiet after a seizure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Suppression:
    """Duration of the suppression after a seizure, and whether the brain came back from it."""

    suppression_s: float
    recovered: bool


def suppression_after(
    suppressed: npt.NDArray[np.bool_],
    lost: npt.NDArray[np.bool_],
    last: int,
    next_first: int,
    step_s: float,
    wait_s: float,
    return_s: float = 2.0,
) -> Suppression:
    """Suppression that follows a seizure (postictal generalised suppression, Lhatoo et al. 2010).

    Parameters
    ----------
    suppressed : ndarray of bool
        Per step; steps without data do not count as suppressed.
    lost : ndarray of bool
        Per step; steps without data, which do not show that the brain is back either.
    last : int
        First step after the seizure.
    next_first : int
        First step of the next seizure, or the number of steps.
    step_s : float
        Length of a step.
    wait_s : float
        Suppression must begin within this time.
    return_s : float
        The suppression ends where the brain is back for this long; a loss of data that is
        as long ends the measurement.

    Returns
    -------
    Suppression
        0 s and recovered when there is none; not recovered when it lasts until the next
        seizure, a loss of data or the end of the recording.
    """
    after = suppressed[last:next_first]
    waited = after[: round(wait_s / step_s) + 1]
    if not waited.any():
        return Suppression(0.0, True)
    begin = int(waited.argmax())
    n = max(1, round(return_s / step_s))
    gone = lost[last:next_first][begin:]
    back = _first_run(~after[begin:] & ~gone, n)
    end = _first_run(gone, n)
    return Suppression(min(back, end) * step_s, back < end)


def _first_run(mask: npt.NDArray[np.bool_], n: int) -> int:
    """Where the first run of n begins; the length of the mask when there is none."""
    found = np.flatnonzero(np.convolve(mask, np.ones(n, dtype=int), "valid") == n)
    return int(found[0]) if len(found) else len(mask)
