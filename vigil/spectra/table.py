"""The table of features of a recording, made block by block."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
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
from vigil.spectra.spectrogram import by_channel, channels_of, spans_of_flags
from vigil.spectra.validity import codes_of_epochs, held_share, judge_epochs

SECTION_EPOCHS = 900
"""Epochs of a section: an hour of those of four seconds."""
EPOCHS_AT_ONCE = 16
AHEAD = 2
"""Blocks per thread that wait for it."""
EXCERPTS, EXCERPT_S = 30, 6.0
"""Excerpts, spread evenly, that tell the usual level of a band: three minutes."""


@dataclass(frozen=True)
class Section:
    """The table of features of some epochs that follow each other.

    Parameters
    ----------
    features : DataFrame
        `start_s`, `duration_s`, `valid` (fraction), `reason`, then the features as float32;
        missing where a gap touches the epoch, or no channel of a region is clean.
    bad_s : dict of ndarray, (span, 2)
        Starts and stops of artefacts in seconds, of the channels that have some.
    """

    features: pd.DataFrame
    bad_s: dict[int, npt.NDArray[np.float64]]


def feature_sections(
    lfp: Lfp,
    regions: Mapping[str, list[int]],
    settings: Settings,
    threads: int = 1,
    progress: Callable[[float], None] = lambda _: None,
) -> Iterator[Section]:
    """Features of all epochs of a recording, in memory that does not grow with it.

    Parameters
    ----------
    lfp : Lfp
        The signals.
    regions : mapping
        Usable channels of each region, as of `good_channels`.
    settings : Settings
    threads : int
        Blocks worked on at the same time; the numbers do not depend on it.
    progress : callable
        Is told the share that is done.

    Yields
    ------
    Section
        One after the other; the last one's artefacts reach to the recording's end, also after
        its last whole epoch.
    """
    recipe = make_recipe(lfp, regions, settings)
    whole = len(epoch_starts_s(lfp.segments.duration_s, settings.epoch_s))
    sections = [range(a, min(a + SECTION_EPOCHS, whole)) for a in range(0, whole, SECTION_EPOCHS)]
    look = partial(_codes_of, whole=whole, lfp=lfp, regions=regions, settings=settings)
    with ThreadPoolExecutor(max(1, threads)) as pool:
        # the codes of the next section are looked for while this one is worked on
        for epochs, codes in in_order(pool, look, sections, 1):
            yield _section_of(epochs, codes, lfp, regions, settings, recipe, pool, threads)
            progress(epochs.stop / whole)


def _codes_of(
    epochs: range, whole: int, lfp: Lfp, regions: Mapping[str, list[int]], settings: Settings
) -> Codes:
    """Codes of a section; of the last one also those after its last whole epoch."""
    end = int(np.ceil(lfp.segments.duration_s / settings.epoch_s))
    last = end if epochs.stop == whole else epochs.stop
    return codes_of_epochs(lfp, regions, settings, epochs.start, last)


def _section_of(
    epochs: range,
    codes: Codes,
    lfp: Lfp,
    regions: Mapping[str, list[int]],
    settings: Settings,
    recipe: Recipe,
    pool: ThreadPoolExecutor,
    threads: int,
) -> Section:
    order = channels_of(regions)
    start_s = np.asarray(epochs) * settings.epoch_s
    windows = place_windows(lfp.segments, start_s, settings.epoch_s)
    own = codes[: len(epochs)]
    brain = [i for i, c in enumerate(order) if c not in regions.get("emg", [])]
    held = held_share(lfp.segments, epochs.start, epochs.stop, settings.epoch_s)
    quality = judge_epochs(own[:, :, brain], held)
    clean = np.asarray(~own.any(axis=1))
    margin = max([0, *(margin_rows(lfp.rate_hz, kind.burst) for kind in recipe.bursts.values())])
    work = partial(_features_of, lfp=lfp, order=order, windows=windows, clean=clean, recipe=recipe)
    columns = {n: np.full(len(epochs), np.nan, np.float32) for n in column_names(recipe)}
    stretches = windows.stretches(EPOCHS_AT_ONCE, margin)
    for stretch, found in in_order(pool, work, stretches, AHEAD * threads):
        for name, values in found.items():
            columns[name][stretch.windows] = values
    head = {
        "start_s": start_s,
        "duration_s": settings.epoch_s,
        "valid": quality.valid,
        "reason": quality.reason,
    }
    window_s = settings.epoch_s / codes.shape[1]
    bad_s = spans_of_flags(codes.reshape(-1, len(order)), start_s[0], window_s, order)
    return Section(pd.DataFrame({**head, **columns}), bad_s)


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


def make_recipe(lfp: Lfp, regions: Mapping[str, list[int]], settings: Settings) -> Recipe:
    """What all blocks need; the usual level of bursts is taken from excerpts without artefacts."""
    order = channels_of(regions)
    place = {channel: i for i, channel in enumerate(order)}
    places = {r: [place[c] for c in channels] for r, channels in regions.items()}
    n_rows = round(settings.epoch_s * lfp.rate_hz)
    tapers = make_tapers(n_rows, lfp.rate_hz, settings.nw, settings.tapers)
    excerpts = []
    for a, b in excerpt_rows(lfp.segments, EXCERPTS, EXCERPT_S):
        time_s = lfp.segments.time_s(np.array([a, b - 1]))
        first, last = (time_s // settings.epoch_s).astype(int)
        codes = codes_of_epochs(lfp, regions, settings, first, last + 1)
        window_s = settings.epoch_s / codes.shape[1]
        begin, end = ((time_s - first * settings.epoch_s) / window_s).astype(int)
        touched = codes.reshape(-1, len(order))[begin : end + 1]
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
