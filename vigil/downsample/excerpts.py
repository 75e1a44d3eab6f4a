"""Measures of each channel from a few excerpts of the stored signals.

A handful of excerpts, spread evenly, tells a bad contact as well as the whole recording does,
at a cost that does not grow with its length.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.fft

from vigil.downsample.files import Lfp
from vigil.recording import excerpt_rows

EXCERPTS = 20
EXCERPT_S = 4.0
SIGNAL_HZ = (1.0, 100.0)
"""Where the rhythms of the brain lie."""
RELATED_HZ = (1.0, 48.0)
"""Where channels are compared: EEG channels of one brain correlate below 50 Hz (Bigdely-Shamlo
et al. 2015, PREP), and neither 50 nor 60 Hz mains lies inside."""
REACH = 0.4
"""Share of the rate up to which the stored signals are flat."""
FLOOR_FROM = 0.32
"""Share of the rate from which on the noise floor is looked for."""
FLOOR_QUANTILE = 0.1
"""Of the excerpts: muscle and spikes of cells raise the floor, nothing lowers it."""
LINE_HZ = 1.0
"""Half width of a mains line: half of the window's main lobe, and how far the mains wander."""
LINE_MARGIN_HZ = 4.0
"""How far to both sides of a line its floor is looked for."""

Float32 = npt.NDArray[np.float32]
Float64 = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Measures:
    """What the excerpts show; NaN where there is none, or where the rate is too low.

    Parameters
    ----------
    rms_uv, rhythm_uv : ndarray, (excerpt, channel)
        Root mean square from 1 Hz on, and from 1 to 100 Hz; both without the mains.
    mains_hz : float
        50 or 60, whichever stands out more over all channels.
    mains_db : ndarray, (channel,)
        The line at `mains_hz` above the spectrum beside it.
    mains_share : ndarray, (channel,)
        Share of the power from 1 Hz on that the line and its harmonics hold.
    noise_floor_uv2_hz : ndarray, (channel,)
        Power density at the upper end of the band, of the quietest excerpts.
    related, alike : ndarray, (channel, channel)
        Size of the correlation of the slopes between 1 and 48 Hz: median over the excerpts, and
        the value that three quarters of the excerpts exceed.
    """

    rms_uv: Float64
    rhythm_uv: Float64
    mains_hz: float
    mains_db: Float64
    mains_share: Float64
    noise_floor_uv2_hz: Float64
    related: Float64
    alike: Float64


