import numpy as np
import pandas as pd
import pytest

from vigil.simulate.cheetah import NCS_RECORD


@pytest.mark.parametrize("recording", ["mouse1-01", "mouse2-01"])
def test_gaps_are_those_of_the_files(tiny_rig, recording):
    truth = pd.read_csv(tiny_rig / "truth" / recording / "gaps.tsv", sep="\t")
    r = np.fromfile(tiny_rig / recording / "CSC1.ncs", NCS_RECORD, offset=16384)
    start_s = 1e-6 * (r["timestamp_us"] - r["timestamp_us"][0])
    stop_s = start_s + r["valid"] / 32_000
    after = np.flatnonzero(start_s[1:] - stop_s[:-1] > 1e-5)
    np.testing.assert_allclose(truth["start_s"], stop_s[after], atol=2e-6)
    np.testing.assert_allclose(truth["stop_s"], start_s[after + 1], atol=2e-6)


def test_states_cover_the_recording_in_epochs(tiny_rig):
    states = pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "states.csv")
    np.testing.assert_array_equal(states["start_s"], np.arange(22) * 4)
    assert set(states["duration_s"]) == {4.0}
    assert set(states["state"]) <= {"wake", "nrem", "rem", "unclassified"}
    seizure = pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "seizures.tsv", sep="\t").iloc[0]
    late = states[states["start_s"] + 4 > seizure["onset_s"]]
    assert set(late["state"]) == {"unclassified"}


def test_seizures_and_their_spread(tiny_rig):
    seizures = pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "seizures.tsv", sep="\t")
    spread = pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "spread.tsv", sep="\t")
    assert seizures["fatal"].tolist() == [True]
    first = spread.iloc[0]
    assert first["region"] == seizures["onset_region"].iloc[0]
    assert first["delay_s"] == 0
    assert sorted(spread["region"]) == ["amygdala", "cortex", "hippocampus", "thalamus"]
    assert pd.read_csv(tiny_rig / "truth" / "mouse1-01" / "seizures.tsv", sep="\t").empty


def test_labels_are_the_truth_of_labelled_animals_only(tiny_rig):
    labels = tiny_rig / "labels" / "mouse1-01.csv"
    assert labels.read_bytes() == (tiny_rig / "truth" / "mouse1-01" / "states.csv").read_bytes()
    assert [p.name for p in (tiny_rig / "labels").iterdir()] == ["mouse1-01.csv"]
