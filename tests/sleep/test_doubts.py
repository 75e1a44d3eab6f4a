"""Recordings about which a model is not to be asked."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.doubts import lacks_a_state, one_state, relative_spread, why_not

MIXED = np.array(["wake"] * 50 + ["nrem"] * 40 + ["rem"] * 10)
AWAKE = np.array(["wake"] * 60 + ["unclassified"] * 40)
USUAL = {"cx.delta": 1.0, "cx.theta": 2.0, "hc.theta": 1.0}


def spread(times, names=("cx.delta", "cx.theta")):
    return pd.Series({n: times * USUAL.get(n, 1.0) for n in names})


def test_the_spread_is_relative_to_that_of_other_recordings():
    assert relative_spread(spread(0.5), USUAL) == pytest.approx(0.5)
    assert np.isnan(relative_spread(spread(1.0, ("am.delta",)), USUAL))


def test_one_state_is_narrow_and_lacks_the_others():
    assert lacks_a_state(AWAKE)
    assert not lacks_a_state(MIXED)
    assert one_state(AWAKE, spread(0.5), USUAL)
    # thresholds found nothing, but the features spread as those of several states
    assert not one_state(AWAKE, spread(0.95), USUAL)
    assert not one_state(MIXED, spread(0.5), USUAL)


@pytest.mark.parametrize(
    ("provisional", "names", "times", "beats", "words"),
    [
        (MIXED, ("cx.delta",), 1.0, True, ""),
        (MIXED, ("cx.delta",), 1.0, False, "less well"),
        (MIXED, ("am.delta",), 1.0, True, "none of the regions"),
        (AWAKE, ("cx.delta", "hc.theta"), 0.5, True, "one state"),
    ],
)
def test_each_reason_is_a_sentence(provisional, names, times, beats, words):
    why = why_not(provisional, spread(times, names), USUAL, beats)
    assert why == "" if not words else words in why
