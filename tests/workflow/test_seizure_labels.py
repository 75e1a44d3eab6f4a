"""Labels of seizures in the real workflow: what they repeat, and too few to learn from."""

import json

import pandas as pd
import pytest

from vigil.seizures.files import SeizureEvent, write_events

pytestmark = pytest.mark.workflow


def label(workflow, rig):
    """Name an expert's seizures, which are the simulator's, for the recordings that have any."""
    rows = workflow.rows()
    for row in rows[:3]:
        truth = pd.read_csv(rig / "truth" / row["recording"] / "seizures.tsv", sep="\t")
        events = [
            SeizureEvent(start, length, 1.0, ("CSC1",))
            for start, length in zip(truth["onset_s"], truth["duration_s"], strict=True)
        ]
        path = workflow.folder / f"{row['recording']}_seizures.tsv"
        write_events(path, events, 300.0, "")
        row["seizure_labels"] = str(path)
    workflow.write(rows)


def test_labels_repeat_nothing_before_seizures_and_too_few_leave_the_thresholds(scored, rig):
    label(scored, rig)
    planned = scored.planned()
    assert planned["seizures_train"] == 1
    assert planned["seizures"] == 6
    assert set(planned) == {
        "seizures_train", "seizures", "cohort_each", "cohort_early", "report", "cohort", "all",
    }  # fmt: skip
    done = scored.snakemake("results/mouse3-01/seizures/events.tsv")
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    results = scored.folder / "results"
    record = json.loads((results / "mouse3-01/seizures/provenance.json").read_text())
    assert record["decided"] == {"detector": "thresholds"}
    reason = record["missing"]["model"]["reason"]
    assert "seizures" in reason
    assert reason in (results / "models/seizures/index.html").read_text()
