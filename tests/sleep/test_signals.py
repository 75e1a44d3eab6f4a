"""What the threshold scorer looks at: silence, unusual epochs, missing signals."""

import numpy as np
import pandas as pd

from vigil.sleep.signals import is_silent, is_usual, read_signals

RNG = np.random.default_rng(0)
ALIVE = RNG.normal(3.4, 0.3, 900)


def test_silence_is_far_below_the_usual_variance_however_long_it_lasts():
    for silent_epochs in (20, 900, 4000):
        flat = RNG.normal(0.5, 0.1, silent_epochs)
        silent = is_silent(np.concatenate([ALIVE, flat]))
        assert not silent[:900].any()
        assert silent[900:].all()


def test_what_is_louder_now_and_then_is_not_silent_else():
    loud = np.concatenate([ALIVE, ALIVE[:300] + 2.5])
    assert not is_silent(loud).any()
    assert not is_silent(np.full(10, np.nan)).any()


def test_seizures_are_unusual():
    usual = is_usual(np.append(ALIVE, [6.0, 6.2, np.nan]))
    assert usual[:900].mean() > 0.99
    assert not usual[900:].any()


def test_silent_and_missing_epochs_are_missing_in_their_region_alone():
    n = 300
    table = pd.DataFrame(
        {
            f"{r}.{c}": ALIVE[:n]
            for r in ("b", "a")
            for c in ("log_power_delta", "log_activity", "theta_delta")
        }
    )
    table["emg.log_rms"] = 1.0
    table.loc[100:119, "a.log_activity"] = 0.3
    table.loc[110:129, "b.log_power_delta"] = np.nan
    signals = read_signals(table)
    assert list(signals.delta) == ["a", "b"]
    assert np.flatnonzero(np.isnan(signals.delta["a"])).tolist() == list(range(100, 120))
    assert np.flatnonzero(np.isnan(signals.theta["a"])).tolist() == list(range(100, 120))
    assert np.flatnonzero(np.isnan(signals.delta["b"])).tolist() == list(range(110, 130))
    assert np.flatnonzero(~signals.known).tolist() == list(range(110, 120))
    assert np.array_equal(np.isnan(signals.tones[0]), ~signals.known)


def test_slow_waves_are_delta_and_the_band_of_spindles():
    table = pd.DataFrame({"cx.log_power_delta": np.full(9, 2.0), "cx.log_power_alpha": 1.0})
    slow = read_signals(table).slow
    assert slow["cx", "delta"].tolist() == [2.0] * 9
    assert slow["cx", "slow"].tolist() == [1.5] * 9
