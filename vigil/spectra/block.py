"""The features of some epochs that follow each other: what a thread works on at a time."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.spectra.bands import Bins
from vigil.spectra.bursts import Baseline, Burst, Quadrature, burst_rates
from vigil.spectra.connectivity import amplitude_correlations, coupling_by_band
from vigil.spectra.epochs import Stretch
from vigil.spectra.features import amplitude_features, spectral_features
from vigil.spectra.multitaper import Tapers, between, multitaper_density, tapered_fourier
from vigil.spectra.muscle import emg_from_lfp, emg_rms_uv
from vigil.spectra.validity import median_of_clean

COHERENCE_REGIONS = 12
"""What two regions share is taken between the pairs of at most so many regions: 66 pairs. Pairs
grow as the square; 64 channels without a montage would make 42 000 columns of it."""
MUSCLE_SITES = 12
"""Sites whose correlation tells the muscle's tone, spread evenly over the regions: 66 pairs."""

Columns = dict[str, npt.NDArray[np.float64]]
Float32 = npt.NDArray[np.float32]
Clean = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class BurstKind:
    """One kind of burst in one recording: what counts, its filter, and the usual level.

    Parameters
    ----------
    burst : Burst
    quadrature : Quadrature
    baseline : Baseline
        Of the channels in the order in which blocks have them.
    """

    burst: Burst
    quadrature: Quadrature
    baseline: Baseline


@dataclass(frozen=True)
class Recipe:
    """What the blocks of a recording have in common.

    Parameters
    ----------
    regions : mapping
        Places of each brain region's channels in a block.
    emg : sequence of int
        Places of the muscle's channels.
    tapers : Tapers
    bins : Bins
    bursts : mapping of BurstKind
        By name.
    """

    regions: Mapping[str, Sequence[int]]
    emg: Sequence[int]
    tapers: Tapers
    bins: Bins
    bursts: Mapping[str, BurstKind]


@dataclass(frozen=True)
class Block:
    """Rows of one segment with the epochs in them.

    Parameters
    ----------
    x : ndarray, float32, (channel, row)
        Microvolts, with margins around the epochs.
    stretch : Stretch
        Which epochs, and where the rows lie.
    first_rows : ndarray of int, (epoch,)
        First stored row of each epoch.
    segment : tuple of int
        Stored rows of the segment: the first and the one after the last.
    clean : ndarray of bool, (epoch, channel)
        Channels without an artefact in the epoch.
    """

    x: Float32
    stretch: Stretch
    first_rows: npt.NDArray[np.int64]
    segment: tuple[int, int]
    clean: Clean

    def epochs(self, n_rows: int) -> Float32:
        """Samples of the epochs, (channel, epoch, sample)."""
        at = self.first_rows - self.stretch.read_first
        if (np.diff(at) == n_rows).all():
            whole = self.x[:, at[0] : at[-1] + n_rows]
            return whole.reshape(len(self.x), len(at), n_rows)
        return np.stack([self.x[:, a : a + n_rows] for a in at], axis=1)


def region_pairs(regions: Iterable[str]) -> list[tuple[str, str]]:
    """Pairs of brain regions that are compared; none with too many regions."""
    names = list(regions)
    return list(itertools.combinations(names, 2)) if len(names) <= COHERENCE_REGIONS else []


def block_features(block: Block, recipe: Recipe) -> Columns:
    """Features of the epochs of a block, by the names of their columns.

    A region's value is the median over its channels that are clean in the epoch.
    """
    x = block.epochs(recipe.tapers.values.shape[1])
    columns = _of_regions(x, block, recipe)
    columns |= _of_pairs(x, block.clean, recipe)
    columns |= _of_muscle(x, block.clean, recipe)
    return columns


