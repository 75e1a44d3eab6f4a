"""Labels of sleep in the real workflow: laid beside results, edited, wrong, taken away."""

import json
import os

import pandas as pd
import pytest

from vigil.cli import main
from vigil.sleep.files import read_hypnogram

pytestmark = pytest.mark.workflow

LAID = "sleep_labels.csv"
ALL = {
    "sleep_train": 1,
    "sleep": 6,
    "cohort_each": 6,
    "cohort_early": 1,
    "report": 6,
    "cohort": 1,
    "all": 1,
}
"""What depends on the labels of any recording: the model, and what it scores."""


def lay(workflow, recording, states):
    """Lay labels into a recording's folder of results, one state per epoch of 4 s."""
    path = workflow.folder / f"results/{recording}/{LAID}"
    table = pd.DataFrame({"start_s": [4.0 * i for i in range(len(states))], "state": states})
    table.to_csv(path, index=False)
    return path


def hypnogram(workflow, recording):
    return read_hypnogram(workflow.folder / f"results/{recording}/sleep/hypnogram.parquet")


def run(workflow, *targets, config=None):
    done = workflow.snakemake(*targets, config=config)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]


def test_a_sheet_that_was_filled_in_teaches_the_model(scored):
    """And labels that do not fit their recording end that one only."""
    folder = scored.folder / "results/mouse3-01"
    assert main(["sleep", "review", str(folder), "--write", "--count", "3"]) == 0
    sheet = pd.read_csv(folder / "sleep_labels_to_fill.csv", keep_default_na=False)
    assert 0 < len(sheet) < 75
    sheet["state"] = ["rem", "nrem"] * (len(sheet) // 2) + ["rem"] * (len(sheet) % 2)
    laid = folder / LAID
    sheet.to_csv(laid, index=False)
    assert scored.planned() == ALL
    lay(scored, "spare", ["wake"] * 909)
    assert scored.planned() == ALL

    # the pages of the others are left out: they take long
    targets = ["results/mouse3-01/sleep/hypnogram.csv", "results/spare/report/index.html"]
    again = {"sleep_train": 1, "sleep": 2, "cohort_each": 1, "report": 1}
    assert scored.planned(*targets) == again
    run(scored, *targets)
    found = hypnogram(scored, "mouse3-01").set_index("start_s")
    own = found.loc[sheet["start_s"]]
    assert own["label"].tolist() == own["state"].tolist() == sheet["state"].tolist()
    assert found.drop(sheet["start_s"])["label"].eq("").all()
    card = json.loads((scored.folder / "results/models/sleep/card.json").read_text())
    assert card["recordings"] == ["mouse1-01", "mouse2-01", "mouse3-01"]
    reason = "they belong to another recording"
    assert reason in card["left_out"]["spare"]
    assert reason in (scored.folder / "results/spare/report/index.html").read_text()
    assert scored.planned(*targets) == {}

    # a file that is put in its place is noticed also where it is older than the results
    laid.write_text(laid.read_text().replace("rem", "wake", 1))
    os.utime(laid, (1_700_000_000, 1_700_000_000))
    assert scored.planned(*targets) == again
    laid.unlink()
    assert scored.planned(*targets) == again


def test_labels_named_in_the_table_repeat_nothing_before_sleep(scored):
    rows = scored.rows()
    rows[2]["sleep_labels"] = rows[0]["sleep_labels"]
    scored.write(rows)
    assert scored.planned() == ALL


def test_a_laid_file_takes_the_place_of_the_table_until_it_is_gone(scored):
    config = "sleep: {scorer: threshold}"
    target = "results/mouse1-01/sleep/hypnogram.csv"
    path = lay(scored, "mouse1-01", ["rem"] * 75)
    assert scored.planned(target, config=config) == {"sleep": 1}
    run(scored, target, config=config)
    assert hypnogram(scored, "mouse1-01")["label"].eq("rem").all()
    path.unlink()
    assert scored.planned(target, config=config) == {"sleep": 1}
    run(scored, target, config=config)
    of_table = pd.read_csv(scored.rows()[0]["sleep_labels"])["state"]
    found = hypnogram(scored, "mouse1-01")
    assert found["label"].tolist() == found["state"].tolist() == of_table.tolist()
    assert found["p_wake"].isna().all()


def test_labels_that_nothing_can_be_learnt_from_leave_the_thresholds(scored):
    for recording in ("mouse1-01", "mouse2-01"):
        lay(scored, recording, (["wake"] * 5 + ["nrem"] * 5) * 7)
    run(scored, "results/mouse3-01/sleep/hypnogram.csv")
    record = json.loads((scored.folder / "results/mouse3-01/sleep/provenance.json").read_text())
    assert record["decided"] == {"scorer": "threshold"}
    assert "too little rem" in record["missing"]["model"]["reason"]
    assert "too little rem" in (scored.folder / "results/models/sleep/index.html").read_text()
    assert hypnogram(scored, "mouse3-01")["p_rem"].isna().all()
