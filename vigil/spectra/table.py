"""The table of features of a recording, made block by block."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import Lfp
from vigil.recording import epoch_starts_s
from vigil.spectra.epochs import place_windows
from vigil.spectra.features import amplitude_features, spectral_features
from vigil.spectra.multitaper import (
    Tapers,
    bins_of_band,
    coherence,
    make_tapers,
    power_density,
    tapered_fourier,
)
from vigil.spectra.muscle import emg_from_lfp, emg_rms_uv
from vigil.spectra.settings import Settings

EPOCHS_AT_ONCE = 16
EMG_BAND_HZ = (30.0, 500.0)

COHERENCE_REGIONS = 12
"""Coherence is taken between the pairs of at most so many regions: 66 pairs. Pairs grow as
the square; 64 channels without a montage would make 14 000 columns of it."""

Columns = dict[str, npt.NDArray[np.float64]]


@dataclass(frozen=True)
class Bins:
    """Which frequencies of the epochs' spectra count for what, mains left out everywhere.

    Parameters
    ----------
    usable : ndarray of bool, (frequency,)
        All that the mains do not reach.
    bands : mapping
        Those of each band.
    emg : ndarray of bool, (frequency,)
        Those of the EMG's RMS.
    """

    usable: npt.NDArray[np.bool_]
    bands: dict[str, npt.NDArray[np.bool_]]
    emg: npt.NDArray[np.bool_]


def choose_bins(frequency_hz: npt.NDArray[np.float64], settings: Settings, rate_hz: float) -> Bins:
    """Frequencies that the stored rate reaches and the mains do not.

    The tapers spread a line over nw / epoch_s to each side (Thomson 1982); so much more
    than `mains_width_hz` is left out. Bands of which nothing remains are left out.
    """
    reach_hz = 0.4 * rate_hz
    half_width_hz = settings.mains_width_hz + settings.nw / settings.epoch_s

    def within(band_hz: tuple[float, float]) -> npt.NDArray[np.bool_]:
        return bins_of_band(frequency_hz, band_hz, settings.mains_hz, half_width_hz)

    bands = {name: within(band) for name, band in settings.bands.items() if band[1] <= reach_hz}
    return Bins(
        usable=within((0.0, np.inf)),
        bands={name: k for name, k in bands.items() if k.any()},
        emg=within((EMG_BAND_HZ[0], min(EMG_BAND_HZ[1], reach_hz))),
    )


def coherence_pairs(regions: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of brain regions whose coherence is taken; none with too many regions."""
    brain = [r for r in regions if r != "emg"]
    return list(itertools.combinations(brain, 2)) if len(brain) <= COHERENCE_REGIONS else []


def block_features(
    x: npt.NDArray[np.float32],
    regions: Mapping[str, list[int]],
    tapers: Tapers,
    bins: Bins,
) -> Columns:
    """Features of some epochs.

    Parameters
    ----------
    x : ndarray, (epoch, channel, sample)
        Microvolts.
    regions : mapping
        Channels of each region; the muscle's under `emg`.
    tapers : Tapers
    bins : Bins

    Returns
    -------
    dict of ndarray, (epoch,)
        A region's value is the median over its channels.
    """
    columns: Columns = {}
    fourier_of: dict[str, npt.NDArray[np.complex64]] = {}
    brain = [r for r in regions if r != "emg"]
    for region in brain:
        per_channel = []
        for channel in regions[region]:
            density = power_density(tapered_fourier(x[:, channel], tapers), tapers)
            per_channel.append(
                spectral_features(tapers.frequency_hz, density, bins.bands, bins.usable)
                | amplitude_features(x[:, channel], tapers.rate_hz)
            )
        for name in per_channel[0]:
            columns[f"{region}.{name}"] = np.median([c[name] for c in per_channel], axis=0)
    pairs = coherence_pairs(regions)
    for region in dict.fromkeys(itertools.chain.from_iterable(pairs)):
        fourier_of[region] = tapered_fourier(x[:, regions[region]].mean(1), tapers)
    for a, b in pairs:
        c = coherence(fourier_of[a], fourier_of[b], tapers)
        for band, k in bins.bands.items():
            columns[f"{a}~{b}.coherence_{band}"] = c[:, k].mean(1)
    if "emg" in regions:
        rms = [
            emg_rms_uv(
                tapers.frequency_hz,
                power_density(tapered_fourier(x[:, c], tapers), tapers),
                bins.emg,
            )
            for c in regions["emg"]
        ]
        columns["emg.log_rms"] = np.log10(np.maximum(np.median(rms, axis=0), 1e-3))
    columns["emg.from_lfp"] = emg_from_lfp(x, [regions[r] for r in brain], tapers.rate_hz)
    return columns


def feature_table(
    lfp: Lfp,
    regions: Mapping[str, list[int]],
    settings: Settings,
    progress: Callable[[float], None] = lambda _: None,
) -> pd.DataFrame:
    """Features of all epochs of a recording.

    Parameters
    ----------
    lfp : Lfp
        The signals.
    regions : mapping
        Usable channels of each region, as of `good_channels`.
    settings : Settings

    Returns
    -------
    DataFrame
        `start_s`, `duration_s`, `valid`, then the features as float32; missing where
        a gap touches the epoch.
    """
    start_s = epoch_starts_s(lfp.segments.duration_s, settings.epoch_s)
    windows = place_windows(lfp.segments, start_s, settings.epoch_s)
    tapers = make_tapers(windows.n_rows, lfp.rate_hz, settings.nw)
    bins = choose_bins(tapers.frequency_hz, settings, lfp.rate_hz)
    columns: dict[str, npt.NDArray[np.float32]] = {}
    for which, first, last in windows.blocks(EPOCHS_AT_ONCE):
        rows = lfp.read_uv(first, last)
        x = np.stack([rows[r : r + windows.n_rows].T for r in windows.first_row[which] - first])
        for name, values in block_features(x, regions, tapers, bins).items():
            if name not in columns:
                columns[name] = np.full(len(start_s), np.nan, np.float32)
            columns[name][which] = values
        progress((which[-1] + 1) / len(start_s))
    head = {"start_s": start_s, "duration_s": settings.epoch_s, "valid": windows.valid}
    return pd.DataFrame({**head, **columns})
