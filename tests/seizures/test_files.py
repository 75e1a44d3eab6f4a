import numpy as np

from vigil.seizures import files
from vigil.seizures.files import SeizureEvent


def test_events_in_time_order_are_rows_from_one(tmp_path):
    path = tmp_path / "events.tsv"
    events = [SeizureEvent(50.0, 20.0, 0.6, ("a", "b")), SeizureEvent(10.0, 15.5, 0.7, ("c",))]
    files.write_events(path, events, 100.0, "2024-03-01T23:30:00.123+01:00")
    assert path.read_text().splitlines() == [
        "onset\tduration\teventType\tconfidence\tchannels\tdateTime\trecordingDuration",
        "10.00\t15.50\tsz\t0.70\tc\t2024-03-01 23:30:00\t100.00",
        "50.00\t20.00\tsz\t0.60\ta,b\t2024-03-01 23:30:00\t100.00",
    ]
    assert files.read_events(path)["seizure"].tolist() == [1, 2]


def test_no_seizure_is_one_row_of_background_and_an_empty_table(tmp_path):
    path = tmp_path / "events.tsv"
    files.write_events(path, [], 3600.0, "")
    lines = path.read_text().splitlines()
    assert lines[1:] == ["0.00\t3600.00\tbckg\tn/a\tn/a\tn/a\t3600.00"]
    assert files.read_events(path).empty


def test_other_types_of_seizure_are_seizures(tmp_path):
    path = tmp_path / "labels.tsv"
    path.write_text("onset\tduration\teventType\n5\t10\tsz_foc_a\n30\t5\tartf\n50\t10\tsz\n")
    assert files.read_events(path)["onset"].tolist() == [5, 50]


def test_none_is_written_and_read_back_as_missing(tmp_path):
    path = tmp_path / "onset.tsv"
    rows = [(1, "NA", "all", "consensus", np.nan, np.nan), (1, "B", "all", "consensus", -0.25, 1.0)]
    files.write_table(path, rows, files.ONSET_COLUMNS)
    assert path.read_text().splitlines()[1] == "1\tNA\tall\tconsensus\tnone\tnone"
    order = files.read_region_order(path)
    assert order["region"].tolist() == ["B", "NA"]
    assert np.isnan(order["latency_s"].iloc[1])


def test_epileptogenicity_is_read_back_and_may_be_absent(tmp_path):
    path = tmp_path / "onset.tsv"
    rows = [
        (1, "A", "a1", "epileptogenicity_index", 0.5, 1.0, 0.25),
        (1, "A", "a1", "line_length", 0.5, 1.0, np.nan),
    ]
    files.write_table(path, rows, (*files.ONSET_COLUMNS, files.EPILEPTOGENICITY))
    assert path.read_text().splitlines()[2] == "1\tA\ta1\tline_length\t0.5\t1\tnone"
    np.testing.assert_array_equal(files.read_onset(path)["epileptogenicity"], [0.25, np.nan])
    files.write_table(path, [row[:6] for row in rows], files.ONSET_COLUMNS)
    assert files.read_onset(path).columns.tolist() == list(files.ONSET_COLUMNS)


def test_consensus_and_postictal_round_trip(tmp_path):
    path = tmp_path / "t.tsv"
    rows = [
        (1, None, np.nan, np.nan, "none", "no onset"),
        (2, "A+B", 0.5, 0.9, "unresolved", "together"),
        (3, "A", 0.9, 1.0, "resolved", ""),
    ]
    files.write_table(path, rows, files.CONSENSUS_COLUMNS)
    table = files.read_consensus(path)
    assert table["region"].tolist() == ["none", "A+B", "A"]
    assert table["reason"].tolist() == ["no onset", "together", ""]
    assert np.isnan(table["confidence"].iloc[0])
    files.write_table(
        path, [(1, "all", 12.5, "false"), (1, "A", 0.0, "true")], files.POSTICTAL_COLUMNS
    )
    table = files.read_postictal(path)
    assert table["recovered"].tolist() == [False, True]
    assert table["region"].tolist() == ["all", "A"]


def test_what_followed_a_seizure_may_not_be_known(tmp_path):
    path = tmp_path / "postictal.tsv"
    rows = [(1, "all", np.nan, "none"), (2, "all", 12.5, "true")]
    files.write_table(path, rows, files.POSTICTAL_COLUMNS)
    table = files.read_postictal(path)
    assert table["recovered"].tolist() == [None, True]
    np.testing.assert_array_equal(table["suppression_s"], [np.nan, 12.5])


def test_times_of_a_long_recording_keep_their_seconds(tmp_path):
    path = tmp_path / "t.tsv"
    files.write_table(path, [(604799.5, 12345.5, "cable")], files.DISTURBANCE_COLUMNS)
    assert path.read_text().splitlines()[1] == "604799.50\t12345.50\tcable"
    files.write_table(path, [(1, "all", 23456.5, "false")], files.POSTICTAL_COLUMNS)
    assert files.read_postictal(path)["suppression_s"].tolist() == [23456.5]


def test_empty_tables_can_be_read(tmp_path):
    for columns, read in (
        (files.ONSET_COLUMNS, files.read_onset),
        (files.CONSENSUS_COLUMNS, files.read_consensus),
        (files.SPREAD_COLUMNS, files.read_spread),
        (files.POSTICTAL_COLUMNS, files.read_postictal),
    ):
        files.write_table(tmp_path / "t.tsv", [], columns)
        assert read(tmp_path / "t.tsv").columns.tolist() == list(columns)
