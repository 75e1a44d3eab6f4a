"""Files of labels: the words, the formats, and what is refused."""

import datetime

import numpy as np
import pyedflib
import pytest

from vigil.recording import STATES, RecordingError
from vigil.sleep.label_edf import read_edf_rows
from vigil.sleep.label_files import read_text_rows
from vigil.sleep.label_words import WORDS, state_of_word

BEGUN = datetime.datetime(2024, 5, 1, 10, 0, 0)


def rows_of(tmp_path, content):
    path = tmp_path / "labels.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return read_text_rows(path)


@pytest.mark.parametrize(
    ("word", "state"),
    [
        ("W", "wake"),
        ("Awake", "wake"),
        ("Sleep stage W", "wake"),
        ("NREM", "nrem"),
        ("Non-REM", "nrem"),
        ("SWS", "nrem"),
        ("N2", "nrem"),
        ("s", "nrem"),
        ("Sleep stage 3", "nrem"),
        (" rem ", "rem"),
        ("PS", "rem"),
        ("Sleep stage R", "rem"),
        ("u", "unclassified"),
        ("Artefact", "unclassified"),
        ("Sleep stage ?", "unclassified"),
        ("Movement time", "unclassified"),
        ("", ""),
        ("  ", ""),
        ("sleep", None),
        ("3", None),
        ("nrme", None),
    ],
)
def test_words_of_states(word, state):
    assert state_of_word(word) == state


def test_no_word_means_two_states():
    words = [word for state in STATES for word in WORDS[state].split()]
    assert len(words) == len(set(words))


TABLE = "start_s,duration_s,state\n0,4,wake\n4.5,4,nrem\n8.5,4,\n"


@pytest.mark.parametrize(
    "content",
    [
        TABLE,
        TABLE.replace("\n", "\r\n"),
        b"\xef\xbb\xbf" + TABLE.encode(),
        TABLE.replace(",", ";").replace(".", ","),
        TABLE.replace(",", "\t").encode("utf-16"),
        TABLE.replace("state", "state,Bemerkung für später", 1).encode("latin-1"),
        TABLE.replace("start_s", "Start").replace("duration_s", "Duration"),
        TABLE.replace("\n4.5", "\n\n,,\n4.5") + ",,\n\n",
        "state,x,duration_s,start_s\nW,,4,0\nn2,,4,4.5\n,,4,8.5\n",
    ],
    ids=["plain", "windows", "bom", "german", "utf16", "latin1", "names", "blank", "order"],
)
def test_tables_as_spreadsheets_write_them(tmp_path, content):
    rows = rows_of(tmp_path, content)
    assert rows.state.tolist() == ["wake", "nrem", ""]
    assert rows.start_s.tolist() == [0.0, 4.5, 8.5]
    assert rows.duration_s.tolist() == [4.0, 4.0, 4.0]


def test_a_table_without_durations(tmp_path):
    assert rows_of(tmp_path, "start,state\n0,wake\n4,nrem\n").duration_s is None


def test_accusleepy(tmp_path):
    # as accusleepy 0.13 writes it: its undefined label is -1, other digits are a laboratory's own
    rows = rows_of(tmp_path, "brain_state,confidence_score\n1,0.9\n2,0.9\n3,1.0\n-1,0.0\n4,0.5\n")
    assert rows.state.tolist() == ["rem", "wake", "nrem", "", "unclassified"]
    assert rows.start_s is None
    assert rows_of(tmp_path, "brain_state\n1.0\n2.0\n").state.tolist() == ["rem", "wake"]


def test_a_list_of_words(tmp_path):
    for content in ("W\nn\nREM\nu\n", "state\nW\nn\nREM\nu", "W\r\nn\r\nREM\r\nu\r\n\r\n"):
        rows = rows_of(tmp_path, content)
        assert rows.state.tolist() == ["wake", "nrem", "rem", "unclassified"]
        assert rows.start_s is None


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        ("", "are empty"),
        ("\n \n", "are empty"),
        (bytes(range(256)) * 10, "are not text"),
        ("hello,world\n1,2\n", "begin with 'hello,world', which is no header"),
        ("0,wake\n4,nrem\n", "begin with '0,wake', which is no header"),
        ("start_s,duration_s\n0,4\n", "no column 'state' among start_s, duration_s"),
        ("state,duration_s\nwake,4\n", "no column 'start_s'"),
        ("start_s,state\n0,wake\n4,nrme\n", "state 'nrme' in line 3; write wake"),
        ("start_s,state\n0,wake\n4,1\n", "state '1' in line 3; digits mean different"),
        ("1\n2\n3\n", "state '1' in line 1; digits mean different"),
        ("wake\n\nrem\n", "no state in line 2, and each line is an epoch"),
        ("wake\nnrme\n", "state 'nrme' in line 2"),
        ("brain_state\n1\nwake\n", "state 'wake' in line 3"),
        ("start_s,state\n0,wake\nx,rem\n", r"no number of seconds in start_s of line 3 \('x'\)"),
        ("start_s,state\n0,wake\nnan,rem\n", "no number of seconds in start_s of line 3"),
        ("start_s,state\n0,wake\n,rem\n", r"no number of seconds in start_s of line 3 \(''\)"),
        ('start_s,state,note\n0,wake,\n4,rem,"hm\n8,rem,\n', "line 3: "),
        ('start_s,state,note\n0,wake,\n4,rem,"hm\n8,rem,"\n', "line 3: a quotation mark"),
        ("start_s,duration_s,state\n0,0,4,0,wake\n", "5 columns in line 2, but 3 in the header"),
    ],
)
def test_what_is_refused_and_why(tmp_path, content, sentence):
    with pytest.raises(RecordingError, match=sentence):
        rows_of(tmp_path, content)