def measure_excerpts(lfp: Lfp, threads: int = 1) -> Measures:
    """Read excerpts of all channels and measure them.

    Parameters
    ----------
    lfp : Lfp
        The finished store.
    threads : int
        Excerpts looked at at the same time.
    """
    rate_hz, n_channels = lfp.rate_hz, len(lfp.scale_uv)
    rows = excerpt_rows(lfp.segments, EXCERPTS, EXCERPT_S)
    n = rows[0][1] - rows[0][0] if rows else 0
    frequency_hz: Float64 = np.arange(n // 2 + 1, dtype=np.float64) * (rate_hz / max(n, 1))
    in_band = (frequency_hz >= SIGNAL_HZ[0]) & (frequency_hz <= REACH * rate_hz)
    in_relation = in_band & (frequency_hz >= RELATED_HZ[0]) & (frequency_hz <= RELATED_HZ[1])
    # a second at least: shorter stretches have no spectrum to speak of
    if n < rate_hz or not in_relation.any():
        return _nothing(n_channels)
    window = np.hanning(n).astype(np.float32)
    per_hz = 2 / (rate_hz * float((window**2).sum()))
    slope = frequency_hz[in_relation].astype(np.float32)
    density = np.empty((len(rows), n_channels, len(frequency_hz)), np.float32)
    correlation = np.empty((len(rows), n_channels, n_channels), np.float32)

    def measure(k: int) -> None:
        x = np.ascontiguousarray(lfp.read_uv(*rows[k]).T)
        x -= x.mean(axis=1, keepdims=True)
        spectrum = scipy.fft.rfft(x * window, axis=1)
        density[k] = (spectrum.real**2 + spectrum.imag**2) * per_hz
        correlation[k] = _correlation(spectrum[:, in_relation] * slope)

    with ThreadPoolExecutor(threads) as pool:
        list(pool.map(measure, range(len(rows))))
    correlation.sort(axis=0)
    line = _mains_hz(density, frequency_hz, rate_hz)
    clean = in_band & ~_at_lines(frequency_hz, line, rate_hz)
    rhythms = clean & (frequency_hz <= SIGNAL_HZ[1])
    return Measures(
        rms_uv=_rms_uv(density[:, :, clean], frequency_hz[1]),
        rhythm_uv=_rms_uv(density[:, :, rhythms], frequency_hz[1]),
        mains_hz=line,
        mains_db=_line_db(density, frequency_hz, line),
        mains_share=_mains_share(density, frequency_hz, line, rate_hz),
        noise_floor_uv2_hz=_noise_floor(density, frequency_hz, rate_hz),
        related=correlation[len(rows) // 2].astype(np.float64),
        alike=correlation[len(rows) // 4].astype(np.float64),
    )


def _nothing(n_channels: int) -> Measures:
    unknown = np.full(n_channels, np.nan)
    square = np.full((n_channels, n_channels), np.nan)
    none = np.zeros((0, n_channels))
    return Measures(none, none, np.nan, unknown, unknown, unknown, square, square)


def _rms_uv(density: Float32, step_hz: float) -> Float64:
    return np.asarray(np.sqrt(density.sum(axis=2, dtype=np.float64) * step_hz), np.float64)


def _correlation(spectrum: npt.NDArray[np.complex64]) -> Float32:
    """Size of the correlation of channels whose Fourier coefficients these are (Parseval)."""
    x = np.concatenate([spectrum.real, spectrum.imag], axis=1)
    norm = np.sqrt((x * x).sum(axis=1, keepdims=True))
    x = x / np.maximum(norm, np.finfo(np.float32).tiny)
    return np.asarray(np.abs(x @ x.T), np.float32)


def _line_db(density: Float32, frequency_hz: Float64, line_hz: float) -> Float64:
    """Peak at a frequency over the median beside it, per channel, in the typical excerpt."""
    if not np.isfinite(line_hz):
        return np.full(density.shape[1], np.nan)
    around = np.abs(frequency_hz - line_hz) <= LINE_MARGIN_HZ
    away = np.abs(frequency_hz[around] - line_hz)
    typical = np.median(density[:, :, around], axis=0)
    floor = np.median(typical[:, away > LINE_HZ], axis=1)
    peak = typical[:, away <= LINE_HZ].max(axis=1)
    tiny = np.finfo(np.float32).tiny
    return np.asarray(10 * np.log10(np.maximum(peak, tiny) / np.maximum(floor, tiny)), np.float64)


def _mains_hz(density: Float32, frequency_hz: Float64, rate_hz: float) -> float:
    """50 or 60 Hz: where a line stands higher above its surroundings, over all channels."""
    if REACH * rate_hz < 60 + LINE_MARGIN_HZ:
        return np.nan
    return max(50.0, 60.0, key=lambda hz: float(_line_db(density, frequency_hz, hz).mean()))


def _lines_hz(line_hz: float, rate_hz: float) -> Float64:
    """The mains and their harmonics inside the band, without the upper end."""
    top = REACH * rate_hz - LINE_MARGIN_HZ
    return np.arange(line_hz, top, line_hz) if np.isfinite(line_hz) else np.zeros(0)


def _at_lines(frequency_hz: Float64, line_hz: float, rate_hz: float) -> npt.NDArray[np.bool_]:
    lines = _lines_hz(line_hz, rate_hz)
    return np.asarray((np.abs(frequency_hz[:, None] - lines) <= LINE_HZ).any(axis=1))


def _mains_share(
    density: Float32, frequency_hz: Float64, line_hz: float, rate_hz: float
) -> Float64:
    """Power of the lines above the spectrum beside them, as a share of all; median of excerpts."""
    if not np.isfinite(line_hz):
        return np.full(density.shape[1], np.nan)
    in_band = (frequency_hz >= SIGNAL_HZ[0]) & (frequency_hz <= REACH * rate_hz)
    total = density[:, :, in_band].sum(axis=2)
    hum = np.zeros_like(total)
    for line in _lines_hz(line_hz, rate_hz):
        away = np.abs(frequency_hz - line)
        beside = (away > LINE_HZ) & (away <= LINE_MARGIN_HZ)
        at = away <= LINE_HZ
        floor = density[:, :, beside].mean(axis=2)
        hum += np.maximum(density[:, :, at].sum(axis=2) - at.sum() * floor, 0)
    share = hum / np.maximum(total, np.finfo(np.float32).tiny)
    return np.asarray(np.median(share, axis=0), np.float64)


def _noise_floor(density: Float32, frequency_hz: Float64, rate_hz: float) -> Float64:
    """Density at the upper end of the band, of the quietest excerpts.

    From the median, which lines do not move; that of the exponentially distributed powers of a
    noise is ln 2 of their mean.
    """
    upper = (frequency_hz >= FLOOR_FROM * rate_hz) & (frequency_hz <= REACH * rate_hz)
    of_excerpt = np.median(density[:, :, upper], axis=2) / np.log(2)
    return np.asarray(np.quantile(of_excerpt, FLOOR_QUANTILE, axis=0), np.float64)
