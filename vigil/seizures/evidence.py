"""From measures to evidence: how unlike its baseline each channel is, and what is artefact."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from vigil.recording import FloatArray
from vigil.seizures.baseline import Yardstick, in_spreads, smooth
from vigil.seizures.baseline import row_median as row_median  # where it has always been
from vigil.seizures.filters import FAST_MAINS
from vigil.seizures.measures import FLAT, MAINS, NO_DATA, OK, SATURATED, Measures
from vigil.seizures.settings import Settings
from vigil.seizures.yardsticks import (
    ALL_SHARED,
    Yardsticks,
    fast_ln,
    smoothed,
    take_yardsticks,
)

ARTEFACTS = {NO_DATA: "no data", SATURATED: "saturated", FLAT: "flat", MAINS: "mains"}
MOVEMENT = "movement"
MOVING_Z, CHEWING_Z = 2.0, 4.0
"""Robust z of the muscle band from which a cable, or chewing, is what is heard."""
CONFIRMED_Z = 1.0
"""Robust z of the EMG that confirms what the brain's channels show; its spread over sleep and
wakefulness is wide."""
MUSCLES_SHARED = 0.5
"""Share of the muscle band in common from which all of it is held for muscles."""
LENGTH_HZ = (12.0, 70.0)
"""Band of the line length."""
SHARED_BAND = 0.6
"""Share of the power in common, at least: below 70 Hz in a cable's movement, in the muscle band in
chewing."""


def line_length_uv_s(signal_uv: npt.ArrayLike, rate_hz: float) -> FloatArray:
    """Line length of signals (row, ...): mean absolute change per second (Esteller et al. 2001).

    A sinusoid of amplitude A and frequency f has 4 A f.
    """
    x = np.asarray(signal_uv, dtype=np.float64)
    return np.asarray(np.abs(np.diff(x, axis=0)).mean(axis=0) * rate_hz)


@dataclass(frozen=True)
class Evidence:
    """What speaks for a seizure, (step, channel), and artefacts, (step,).

    Parameters
    ----------
    line_length_z, power_ratio_z, spikes_z, low_z : ndarray
        Robust z of the channels of the brain; `low_z` of the log RMS of 4-12 Hz.
    line_length_ln, frequency_hz : ndarray
        Log line length over its baseline, and mean frequency, for the evolution.
    quiet_ln : ndarray
        Log line length over its baseline with flat steps and those of the mains, NaN only
        where a channel cannot be heard: what suppression is told from.
    spikes_per_s : ndarray
        Spikes, averaged over neighbouring steps.
    fault : ndarray
        uint8, what is wrong with each channel: `measures.OK`, NO_DATA, SATURATED, FLAT, MAINS.
    artefact : ndarray of str
        Name of what disturbs most of the channels, or ''.
    suppressed : ndarray of bool
        Median line length is below the share of its baseline that the settings name. Flat
        steps and ones that are all mains count as well: of a silent brain nothing else is left.
    common_band, common_fast : ndarray
        Share of the power below 70 Hz, and in the muscle band, that the channels have in common.
    fast_rise, emg_rise : ndarray
        Median over the channels, of the brain and of the EMG, of the robust z of log RMS in the
        muscle band; NaN where there is no such band or no EMG.
    spread_ln : ndarray
        (channel,), usual spread of log line length of each channel, all states together.
    """

    line_length_z: npt.NDArray[np.float32]
    power_ratio_z: npt.NDArray[np.float32]
    spikes_z: npt.NDArray[np.float32]
    low_z: npt.NDArray[np.float32]
    line_length_ln: npt.NDArray[np.float32]
    quiet_ln: npt.NDArray[np.float32]
    frequency_hz: npt.NDArray[np.float32]
    spikes_per_s: npt.NDArray[np.float32]
    fault: npt.NDArray[np.uint8]
    artefact: npt.NDArray[np.str_]
    suppressed: npt.NDArray[np.bool_]
    common_band: npt.NDArray[np.float32]
    common_fast: npt.NDArray[np.float32]
    fast_rise: npt.NDArray[np.float32]
    emg_rise: npt.NDArray[np.float32]
    spread_ln: npt.NDArray[np.float32]

    def of(self, steps: slice) -> Evidence:
        """The evidence of some of the steps."""
        whole = ("spread_ln",)
        return replace(self, **{k: v[steps] for k, v in vars(self).items() if k not in whole})


def weigh(measures: Measures, emg: Measures | None, has_fast: bool, settings: Settings) -> Evidence:
    """Turn the measures of a recording that is in memory into evidence."""

    def source(first: int, last: int) -> tuple[Measures, Measures | None]:
        steps = slice(first, last)
        return measures.at(steps), None if emg is None else emg.at(steps)

    known = take_yardsticks(source, len(measures.fault), settings)
    return weigh_section(measures, emg, known, 0, has_fast, settings)


def margin_steps(settings: Settings) -> int:
    """Steps at either end of a section that are wrong where the recording goes on."""
    return 2 * (settings.smooth_steps // 2)


def weigh_section(
    measures: Measures,
    emg: Measures | None,
    known: Yardsticks,
    first: int,
    has_fast: bool,
    settings: Settings,
) -> Evidence:
    """Turn measures of the brain's channels and the EMG's, from step `first` on, into evidence.

    See `margin_steps` for what to cut off.
    """
    s = smoothed(measures, settings)
    fast_rise = _rise(s.fast_ln, known.fast_ln if has_fast else None, first, settings)
    muscle = None if emg is None or not has_fast else known.emg_fast_ln
    emg_rise = _rise(s.fast_ln if emg is None else fast_ln(emg), muscle, first, settings)
    centre, spread = known.length_ln.over(first, first + len(measures.fault))
    above = s.length_ln - centre
    raw_z = in_spreads(above, spread, settings.baseline_spread_ln)
    if has_fast:
        usual, _ = known.fast_ln.over(first, first + len(measures.fault))
        muscles = muscles_uv_s(measures, usual, None if emg is None else emg_rise, settings)
        above = without_muscles(s.length_ln, centre, muscles) - centre
    quiet = s.level_ln - centre
    least = settings.baseline_spread_ln
    length_z = in_spreads(above, spread, least)
    moving = movement_steps(
        measures,
        row_median(raw_z),
        row_median(length_z),
        fast_rise,
        None if emg is None else emg_rise,
        settings,
    )
    return Evidence(
        line_length_z=length_z,
        power_ratio_z=known.ratio_ln.z(s.ratio_ln, first, least),
        spikes_z=known.spikes_per_s.z(s.spikes_per_s, first, settings.spike_spread_per_s),
        low_z=known.low_ln.z(s.low_ln, first, least),
        line_length_ln=above,
        quiet_ln=quiet,
        frequency_hz=s.frequency_hz,
        spikes_per_s=s.spikes_per_s,
        fault=measures.fault,
        artefact=name_artefacts(measures.fault, moving),
        suppressed=row_median(quiet) < np.log(settings.suppression_share),
        common_band=measures.common_band,
        common_fast=measures.common_fast,
        fast_rise=fast_rise,
        emg_rise=emg_rise,
        spread_ln=np.maximum(known.usual_spread_ln, np.float32(least)),
    )


def muscles_uv_s(
    measures: Measures,
    usual_fast_ln: npt.NDArray[np.float32],
    emg_rise: npt.NDArray[np.float32] | None,
    settings: Settings,
) -> npt.NDArray[np.float32]:
    """Line length of 12-70 Hz that muscles make, (step, channel), uV/s; NaN where not known.

    Muscles have a broad and nearly flat spectrum from some 20 Hz to some hundred (Goncharova et
    al. 2003), and what a brain has at 160-190 Hz is minute beside a discharge. So what the
    muscle band holds over its usual power lies with the same density below 70 Hz. Noise of
    flat density has, in the band from a to b, a slope of 2 pi sqrt((b^3 - a^3) / 3) times the
    root of the density, and a mean absolute slope of sqrt(2 / pi) of that.

    Muscles reach all channels, other noise does not. So all of the power counts where half of
    it is in common, beyond what chance has in common, and less of it elsewhere. With a single
    channel the EMG has to tell: it must be above `MOVING_Z`.
    """
    low_hz, high_hz = LENGTH_HZ
    width_hz = settings.mains_hz * (FAST_MAINS[1] - FAST_MAINS[0])
    slope = np.sqrt(2 / np.pi) * 2 * np.pi * np.sqrt((high_hz**3 - low_hz**3) / 3 / width_hz)
    good = measures.fault == OK
    power = np.where(good, measures.fast_uv, np.float32(np.nan)) ** 2
    excess = smooth(power, settings.smooth_steps) - np.exp(2 * usual_fast_ln)
    n = good.sum(axis=1)
    if good.shape[1] > 1:
        chance = 1 / np.maximum(n, 2)
        shared = smooth(measures.common_fast[:, None], settings.smooth_steps)[:, 0]
        share = (shared - chance) / (1 - chance) / MUSCLES_SHARED
    elif emg_rise is not None:
        share = (emg_rise >= MOVING_Z).astype(np.float32)
    else:
        share = np.zeros(len(n), np.float32)
    excess *= np.clip(share, 0, 1)[:, None]
    return np.asarray(slope * np.sqrt(np.maximum(excess, 0)), np.float32)


def without_muscles(
    length_ln: npt.NDArray[np.float32],
    centre: npt.NDArray[np.float32],
    muscles: npt.NDArray[np.float32],
) -> npt.NDArray[np.float32]:
    """Log line length less what muscles make of it, but never below the baseline for them."""
    muscles = np.nan_to_num(muscles)
    left = np.exp(2 * length_ln) - muscles**2
    least = np.minimum(length_ln, centre)
    out = np.maximum(np.log(np.maximum(left, np.float32(1e-6))) / 2, least)
    return np.where(muscles > 0, out, length_ln).astype(np.float32)


def movement_steps(
    measures: Measures,
    length_z: npt.NDArray[np.float32],
    brain_z: npt.NDArray[np.float32],
    fast_rise: npt.NDArray[np.float32],
    emg_rise: npt.NDArray[np.float32] | None,
    settings: Settings,
) -> npt.NDArray[np.bool_]:
    """Steps in which a broadband disturbance is common to all channels: a cable, or the head.

    Both are told from the brain by the muscle band, where the brain's own signals are local
    (Watson et al. 2016). A cable: power there rises on the median channel and is the same on
    all of them (`common_share`), and what is slower is shared as well, nearly all of it where the
    line length rises by more than that power does: a seizure that convulses shakes the cable, but
    differs between regions. Chewing: power there rises by more than the line length does, is
    mostly shared, and is in the EMG, where there is one; and without what muscles make of the
    line length hardly any of its rise is left: otherwise a seizure lies below. A single channel
    has nothing in common with others; then only the EMG can tell.

    Parameters
    ----------
    length_z, brain_z : ndarray
        (step,), robust z of the line length of the median channel, as it is and without muscles.
    fast_rise, emg_rise : ndarray
        (step,), see `Evidence`; NaN, which is no movement, without a muscle band.
    """
    in_emg = np.ones(len(fast_rise), bool) if emg_rise is None else emg_rise >= CONFIRMED_Z
    if measures.fault.shape[1] > 1:
        shared = measures.common_fast
        moving = (fast_rise >= MOVING_Z) & (shared >= settings.common_share)
        moving &= measures.common_band >= np.where(fast_rise >= length_z, SHARED_BAND, ALL_SHARED)
        chewing = (fast_rise >= CHEWING_Z) & (shared >= SHARED_BAND) & in_emg
        moving |= chewing & (fast_rise > length_z) & ~(brain_z >= MOVING_Z)
    elif emg_rise is not None:
        moving = (fast_rise >= MOVING_Z) & (emg_rise >= MOVING_Z)
    else:
        return np.zeros(len(fast_rise), dtype=bool)
    # the evidence is averaged over neighbouring steps, and a disturbance has edges
    spread = np.ones(2 * (settings.smooth_steps // 2 + 1) + 1, dtype=int)
    return np.asarray(np.convolve(moving, spread, "same") > 0)


def name_artefacts(
    fault: npt.NDArray[np.uint8], moving: npt.NDArray[np.bool_]
) -> npt.NDArray[np.str_]:
    """Name of the disturbance of each step: `movement`, or the fault of most channels, or ''."""
    names = np.full(len(fault), "", dtype="U9")
    for code, name in ARTEFACTS.items():
        names[(fault == code).mean(axis=1) > 0.5] = name
    names[moving] = MOVEMENT
    return names


def _rise(
    fast: npt.NDArray[np.float32], known: Yardstick | None, first: int, settings: Settings
) -> npt.NDArray[np.float32]:
    """Median over the channels of the robust z of the muscle band; NaN without a yardstick."""
    if known is None:
        return np.full(len(fast), np.nan, np.float32)
    return row_median(known.z(fast, first, settings.baseline_spread_ln))