def write_edf(path, notes, start=BEGUN, signal_s=0):
    """An EDF+ with annotations (onset, duration, text) and a signal of so many seconds."""
    edf = pyedflib.EdfWriter(str(path), 1 if signal_s else 0, pyedflib.FILETYPE_EDFPLUS)
    if signal_s:
        edf.setSignalHeader(
            0,
            {"label": "eeg", "dimension": "uV", "sample_frequency": 10, "physical_max": 1.0,
             "physical_min": -1.0, "digital_max": 99, "digital_min": -99, "prefilter": "",
             "transducer": ""},
        )  # fmt: skip
    edf.setStartdatetime(start)
    for _ in range(signal_s):
        edf.writePhysicalSamples(np.zeros(10))
    for onset, duration, text in notes:
        edf.writeAnnotation(onset, duration, text)
    edf.close()
    return path


STAGES = [(0, 8, "Sleep stage W"), (8, 20, "Sleep stage 2"), (28, 12, "Sleep stage R")]


@pytest.mark.parametrize("name", ["labels.edf", "LABELS.EDF"])
def test_annotations_of_an_edf(tmp_path, name):
    notes = [*STAGES, (10, -1, "lights off")]
    path = write_edf(tmp_path / name, notes, signal_s=40)
    rows = read_edf_rows(path, 40.0, 4.0, None)
    assert rows.state.tolist() == ["wake", "nrem", "rem"]
    assert rows.start_s.tolist() == [0.0, 8.0, 28.0]
    assert rows.duration_s.tolist() == [8.0, 20.0, 12.0]


def test_annotations_without_durations_last_until_the_next(tmp_path):
    path = write_edf(tmp_path / "l.edf", [(0, -1, "W"), (8, -1, "R")], signal_s=12)
    assert read_edf_rows(path, 12.0, 4.0, None).duration_s is None
    path = write_edf(tmp_path / "m.edf", [(0, -1, "W"), (8, -1, "RME")], signal_s=12)
    with pytest.raises(RecordingError, match="annotation 'RME' at 8 s"):
        read_edf_rows(path, 12.0, 4.0, None)


@pytest.mark.parametrize(
    ("started", "first_s"),
    [
        ("2024-05-01T10:00:00", 0.0),
        ("2024-05-01T10:00:00.7", 0.0),  # the header of an EDF has whole seconds
        ("2024-05-01T09:58:30", 90.0),
        ("2024-05-01T09:58:30+02:00", 90.0),  # it has no time zone either
        ("2024-05-01T10:00:10", -10.0),
    ],
)
def test_an_edf_lies_where_its_start_says(tmp_path, started, first_s):
    path = write_edf(tmp_path / "l.edf", STAGES)
    assert read_edf_rows(path, 400.0, 4.0, started).start_s[0] == first_s


def test_an_edf_without_a_place_is_refused(tmp_path):
    path = write_edf(tmp_path / "l.edf", STAGES)
    with pytest.raises(RecordingError, match=r"2024-05-01 at 10:00:00, .* do not overlap"):
        read_edf_rows(path, 400.0, 4.0, "2024-05-02T10:00:00")
    for start, started, sentence in (
        (BEGUN, "", "start of the recording is not known, .* 40 s long .* has 400 s"),
        (datetime.datetime(1985, 1, 1), BEGUN.isoformat(), "start of the EDF is not known"),
    ):
        path = write_edf(tmp_path / "l.edf", STAGES, start)
        with pytest.raises(RecordingError, match=sentence):
            read_edf_rows(path, 400.0, 4.0, started)
        # as long as the recording: it has but one place
        assert read_edf_rows(path, 40.0, 4.0, started).start_s[0] == 0.0


def test_other_edfs_are_refused(tmp_path):
    path = write_edf(tmp_path / "l.edf", [(0, 8, "injection"), *STAGES])
    with pytest.raises(RecordingError, match="annotation 'injection' at 0 s"):
        read_edf_rows(path, 40.0, 4.0, None)
    path = write_edf(tmp_path / "n.edf", [(0, -1, "lights off")])
    with pytest.raises(RecordingError, match=r"is a state of sleep \(such as 'lights off'\)"):
        read_edf_rows(path, 40.0, 4.0, None)
    (tmp_path / "r.edf").write_bytes(b"rubbish" * 100)
    with pytest.raises(RecordingError, match="no EDF\\+ file"):
        read_edf_rows(tmp_path / "r.edf", 40.0, 4.0, None)
    with pytest.raises(RecordingError, match="cannot be read"):
        read_edf_rows(tmp_path / "gone.edf", 40.0, 4.0, None)
