"""How much of each epoch counts: what gaps and artefacts take from it, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.downsample.files import Lfp
from vigil.recording import Segments
from vigil.spectra.artefacts import WORDS, Codes, Int16, Limits, find_artefacts, limits_in_steps
from vigil.spectra.settings import Settings
from vigil.spectra.spectrogram import channels_of

GAP = "gap"
WINDOW_S = 0.25
"""Time that is judged as one; epochs hold a whole number of windows of about this length."""
ROWS_AT_ONCE = 1 << 16
"""Rows of a piece: a shard of 64 channels, which is read fastest."""


def windows_per_epoch(epoch_s: float) -> int:
    """How many windows an epoch is divided into."""
    return max(1, round(epoch_s / WINDOW_S))


def no_artefacts(n_epochs: int, epoch_s: float, n_channels: int) -> Codes:
    """Codes of epochs before they are looked at, (epoch, window, channel)."""
    return np.zeros((n_epochs, windows_per_epoch(epoch_s), n_channels), dtype=np.uint8)


def mark_artefacts(
    codes: Codes,
    steps: Int16,
    read_first: int,
    segments: Segments,
    epoch_s: float,
    limits: Limits,
    first_epoch: int = 0,
) -> None:
    """Add what some rows show to the codes of the epochs that they lie in.

    Rows may be seen several times, as margins are: codes only gain. An epoch's codes are
    complete when it was seen with `limits.margin` rows, or all that the segment has, on both
    sides. With a margin of an epoch also those parts of epochs are seen that a gap cuts off.

    Parameters
    ----------
    codes : ndarray, uint8, (epoch, window, channel)
        Of `no_artefacts`, changed in place.
    steps : ndarray, int16, (row, channel)
        Stored rows from `read_first` on, all of one segment.
    segments : Segments
    epoch_s : float
        Epoch k of the recording begins at k * epoch_s.
    limits : Limits
        Of the same channels.
    first_epoch : int
        Number of the first epoch of `codes`.
    """
    own = int(np.searchsorted(segments.first_rows, read_first, side="right")) - 1
    window_s = epoch_s / codes.shape[1]
    from_zero_s = segments.start_s[own] - (segments.first_rows[own] - read_first) / segments.rate_hz
    # all in windows since the clock's zero, so that they have the same rows in every block
    least = first_epoch * codes.shape[1]
    first = max(least, int(np.floor(from_zero_s / window_s)) - 1)
    last = int(np.ceil((from_zero_s + len(steps) / segments.rate_hz) / window_s)) + 1
    last = min(last, least + codes.shape[0] * codes.shape[1])
    if last <= first:
        return
    start_s = np.arange(first, last + 1) * window_s
    a, row0 = segments.start_s[own], segments.first_rows[own]
    bounds = np.round((start_s - a) * segments.rate_hz).astype(np.int64) + row0 - read_first
    bounds = np.clip(bounds, 0, len(steps))
    found = find_artefacts(steps, bounds, limits)
    codes.reshape(-1, codes.shape[2])[first - least : last - least] |= found


def codes_of_epochs(
    lfp: Lfp, regions: Mapping[str, list[int]], settings: Settings, first: int, last: int
) -> Codes:
    """Look for artefacts in some epochs that follow each other.

    Parameters
    ----------
    lfp : Lfp
        The signals.
    regions : mapping
        Usable channels of each region; the muscle's under `emg`.
    settings : Settings
    first, last : int
        Epochs [first, last), counted from the clock's zero.

    Returns
    -------
    ndarray, uint8, (epoch, window, channel)
        Channels in the order of the regions. The codes do not depend on the choice of epochs.
    """
    order = channels_of(regions)
    limits = limits_in_steps(
        lfp.scale_uv[order],
        lfp.rate_hz,
        settings.artefact_slew_uv_ms,
        settings.artefact_uv,
        moves=np.array([c not in regions.get("emg", []) for c in order]),
        range_steps=lfp.range_steps[order],
    )
    codes = no_artefacts(last - first, settings.epoch_s, len(order))
    window_s = settings.epoch_s / codes.shape[1]
    # each window is seen whole, with all that its code depends on, in one of the pieces at least
    margin = limits.margin + int(np.ceil(window_s * lfp.rate_hz)) + 1
    for start_s, row0, n in zip(
        lfp.segments.start_s, lfp.segments.first_rows, lfp.segments.rows, strict=True
    ):
        from_s, to_s = first * settings.epoch_s - start_s, last * settings.epoch_s - start_s
        begin = row0 + max(0, int(np.floor(from_s * lfp.rate_hz)))
        end = row0 + min(n, int(np.ceil(to_s * lfp.rate_hz)))
        for row in range(begin, end, ROWS_AT_ONCE):
            a, b = max(row - margin, row0), min(row + ROWS_AT_ONCE, end) + margin
            steps = np.asarray(lfp.array[a : min(b, row0 + n)])[:, order]
            mark_artefacts(codes, steps, a, lfp.segments, settings.epoch_s, limits, first)
    return codes


def held_share(
    segments: Segments, first: int, last: int, epoch_s: float
) -> npt.NDArray[np.float64]:
    """Fraction of each window of epochs [first, last) that holds samples, (epoch, window)."""
    n = windows_per_epoch(epoch_s)
    window_s = epoch_s / n
    borders_s = np.stack([segments.start_s, segments.stop_s], axis=1)
    held_s = np.cumsum(np.diff(borders_s, axis=1))
    until_s = np.stack([np.r_[0.0, held_s[:-1]], held_s], axis=1)
    at_s = np.arange(first * n, last * n + 1) * window_s
    share = np.diff(np.interp(at_s, borders_s.ravel(), until_s.ravel())) / window_s
    # a whole window is 1, not a rounding error less
    return np.asarray(np.where(share > 1 - 1e-6, 1.0, share).reshape(last - first, n))


@dataclass(frozen=True)
class EpochQuality:
    """How much of each epoch counts.

    Parameters
    ----------
    valid : ndarray, (epoch,)
        Fraction of the brain channels' time in the epoch without gap and artefact.
    reason : ndarray of str, (epoch,)
        What took the rest, in words joined by ', '; '' where the epoch is whole.
    """

    valid: npt.NDArray[np.float64]
    reason: npt.NDArray[np.str_]


def judge_epochs(codes: Codes, held: npt.NDArray[np.float64]) -> EpochQuality:
    """Put together what gaps and artefacts take from each epoch.

    Parameters
    ----------
    codes : ndarray, uint8, (epoch, window, channel)
        Of the brain's usable channels.
    held : ndarray, (epoch, window)
        Fraction of each window that holds samples, of `held_share`.
    """
    seen = (held > 0)[:, :, None]
    signs = [(held < 1).any(axis=1)]
    signs += [((codes & bit > 0) & seen).any(axis=(1, 2)) for bit in WORDS]
    words = (GAP, *WORDS.values())
    reason = [
        ", ".join(w for w, sign in zip(words, row, strict=True) if sign)
        for row in np.column_stack(signs)
    ]
    whole = (codes == 0).mean(axis=2) if codes.shape[2] else np.ones(held.shape)
    return EpochQuality((held * whole).mean(axis=1), np.asarray(reason, dtype=str))


def median_of_clean(
    values: npt.NDArray[np.float64], clean: npt.NDArray[np.bool_]
) -> npt.NDArray[np.float64]:
    """Median over the clean channels of each epoch.

    Parameters
    ----------
    values : ndarray, (channel, epoch, ...)
    clean : ndarray of bool, (epoch, channel)
        Channels without any artefact in the epoch.

    Returns
    -------
    ndarray, (epoch, ...)
        NaN where no channel of the epoch is clean, or none has a value.
    """
    mask = clean.T.reshape(clean.shape[1], clean.shape[0], *[1] * (values.ndim - 2))
    ordered = np.sort(np.where(mask, values, np.nan), axis=0)  # NaN come last
    n = (~np.isnan(ordered)).sum(axis=0, keepdims=True)
    lower = np.take_along_axis(ordered, np.maximum((n - 1) // 2, 0), axis=0)[0]
    upper = np.take_along_axis(ordered, np.minimum(n // 2, len(ordered) - 1), axis=0)[0]
    return np.asarray(np.where(n[0] > 0, (lower + upper) / 2, np.nan))
