import numpy as np
import pytest

from vigil.recording import RecordingError
from vigil.seizures.files import SeizureEvent, write_events
from vigil.seizures.trained.labels import read_seizure_labels

HEADER = "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration\n"


@pytest.fixture
def labels(tmp_path):
    def write(*rows, header=HEADER):
        path = tmp_path / "labels.tsv"
        lines = ["\t".join([*map(str, r), "n/a", "n/a", "n/a", "3600.00"]) for r in rows]
        path.write_text(header + "".join(f"{line}\n" for line in lines))
        return path

    return write


def test_what_vigil_writes_is_read(tmp_path):
    events = [SeizureEvent(100.0, 20.5, 0.9, ("a", "b")), SeizureEvent(900.0, 30.0, 0.9, ("a",))]
    write_events(tmp_path / "e.tsv", events, 3600.0, "2026-01-01T10:00:00")
    told = read_seizure_labels(tmp_path / "e.tsv", 3600.0)
    assert told.seizures == ((100.0, 120.5), (900.0, 930.0))
    assert told.background is None
    write_events(tmp_path / "none.tsv", [], 3600.0, "")
    told = read_seizure_labels(tmp_path / "none.tsv", 3600.0)
    assert told.seizures == ()
    assert (told.on_steps(7200, 0.5) == 0).all()


def test_a_step_has_the_label_of_its_middle(labels):
    told = read_seizure_labels(labels((2.2, 2.1, "sz")), 3600.0)
    # 2.2 to 4.3 s: middles 2.25 to 4.25 s
    assert np.flatnonzero(told.on_steps(7200, 0.5)).tolist() == [4, 5, 6, 7, 8]


def test_named_background_speaks_only_for_itself(labels):
    rows = [(0, 100, "bckg"), (100, 20, "sz_foc_ia"), (200, 50, "bckg"), (210, 10, "impd")]
    marks = read_seizure_labels(labels(*rows), 3600.0).on_steps(3600, 1.0)
    assert (marks[:100] == 0).all()
    assert (marks[100:120] == 1).all()
    assert (marks[120:200] == -1).all()
    assert (marks[210:220] == -1).all()
    assert (marks[220:250] == 0).all()
    assert (marks[250:] == -1).all()


def test_seizures_are_put_in_order_and_joined_where_they_touch(labels):
    told = read_seizure_labels(labels((50, 10, "sz"), (10, 10, "sz"), (20, 5, "sz")), 3600.0)
    assert told.seizures == ((10.0, 25.0), (50.0, 60.0))


@pytest.mark.parametrize(
    ("rows", "words"),
    [
        ([(10, 10, "sz"), (15, 10, "sz")], "overlap"),
        ([(0, 3600, "bckg"), (15, 10, "sz")], "contradict"),
        ([(3590, 20, "sz")], "ends at 3600"),
        ([(3600.3, 0.5, "sz")], "begins at 3600.3 s in row 1"),
        ([(-3, 20, "sz")], "'-3' as onset in row 1"),
        ([(3, 0, "sz")], "'0' as duration in row 1"),
        ([(3, "n/a", "sz")], "'n/a' as duration"),
        ([(3, 4, "seizure?")], "'seizure\\?' in row 1"),
        ([], "hold no row"),
    ],
)
def test_what_is_wrong_is_said_in_a_sentence(labels, rows, words):
    with pytest.raises(RecordingError, match=words) as error:
        read_seizure_labels(labels(*rows), 3600.0)
    assert "\n" not in str(error.value)


def test_labels_of_another_recording_are_refused(labels):
    with pytest.raises(RecordingError, match="of a recording of 3600 s, this one has 7200 s"):
        read_seizure_labels(labels((10, 10, "sz")), 7200.0)


def test_a_table_that_is_none(labels, tmp_path):
    with pytest.raises(RecordingError, match="lack the column onset"):
        read_seizure_labels(labels(header="start,stop\n"), 3600.0)
    (tmp_path / "binary.tsv").write_bytes(b"\xff\xfe\x00\x81\x00")
    with pytest.raises(RecordingError, match=r"cannot be read|lack the column"):
        read_seizure_labels(tmp_path / "binary.tsv", 3600.0)
    with pytest.raises(RecordingError, match="cannot be read"):
        read_seizure_labels(tmp_path / "not_there.tsv", 3600.0)


def test_a_field_too_many_does_not_move_the_columns(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("onset\tduration\teventType\n10\t5\tsz\t\n300\t20\tsz\t\n")
    assert read_seizure_labels(path, 600.0).seizures == ((10.0, 15.0), (300.0, 320.0))
