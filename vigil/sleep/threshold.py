"""Sleep without labels: thresholds at the dips of bimodal distributions.

In the manner of SleepScoreMaster of buzcode (Watson et al. 2016): slow-wave power
separates NREM from the rest, muscle tone and movement separate wakefulness, and the
theta ratio separates REM from quiet wakefulness. Thresholds lie where the recording's own
distribution dips; a Schmitt trigger keeps states from flickering at the threshold. What has no
dip decides nothing: no state is made up because two or three were expected.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import product

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.sleep.bouts import bout_borders
from vigil.sleep.dips import FEWEST_EPOCHS, Split, effect, find_split, schmitt_trigger, standard
from vigil.sleep.signals import Signals, read_signals

FloatArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

LEAST_CONTRAST = 0.2
"""By how many powers of ten delta power of NREM is above that of the rest."""
LEAST_TONE_CONTRAST = 0.3
"""By how many powers of ten muscle tone of wakefulness is above that of sleep."""
MEDIUM_EFFECT, LARGE_EFFECT = 0.5, 0.8
"""Differences of two means in standard deviations that are medium and large (Cohen 1988)."""
ALIKE = 0.8
"""Regions that agree on so many epochs speak of the same two states."""
STICKINESS = 0.25
"""How far beyond a dip a state changes: a quarter of the way to the mode. Half of it, as an edge of
Schmitt's trigger often has it, swallows brief awakenings."""


@dataclass(frozen=True)
class Judged:
    """Which epochs lie above a dip.

    Parameters
    ----------
    known, above : ndarray of bool, (epoch,)
        Where anything that splits was measured, and where it lies above.
    """

    known: BoolArray
    above: BoolArray

    @classmethod
    def nothing(cls, n_epochs: int) -> Judged:
        """No measure has a dip."""
        return cls(np.zeros(n_epochs, dtype=bool), np.zeros(n_epochs, dtype=bool))


@dataclass(frozen=True)
class Measure:
    """A measure of each epoch, and where it splits."""

    of_epochs: FloatArray
    split: Split

    @property
    def place(self) -> FloatArray:
        """Where each epoch lies, from -1 or so (low mode) over 0 (dip) to 1."""
        split = self.split
        return np.clip((self.of_epochs - split.dip) / (split.high - split.low), -1, 1)


def score_by_thresholds(
    features: pd.DataFrame, movement: pd.DataFrame | None, movement_cm_s: float
) -> npt.NDArray[np.str_]:
    """State of each epoch.

    Parameters
    ----------
    features : DataFrame
        As of features.parquet.
    movement : DataFrame or None
        As of `movement_of_epochs`.
    movement_cm_s : float
        Mean speed from which the animal is awake.

    Returns
    -------
    ndarray of str, (epoch,)
        wake, nrem, rem, or unclassified where the signals are missing.
    """
    n = len(features)
    signals = read_signals(features)
    seen = np.zeros(n, dtype=bool)
    moving = np.zeros(n, dtype=bool)
    if movement is not None:
        speed = movement["movement.speed"].to_numpy(dtype=np.float64)
        seen, moving = np.isfinite(speed), speed >= movement_cm_s
    slow = _slow_waves(signals, moving)
    tone = _muscle_tone(signals, slow)
    awake = moving | tone.above
    nrem = slow.above & ~awake
    quiet = slow.known & ~slow.above & ~awake
    rem = _theta(signals, nrem, quiet, slow.known & ~slow.above)
    rem = follows_nrem(rem, slow.above & ~awake, ~tone.known & ~seen)
    states = np.full(n, "wake", dtype="<U12")
    states[nrem] = "nrem"
    states[rem] = "rem"
    # without slow waves to go by, sleep cannot be told from quiet wakefulness
    states[~slow.known & ~awake] = "unclassified"
    states[~signals.known] = "unclassified"
    return states


def judge(measures: Iterable[Measure], among: BoolArray) -> Judged:
    """What measures that split say together about some epochs.

    Each one counts by the depth of its dip, and none counts that does not tell the same two
    states apart as the deepest one. Where a region is missing the others decide.
    """
    # the sum settles equals, whatever order they come in
    ranked = sorted(measures, key=lambda m: (-m.split.depth, np.nansum(m.of_epochs)))
    n_epochs = len(among)
    if not ranked:
        return Judged.nothing(n_epochs)
    first = ranked[0].place
    total, weight = np.zeros(n_epochs), np.zeros(n_epochs)
    for m in ranked:
        here = np.isfinite(m.place)
        both = among & here & np.isfinite(first)
        if both.any() and np.mean((m.place > 0)[both] == (first > 0)[both]) < ALIKE:
            continue
        total[here] += m.split.depth * m.place[here]
        weight[here] += m.split.depth
    known = weight > 0
    place = np.where(known, total / np.where(known, weight, 1), np.nan)
    return Judged(known, schmitt_trigger(place, Split(-0.5, 0.0, 0.5, 1.0), STICKINESS))


def _slow_waves(signals: Signals, moving: BoolArray) -> Judged:
    """Epochs with slow waves.

    Where no region's slow waves have a dip of their own, those with slack muscles may have one.
    Where artefacts of movement are stronger than slow waves, only the epochs without movement
    tell the dip.
    """
    everywhere = np.ones(len(moving), dtype=bool)
    among_which = [everywhere, ~moving] if moving.any() else [everywhere]
    for tone, among in product((None, *signals.tones[:1]), among_which):
        found = []
        for (region, _), values in signals.slow.items():
            usual = signals.usual[region] & among
            if tone is not None:
                values = standard(values, usual) - standard(tone, usual)
            split = find_split(values[usual])
            if split is not None and _has_slow_waves(signals, region, values, split, moving, usual):
                found.append(Measure(values, split))
        if found:
            return judge(found, signals.known)
    return Judged.nothing(len(signals.known))