def _of_regions(x: Float32, block: Block, recipe: Recipe) -> Columns:
    tapers, bins = recipe.tapers, recipe.bins
    frequency_hz = tapers.frequency_hz
    broad = between(frequency_hz, 0.0, 100.0, closed=True) & bins.usable
    n = bins.reach(broad, *bins.bands.values())
    bands = {name: k[:n] for name, k in bins.bands.items()}
    bursts = _burst_rates(block, recipe)
    columns: Columns = {}
    for region, channels in recipe.regions.items():
        values = []
        # many windows at a time are fastest
        for c, density in zip(
            channels, multitaper_density(x[list(channels)], tapers, n), strict=True
        ):
            found = spectral_features(frequency_hz[:n], density, bands, bins.usable[:n])
            found |= amplitude_features(x[c], tapers.rate_hz)
            found |= {f"{name}_rate": rates[c] for name, rates in bursts.items()}
            values.append(np.stack(list(found.values()), axis=1))
        medians = median_of_clean(np.stack(values), block.clean[:, list(channels)])
        columns |= {f"{region}.{name}": medians[:, i] for i, name in enumerate(found)}
    return columns


def _burst_rates(block: Block, recipe: Recipe) -> dict[str, npt.NDArray[np.float64]]:
    first, last = block.segment
    return {
        name: burst_rates(
            block.x,
            block.stretch.read_first - first,
            last - first,
            block.first_rows - first,
            recipe.tapers.values.shape[1],
            kind.burst,
            kind.quadrature,
            kind.baseline,
            recipe.tapers.rate_hz,
        )
        for name, kind in recipe.bursts.items()
    }


def _of_pairs(x: Float32, clean: Clean, recipe: Recipe) -> Columns:
    pairs = region_pairs(recipe.regions)
    if not pairs:
        return {}
    means = np.stack([_clean_mean(x, clean, list(c)) for c in recipe.regions.values()], axis=1)
    fourier = [tapered_fourier(means[:, i], recipe.tapers) for i in range(means.shape[1])]
    coupling = coupling_by_band(fourier, recipe.tapers.weights, recipe.bins.bands)
    amplitude = amplitude_correlations(means, recipe.tapers.rate_hz, recipe.bins.bands)
    columns: Columns = {}
    for p, (a, b) in enumerate(pairs):
        for name, values in (
            ("coherence", coupling.coherence),
            ("phase_lag", coupling.phase_lag_rad),
            ("amplitude_correlation", amplitude),
        ):
            columns |= {
                f"{a}~{b}.{name}_{band}": values[p, :, k]
                for k, band in enumerate(recipe.bins.bands)
            }
    return columns


def _clean_mean(x: Float32, clean: Clean, channels: list[int]) -> Float32:
    """Mean over the clean channels of each epoch, (epoch, sample); NaN where there is none."""
    good = clean[:, channels].T
    if good.all():
        return np.asarray(x[channels].mean(axis=0), np.float32)
    total = np.where(good[:, :, None], x[channels], np.float32(0)).sum(axis=0)
    count = good.sum(axis=0).astype(np.float32)[:, None]
    mean = np.full_like(total, np.nan)
    np.divide(total, count, out=mean, where=count > 0)
    return np.asarray(mean, np.float32)


def _of_muscle(x: Float32, clean: Clean, recipe: Recipe) -> Columns:
    tapers, bins = recipe.tapers, recipe.bins
    columns: Columns = {}
    if recipe.emg and bins.emg.any():
        n = bins.reach(bins.emg)
        density = multitaper_density(x[list(recipe.emg)], tapers, n)
        rms = [emg_rms_uv(tapers.frequency_hz[:n], d, bins.emg[:n]) for d in density]
        median = median_of_clean(np.stack(rms), clean[:, list(recipe.emg)])
        columns["emg.log_rms"] = np.log10(np.maximum(median, 1e-3))
    regions = [list(channels) for channels in recipe.regions.values()]
    spread = np.unique(np.linspace(0, len(regions) - 1, min(MUSCLE_SITES, len(regions))).round())
    near = [regions[int(i)] for i in spread]
    # of each region the first channel that is clean in the epoch
    site = np.stack([np.array(r)[clean[:, r].argmax(axis=1)] for r in near], axis=1)
    good = np.stack([clean[:, r].any(axis=1) for r in near], axis=1)
    signals = x[site, np.arange(len(site))[:, None]]
    return columns | {"emg.from_lfp": emg_from_lfp(signals, good, tapers.rate_hz, bins.fast)}
