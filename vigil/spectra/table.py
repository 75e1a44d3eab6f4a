"""The table of features of a recording, made block by block."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.downsample.files import Lfp
from vigil.in_order import in_order
from vigil.recording import epoch_starts_s, excerpt_rows
from vigil.spectra.artefacts import Codes
from vigil.spectra.bands import choose_bins
from vigil.spectra.block import (
    Block,
    BurstKind,
    Columns,
    Recipe,
    block_features,
    region_pairs,
)
from vigil.spectra.bursts import (
    BURSTS,
    Burst,
    band_envelope,
    make_quadrature,
    margin_rows,
    reaches,
    usual_level,
)
from vigil.spectra.epochs import Stretch, Windows, place_windows
from vigil.spectra.features import list_features, muscle_features, pair_features
from vigil.spectra.multitaper import make_tapers
from vigil.spectra.settings import Settings
from vigil.spectra.spectrogram import by_channel, channels_of
from vigil.spectra.validity import held_share, judge_epochs

EPOCHS_AT_ONCE = 16
AHEAD = 2
"""Blocks per thread that wait for it."""
EXCERPTS, EXCERPT_S = 30, 6.0
"""Excerpts, spread evenly, that tell the usual level of a band: three minutes."""


def feature_table(
    lfp: Lfp,
    regions: Mapping[str, list[int]],
    settings: Settings,
    codes: Codes,
    threads: int = 1,
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
    codes : ndarray, uint8, (epoch, window, channel)
        Artefacts, of `codes_of_recording` for `channels_of(regions)`.
    threads : int
        Blocks worked on at the same time; the numbers do not depend on it.

    Returns
    -------
    DataFrame
        `start_s`, `duration_s`, `valid` (fraction), `reason`, then the features as float32;
        missing where a gap touches the epoch, or no channel of a region is clean.
    """
    start_s = epoch_starts_s(lfp.segments.duration_s, settings.epoch_s)
    windows = place_windows(lfp.segments, start_s, settings.epoch_s)
    order = channels_of(regions)
    recipe = make_recipe(lfp, regions, settings, codes, windows.n_rows)
    brain = [i for i, c in enumerate(order) if c not in regions.get("emg", [])]
    quality = judge_epochs(
        codes[: len(start_s), :, brain],
        held_share(lfp.segments, len(start_s), settings.epoch_s),
    )
    clean = np.asarray(~codes.any(axis=1))
    margin = max([0, *(margin_rows(lfp.rate_hz, kind.burst) for kind in recipe.bursts.values())])
    work = partial(_features_of, lfp=lfp, order=order, windows=windows, clean=clean, recipe=recipe)
    columns = {n: np.full(len(start_s), np.nan, np.float32) for n in column_names(recipe)}
    with ThreadPoolExecutor(max(1, threads)) as pool:
        stretches = windows.stretches(EPOCHS_AT_ONCE, margin)
        for stretch, found in in_order(pool, work, stretches, AHEAD * threads):
            for name, values in found.items():
                columns[name][stretch.windows] = values
            progress((stretch.windows[-1] + 1) / len(start_s))
    head = {
        "start_s": start_s,
        "duration_s": settings.epoch_s,
        "valid": quality.valid,
        "reason": quality.reason,
    }
    return pd.DataFrame({**head, **columns})


def column_names(recipe: Recipe) -> list[str]:
    """The features that a recording has, in the order of their columns."""
    bands, brain = list(recipe.bins.bands), list(recipe.regions)
    bursts = {name: kind.burst for name, kind in recipe.bursts.items()}
    of_region, of_pair = list_features(bands, bursts), pair_features(bands)
    return [
        *(f"{region}.{f.name}" for region in brain for f in of_region),
        *(f"{a}~{b}.{f.name}" for a, b in region_pairs(brain) for f in of_pair),
        *(f"emg.{f.name}" for f in muscle_features(bool(recipe.emg))),
    ]


def make_recipe(
    lfp: Lfp, regions: Mapping[str, list[int]], settings: Settings, codes: Codes, n_rows: int
) -> Recipe:
    """What all blocks need; the usual level of bursts is taken from excerpts without artefacts."""
    order = channels_of(regions)
    place = {channel: i for i, channel in enumerate(order)}
    places = {r: [place[c] for c in channels] for r, channels in regions.items()}
    tapers = make_tapers(n_rows, lfp.rate_hz, settings.nw, settings.tapers)
    excerpts = []
    for a, b in excerpt_rows(lfp.segments, EXCERPTS, EXCERPT_S):
        start_s, stop_s = lfp.segments.time_s(np.array([a, b - 1]))
        window_s = settings.epoch_s / codes.shape[1]
        touched = codes.reshape(-1, len(order))[
            int(start_s / window_s) : int(stop_s / window_s) + 1
        ]
        clean = np.asarray(~touched.any(axis=0))
        excerpts.append((by_channel(lfp.read_uv(a, b, order)), clean))
    return Recipe(
        regions={r: c for r, c in places.items() if r != "emg"},
        emg=places.get("emg", []),
        tapers=tapers,
        bins=choose_bins(tapers.frequency_hz, settings, lfp.rate_hz),
        bursts={
            name: _kind_of(burst, excerpts, lfp.rate_hz)
            for name, burst in BURSTS.items()
            if reaches(burst, lfp.rate_hz)
        },
    )


def _kind_of(
    burst: Burst,
    excerpts: Sequence[tuple[npt.NDArray[np.float32], npt.NDArray[np.bool_]]],
    rate_hz: float,
) -> BurstKind:
    quadrature = make_quadrature(rate_hz, burst.band_hz)
    envelopes = []
    for x, clean in excerpts:
        envelope = band_envelope(x, 0, quadrature)
        values = np.where(clean[:, None], envelope.values, np.float32(np.nan))
        envelopes.append(replace(envelope, values=values))
    return BurstKind(burst, quadrature, usual_level(envelopes))


def _features_of(
    stretch: Stretch,
    lfp: Lfp,
    order: list[int],
    windows: Windows,
    clean: npt.NDArray[np.bool_],
    recipe: Recipe,
) -> Columns:
    first = lfp.segments.first_rows[stretch.segment]
    block = Block(
        x=by_channel(lfp.read_uv(stretch.read_first, stretch.read_last, order)),
        stretch=stretch,
        first_rows=windows.first_row[stretch.windows],
        segment=(first, first + lfp.segments.rows[stretch.segment]),
        clean=clean[stretch.windows],
    )
    return block_features(block, recipe)
