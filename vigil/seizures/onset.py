"""Where a seizure begins: the three onset methods over its channels, and their consensus."""

from __future__ import annotations

from collections.abc import Sequence

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
from vigil.seizures.epileptogenicity import detection_times_s, energy_ratio
from vigil.seizures.fast_activity import fast_activity_onsets_s
from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS, SEPARATOR
from vigil.seizures.filters import NOTCH_Q, ONSET_HZ
from vigil.seizures.line_length_onset import line_length_onsets_s
from vigil.seizures.settings import Settings

METHODS = ("epileptogenicity_index", "line_length", "fast_activity")
MIN_BASELINE_S = 5.0


def channel_latencies_s(
    signal_uv: npt.NDArray[np.float32],
    rate_hz: float,
    event_at_s: float,
    spread_ln: npt.ArrayLike,
    settings: Settings,
) -> FloatArray:
    """Latency of each channel behind the event's onset by each method, (method, channel).

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

    Returns
    -------
    ndarray
        Seconds, NaN for no detection; all NaN when less than 5 s lie before the search.
    """
    n_channels = signal_uv.shape[1]
    search = event_at_s - settings.onset_search_s
    longest = max(settings.onset_window_s, 1.0)
    if search < MIN_BASELINE_S or len(signal_uv) / rate_hz < search + longest:
        return np.full((len(METHODS), n_channels), np.nan)
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
    return np.stack(found) - event_at_s


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
    latency_s: FloatArray,
    taking_part: npt.NDArray[np.bool_],
    channels: Sequence[str],
    regions: Sequence[str],
    step_s: float,
) -> list[tuple[object, ...]]:
    """Rows of onset.tsv: each contact by each method, then each region.

    A chance rise on a contact that takes no part in the seizure is shown for the contact,
    and does not count for its region.
    """
    rows: list[tuple[object, ...]] = []
    for method, latency in zip(METHODS, latency_s, strict=True):
        for name, region, t, rank in zip(
            channels, regions, latency, ranks(latency, step_s), strict=True
        ):
            rows.append((seizure, region, name, method, t, rank))
    names, by_method = region_latencies_s(_of_those(latency_s, taking_part), regions)
    together = np.concatenate([by_method, over_methods(by_method)[None]])
    for method, latency in zip((*METHODS, ALL_METHODS), together, strict=True):
        for region, t, rank in zip(names, latency, ranks(latency, step_s), strict=True):
            rows.append((seizure, region, ALL_CONTACTS, method, t, rank))
    return rows


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