def _has_slow_waves(
    signals: Signals,
    region: str,
    values: FloatArray,
    split: Split,
    moving: BoolArray,
    usual: BoolArray,
) -> bool:
    """Whether what lies above a dip looks like NREM: more delta power, not more movement.

    Where epochs between the states fill the dip, the muscles have to be slacker, too.
    """
    delta = signals.delta[region]
    above, below = usual & (values > split.dip), usual & (values < split.dip)
    # an artefact of movement is slow and strong, too
    if moving[above].mean() > moving[below].mean():
        return False
    if np.nanmedian(delta[above]) - np.nanmedian(delta[below]) < LEAST_CONTRAST:
        return False
    return split.seen or any(effect(t, below, above) >= MEDIUM_EFFECT for t in signals.tones)


def _muscle_tone(signals: Signals, slow: Judged) -> Judged:
    """Epochs with the muscle tone of wakefulness; the better measure decides where it can."""
    n = len(signals.known)
    tone = Judged.nothing(n)
    for values in signals.tones:
        usual = signals.mostly_usual
        split = split_tone(values, usual, slow)
        if split is None:
            continue
        if not slow.known.any():
            # of sleep alone, REM has less tone and less delta power; wakefulness has more tone
            slack, tense = usual & (values < split.dip), usual & (values > split.dip)
            if all(effect(d, slack, tense) < MEDIUM_EFFECT for d in signals.delta.values()):
                continue
        own = judge([Measure(values, split)], signals.known)
        tone = Judged(tone.known | own.known, np.where(tone.known, tone.above, own.above))
    return tone


def split_tone(values: FloatArray, usual: BoolArray, slow: Judged) -> Split | None:
    """The dip between the muscle tone of wakefulness and that of sleep.

    Tone is highest in wakefulness and lowest in REM. A dip below most of NREM parts REM from
    it; then the dip of wakefulness lies above, if there is one. Where NREM is not known, the two
    modes have to lie as far apart as only wakefulness and sleep do.
    """
    asleep = values[usual & slow.above]
    asleep = asleep[np.isfinite(asleep)]
    rest = values[usual & np.isfinite(values)]
    least = float(np.median(asleep)) if len(asleep) >= FEWEST_EPOCHS else -np.inf
    while (split := find_split(rest)) is not None:
        far = np.isfinite(least) or split.high - split.low >= LEAST_TONE_CONTRAST
        if split.dip > least:
            return split if far else None
        rest = rest[rest > split.dip]
    return None


def _theta(signals: Signals, nrem: BoolArray, quiet: BoolArray, rest: BoolArray) -> BoolArray:
    """Epochs of REM among those that are neither NREM nor wakefulness with movement.

    Parameters
    ----------
    nrem, quiet, rest : ndarray of bool, (epoch,)
        NREM; what is neither that nor wakefulness with movement; and all that is not NREM.
    """
    n = len(quiet)
    tone = signals.tones[0] if signals.tones else np.full(n, np.nan)
    # without quiet wakefulness REM stands out from wakefulness with movement
    for among in (quiet, rest):
        found = []
        for region, theta in signals.theta.items():
            which = among & signals.usual[region]
            # muscles are slack in REM: tone tells it, too, where theta confirms it
            both = standard(theta, which) - standard(tone, which)
            for values in (theta, -tone, both):
                split = find_split(values[which])
                # chance splits a sum in both of its parts: nothing is left to confirm it
                if split is None or (values is both and not split.seen):
                    continue
                if _is_rem(values > split.dip, which, nrem, theta, tone):
                    found.append(Measure(values, split))
        if found:
            return quiet & judge(found, among).above
    if _all_rem(signals, nrem, quiet, tone):
        return quiet
    return np.zeros(n, dtype=bool)


def _all_rem(signals: Signals, nrem: BoolArray, quiet: BoolArray, tone: FloatArray) -> bool:
    """Whether all quiet epochs are REM: clearly more theta and slacker muscles than in NREM."""
    more_theta = any(effect(t, quiet, nrem) >= LARGE_EFFECT for t in signals.theta.values())
    return more_theta and effect(tone, nrem, quiet) >= LARGE_EFFECT


def _is_rem(
    above: BoolArray, which: BoolArray, nrem: BoolArray, theta: FloatArray, tone: FloatArray
) -> bool:
    """Whether epochs that stand out among quiet ones look like REM.

    They have clearly more theta and slacker muscles than the other quiet ones, more theta than
    NREM, and not more muscle tone than most of NREM. One state that chance splits by theta does
    not differ in tone, and the other way round.
    """
    yes, no = which & above, which & ~above
    if effect(theta, yes, no) < LARGE_EFFECT or effect(theta, nrem, yes) > 0:
        return False
    asleep, slack, tense = (tone[w & np.isfinite(tone)] for w in (nrem, yes, no))
    if min(len(asleep), len(slack), len(tense)) < FEWEST_EPOCHS:
        return True
    if effect(tone, no, yes) < MEDIUM_EFFECT:
        return False
    return bool(np.median(slack) <= np.quantile(asleep, 0.75))


def follows_nrem(rem: BoolArray, nrem: BoolArray, unseen: BoolArray) -> BoolArray:
    """Bouts of REM that nothing tells from running, and that do not follow NREM, are dropped."""
    kept = rem.copy()
    for first, last in bout_borders(np.where(rem, "rem", "")):
        if rem[first] and unseen[first] and not nrem[max(0, first - 2) : first].any():
            kept[first:last] = False
    return kept
