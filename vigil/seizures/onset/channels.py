"""Where a seizure begins: the three onset methods over its channels, and their consensus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.signal

from vigil.recording import FloatArray
from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS, SEPARATOR
from vigil.seizures.filters import NOTCH_Q
from vigil.seizures.onset.consensus import (
    Consensus,
    consensus,
    over_methods,
    ranks,
    region_latencies_s,
)
from vigil.seizures.onset.epileptogenicity import (
    WHOLE,
    Pieces,
    detection_times_s,
    energy_ratio,
    epileptogenicity_index,
)
from vigil.seizures.onset.fast_activity import fast_activity_onsets_s
from vigil.seizures.onset.line_length import (
    contrast_z,
    last_quiet_s,
    line_length_onsets_s,
    line_length_z,
    risen_before,
)
from vigil.seizures.settings import Settings

METHODS = ("epileptogenicity_index", "line_length", "fast_activity")
SLOW_HZ, FAST_HZ = (1.0, 30.0), (30.0, 127.0)
"""Bands whose line length is followed; in one of all, noise above 30 Hz hides slow discharges."""
SLOW_SPREAD, FAST_SPREAD = 1.875, 1.25
"""Spread of log line length over hours and states in these bands, against that of 12-70 Hz, which
the evidence knows: below 30 Hz are delta and theta (0.33 and 0.22 to 0.18 in simulated mice)."""
MIN_BASELINE_S = 5.0
MIN_SEARCH_S = 2.0  # the onset of an event is good to about this
GAP_BEFORE, TOO_SHORT = "gap before", "too short"


@dataclass(frozen=True)
class ChannelOnsets:
    """When each channel joins a seizure, and how much it drives it.

    Parameters
    ----------
    latency_s : ndarray
        (method, channel), behind the event's onset; NaN for no detection.
    epileptogenicity : ndarray
        (channel,), 0 to 1; NaN where no onset could be sought.
    risen_before : ndarray of bool
        (channel,), up before the search begins: the onset is not known, but is not later.
    search_s : float
        Begin of the search, behind the event's onset (negative); NaN where there is none.
    contrast_z : ndarray
        (channel,), robust z of the line length in the first second from its onset.
    reason : str
        Why nothing can be placed, or not for sure: 'gap before', 'too short' or ''.
    """

    latency_s: FloatArray
    epileptogenicity: FloatArray
    risen_before: npt.NDArray[np.bool_]
    search_s: float
    contrast_z: FloatArray
    reason: str = ""


def channel_onsets(
    signal_uv: npt.NDArray[np.float32],
    rate_hz: float,
    event_at_s: float,
    spread_ln: npt.ArrayLike,
    taking_part: npt.NDArray[np.bool_],
    settings: Settings,
    pieces: Pieces = WHOLE,
) -> ChannelOnsets:
    """Latency of each channel behind the event's onset by each method, and its EI.

    Parameters
    ----------
    signal_uv : ndarray
        (row, channel) around the onset, ending before the seizure does.
    rate_hz : float
        Rate of the rows.
    event_at_s : float
        The event's onset, on the clock of `pieces`.
    spread_ln : array
        Usual spread of each channel's log line length, all states together.
    taking_part : ndarray of bool
        Channels that take part in the event. The EI counts delays from the first of them,
        and is 0 for the others, whatever chance rise they have.
    pieces : tuple
        Gapless pieces of the rows. What lies before a gap still serves as baseline.

    Returns
    -------
    ChannelOnsets
        All NaN when the event is shorter than a window, or when less than 5 s of baseline
        and 2 s of search lie before it.
    """
    n_channels = signal_uv.shape[1]
    search = search_from_s(len(signal_uv), rate_hz, event_at_s, settings.onset_search_s, pieces)
    row, start_s = pieces[-1]
    if search is None:
        return _nothing(n_channels, GAP_BEFORE)
    if start_s + (len(signal_uv) - row) / rate_hz < event_at_s + max(settings.onset_window_s, 1.0):
        return _nothing(n_channels, TOO_SHORT)
    step = settings.onset_step_s
    ratio, time_s = energy_ratio(
        signal_uv, rate_hz, settings.mains_hz, settings.onset_window_s, step, search, pieces
    )
    z = [
        line_length_z(
            within(signal_uv, rate_hz, band_hz, settings.mains_hz, pieces),
            rate_hz,
            search,
            step,
            factor * np.asarray(spread_ln),
            pieces,
        )
        for band_hz, factor in ((SLOW_HZ, SLOW_SPREAD), (FAST_HZ, FAST_SPREAD))
    ]
    louder, z_time_s = np.fmax(z[0][0], z[1][0]), z[0][1]
    begins = last_quiet_s(louder, z_time_s, search, event_at_s, settings.onset_z)
    found = [
        detection_times_s(ratio, time_s, search, settings.ei_bias, settings.ei_threshold, begins),
        line_length_onsets_s(louder, z_time_s, begins, settings.onset_z),
        fast_activity_onsets_s(
            signal_uv,
            rate_hz,
            settings.mains_hz,
            search,
            step,
            settings.onset_z,
            settings.fast_min_s,
            settings.fast_max_amplitude,
            FAST_SPREAD * np.asarray(spread_ln),
            pieces,
            begins,
        ),
    ]
    index = epileptogenicity_index(
        ratio, time_s, np.where(taking_part, found[0], np.nan), settings.ei_sum_s
    )
    hidden = risen_before(louder, z_time_s, search, event_at_s, settings.onset_z)
    hidden &= taking_part & ~np.isfinite(found).any(axis=0)
    # a gap may hide the onset of what is up when the signal comes back
    after_gap = len(pieces) > 1 and start_s >= search - 1e-6
    reason = GAP_BEFORE if after_gap and hidden.any() else ""
    return ChannelOnsets(
        np.stack(found) - event_at_s,
        index,
        hidden,
        search - event_at_s,
        contrast_z(louder, z_time_s, found[METHODS.index("line_length")]),
        reason,
    )


def search_from_s(
    n_rows: int, rate_hz: float, event_at_s: float, longest_s: float, pieces: Pieces = WHOLE
) -> float | None:
    """Where the search begins: up to `longest_s` before the event, after 5 s of baseline.

    Never earlier than the last gap, since an onset can only be placed within one piece;
    None when less than 2 s are left to search.
    """
    firsts = [row for row, _ in pieces]
    before_s = (firsts[-1]) / rate_hz  # of baseline that lies before the last gap
    begins = max(event_at_s - longest_s, pieces[-1][1] + max(0.0, MIN_BASELINE_S - before_s))
    if n_rows <= firsts[-1] or event_at_s - begins < MIN_SEARCH_S:
        return None
    return begins


def _nothing(n_channels: int, reason: str) -> ChannelOnsets:
    return ChannelOnsets(
        np.full((len(METHODS), n_channels), np.nan),
        np.full(n_channels, np.nan),
        np.zeros(n_channels, dtype=bool),
        float("nan"),
        np.full(n_channels, np.nan),
        reason,
    )


def within(
    signal_uv: npt.NDArray[np.float32],
    rate_hz: float,
    band_hz: tuple[float, float],
    mains_hz: float,
    pieces: Pieces = WHOLE,
) -> FloatArray:
    """A band without the mains and its harmonics, forwards and backwards, so without delay."""
    top = min(band_hz[1], 0.45 * rate_hz)
    band = scipy.signal.butter(2, (band_hz[0], top), "bandpass", fs=rate_hz, output="sos")
    notches = [
        np.concatenate(scipy.signal.iirnotch(hz, NOTCH_Q, fs=rate_hz))[None]
        for hz in np.arange(mains_hz, top, mains_hz)
        if hz > band_hz[0]
    ]
    sos = np.concatenate([band, *notches])
    parts = np.split(signal_uv.astype(np.float64), [row for row, _ in pieces[1:]])
    # what is too short to be padded by the filter cannot be a window either
    return np.concatenate(
        [
            scipy.signal.sosfiltfilt(sos, x, axis=0) if len(x) > 3 * (2 * len(sos) + 1) else x
            for x in parts
        ]
    )


def onset_rows(
    seizure: int,
    onsets: ChannelOnsets,
    taking_part: npt.NDArray[np.bool_],
    channels: Sequence[str],
    regions: Sequence[str],
    step_s: float,
) -> list[tuple[object, ...]]:
    """Rows of onset.tsv: each contact by each method, then each region.

    A chance rise on a contact that takes no part in the seizure is shown for the contact,
    and does not count for its region. The Epileptogenicity Index, of the contacts and as
    their median of the regions, stands in the rows of its own method.
    """
    rows: list[tuple[object, ...]] = []
    for method, latency in zip(METHODS, onsets.latency_s, strict=True):
        index = _if_index(method, onsets.epileptogenicity)
        for name, region, t, rank, ei in zip(
            channels, regions, latency, ranks(latency, step_s), index, strict=True
        ):
            rows.append((seizure, region, name, method, t, rank, ei))
    names, by_method = region_latencies_s(_of_those(onsets.latency_s, taking_part), regions)
    together = np.concatenate([by_method, over_methods(by_method)[None]])
    of = np.asarray(regions)
    medians = np.array([np.median(onsets.epileptogenicity[of == name]) for name in names])
    for method, latency in zip((*METHODS, ALL_METHODS), together, strict=True):
        index = _if_index(method, medians)
        for region, t, rank, ei in zip(names, latency, ranks(latency, step_s), index, strict=True):
            rows.append((seizure, region, ALL_CONTACTS, method, t, rank, ei))
    return rows


def _if_index(method: str, epileptogenicity: FloatArray) -> FloatArray:
    """The index in the rows of its own method, NaN in those of the others."""
    return epileptogenicity if method == METHODS[0] else np.full(len(epileptogenicity), np.nan)


def region_of_onset(
    seizure: int,
    onsets: ChannelOnsets,
    taking_part: npt.NDArray[np.bool_],
    regions: Sequence[str],
    settings: Settings,
) -> Consensus:
    """The region in which a seizure begins, of the contacts that take part in it.

    The bootstrap's draws are seeded by the seizure's number.
    """
    return consensus(
        _of_those(onsets.latency_s, taking_part),
        regions,
        settings.onset_step_s,
        settings.bootstrap,
        settings.min_onset_confidence,
        (seizure,),
        onsets.reason,
        onsets.risen_before,
        onsets.search_s,
        onsets.contrast_z,
    )


def consensus_row(seizure: int, found: Consensus) -> tuple[object, ...]:
    """Row of consensus.tsv."""
    region = SEPARATOR.join(found.regions) if found.regions else None
    return (seizure, region, found.confidence, found.bootstrap, found.status, found.reason)


def _of_those(latency_s: FloatArray, taking_part: npt.NDArray[np.bool_]) -> FloatArray:
    return np.where(taking_part, latency_s, np.nan)
