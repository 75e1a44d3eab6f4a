"""The features of an epoch of one region; the list in this file is the only list."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]
BinsOfBand = Mapping[str, npt.NDArray[np.bool_]]


@dataclass(frozen=True)
class Feature:
    """What a column of features.parquet means."""

    name: str
    unit: str
    meaning: str


def list_features(bands: BinsOfBand) -> list[Feature]:
    """The features of a region, in the order of their columns."""
    of_bands = [
        Feature(f"log_power_{b}", "log10 uV^2/Hz", f"mean power density in {b}") for b in bands
    ] + [Feature(f"share_{b}", "1", f"power in {b} over the power of 1-100 Hz") for b in bands]
    return [
        *of_bands,
        Feature("theta_delta", "log10", "log ratio of the power densities of theta and delta"),
        Feature("edge_95", "Hz", "frequency below which 95 % of the power of 1-100 Hz lies"),
        Feature("edge_50", "Hz", "frequency below which half of the power of 1-100 Hz lies"),
        Feature("entropy", "1", "Shannon entropy of the spectrum of 1-100 Hz over its maximum"),
        Feature(
            "slope", "1", "exponent of the power law fitted to 2-45 Hz without theta and sigma"
        ),
        Feature("theta_peak", "Hz", "frequency of the strongest rhythm in 5-11 Hz"),
        Feature("log_activity", "log10 uV^2", "variance (Hjorth 1970)"),
        Feature("mobility", "1/s", "Hjorth's mobility: rms of the derivative over rms"),
        Feature("complexity", "1", "Hjorth's complexity: mobility of the derivative over mobility"),
        Feature("log_line_length", "log10 uV/s", "mean absolute step (Esteller et al. 2001)"),
        Feature("kurtosis", "1", "excess kurtosis of the amplitudes"),
    ]


def spectral_features(
    frequency_hz: FloatArray,
    density: FloatArray,
    bands: BinsOfBand,
    usable: npt.NDArray[np.bool_],
) -> dict[str, FloatArray]:
    """Features that are read off the spectrum.

    Parameters
    ----------
    frequency_hz : ndarray, (frequency,)
    density : ndarray, (epoch, frequency)
        Power density in uV^2/Hz.
    bands : mapping
        Frequencies of each band, as of `bins_of_band`.
    usable : ndarray of bool, (frequency,)
        Frequencies that count, mains left out; none but these enters any feature.

    Returns
    -------
    dict of ndarray, (epoch,)
    """
    bands = {b: k & usable for b, k in bands.items()}
    floor = np.finfo(np.float32).tiny
    log_power = {b: np.log10(np.maximum(density[:, k].mean(1), floor)) for b, k in bands.items()}
    broad = (frequency_hz >= 1.0) & (frequency_hz < 100.0) & usable
    f, p = frequency_hz[broad], density[:, broad]
    total = np.maximum(p.sum(1), floor)
    cumulative = np.cumsum(p, 1) / total[:, None]
    share = np.maximum(p / total[:, None], floor)
    features = {f"log_power_{b}": v for b, v in log_power.items()}
    features |= {f"share_{b}": density[:, k].sum(1) / total for b, k in bands.items()}
    features["theta_delta"] = log_power["theta"] - log_power["delta"]
    features["edge_95"] = f[np.argmax(cumulative >= 0.95, 1)]
    features["edge_50"] = f[np.argmax(cumulative >= 0.5, 1)]
    features["entropy"] = -(share * np.log(share)).sum(1) / np.log(broad.sum())
    features["slope"] = power_law_exponent(frequency_hz[usable], density[:, usable])
    features["theta_peak"] = peak_frequency_hz(
        frequency_hz[usable], density[:, usable], (5.0, 11.0)
    )
    return features


def peak_frequency_hz(
    frequency_hz: FloatArray, density: FloatArray, range_hz: tuple[float, float]
) -> FloatArray:
    """Frequency of the strongest rhythm in a range, (epoch,).

    The spectrum is whitened by the square of the frequency, as a power law would always
    put the peak at the lower border; tapers widen a line to a plateau, so the centroid of
    what lies above half of the maximum is taken.
    """
    near = (frequency_hz >= range_hz[0]) & (frequency_hz <= range_hz[1])
    f = frequency_hz[near]
    white = density[:, near] * f**2
    top = np.where(white >= white.max(1, keepdims=True) / 2, white, 0.0)
    return np.asarray((top @ f) / np.maximum(top.sum(1), np.finfo(np.float32).tiny))


def power_law_exponent(frequency_hz: FloatArray, density: FloatArray) -> FloatArray:
    """Slope of log power over log frequency in 2-45 Hz, rhythms left out, (epoch,).

    Bins are weighted by 1/frequency, so that each octave counts the same.
    """
    fit = (frequency_hz >= 2.0) & (frequency_hz <= 45.0)
    fit &= ~((frequency_hz >= 5.0) & (frequency_hz <= 16.0))
    x = np.log10(frequency_hz[fit])
    y = np.log10(np.maximum(density[:, fit], np.finfo(np.float32).tiny))
    w = 1.0 / frequency_hz[fit]
    w = w / w.sum()
    x = x - (w * x).sum()
    return np.asarray(((y * w) @ x) / (w * x * x).sum())


def amplitude_features(x: npt.NDArray[np.float32], rate_hz: float) -> dict[str, FloatArray]:
    """Features that are read off the trace.

    Parameters
    ----------
    x : ndarray, (epoch, sample)
        Microvolts.
    rate_hz : float
        Rate of the samples.

    Returns
    -------
    dict of ndarray, (epoch,)
    """
    v = np.asarray(x, dtype=np.float64)
    v = v - v.mean(1, keepdims=True)
    dv = np.diff(v, axis=1) * rate_hz
    ddv = np.diff(dv, axis=1) * rate_hz
    floor = np.finfo(np.float32).tiny
    activity = np.maximum((v**2).mean(1), floor)
    slope = np.maximum((dv**2).mean(1), floor)
    curvature = np.maximum((ddv**2).mean(1), floor)
    mobility = np.sqrt(slope / activity)
    return {
        "log_activity": np.log10(activity),
        "mobility": mobility,
        "complexity": np.sqrt(curvature / slope) / mobility,
        "log_line_length": np.log10(np.maximum(np.abs(dv).mean(1), floor)),
        "kurtosis": (v**4).mean(1) / activity**2 - 3.0,
    }
