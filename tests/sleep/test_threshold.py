"""The threshold scorer on epochs whose states are known, with what recordings may lack."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.agreement import agreement
from vigil.sleep.threshold import score_by_thresholds

LEVELS = {
    # wake, nrem, rem: as the regions of a mouse show them, in log10 uV^2/Hz, 1 and log10 uV
    "ca1.log_power_delta": (1.9, 2.5, 1.7),
    "ca1.log_power_sigma": (1.2, 1.6, 1.2),
    "ca1.theta_delta": (0.3, -0.6, 0.9),
    "ca1.log_activity": (3.3, 3.6, 3.4),
    "cx.log_power_delta": (1.8, 2.6, 1.7),
    "cx.log_power_sigma": (1.0, 1.7, 1.1),
    "cx.theta_delta": (0.0, -0.6, 0.4),
    "cx.log_activity": (3.0, 3.7, 3.0),
    "emg.log_rms": (1.6, 0.9, 0.5),
}
CYCLE = ["wake"] * 25 + (["nrem"] * 35 + ["rem"] * 12 + ["wake"] * 4) * 2 + ["wake"] * 20
HOUR = np.array((CYCLE * 7)[:900])
NO_REM = np.array((["wake"] * 40 + ["nrem"] * 60) * 9)


def night(states, seed=1, noise=0.15):
    """Features of epochs whose states are given; neighbours in a region vary together."""
    rng = np.random.default_rng(seed)
    place = pd.Index(["wake", "nrem", "rem"]).get_indexer(states)
    table = {
        name: np.array(levels)[place] + rng.normal(0, noise, len(states))
        for name, levels in LEVELS.items()
    }
    return pd.DataFrame({"start_s": 4.0 * np.arange(len(states)), "duration_s": 4.0, **table})


def camera(states, seed=2):
    """The head moves in most epochs of wakefulness."""
    moves = (states == "wake") & (np.random.default_rng(seed).random(len(states)) < 0.8)
    return pd.DataFrame({"movement.speed": np.where(moves, 8.0, 0.1)})


def kappa(states, scored):
    return agreement(states, scored)["kappa"]


def share(scored, state):
    return float(np.mean(scored == state))


def test_the_three_states_are_told_apart():
    scored = score_by_thresholds(night(HOUR), camera(HOUR), 3.0)
    assert kappa(HOUR, scored) > 0.97
    assert agreement(HOUR, scored)["rem_f1"] > 0.95


@pytest.mark.parametrize("seen", [True, False])
@pytest.mark.parametrize("has_emg", [True, False])
def test_without_emg_or_camera_or_both(has_emg, seen):
    features = night(HOUR) if has_emg else night(HOUR).drop(columns="emg.log_rms")
    scored = score_by_thresholds(features, camera(HOUR) if seen else None, 3.0)
    assert kappa(HOUR, scored) > 0.9


def test_the_emg_of_the_brain_stands_in_for_a_missing_one():
    features = night(HOUR)
    features["emg.from_lfp"] = 0.3 + 0.2 * features["emg.log_rms"]
    features.loc[300:600, "emg.log_rms"] = np.nan
    assert kappa(HOUR, score_by_thresholds(features, None, 3.0)) > 0.95


def test_a_camera_that_sees_parts_only():
    movement = camera(HOUR)
    movement[200:600] = np.nan
    assert kappa(HOUR, score_by_thresholds(night(HOUR), movement, 3.0)) > 0.95
    unseen = pd.DataFrame({"movement.speed": np.full(len(HOUR), np.nan)})
    assert np.array_equal(
        score_by_thresholds(night(HOUR), unseen, 3.0), score_by_thresholds(night(HOUR), None, 3.0)
    )


@pytest.mark.parametrize("has_emg", [True, False])
@pytest.mark.parametrize("seed", range(5))
def test_an_hour_without_rem(has_emg, seed):
    features = night(NO_REM, seed)
    if not has_emg:
        features = features.drop(columns="emg.log_rms")
    scored = score_by_thresholds(features, None, 3.0)
    assert share(scored, "rem") < 0.01
    assert kappa(NO_REM, scored) > 0.95


@pytest.mark.parametrize("seed", range(5))
def test_a_recording_all_awake_has_no_sleep(seed):
    states = np.full(900, "wake")
    features, movement = night(states, seed), camera(states, seed)
    # it sits still at times, with slack muscles, and its delta power drifts
    features["emg.log_rms"] -= 0.5 * (np.arange(900) % 60 < 15)
    for region in ("ca1", "cx"):
        features[f"{region}.log_power_delta"] += 0.15 * np.sin(np.arange(900) / 80)
    for seen in (movement, None):
        scored = score_by_thresholds(features, seen, 3.0)
        assert share(scored, "nrem") + share(scored, "rem") < 0.01
    scored = score_by_thresholds(features, movement, 3.0)
    assert np.all(scored[movement["movement.speed"] > 3] == "wake")


@pytest.mark.parametrize("seed", range(5))
def test_nrem_alone_is_not_taken_for_anything_else(seed):
    scored = score_by_thresholds(night(np.full(150, "nrem"), seed), None, 3.0)
    assert share(scored, "wake") + share(scored, "rem") < 0.02


def test_sleep_without_wakefulness():
    # of these REM has the lower tone: NREM is not wakefulness for that
    states = np.array((["nrem"] * 60 + ["rem"] * 20) * 8)
    scored = score_by_thresholds(night(states), None, 3.0)
    assert kappa(states, scored) > 0.95


def test_a_region_that_is_missing_for_a_while_leaves_it_to_the_others():
    whole = score_by_thresholds(night(HOUR), None, 3.0)
    for region in ("ca1", "cx"):
        features = night(HOUR)
        features.loc[100:500, [c for c in features if c.startswith(f"{region}.")]] = np.nan
        scored = score_by_thresholds(features, None, 3.0)
        assert share(scored, "unclassified") == 0
        assert np.mean(scored == whole) > 0.95


def test_no_state_is_carried_over_a_gap():
    features = night(HOUR).drop(columns=[c for c in LEVELS if c.startswith("ca1.")])
    features.loc[100:499, list(features.filter(like="cx."))] = np.nan
    scored = score_by_thresholds(features, None, 3.0)
    assert set(scored[100:500]) == {"unclassified"}
    rest = np.r_[0:100, 500:900]
    assert kappa(HOUR[rest], scored[rest]) > 0.95


def test_the_emg_missing_for_a_while():
    features = night(HOUR)
    features.loc[100:499, "emg.log_rms"] = np.nan
    scored = score_by_thresholds(features, None, 3.0)
    assert kappa(HOUR, scored) > 0.93


def test_seizures_and_artefacts_do_not_move_the_thresholds():
    features = night(HOUR)
    odd = np.r_[50:80, 400:450, 700:720]
    columns = [c for c in features if "log_" in c]
    features.loc[odd, columns] += 2.5
    scored = score_by_thresholds(features, None, 3.0)
    rest = np.setdiff1d(np.arange(len(HOUR)), np.r_[odd, odd + 1, odd - 1])
    clean = score_by_thresholds(night(HOUR), None, 3.0)
    assert np.mean(scored[rest] == clean[rest]) > 0.98


@pytest.mark.parametrize("hours", [1, 4])
def test_a_dead_animal_neither_sleeps_nor_moves_the_thresholds(hours):
    flat = night(np.full(900 * hours, "wake"), 3, 0.02)
    for name in LEVELS:
        # the amplifier's noise: a hundredth of the amplitude, as much delta as theta
        flat[name] = flat[name] - (4.0 if "power" in name or "activity" in name else 1.4)
    features = pd.concat([night(HOUR), flat], ignore_index=True)
    scored = score_by_thresholds(features, None, 3.0)
    assert set(scored[900:]) == {"unclassified"}
    assert np.mean(scored[:900] == score_by_thresholds(night(HOUR), None, 3.0)) > 0.99


def test_a_region_whose_wire_is_broken_does_not_count():
    features = night(HOUR)
    broken = list(features.filter(like="ca1."))
    features[broken] = np.random.default_rng(4).normal(0, 0.05, (len(features), len(broken)))
    assert kappa(HOUR, score_by_thresholds(features, None, 3.0)) > 0.95


def test_other_names_and_more_regions():
    features = night(HOUR)
    more = night(HOUR, 9).filter(regex=r"^(ca1|cx)\.")
    features = features.rename(columns=lambda c: c.replace("ca1.", "left lobe.")).join(
        more.rename(columns=lambda c: f"R {c}")
    )
    assert kappa(HOUR, score_by_thresholds(features, None, 3.0)) > 0.97


def test_the_order_of_columns_does_not_matter_and_twice_is_the_same():
    features = night(HOUR)
    scored = score_by_thresholds(features, None, 3.0)
    assert np.array_equal(scored, score_by_thresholds(features[features.columns[::-1]], None, 3.0))
    assert np.array_equal(scored, score_by_thresholds(features, None, 3.0))


def test_what_tells_nothing_is_unclassified():
    rows, names = 300, list(LEVELS)
    for values in (np.nan, 1.0):
        features = pd.DataFrame(values, index=range(rows), columns=names)
        assert set(score_by_thresholds(features, None, 3.0)) == {"unclassified"}
    assert not len(score_by_thresholds(night(np.array([], dtype=str)), None, 3.0))


def test_three_minutes():
    states = np.array(["wake"] * 15 + ["nrem"] * 22 + ["rem"] * 8)
    scored = score_by_thresholds(night(states), None, 3.0)
    assert np.mean(scored == states) > 0.9


def test_without_slow_waves_to_go_by_only_movement_is_scored():
    features = pd.DataFrame({"cx.log_power_delta": np.random.default_rng(3).normal(size=500)})
    assert set(score_by_thresholds(features, None, 3.0)) == {"unclassified"}
    movement = pd.DataFrame({"movement.speed": np.where(np.arange(500) == 7, 9.0, 0.1)})
    scored = score_by_thresholds(features, movement, 3.0)
    assert np.flatnonzero(scored == "wake").tolist() == [7]
    assert (scored == "unclassified").sum() == 499


@pytest.mark.parametrize("stronger", [1.0, 1.6, 2.2])
def test_artefacts_of_movement_as_strong_as_slow_waves_hide_no_sleep(stronger):
    features = night(HOUR)
    shaken = (HOUR == "wake") & (np.arange(len(HOUR)) // 12 % 2 == 1)
    moves = pd.DataFrame({"movement.speed": np.where(shaken, 8.0, 0.1)})
    slow = [c for c in features if "delta" in c and "theta" not in c]
    features.loc[shaken, slow] += stronger
    features.loc[shaken, [c for c in features if "log_activity" in c]] += 0.75 * stronger
    assert kappa(HOUR, score_by_thresholds(features, moves, 3.0)) > 0.9
