"""The table of features of a recording, made block by block."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping

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

Columns = dict[str, npt.NDArray[np.float64]]


def usable_bins(
    tapers: Tapers, settings: Settings, rate_hz: float
) -> dict[str, npt.NDArray[np.bool_]]:
    """Frequencies of each band that the stored rate reaches, mains left out."""
    reach_hz = 0.4 * rate_hz
    bands = {name: band for name, band in settings.bands.items() if band[1] <= reach_hz}
    return {
        name: bins_of_band(tapers.frequency_hz, band, settings.mains_hz, settings.mains_width_hz)
        for name, band in bands.items()
    }


def block_features(
    x: npt.NDArray[np.float32],
    regions: Mapping[str, list[int]],
    tapers: Tapers,
    bins: Mapping[str, npt.NDArray[np.bool_]],
    emg_bins: npt.NDArray[np.bool_],
) -> Columns:
    """Features of some epochs.

    Parameters
    ----------
    x : ndarray, (epoch, channel, sample)
        Microvolts.
    regions : mapping
        Channels of each region; the muscle's under `emg`.
    tapers : Tapers
    bins : mapping
        Frequencies of each band.
    emg_bins : ndarray of bool, (frequency,)
        Frequencies of the EMG's RMS.

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
                spectral_features(tapers.frequency_hz, density, bins)
                | amplitude_features(x[:, channel], tapers.rate_hz)
            )
        for name in per_channel[0]:
            columns[f"{region}.{name}"] = np.median([c[name] for c in per_channel], axis=0)
        fourier_of[region] = tapered_fourier(x[:, regions[region]].mean(1), tapers)
    for a, b in itertools.combinations(brain, 2):
        c = coherence(fourier_of[a], fourier_of[b], tapers)
        for band, k in bins.items():
            columns[f"{a}~{b}.coherence_{band}"] = c[:, k].mean(1)
    if "emg" in regions:
        rms = [
            emg_rms_uv(
                tapers.frequency_hz,
                power_density(tapered_fourier(x[:, c], tapers), tapers),
                emg_bins,
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
    bins = usable_bins(tapers, settings, lfp.rate_hz)
    emg_band = (EMG_BAND_HZ[0], min(EMG_BAND_HZ[1], 0.4 * lfp.rate_hz))
    emg_bins = bins_of_band(
        tapers.frequency_hz, emg_band, settings.mains_hz, settings.mains_width_hz
    )
    columns: Columns = {}
    for which, first, last in windows.blocks(EPOCHS_AT_ONCE):
        rows = lfp.read_uv(first, last)
        x = np.stack([rows[r : r + windows.n_rows].T for r in windows.first_row[which] - first])
        for name, values in block_features(x, regions, tapers, bins, emg_bins).items():
            columns.setdefault(name, np.full(len(start_s), np.nan))[which] = values
        progress((which[-1] + 1) / len(start_s))
    head = {"start_s": start_s, "duration_s": settings.epoch_s, "valid": windows.valid}
    body = {name: values.astype(np.float32) for name, values in columns.items()}
    return pd.DataFrame(head | body)
