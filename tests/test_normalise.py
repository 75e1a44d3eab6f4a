"""Normalisation that does not depend on the mix of states.

Two recordings hold the same wakefulness and the same NREM; one has REM in 25 % of its time, the
other in 2 %, as after sleep deprivation. The values of the epochs that both hold are compared.
"""

import numpy as np
import pandas as pd
import pytest

from vigil.normalise import mixture_normalise
from vigil.sleep.threshold import score_by_thresholds

TOLERANCE = 0.1
"""Largest change of a normalised value, in units of the mixture's standard deviation."""

BEFORE = ["wake"] * 18 + ["nrem"] * 26
BOUT = ["rem"] * 15
CYCLES = 40

LEVELS = {
    # wake, nrem, rem: as the regions of a mouse show them, in log10 uV^2/Hz, 1 and log10 uV
    "cx.log_power_delta": (1.5, 2.6, 1.4),
    "hc.log_power_theta": (2.0, 1.8, 2.6),
    "hc.theta_delta": (0.3, -0.8, 1.1),
    "cx.log_power_sigma": (1.0, 1.7, 1.1),
    "cx.slope": (-1.6, -2.3, -1.9),
    "cx~hc.coherence_theta": (0.45, 0.3, 0.7),
    "emg.log_rms": (1.6, 0.9, 0.5),
}


def night():
    """Features of a night with much REM, its states, and which epochs are left with little."""
    rng = np.random.default_rng(11)
    states = np.array((BEFORE + BOUT) * CYCLES)
    number = np.repeat(np.arange(CYCLES), len(BEFORE + BOUT))
    # of the bouts of REM two remain
    kept = (states != "rem") | (number % 20 == 10)
    place = np.searchsorted(["nrem", "rem", "wake"], states)
    table = {}
    for name, (wake, nrem, rem) in LEVELS.items():
        values = np.array([nrem, rem, wake])[place]
        table[name] = values + rng.normal(0, 0.12, len(states)) + rng.gumbel(0, 0.05, len(states))
    table["cx.log_activity"] = rng.normal(3, 0.2, len(states))
    return pd.DataFrame(table), states, kept


def share_of_rem(states):
    return np.mean(states == "rem")


def largest_change(normalise):
    """How far the values of the same epochs lie apart when REM becomes rare."""
    table, states, kept = night()
    assert share_of_rem(states) == pytest.approx(0.25, abs=0.01)
    assert share_of_rem(states[kept]) == pytest.approx(0.02, abs=0.005)
    much = normalise(table, states)[kept].reset_index(drop=True)
    little = normalise(table[kept].reset_index(drop=True), states[kept])
    return float((much - little).abs().max().max())


def provisional(table, _):
    states = score_by_thresholds(table, None, 3.0)
    return mixture_normalise(table, states)


def test_with_the_true_states_the_values_do_not_change():
    assert largest_change(mixture_normalise) < TOLERANCE


def test_with_provisional_states_the_values_do_not_change():
    assert largest_change(provisional) < TOLERANCE


def test_a_plain_z_score_does_change():
    assert largest_change(lambda table, _: (table - table.mean()) / table.std()) > 5 * TOLERANCE


def two_states(n_wake, n_nrem):
    rng = np.random.default_rng(2)
    states = np.repeat(["wake", "nrem"], [n_wake, n_nrem])
    x = np.where(states == "wake", 1.0, 4.0) + rng.normal(0, 0.5, len(states))
    return pd.DataFrame({"cx.delta": x}), states


def test_the_mixture_has_mean_0_and_variance_1():
    # half and half, as the shares of wakefulness and NREM are the same
    z = mixture_normalise(*two_states(500, 500))["cx.delta"]
    assert z.mean() == pytest.approx(0, abs=1e-6)
    assert z.std(ddof=0) == pytest.approx(1, abs=1e-6)


def test_shares_can_be_given():
    table, states = two_states(500, 100)
    z = mixture_normalise(table, states, {"wake": 1.0})["cx.delta"]
    assert z[states == "wake"].mean() == pytest.approx(0, abs=1e-6)
    assert z[states == "wake"].std(ddof=0) == pytest.approx(1, abs=1e-6)


def test_without_states_all_epochs_count_the_same():
    table, _ = two_states(100, 300)
    z = mixture_normalise(table, np.full(400, "unclassified"))
    assert np.allclose(z, (table - table.mean()) / table.std(ddof=0))


def test_missing_values_stay_missing_and_constants_become_missing():
    table = pd.DataFrame({"a": [1.0, np.nan] * 20, "b": 3.0})
    table.loc[0, "a"] = 2.0
    z = mixture_normalise(table, np.full(40, "wake"))
    assert z["a"].isna().sum() == 20
    assert z["b"].isna().all()


def test_a_region_that_is_missing_in_a_state_is_normalised_by_the_others():
    table, states = two_states(500, 500)
    table["hc.delta"] = table["cx.delta"].where(states == "wake")
    z = mixture_normalise(table, states)
    awake = z["hc.delta"][states == "wake"]
    assert awake.mean() == pytest.approx(0, abs=1e-6)
    assert awake.std(ddof=0) == pytest.approx(1, abs=1e-6)
    assert z["hc.delta"][states == "nrem"].isna().all()
    assert z["cx.delta"].notna().all()
