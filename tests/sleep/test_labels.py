"""Labels laid on the epochs of a recording, and labels that do not fit."""

import datetime
import itertools

import numpy as np
import pandas as pd
import pyedflib
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vigil.recording import STATES, RecordingError
from vigil.sleep.labels import lay_on_epochs, read_labels, row_length_s

STARTS = np.arange(10) * 4.0
W, N, R, U = STATES


def write(path, rows, header="start_s,duration_s,state"):
    path.write_text("\n".join([header, *rows]) + "\n")
    return path


def write_list(path, words):
    path.write_text("\n".join(words) + "\n")
    return path


def test_bouts_and_epochs_of_another_length(tmp_path):
    path = write(tmp_path / "l.csv", ["0,10,wake", "10,10,NREM", "20,3,rem", "23,13,wake"])
    # the third epoch is half wake, half NREM: the first of the two in the order of states
    assert read_labels(path, STARTS, 4.0).tolist() == [W, W, W, N, N, R, W, W, W, U]
    assert read_labels(path, STARTS, 4.0, unlabelled="")[-1] == ""


def test_epochs_of_10_s_on_epochs_of_4_s(tmp_path):
    words = [W, N, R, W] * 9
    path = write_list(tmp_path / "l.txt", words)
    labels = read_labels(path, np.arange(90) * 4.0, 4.0)
    # 0-4 4-8 8-12(half) 12-16 16-20 | 20-24 24-28 28-32(half: wake is first) 32-36 36-40
    assert labels.tolist() == [W, W, W, N, N, R, R, W, W, W] * 9


def test_epochs_of_2_5_s_on_epochs_of_4_s(tmp_path):
    words = [W, N, R, W, N, R, W, N] * 8
    path = write_list(tmp_path / "l.txt", words)
    labels = read_labels(path, np.arange(40) * 4.0, 4.0)
    # seconds of 0-4: W2.5 N1.5; 4-8: N1 R2.5 W.5; 8-12: W2 N2; 12-16: N.5 R2.5 W1; 16-20: W1.5 N2.5
    assert labels.tolist() == [W, R, W, R, N] * 8


def test_half_of_an_epoch_is_enough(tmp_path):
    path = write(tmp_path / "l.csv", ["0,2,rem", "4,1.9,rem", "8,1,wake", "9,1,rem", "10,.5,rem"])
    assert read_labels(path, STARTS, 4.0, unlabelled="").tolist()[:4] == [R, "", R, ""]


def test_what_the_expert_calls_unclassified_is_a_label(tmp_path):
    path = write(tmp_path / "l.csv", ["0,4,unclassified", "4,4,", "8,4,wake"])
    assert read_labels(path, STARTS, 4.0, unlabelled="").tolist()[:4] == [U, "", W, ""]


def test_states_without_durations_last_until_the_next(tmp_path):
    # the empty state ends the one before; the last is as long as the usual step, 4 s
    rows = ["0,wake", "4,nrem", "8,", "16,rem", "20,rem", "24,wake"]
    path = write(tmp_path / "l.csv", rows[::-1], "start,state")
    labels = read_labels(path, STARTS, 4.0, unlabelled="")
    assert labels.tolist() == [W, N, "", "", R, R, W, "", "", ""]


def test_the_hypnogram_that_vigil_writes_comes_back_as_edited(tmp_path):
    epoch_s = 10 / 3
    start_s = np.arange(30) * epoch_s
    states = np.array([W, N, R] * 10)
    table = pd.DataFrame({"start_s": start_s, "duration_s": epoch_s, "state": states})
    table = table.assign(p_wake=np.nan, p_nrem=np.nan, p_rem=np.nan, confidence=np.nan)
    table = table.assign(scored="wake", label="")
    table.loc[4, "state"] = "REM"
    table.loc[7, "state"] = ""
    table.to_csv(tmp_path / "l.csv", index=False, float_format="%.4f")
    labels = read_labels(tmp_path / "l.csv", start_s, epoch_s, unlabelled="")
    states[4], states[7] = R, ""
    assert labels.tolist() == states.tolist()


@given(
    st.lists(st.tuples(st.integers(0, 9), st.integers(1, 9), st.sampled_from(STATES)), min_size=1),
    st.integers(2, 7),
)
@settings(max_examples=60, deadline=None)
def test_the_rule_against_a_count_of_moments(steps, epoch_s):
    """The same rule, by looking at each second of spans and epochs of whole seconds."""
    moments, spans, at = [], [], 0
    for hole, length, state in steps:
        moments += [None] * hole + [state] * length
        spans.append((at + hole, at + hole + length, state))
        at += hole + length
    starts = np.arange(0, at, epoch_s, dtype=float)
    expected = []
    for first in starts.astype(int):
        here = moments[first : first + epoch_s]
        counts = [here.count(s) for s in STATES]
        expected.append(STATES[int(np.argmax(counts))] if 2 * sum(counts) >= epoch_s else "")
    begin, stop, state = (np.array(c) for c in zip(*spans, strict=True))
    labels = lay_on_epochs(
        begin.astype(float), stop.astype(float), state, starts, float(epoch_s), ""
    )
    assert labels.tolist() == expected


