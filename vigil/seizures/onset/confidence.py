"""From what speaks for a region to the chance that it is the right one.

The share of bootstrap draws which a region wins is no probability: methods or contacts that err
together agree as well, and where only one method finds anything all draws are alike. A logistic
map (Platt 1999) of that share and of what else speaks for the region makes it one.
"""

from __future__ import annotations

from dataclasses import astuple, dataclass

import numpy as np

from vigil.recording import FloatArray


@dataclass(frozen=True)
class Support:
    """What speaks for the region, or regions, named as the onset.

    Parameters
    ----------
    bootstrap : float
        Share of the draws that they win.
    gap_s : float
        How much later the next region begins; infinite where no other one has an onset.
    agreement : float
        Share of the methods that put one of them first, of those that found any onset.
    contrast_z : float
        Robust z of their line length in the first second after it begins to rise, the median
        of their contacts; 0 where it does not rise.
    lead_s : float
        How long before the event they begin; negative for later.
    """

    bootstrap: float
    gap_s: float
    agreement: float
    contrast_z: float
    lead_s: float


TERMS = ("one", "bootstrap", "gap", "agreement", "contrast", "lead")
WEIGHTS = (-1.22, 1.70, 2.19, 0.09, 0.73, -1.22)
"""Of each term, fitted by benchmarks/seizures_placed.py to 188 simulated seizures of four onset
patterns (seeds 100 to 149), in two to eight regions of two to sixteen contacts. Where all regions
began within a step, as in one of eight, a single region counted as wrong. The number of contacts
and of regions was tried and added nothing to the bootstrap."""
LOG_STEP_S = 0.25  # below this a gap counts as none
LATE_S = 3.0  # a detector may well be so late; an earlier onset may be another matter


def terms(support: Support) -> FloatArray:
    """Terms of the logistic map, in the order of `TERMS`, each of a size near one."""
    share, gap_s, agreement, contrast_z, lead_s = astuple(support)
    # half a draw of 50 at either end keeps the logarithm finite
    share = min(max(share, 0.01), 0.99)
    return np.array(
        [
            1.0,
            np.log(share / (1 - share)) / 4.0,
            np.log2(min(max(gap_s, LOG_STEP_S), 8 * LOG_STEP_S) / LOG_STEP_S) / 3.0,
            agreement,
            np.log2(min(max(contrast_z, 1.0), 16.0)) / 4.0,
            min(max(lead_s - LATE_S, 0.0), 9.0) / 3.0,
        ]
    )


def calibrated(support: Support) -> float:
    """Chance that the region, or one of the regions, is where the seizure begins."""
    return float(1.0 / (1.0 + np.exp(-terms(support) @ np.array(WEIGHTS))))
