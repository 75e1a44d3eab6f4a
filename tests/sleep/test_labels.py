"""Labels laid on the epochs of a recording, and labels that do not fit."""

import numpy as np
import pytest

from vigil.recording import RecordingError
from vigil.sleep.labels import read_labels

STARTS = np.arange(10) * 4.0


def write(path, rows, header="start_s,duration_s,state"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def test_bouts_and_epochs_of_another_length(tmp_path):
    path = write(tmp_path / "l.csv", ["0,10,wake", "10,10,NREM", "20,3,rem", "23,13,wake"])
    labels = read_labels(path, STARTS, 4.0)
    # the third epoch is half wake, half NREM: the first of the two in the order of states
    assert labels.tolist() == ["wake", "wake", "wake", "nrem", "nrem", "rem"] + ["wake"] * 3 + [
        "unclassified"
    ]


@pytest.mark.parametrize(
    ("rows", "header", "sentence"),
    [
        (["0,4,awake"], "start_s,duration_s,state", "state 'awake'"),
        (["0,wake"], "start_s,state", "no column 'duration_s'"),
        (["0,4,wake", "x,4,rem"], "start_s,duration_s,state", "no number in start_s of line 3"),
        (["0,4,wake", "400,4,wake"], "start_s,duration_s,state", "another recording"),
    ],
)
def test_labels_that_do_not_fit_are_refused_with_the_reason(tmp_path, rows, header, sentence):
    with pytest.raises(RecordingError, match=sentence):
        read_labels(write(tmp_path / "l.csv", rows, header), STARTS, 4.0)


def test_an_empty_file_and_a_missing_one_are_told(tmp_path):
    (tmp_path / "empty.csv").write_text("")
    for name in ("empty.csv", "gone.csv"):
        with pytest.raises(RecordingError, match="cannot be read"):
            read_labels(tmp_path / name, STARTS, 4.0)