@pytest.mark.parametrize(
    ("rows", "header", "sentence"),
    [
        (["0,4,waking up"], "start_s,duration_s,state", "state 'waking up' in line 2"),
        (["0,wake"], "start_s,state", "one start and no duration"),
        (["0,4,wake", "x,4,rem"], "start_s,duration_s,state", "in start_s of line 3"),
        (["0,4,wake", "4,0,rem"], "start_s,duration_s,state", "duration of 0 s in line 3"),
        (["0,4,wake", "400,4,wake"], "start_s,duration_s,state", "from 0 to 404 s, .* 0 to 40 s"),
        (["-40,4,wake", "0,4,wake"], "start_s,duration_s,state", "another recording"),
        (["0,3600,wake"], "start_s,duration_s,state", "another recording"),
        (["0,4,", "4,4,"], "start_s,duration_s,state", "hold no state"),
        ([], "start_s,duration_s,state", "hold no state"),
        (["8,4,rem", "0,4,wake", "3,4,rem"], "start_s,duration_s,state",
         "at 3 s: line 3 says wake, line 4 says rem"),
        (["0,20,wake", "2,1,wake", "12,4,rem"], "start_s,duration_s,state",
         "at 12 s: line 2 says wake, line 4 says rem"),
        (["0,wake", "4,rem", "4,nrem"], "start_s,state", "at 4 s: line 3 says rem, line 4"),
    ],
)  # fmt: skip
def test_labels_that_do_not_fit_are_refused_with_the_reason(tmp_path, rows, header, sentence):
    with pytest.raises(RecordingError, match=sentence):
        read_labels(write(tmp_path / "l.csv", rows, header), STARTS, 4.0)


def test_overlaps_that_do_not_contradict_are_taken(tmp_path):
    path = write(tmp_path / "l.csv", ["0,12,wake", "4,4,wake", "8,4.04,wake", "12,8,rem"])
    assert read_labels(path, STARTS, 4.0, unlabelled="").tolist()[:6] == [W, W, W, R, R, ""]


@pytest.mark.parametrize("name", ["gone.csv", "gone.edf", "folder"])
def test_a_file_that_cannot_be_read_is_told(tmp_path, name):
    (tmp_path / "folder").mkdir()
    with pytest.raises(RecordingError, match="cannot be read"):
        read_labels(tmp_path / name, STARTS, 4.0)


@pytest.mark.parametrize(
    ("end_s", "n_rows", "length_s"),
    [
        (86400.0, 21600, 4.0),
        (86400.0, 21599, 4.0),
        (86400.0, 21601, 4.0),
        (86400.0, 34560, 2.5),
        (86400.0, 8640, 10.0),
        (3600.0, 120, 30.0),
        (3600.0, 119, 30.0),
        (40.0, 10, 4.0),
    ],
)
def test_the_length_of_the_epochs_of_a_list(end_s, n_rows, length_s):
    assert row_length_s("l.txt", n_rows, end_s, 4.0) == length_s


@pytest.mark.parametrize(
    ("end_s", "n_rows", "sentence"),
    [
        (86400.0, 20000, "one row would last 4.32 s, which is no usual length"),
        (86400.0, 21590, "is no usual length"),
        (86400.0, 1, "is no usual length"),
        (40.0, 4, "one row would last 10 s, which could be several usual lengths"),
    ],
)
def test_a_list_of_no_sensible_length_is_refused(end_s, n_rows, sentence):
    with pytest.raises(RecordingError, match=sentence):
        row_length_s("l.txt", n_rows, end_s, 4.0)


def test_annotations_of_an_edf_lie_by_its_start(tmp_path):
    edf = pyedflib.EdfWriter(str(tmp_path / "l.edf"), 0, pyedflib.FILETYPE_EDFPLUS)
    edf.setStartdatetime(datetime.datetime(2024, 5, 1, 10, 0, 8))
    for onset, duration, text in [(0, 10, "W"), (10, 10, "Sleep stage N2")]:
        edf.writeAnnotation(onset, duration, text)
    edf.close()
    labels = read_labels(tmp_path / "l.edf", STARTS, 4.0, "2024-05-01T10:00:00+02:00", "")
    assert labels.tolist() == ["", "", W, W, W, N, N, "", "", ""]
    with pytest.raises(RecordingError, match="start of the EDF or of the recording is wrong"):
        read_labels(tmp_path / "l.edf", STARTS, 4.0, "2024-05-01T09:59:31", "")


def test_days_of_labels_are_read(tmp_path):
    n = 3 * 21600
    words = list(itertools.islice(itertools.cycle([W, W, N, R]), n))
    path = write(tmp_path / "l.csv", [f"{4 * i}.0,4.0,{w},0.9" for i, w in enumerate(words)],
                 "start_s,duration_s,state,confidence")  # fmt: skip
    labels = read_labels(path, np.arange(n) * 4.0, 4.0)
    assert labels.tolist() == words
