"""Postictal suppression: how long the brain, and each of its regions, stays quiet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.seizures.baseline import row_median


@dataclass(frozen=True)
class Quiet:
    """Where the brain, or a region of it, is quiet.

    Parameters
    ----------
    suppressed : ndarray of bool, (step,)
    lost : ndarray of bool, (step,)
        Steps in which nothing could be heard.
    """

    suppressed: npt.NDArray[np.bool_]
    lost: npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Suppression:
    """Duration of the suppression after a seizure, and whether the brain came back from it.

    Parameters
    ----------
    suppression_s : float
        NaN where too little is heard after the seizure to tell.
    recovered : bool or None
        None likewise.
    delay_s : float
        Time from the seizure's end to where the suppression begins, 0 without one.
    """

    suppression_s: float
    recovered: bool | None
    delay_s: float = 0.0

    @property
    def quiet_until_s(self) -> float:
        """Time from the seizure's end to that of the suppression; NaN where it is not known."""
        return self.delay_s + self.suppression_s


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
        as long ends the measurement. So much of the time to wait must be heard to say that there
        is no suppression.

    Returns
    -------
    Suppression
        0 s and recovered when there is none; not recovered when it lasts until the next
        seizure, a loss of data or the end of the recording; unknown where too little is heard.
    """
    after = suppressed[last:next_first]
    waited = after[: round(wait_s / step_s) + 1]
    n = max(1, round(return_s / step_s))
    if not waited.any():
        heard = ~lost[last:next_first][: len(waited)]
        return Suppression(0.0, True) if heard.sum() >= n else Suppression(float("nan"), None)
    begin = int(waited.argmax())
    gone = lost[last:next_first][begin:]
    back = _first_run(~after[begin:] & ~gone, n)
    end = _first_run(gone, n)
    return Suppression(min(back, end) * step_s, back < end, begin * step_s)


def quiet_regions(
    quiet_ln: npt.NDArray[np.float32], regions: Sequence[str], share: float
) -> dict[str, Quiet]:
    """Which steps are quiet in each region, from any section of the evidence.

    A region is judged as the whole brain is: by the median of its channels. The answers of
    sections put end to end are those of the whole.

    Parameters
    ----------
    quiet_ln : ndarray, (step, channel)
        Log line length over its baseline, with flat steps and those of the mains; NaN where a
        channel cannot be heard.
    regions : sequence of str
        Region of each channel.
    share : float
        Share of the baseline below which a region is suppressed.

    Returns
    -------
    dict
        By region, in the order of appearance.
    """
    found = {}
    for region in dict.fromkeys(regions):
        mine = [c for c, name in enumerate(regions) if name == region]
        level = row_median(quiet_ln[:, mine].astype(np.float32))
        found[region] = Quiet(level < np.log(share), np.isnan(level))
    return found


def postictal_rows(
    seizures: Sequence[tuple[int, int]],
    quiet: Mapping[str, Quiet],
    step_s: float,
    wait_s: float,
) -> list[tuple[int, str, float, str]]:
    """Rows of postictal.tsv: seizure, region, suppression_s, recovered.

    Parameters
    ----------
    seizures : sequence of (int, int)
        First step of each seizure and the first one after it, in the order of time.
    quiet : mapping
        By region, `all` for the whole brain; each over all steps of the recording.
    step_s, wait_s : float
        See `suppression_after`.
    """
    found = {region: suppressions(seizures, mine, step_s, wait_s) for region, mine in quiet.items()}
    rows = []
    for number in range(1, len(seizures) + 1):
        for region, each in found.items():
            after = each[number - 1]
            # 'none' in the language of the tables: not known
            recovered = str(after.recovered).lower()
            rows.append((number, region, after.suppression_s, recovered))
    return rows


def suppressions(
    seizures: Sequence[tuple[int, int]], quiet: Quiet, step_s: float, wait_s: float
) -> list[Suppression]:
    """What follows each seizure, in steps [first, last), in the brain or a region of it."""
    n_steps = len(quiet.suppressed)
    ends = [*(first for first, _ in seizures[1:]), n_steps]
    return [
        suppression_after(quiet.suppressed, quiet.lost, last, following, step_s, wait_s)
        for (_, last), following in zip(seizures, ends, strict=False)
    ]


def _first_run(mask: npt.NDArray[np.bool_], n: int) -> int:
    """Where the first run of n begins; the length of the mask when there is none."""
    found = np.flatnonzero(np.convolve(mask, np.ones(n, dtype=int), "valid") == n)
    return int(found[0]) if len(found) else len(mask)
