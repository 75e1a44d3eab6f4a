import json

import numpy as np
import pandas as pd
import pytest
import zarr

from vigil.simulate.agreement import UNSEEN, format_table, main, measure_agreement
from vigil.stage import NotAnalysed

RECORDINGS = ("mouse1-01", "mouse2-01")


def write_perfect(rig, results):
    """Results that are the truth itself."""
    for recording in RECORDINGS:
        truth, out = rig / "truth" / recording, results / recording
        for stage in ("sleep", "seizures", "kinematics", "downsample"):
            (out / stage).mkdir(parents=True)
        states = pd.read_csv(truth / "states.csv")
        states.assign(scored=states["state"]).to_parquet(out / "sleep" / "hypnogram.parquet")
        seizures = pd.read_csv(truth / "seizures.tsv", sep="\t")
        events = pd.DataFrame(
            {"onset": seizures["onset_s"], "duration": seizures["duration_s"], "eventType": "sz"}
        )
        if events.empty:
            events = pd.DataFrame({"onset": [0.0], "duration": [90.0], "eventType": ["bckg"]})
        events.to_csv(out / "seizures" / "events.tsv", sep="\t", index=False)
        consensus = pd.DataFrame(
            {
                "seizure": seizures["seizure"],
                "region": seizures["onset_region"],
                "status": "resolved",
            }
        )
        consensus.to_csv(out / "seizures" / "consensus.tsv", sep="\t", index=False)
        head = pd.read_parquet(truth / "head.parquet").assign(valid=True)
        head.to_parquet(out / "kinematics" / "kinematics.parquet")
        gaps = pd.read_csv(truth / "gaps.tsv", sep="\t").to_numpy()
        borders = np.concatenate([[0.0], gaps.ravel(), [90.0]]).reshape(-1, 2)
        group = zarr.create_group(str(out / "downsample" / "lfp.zarr"))
        group.attrs["segments"] = borders.tolist()


@pytest.fixture
def results(tiny_rig, tmp_path):
    write_perfect(tiny_rig, tmp_path)
    return tmp_path


def values(rig, results, recording):
    table = measure_agreement(rig, results)
    return table[table["recording"] == recording].set_index("measure")["value"]


def test_the_truth_agrees_with_itself(tiny_rig, results):
    for recording in (*RECORDINGS, UNSEEN):
        v = values(tiny_rig, results, recording)
        assert v["sleep_kappa"] == 1
        assert v["sleep_coverage"] == 1
        assert v["seizures_false"] == v["seizures_missed"] == 0
        assert v["head_direction_error_deg"] == pytest.approx(0, abs=1e-9)
        assert v["head_position_error_cm"] == v["clock_error_ms"] == 0
        assert v["gaps_found"] == v["gaps_true"] == 2
    assert values(tiny_rig, results, "mouse1-01")["labelled"] == 1
    assert values(tiny_rig, results, "mouse2-01")["onset_region_right"] == 1


def test_kappa_counts_unclassified_epochs_as_disagreement(tiny_rig, results):
    path = results / "mouse2-01" / "sleep" / "hypnogram.parquet"
    states = pd.read_parquet(path)
    states.loc[:2, "scored"] = "unclassified"
    states.to_parquet(path)
    v = values(tiny_rig, results, "mouse2-01")
    known = (
        pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "states.csv")["state"] != "unclassified"
    ).sum()
    assert v["sleep_coverage"] == pytest.approx(1 - 3 / known, abs=0.03)
    assert 0 < v["sleep_kappa"] < 1
    assert v["sleep_kappa"] == values(tiny_rig, results, UNSEEN)["sleep_kappa"]
    assert values(tiny_rig, results, "mouse1-01")["sleep_kappa"] == 1


def test_late_false_and_missed_seizures(tiny_rig, results):
    true = pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "seizures.tsv", sep="\t").iloc[0]
    events = pd.DataFrame(
        {
            "onset": [2.0, true["onset_s"] + 3.5],
            "duration": [10.0, 5.0],
            "eventType": ["sz", "sz_foc"],
        }
    )
    folder = results / "mouse2-01" / "seizures"
    events.to_csv(folder / "events.tsv", sep="\t", index=False)
    consensus = pd.DataFrame(
        {"seizure": [1, 2], "region": ["cortex", "elsewhere"], "status": ["resolved", "resolved"]}
    )
    consensus.to_csv(folder / "consensus.tsv", sep="\t", index=False)
    v = values(tiny_rig, results, "mouse2-01")
    assert v["seizures_found"] == 1
    assert v["seizures_false"] == 1
    assert v["onset_error_s"] == pytest.approx(3.5)
    assert v["onset_region_wrong"] == 1
    events.iloc[:1].to_csv(folder / "events.tsv", sep="\t", index=False)
    assert values(tiny_rig, results, "mouse2-01")["seizures_missed"] == 1


def test_head_and_clock_errors_are_those_put_in(tiny_rig, results):
    path = results / "mouse2-01" / "kinematics" / "kinematics.parquet"
    head = pd.read_parquet(path)
    head["head_direction_rad"] += np.radians(10) + 2 * np.pi
    head["x_cm"] += 0.3
    head["time_s"] += 0.002
    head.loc[:9, "valid"] = False
    head.loc[:9, "x_cm"] = np.nan
    head.to_parquet(path)
    v = values(tiny_rig, results, "mouse2-01")
    assert v["head_direction_error_deg"] == pytest.approx(10)
    assert v["head_position_error_cm"] == pytest.approx(0.3)
    assert v["clock_error_ms"] == pytest.approx(2)
    assert v["head_valid"] == pytest.approx(1 - 10 / len(head))


def test_what_was_not_analysed_is_said(tiny_rig, results, tmp_path, capsys):
    mark = NotAnalysed("mouse2-01", "pose", "The video is broken.")
    path = results / "mouse2-01" / "kinematics" / "kinematics.parquet"
    path.write_text(json.dumps({"not_analysed": vars(mark)}))
    (results / "mouse2-01" / "seizures" / "events.tsv").unlink()
    v = values(tiny_rig, results, "mouse2-01")
    assert np.isnan(v["head_direction_error_deg"])
    assert np.isnan(v["seizures_found"])
    assert v["seizures_true"] == 1
    out = tmp_path / "demo" / "agreement.tsv"
    assert main(tiny_rig, results, out) == 0
    text = capsys.readouterr().out
    assert "The video is broken." in text
    assert "events.tsv is not there" in text
    table = pd.read_csv(out, sep="\t")
    assert list(table.columns) == ["recording", "measure", "value"]
    assert set(table["recording"]) == {*RECORDINGS, UNSEEN}


def test_the_printed_table_has_a_line_per_recording(tiny_rig, results):
    text = format_table(measure_agreement(tiny_rig, results))
    assert len(text.splitlines()) == 4
    assert "sleep kappa" in text
