"""The signals around an event's onset, and where there are gaps in them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.downsample.files import Lfp
from vigil.seizures.files import SeizureEvent
from vigil.seizures.onset.epileptogenicity import Pieces


def around_onset(
    lfp: Lfp, channels: list[int], event: SeizureEvent, before_s: float, after_s: float
) -> tuple[npt.NDArray[np.float32], Pieces]:
    """Signals (row, channel) in uV from before an event until after its onset or to its end.

    Returns
    -------
    signal_uv : ndarray
        Rows of gapless pieces end to end, up to the end of the piece in which the event
        begins; no row when it begins in none.
    pieces : tuple
        First row of each piece and its time on the recording's clock.
    """
    found: list[npt.NDArray[np.float32]] = []
    pieces: list[tuple[int, float]] = []
    row = 0
    stop_s = event.onset_s + min(event.duration_s, after_s)
    for a, b, start_s in lfp.segments.row_ranges(event.onset_s - before_s, stop_s):
        if start_s > event.onset_s + 1e-6:
            break
        pieces.append((row, start_s))
        found.append(lfp.read_uv(a, b, channels))
        row += b - a
    if not pieces or pieces[-1][1] + len(found[-1]) / lfp.rate_hz <= event.onset_s:
        return np.zeros((0, len(channels)), np.float32), ((0, event.onset_s),)
    return np.concatenate(found), tuple(pieces)
