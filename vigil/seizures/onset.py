"""Where a seizure begins: the three onset methods over its channels, and their consensus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import scipy.signal

from vigil.recording import FloatArray
from vigil.seizures.consensus import (
    Consensus,
    consensus,
    over_methods,
    ranks,
    region_latencies_s,
)
from vigil.seizures.epileptogenicity import (
    detection_times_s,
    energy_ratio,
    epileptogenicity_index,
)
from vigil.seizures.fast_activity import fast_activity_onsets_s
from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS, SEPARATOR
from vigil.seizures.filters import NOTCH_Q, ONSET_HZ
from vigil.seizures.line_length_onset import line_length_onsets_s
from vigil.seizures.settings import Settings

METHODS = ("epileptogenicity_index", "line_length", "fast_activity")
MIN_BASELINE_S = 5.0


@dataclass(frozen=True)
class ChannelOnsets:
    """When each channel joins a seizure, and how much it drives it.

    Parameters
    ----------
    latency_s : ndarray
        (method, channel), behind the event's onset; NaN for no detection.
    epileptogenicity : ndarray
        (channel,), 0 to 1; NaN where no onset could be sought.
    """

    latency_s: FloatArray
    epileptogenicity: FloatArray


def channel_onsets(
    signal_uv: npt.NDArray[np.float32],
    rate_hz: float,
    event_at_s: float,
    spread_ln: npt.ArrayLike,
    taking_part: npt.NDArray[np.bool_],
    settings: Settings,
) -> ChannelOnsets:
    """Latency of each channel behind the event's onset by each method, and its EI.

    Parameters
    ----------
    signal_uv : ndarray
        (row, channel) around the onset, without gaps, ending before the seizure does.
    rate_hz : float
        Rate of the rows.
    event_at_s : float
        The event's onset, from the first row.
    spread_ln : array
        Usual spread of each channel's log line length, all states together.
    taking_part : ndarray of bool
        Channels that take part in the event. The EI counts delays from the first of them,
        and is 0 for the others, whatever chance rise they have.

    Returns
    -------
    ChannelOnsets
        All NaN when less than 5 s lie before the search.
    """
    n_channels = signal_uv.shape[1]
    search = event_at_s - settings.onset_search_s
    longest = max(settings.onset_window_s, 1.0)
    if search < MIN_BASELINE_S or len(signal_uv) / rate_hz < search + longest:
        return ChannelOnsets(
            np.full((len(METHODS), n_channels), np.nan), np.full(n_channels, np.nan)
        )
    step = settings.onset_step_s
    ratio, time_s = energy_ratio(
        signal_uv, rate_hz, settings.mains_hz, settings.onset_window_s, step
    )
    found = [
        detection_times_s(ratio, time_s, search, settings.ei_bias, settings.ei_threshold),
        line_length_onsets_s(
            within_band(signal_uv, rate_hz, settings.mains_hz),
            rate_hz,
            search,
            step,
            settings.onset_z,
            spread_ln,
        ),
        fast_activity_onsets_s(
            signal_uv,
            rate_hz,
            settings.mains_hz,
            search,
            step,
            settings.onset_z,
            settings.fast_min_s,
            settings.fast_max_amplitude,
            spread_ln,
        ),
    ]
    index = epileptogenicity_index(
        ratio, time_s, np.where(taking_part, found[0], np.nan), settings.ei_sum_s
    )
    return ChannelOnsets(np.stack(found) - event_at_s, index)


def within_band(signal_uv: npt.NDArray[np.float32], rate_hz: float, mains_hz: float) -> FloatArray:
    """1-127 Hz without the mains and its harmonics, forwards and backwards, so without delay."""
    top = min(ONSET_HZ[1], 0.45 * rate_hz)
    band = scipy.signal.butter(2, (ONSET_HZ[0], top), "bandpass", fs=rate_hz, output="sos")
    notches = [
        np.concatenate(scipy.signal.iirnotch(hz, NOTCH_Q, fs=rate_hz))
        for hz in np.arange(mains_hz, top, mains_hz)
    ]
    sos = np.concatenate([band, notches])
    return np.asarray(scipy.signal.sosfiltfilt(sos, signal_uv.astype(np.float64), axis=0))


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
    latency_s: FloatArray,
    taking_part: npt.NDArray[np.bool_],
    regions: Sequence[str],
    settings: Settings,
) -> Consensus:
    """The region in which a seizure begins, of the contacts that take part in it.

    The bootstrap's draws are seeded by the seizure's number.
    """
    return consensus(
        _of_those(latency_s, taking_part),
        regions,
        settings.onset_step_s,
        settings.bootstrap,
        settings.min_onset_confidence,
        (seizure,),
    )


def consensus_row(seizure: int, found: Consensus) -> tuple[object, ...]:
    """Row of consensus.tsv."""
    region = SEPARATOR.join(found.regions) if found.regions else None
    return (seizure, region, found.confidence, found.status)


def _of_those(latency_s: FloatArray, taking_part: npt.NDArray[np.bool_]) -> FloatArray:
    return np.where(taking_part, latency_s, np.nan)
