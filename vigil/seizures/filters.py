"""The filters that the signals stream through, and what is usual for each channel."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.signal

from vigil.recording import FloatArray, RecordingError

BAND_HZ = (1.0, 70.0)  # where the discharges of a seizure lie
LOW_HZ = (4.0, 12.0)  # power ratio: what lies above over what lies within, as in the
# Epileptogenicity Index (Bartolomei et al. 2008); theta lowers it, delta leaves it alone
NOTCH_Q = 10.0
FAST_MAINS = (3.15, 3.85)  # muscle band, between two harmonics of the mains
SETTLE_S = 1.0  # filters need this long after the start of a segment
LIVES = 0.4  # share of its sustained level above which a channel lives; states stay above a half
SPIKE_S = (0.020, 0.070)  # duration of a spike (IFCN glossary, Kane et al. 2017)


@dataclass(frozen=True)
class Filters:
    """Second-order sections (b0, b1, b2, a1, a2) of the streamed filters at one rate.

    In order: high-pass, two low-pass and the mains notch in a chain, which make the band;
    from the band 4-12 Hz, two, and what lies above it, two; from the raw signal the fast
    band, two.
    """

    sections: FloatArray
    rate_hz: float
    has_fast: bool

    @property
    def n_spike(self) -> tuple[int, int]:
        """Shortest and longest half-wave of a spike, in samples."""
        return round(SPIKE_S[0] * self.rate_hz), round(SPIKE_S[1] * self.rate_hz)


def design_filters(rate_hz: float, mains_hz: float) -> Filters:
    """Butterworth filters and a notch for signals of a rate.

    Raises
    ------
    RecordingError
        When the rate is below 200 Hz.
    """
    if rate_hz < 200.0:
        raise RecordingError(
            f"The signals have {rate_hz:g} Hz, and seizures need at least 200 Hz; "
            "raise downsample.rate_hz."
        )

    def butter(order: int, hz: object, kind: str) -> FloatArray:
        return np.asarray(scipy.signal.butter(order, hz, kind, fs=rate_hz, output="sos"))

    b, a = scipy.signal.iirnotch(mains_hz, NOTCH_Q, fs=rate_hz)
    fast_hz = [mains_hz * f for f in FAST_MAINS]
    has_fast = fast_hz[1] < 0.45 * rate_hz
    sections = np.concatenate(
        [
            butter(2, BAND_HZ[0], "high"),
            butter(4, BAND_HZ[1], "low"),
            np.concatenate([b, a])[None],
            butter(2, LOW_HZ[0], "high"),
            butter(2, LOW_HZ[1], "low"),
            butter(4, LOW_HZ[1], "high"),
            butter(2, fast_hz, "band") if has_fast else np.tile([0.0, 0, 0, 1, 0, 0], (2, 1)),
        ]
    )
    return Filters(np.ascontiguousarray(sections[:, [0, 1, 2, 4, 5]]), rate_hz, has_fast)


def robust_slope_uv(
    excerpts: Iterable[npt.NDArray[np.float32]],
    filters: Filters,
    flat_uv: float = 0.0,
    together: int | None = None,
) -> FloatArray:
    """Robust standard deviation of the slope above 12 Hz of each channel, in uV per sample.

    Of each excerpt the median absolute slope over 0.6745; of these the median over the excerpts
    in which the channel lives, which a seizure in some excerpts does not move. A channel lives
    where it is not flat, and reaches `LIVES` of the level that it holds for a sustained while.

    Parameters
    ----------
    excerpts : iterable of ndarray, (row, channel)
        In the order of time, each from inside one segment.
    filters : Filters
    flat_uv : float
        RMS in the band of seizures below which an excerpt is flat. A channel that is flat in
        all of them has the median of these.
    together : int, optional
        Excerpts that are longer than seizures, and so a sustained while; all if not given.
    """
    to_band, above = filters.sections[:4], filters.sections[6:8]
    settle = round(SETTLE_S * filters.rate_hz)
    slopes, sizes = [], []
    for x in excerpts:
        band = scipy.signal.sosfilt(_sos(to_band), x - x[:1].astype(np.float64), axis=0)
        slope = np.diff(scipy.signal.sosfilt(_sos(above), band, axis=0)[settle:], axis=0)
        slopes.append(np.median(np.abs(slope), axis=0) / 0.6745)
        sizes.append(np.sqrt((band[settle:] ** 2).mean(axis=0)))
    flat = np.asarray(sizes) < flat_uv
    flat &= ~flat.all(axis=0)
    pairs = zip(np.asarray(slopes).T, flat.T, strict=True)
    return np.array([_usual(slope[~dead], together) for slope, dead in pairs])


def _usual(levels: FloatArray, together: int | None) -> float:
    """Median of the levels of one channel that are not far below those that it holds for long."""
    n = min(together or len(levels), len(levels))
    sustained = np.median(np.lib.stride_tricks.sliding_window_view(levels, n), axis=1).max()
    return float(np.median(levels[levels >= LIVES * sustained]))


def _sos(sections: FloatArray) -> FloatArray:
    return np.insert(sections, 3, 1.0, axis=1)
