import numpy as np
import pandas as pd
import pytest

from vigil.simulate.cheetah import NCS_RECORD
from vigil.simulate.plan import plan_rig
from vigil.simulate.seizure import PATTERNS
from vigil.simulate.settings import Rig
from vigil.simulate.truth import write_truth


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


@pytest.fixture(scope="module")
def epileptic(tmp_path_factory):
    """Plan of a mutant of an epileptic rig, and the folder of its truth."""
    rig = Rig(
        animals=8, labelled=0, minutes=300, channels=9, natural=True, epileptic=True, video=False
    )
    plan = plan_rig(rig)[6]
    folder = tmp_path_factory.mktemp("truth")
    write_truth(folder, plan)
    return plan, folder


def test_patterns_and_reached_regions_of_an_epileptic_rig(epileptic):
    plan, folder = epileptic
    seizures = pd.read_csv(folder / "seizures.tsv", sep="\t")
    assert set(seizures["pattern"]) <= set(PATTERNS)
    assert seizures["gain"].tolist() == [s.gain for s in plan.seizures]
    assert not seizures["preictal"].any()
    spread = pd.read_csv(folder / "spread.tsv", sep="\t")
    for n, s in enumerate(plan.seizures):
        rows = spread[spread["seizure"] == n + 1]
        assert dict(zip(rows["region"], rows["delay_s"], strict=True)) == s.delay_s


def test_disturbances_and_spikes_of_an_epileptic_rig(epileptic):
    plan, folder = epileptic
    table = pd.read_csv(folder / "disturbances.tsv", sep="\t")
    assert list(table) == ["start_s", "stop_s", "kind", "channels", "seizure"]
    runs = table[table["kind"] == "spikes"]
    assert len(runs) == plan.interictal.run.max() > 0
    assert len(table) == len(runs) + len(plan.disturbances)
    assert table["start_s"].is_monotonic_increasing
    for row in table.itertuples():
        hit = [
            n + 1
            for n, s in enumerate(plan.seizures)
            if row.start_s < s.end_s and row.stop_s > s.onset_s
        ]
        assert row.seizure == (hit[0] if hit else 0)
        assert set(row.channels.split(",")) <= set(plan.montage.channel)
    spikes = pd.read_csv(folder / "spikes.tsv", sep="\t")
    assert len(spikes) == len(plan.interictal.time_s)
    assert set(spikes["region"]) <= set(plan.montage.regions)


def test_a_plain_rig_has_no_such_truth(tiny_rig):
    assert not (tiny_rig / "truth" / "mouse2-01" / "disturbances.tsv").exists()
    seizures = pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "seizures.tsv", sep="\t")
    assert list(seizures)[-1] == "suppression_s"
