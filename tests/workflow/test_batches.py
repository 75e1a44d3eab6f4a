"""A part of a long table, in batches or one recording: the same results as of all."""

import pytest

pytestmark = pytest.mark.workflow


def unlabelled(rows):
    """Six recordings, of which the first is labelled."""
    return [
        {**rows[0], "recording": f"m{i}", "sleep_labels": rows[0]["sleep_labels"] * (i == 0)}
        for i in range(6)
    ]


def test_batches_share_out_the_recordings_and_leave_the_cohort_to_the_end(workflow_in):
    workflow = workflow_in(unlabelled)
    first = workflow.planned("recordings", "--batch", "recordings=1/3")
    # m0 and m1, each scored by the model that learns from m0
    assert first["report"] == first["transfer"] == first["sleep"] == 2
    assert first["sleep_train"] == 1
    assert "cohort" not in first
    second = workflow.planned("recordings", "--batch", "recordings=2/3")
    # m2 and m3, and of m0 what the model learns from
    assert second["report"] == second["sleep"] == 2
    assert (second["spectra"], second["sleep_train"]) == (3, 1)


def test_the_page_of_one_recording_can_be_asked_for(workflow_in):
    planned = workflow_in(unlabelled).planned("results/m5/report/index.html")
    assert (planned["report"], planned["spectra"], planned["sleep_train"]) == (1, 2, 1)
    assert "cohort" not in planned


def test_a_recording_that_is_not_in_the_table_is_told(workflow_in):
    done = workflow_in().snakemake("-n", "results/nobody/sleep/hypnogram.csv")
    assert done.returncode != 0
    assert "nobody is no recording of recordings.tsv; give it a row" in done.stdout + done.stderr


def test_results_of_a_recording_that_left_the_table_can_still_be_named(workflow_in):
    """Its tracks are taken as they are, though they lie where a recording's own would."""

    def change(rows):
        return [{**rows[0], "pose": "results/left/pose/tracks.h5"}]

    workflow = workflow_in(change)
    tracks = workflow.folder / "results" / "left" / "pose" / "tracks.h5"
    tracks.parent.mkdir(parents=True)
    tracks.write_bytes(b"tracks")
    planned = workflow.planned()
    assert planned["pose"] == planned["kinematics"] == planned["transfer"] == 1
