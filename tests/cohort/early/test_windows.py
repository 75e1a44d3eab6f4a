import numpy as np
import pandas as pd
import pytest

from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.windows import window_table

NONE = np.zeros(0)


@pytest.fixture
def features():
    """Ten minutes of epochs of 4 s; the feature is the number of the epoch."""
    start = np.arange(150) * 4.0
    table = pd.DataFrame({"start_s": start, "duration_s": 4.0, "valid": 1.0, "reason": ""})
    table["CA1.log_power_theta"] = np.arange(150, dtype=np.float32)
    table["CA1~EC.coherence_theta"] = np.float32(0.5)
    return table


def test_a_window_holds_the_medians_of_its_clean_epochs(features):
    features.loc[3, "valid"] = 0.2
    features.loc[3, "CA1.log_power_theta"] = 1e6
    table = window_table(features, None, None, None, NONE, NONE, EarlySettings())
    assert list(table["start_s"]) == [60.0 * k for k in range(10)]
    assert table["CA1.log_power_theta"].iloc[0] == np.median([k for k in range(15) if k != 3])
    assert table["CA1.log_power_theta"].iloc[1] == 22
    assert table["valid"].all()
    assert set(table["state"]) == {"unclassified"}


def test_a_window_with_too_little_clean_time_stays_and_is_not_valid(features):
    features.loc[15:23, "valid"] = 0.0
    features.loc[features["start_s"].between(120, 179), "CA1.log_power_theta"] = np.nan
    table = window_table(features, None, None, None, NONE, NONE, EarlySettings())
    assert len(table) == 10
    assert list(table["valid"]) == [True, False, *[True] * 8]
    assert np.isnan(table["CA1.log_power_theta"].iloc[2])


def test_a_disturbance_of_the_evidence_takes_its_epochs(features):
    time_s = np.arange(1200) * 0.5
    evidence = pd.DataFrame({"time_s": time_s, "artefact": "", "CA1.spikes_per_s": 0.5})
    chewing = (time_s >= 60) & (time_s < 92)
    evidence.loc[chewing, "artefact"] = "chewing"
    evidence.loc[chewing, "CA1.spikes_per_s"] = 99.0
    table = window_table(features, None, None, evidence, NONE, NONE, EarlySettings())
    assert list(table["valid"]) == [True, False, *[True] * 8]
    assert table["CA1.log_power_theta"].iloc[1] == 26  # epochs 23 to 29
    assert table["CA1.spikes_per_min"].to_numpy() == pytest.approx(30)


def test_phases_are_marked_and_nothing_is_dropped(features):
    settings = EarlySettings(postictal_min=2)
    table = window_table(features, None, None, None, np.array([130.0]), np.array([175.0]), settings)
    assert list(table["phase"]) == [
        "interictal", "interictal", "ictal", "postictal", "postictal", *["interictal"] * 5,
    ]  # fmt: skip


def test_the_state_of_most_of_the_time(features):
    start = np.arange(150) * 4.0
    state = np.where(start < 100, "wake", "nrem").astype(object)
    state[start >= 540] = "unclassified"
    hypnogram = pd.DataFrame({"start_s": start, "duration_s": 4.0, "state": state})
    table = window_table(features, hypnogram, None, None, NONE, NONE, EarlySettings())
    assert list(table["state"]) == ["wake", "wake", *["nrem"] * 7, "unclassified"]
    assert table["sleep.wake"].iloc[1] == pytest.approx(40 / 60)
    assert table["sleep.nrem"].iloc[9] == 0


def test_movement_needs_half_of_its_window(features):
    time_s = np.arange(0, 600, 0.1)
    moves = pd.DataFrame({"time_s": time_s, "speed_cm_s": 2.0, "acceleration_cm_s2": 1.0,
                          "angular_velocity_rad_s": -3.0, "valid": True})  # fmt: skip
    moves.loc[time_s < 40, "valid"] = False
    moves.loc[time_s < 40, "speed_cm_s"] = np.nan
    table = window_table(features, None, moves, None, NONE, NONE, EarlySettings())
    assert np.isnan(table["movement.speed"].iloc[0])
    assert table["movement.speed"].iloc[1:].to_numpy() == pytest.approx(2)
    assert table["movement.turning"].iloc[1:].to_numpy() == pytest.approx(3)


def test_without_features_no_window_is_valid():
    start = np.arange(150) * 4.0
    hypnogram = pd.DataFrame({"start_s": start, "duration_s": 4.0, "state": "nrem"})
    table = window_table(None, hypnogram, None, None, NONE, NONE, EarlySettings())
    assert len(table) == 10
    assert not table["valid"].any()
