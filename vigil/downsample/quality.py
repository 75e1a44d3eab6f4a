"""Which channels can be trusted: flat, saturated or identical ones are named with a reason."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import Montage

END_OF_RANGE = 32_760
"""Steps from which a 16-bit converter counts as saturated."""


class ChannelTally:
    """What is known of one channel after each piece of its raw samples."""

    def __init__(self, rate_hz: float) -> None:
        self._second = max(1, round(rate_hz))
        self.samples = 0
        self.sum = 0.0
        self.sum_of_squares = 0.0
        self.saturated = 0
        self.seconds = 0
        self.flat_seconds = 0
        self.fingerprint = 0

    def add(self, raw: npt.NDArray[np.int16]) -> None:
        """Take a piece of the channel into account; pieces come in order."""
        x = raw.astype(np.float64)
        self.samples += len(raw)
        self.sum += float(x.sum())
        self.sum_of_squares += float((x * x).sum())
        self.saturated += int(np.count_nonzero((raw >= END_OF_RANGE) | (raw <= -END_OF_RANGE)))
        whole = len(raw) // self._second * self._second
        if whole:
            seconds = raw[:whole].reshape(-1, self._second)
            self.seconds += len(seconds)
            self.flat_seconds += int(np.count_nonzero(np.ptp(seconds, axis=1) == 0))
        self.fingerprint = hash((self.fingerprint, raw.tobytes()))

    def rms(self) -> float:
        """Root mean square around the mean, in steps."""
        if not self.samples:
            return 0.0
        mean = self.sum / self.samples
        return float(np.sqrt(max(0.0, self.sum_of_squares / self.samples - mean * mean)))


def judge_channels(
    tallies: Sequence[ChannelTally],
    montage: Montage,
    scale_uv: Sequence[float],
    flat_share: float,
    saturated_share: float,
) -> pd.DataFrame:
    """One row per channel with its measures, a verdict and the reason for it.

    Parameters
    ----------
    tallies : sequence of ChannelTally
        What was seen of each channel.
    montage : Montage
        Names, regions and kinds.
    scale_uv : sequence of float
        Microvolts per step.
    flat_share, saturated_share : float
        Shares of seconds and of samples above which a channel is bad.
    """
    rows = []
    seen: dict[int, str] = {}
    for i, tally in enumerate(tallies):
        flat = tally.flat_seconds / tally.seconds if tally.seconds else 0.0
        saturated = tally.saturated / tally.samples if tally.samples else 0.0
        twin = seen.setdefault(tally.fingerprint, montage.channel[i])
        reason = ""
        if flat > flat_share:
            reason = f"flat during {100 * flat:.0f} % of its seconds: check the connector"
        elif saturated > saturated_share:
            reason = f"saturated in {100 * saturated:.1f} % of its samples: check range and cable"
        elif twin != montage.channel[i]:
            reason = f"identical to {twin}: the two inputs are shorted or one file is a copy"
        rows.append(
            {
                "channel": montage.channel[i],
                "region": montage.region[i],
                "kind": montage.kind[i],
                "rms_uv": tally.rms() * abs(scale_uv[i]),
                "flat_share": flat,
                "saturated_share": saturated,
                "verdict": "bad" if reason else "ok",
                "reason": reason,
            }
        )
    return pd.DataFrame(rows)
