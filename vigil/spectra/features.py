"""The features of an epoch; the list in this file is the only list.

Columns of features.parquet are called `<region>.<feature>`, `<region>~<region>.<feature>` and
`emg.<feature>`. What is missing is NaN.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.spectra.amplitude import QUANTILES, amplitude_features
from vigil.spectra.aperiodic import FIT_HZ, RHYTHMS_HZ, fit_aperiodic, rhythm_peak
from vigil.spectra.band_power import log_power, power_sum, spectral_edges_hz, spectral_entropy
from vigil.spectra.bursts import BURSTS, Burst
from vigil.spectra.multitaper import between

__all__ = [
    "Feature",
    "amplitude_features",
    "list_features",
    "muscle_features",
    "pair_features",
    "spectral_features",
]

BROAD_HZ = (1.0, 100.0)
"""Where the power counts that shares, edges and entropy are of."""
PEAK_HZ = (5.0, 11.0)
"""Where the rhythm of theta is looked for: 6-9 Hz in a mouse or rat, lower in sleep and under
drugs."""
RATIOS = (
    ("theta", "delta"),
    ("sigma", "delta"),
    ("sigma", "theta"),
    ("beta", "delta"),
    ("low_gamma", "delta"),
    ("high_gamma", "low_gamma"),
)
"""Bands whose powers are compared, where the settings have both."""

FloatArray = npt.NDArray[np.float64]
BinsOfBand = Mapping[str, npt.NDArray[np.bool_]]
Density = npt.NDArray[np.float32] | npt.NDArray[np.float64]


@dataclass(frozen=True)
class Feature:
    """What a column of features.parquet means.

    Parameters
    ----------
    name : str
        The column's name behind the region's.
    unit : str
        '1' for a number without one.
    formula : str
        How it is computed; P is the power density, v the trace in microvolts without its mean,
        Sxx, Syy and Sxy the spectra of two regions and their cross-spectrum.
    source : str
        Who described it.
    """

    name: str
    unit: str
    formula: str
    source: str


def _between(range_hz: tuple[float, float]) -> str:
    return f"{range_hz[0]:g}-{range_hz[1]:g} Hz"


def _ratios(bands: Iterable[str]) -> list[tuple[str, str]]:
    known = set(bands)
    return [(a, b) for a, b in RATIOS if a in known and b in known]


def _source_of(a: str, b: str) -> str:
    known = {"theta_delta": "Benington et al. 1994"}
    return known.get(f"{a}_{b}", "as `theta_delta`")


def list_features(bands: Iterable[str], bursts: Mapping[str, Burst] = BURSTS) -> list[Feature]:
    """The features of a region, in the order of their columns.

    Parameters
    ----------
    bands : iterable of str
        Bands that the stored rate reaches.
    bursts : mapping
        Bursts whose band the stored rate reaches.
    """
    bands = list(bands)
    broad, source = _between(BROAD_HZ), "Thomson 1982"
    powers = [
        Feature(f"log_power_{b}", "log10 uV^2/Hz", f"log10 of the mean of P in {b}", source)
        for b in bands
    ]
    shares = [
        Feature(f"share_{b}", "1", f"sum of P in {b} over the sum of P in {broad}", source)
        for b in bands
    ]
    ratios = [
        Feature(f"{a}_{b}", "log10", f"`log_power_{a}` - `log_power_{b}`", _source_of(a, b))
        for a, b in _ratios(bands)
    ]
    if {"sigma", "theta"} <= set(bands):
        ratios.append(
            Feature(
                "sigma_times_theta",
                "log10 uV^4/Hz^2",
                "`log_power_sigma` + `log_power_theta`, low in wake",
                "Benington et al. 1994",
            )
        )
    return [*powers, *shares, *ratios, *_of_shape(), *_of_trace(), *_of_bursts(bursts)]


def _of_shape() -> list[Feature]:
    broad = _between(BROAD_HZ)
    rest = f"{_between(FIT_HZ)} without {_between(RHYTHMS_HZ)}"
    donoghue = "Donoghue et al. 2020"
    return [
        Feature(
            "edge_95",
            "Hz",
            f"frequency below which 95 % of P in {broad} lies",
            "Rampil and Matteo 1987",
        ),
        Feature(
            "edge_50",
            "Hz",
            f"median frequency: the same with 50 % of P in {broad}",
            "Schwilden et al. 1985",
        ),
        Feature(
            "entropy",
            "1",
            f"-sum of p log p over log n, p = the n values of P in {broad} over their sum",
            "Inouye et al. 1991",
        ),
        Feature(
            "exponent",
            "1",
            f"c of log10 P = offset - c log10 f, fitted robustly to {rest}; each octave counts "
            "the same",
            donoghue,
        ),
        Feature("offset", "log10 uV^2/Hz", "log10 P of the fitted line at 1 Hz", donoghue),
        Feature(
            "theta_peak",
            "Hz",
            f"centroid of what P over the fitted line has above half of its maximum in "
            f"{_between(PEAK_HZ)}",
            donoghue,
        ),
        Feature("theta_height", "log10", "log10 of that maximum", donoghue),
    ]


def _of_trace() -> list[Feature]:
    hjorth = "Hjorth 1970"
    return [
        Feature("log_activity", "log10 uV^2", "log10 of the mean of v^2", hjorth),
        Feature("mobility", "1/s", "rms of dv/dt over rms of v", hjorth),
        Feature("complexity", "1", "mobility of dv/dt over mobility of v", hjorth),
        Feature(
            "log_line_length",
            "log10 uV/s",
            "log10 of the mean size of dv/dt",
            "Esteller et al. 2001",
        ),
        Feature(
            "kurtosis",
            "1",
            "mean of v^4 over the square of the mean of v^2, less 3",
            "Pearson 1905",
        ),
        *(
            Feature(
                f"quantile_{round(100 * q):02d}",
                "uV",
                f"v below which {100 * q:g} % of the samples lie",
                "Hyndman and Fan 1996, type 7",
            )
            for q in QUANTILES
        ),
    ]


def _of_bursts(bursts: Mapping[str, Burst]) -> list[Feature]:
    sources = {
        "spindle": "Uygun et al. 2019; Moelle et al. 2009",
        "ripple": "FindRipples (FMA toolbox, buzcode)",
    }
    return [
        Feature(
            f"{name}_rate",
            "1/min",
            f"bursts that peak in the epoch: envelope of {_between(b.band_hz)} above its median "
            f"by {b.edge:g} robust standard deviations for {b.least_s:g}-{b.most_s:g} s, and by "
            f"{b.peak:g} at the peak",
            sources.get(name, "two thresholds, as of spindles"),
        )
        for name, b in bursts.items()
    ]


def pair_features(bands: Iterable[str]) -> list[Feature]:
    """The features of a pair of regions, in the order of their columns."""
    bands = list(bands)
    kinds = (
        ("coherence", "1", "mean over {} of the squared size of Sxy over Sxx Syy", "Thomson 1982"),
        (
            "phase_lag",
            "rad",
            "angle of the sum of Sxy over {}; positive where the first region leads",
            "Thomson 1982",
        ),
        ("amplitude_correlation", "1", "correlation of the envelopes of {}", "Bruns et al. 2000"),
    )
    return [
        Feature(f"{kind}_{band}", unit, formula.format(band), source)
        for kind, unit, formula, source in kinds
        for band in bands
    ]


def muscle_features(has_emg: bool = True) -> list[Feature]:
    """The features of the muscle, with an EMG channel or without."""
    rms = Feature(
        "log_rms",
        "log10 uV",
        "log10 of the rms of the EMG in 30-500 Hz",
        "root of the summed power",
    )
    shared = Feature(
        "from_lfp",
        "1",
        "mean correlation of sites in different regions above 300 Hz",
        "Watson et al. 2016 (buzcode)",
    )
    return [rms, shared] if has_emg else [shared]


def spectral_features(
    frequency_hz: FloatArray,
    density: Density,
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
        NaN where there is no power.
    """
    bands = {b: k & usable for b, k in bands.items()}
    broad = between(frequency_hz, *BROAD_HZ) & usable
    powers = {b: log_power(density, k) for b, k in bands.items()}
    total = power_sum(density, broad)
    total[~(total > 0)] = np.nan
    features = {f"log_power_{b}": v for b, v in powers.items()}
    features |= {f"share_{b}": power_sum(density, k) / total for b, k in bands.items()}
    features |= {f"{a}_{b}": powers[a] - powers[b] for a, b in _ratios(bands)}
    if {"sigma", "theta"} <= set(bands):
        features["sigma_times_theta"] = powers["sigma"] + powers["theta"]
    median_hz, edge_hz = spectral_edges_hz(frequency_hz, density, broad, (0.5, 0.95))
    exponent, offset = fit_aperiodic(frequency_hz, density, usable)
    near = between(frequency_hz, *PEAK_HZ, closed=True) & usable
    peak_hz, height = rhythm_peak(frequency_hz, density, near, exponent, offset)
    return features | {
        "edge_95": edge_hz,
        "edge_50": median_hz,
        "entropy": spectral_entropy(density, broad),
        "exponent": exponent,
        "offset": offset,
        "theta_peak": peak_hz,
        "theta_height": height,
    }
