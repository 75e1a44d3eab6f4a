"""What is no seizure: which channels are disturbed in which step, and what a disturbance is called.

A disturbance of the whole animal (cable, chewing) is told from the brain by what the channels
have in common in the muscle band, where the brain's own signals are local (Watson et al. 2016);
one of the electrode (saturation, an open plug) by the channel alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigil.seizures.baseline import BoolArray
from vigil.seizures.evidence import ARTEFACTS, MOVEMENT, Evidence
from vigil.seizures.measures import FLAT, MAINS, NO_DATA, SATURATED
from vigil.seizures.settings import Settings

REACH_S = 2.0
"""So long before and after, a channel that is saturated or unplugged is not believed: amplifiers
swing back, and plugs are pushed more than once."""
OPEN_HZ = 30.0
"""Mean frequency above which a quiet channel is an open input: white noise and hum, no brain."""
SHARED = 0.6
"""Share of the power below 70 Hz in common from which a disturbance of the muscle band is one of
the cable or the head, and not of muscles alone."""

CABLE, CHEWING, UNPLUGGED = "cable", "chewing", "unplugged"
CALLED = {**{name: name for name in ARTEFACTS.values()}, ARTEFACTS[FLAT]: UNPLUGGED}


@dataclass(frozen=True)
class Disturbed:
    """Where evidence is not believed.

    Parameters
    ----------
    channels : ndarray of bool
        (step, channel): saturated, unplugged or without data, or near to that.
    steps : ndarray of bool
        (step,): movement, or a fault of most channels.
    """

    channels: BoolArray
    steps: BoolArray


def find_disturbed(evidence: Evidence, settings: Settings) -> Disturbed:
    """Channels and steps that say nothing about seizures.

    A channel is unplugged where it is flat, nearly all mains, or quiet with a mean frequency
    of white noise.
    """
    reach = round(REACH_S / settings.step_s)
    quiet = evidence.quiet_ln < np.log(settings.suppression_share)  # NaN is not quiet
    plug_out = quiet & (evidence.frequency_hz > OPEN_HZ)
    faulty = np.isin(evidence.fault, (SATURATED, FLAT, MAINS)) | plug_out
    channels = widen(faulty, reach) | (evidence.fault == NO_DATA)
    return Disturbed(channels, evidence.artefact != "")


def name_of(evidence: Evidence, disturbed: Disturbed, first: int, last: int) -> str:
    """What most of the disturbed steps of [first, last) are: a word for the table of disturbances.

    Movement is `cable` where the channels share what is slow as well, `chewing` where they
    share the muscles alone.
    """
    at = slice(first, last)
    names = evidence.artefact[at]
    if (names != "").any():
        words, counts = np.unique(names[names != ""], return_counts=True)
        word = str(words[counts.argmax()])
        if word != MOVEMENT:
            return CALLED.get(word, word)
        moving = evidence.common_band[at][names == MOVEMENT]
        return CABLE if np.nanmedian(moving) >= SHARED else CHEWING
    faults = evidence.fault[at][disturbed.channels[at]]
    if (faults == SATURATED).any():
        return ARTEFACTS[SATURATED]
    return UNPLUGGED


def widen(mask: BoolArray, reach: int) -> BoolArray:
    """Steps within `reach` of one in which a mask (step, ...) holds."""
    n = len(mask)
    before = np.zeros((n + 1, *mask.shape[1:]), dtype=np.int64)
    np.cumsum(mask, axis=0, out=before[1:])
    at = np.arange(n)
    return np.asarray(before[np.minimum(at + reach + 1, n)] > before[np.maximum(at - reach, 0)])
