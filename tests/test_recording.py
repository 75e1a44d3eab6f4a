"""Segments, epochs and montages."""

import itertools

import numpy as np
import pytest

from vigil.recording import RecordingError, Segments, epoch_starts_s, read_montage, touched

SEGMENTS = Segments((0.0, 20.0), (10.0, 25.0), (10000, 5000), 1000.0)


def test_times_of_rows_and_rows_of_times():
    assert SEGMENTS.time_s([0, 9999, 10000, 14999]) == pytest.approx([0, 9.999, 20, 24.999])
    assert list(SEGMENTS.row_ranges(9.0, 21.0)) == [(9000, 10000, 9.0), (10000, 11000, 20.0)]
    assert list(SEGMENTS.row_ranges(11.0, 19.0)) == []
    assert SEGMENTS.gaps() == [(10.0, 20.0)]
    assert (SEGMENTS.duration_s, SEGMENTS.valid_s, SEGMENTS.n_rows) == (25.0, 15.0, 15000)


def test_neighbouring_ranges_share_no_row():
    borders = np.arange(0, 25.1, 0.1)
    rows = [
        r
        for a, b in itertools.pairwise(borders)
        for first, last, _ in SEGMENTS.row_ranges(a, b)
        for r in range(first, last)
    ]
    assert rows == list(range(15000))


def test_epochs_are_whole():
    assert epoch_starts_s(19.9, 4.0).tolist() == [0, 4, 8, 12]
    assert epoch_starts_s(20.0, 4.0).tolist() == [0, 4, 8, 12, 16]


def test_a_montage_in_the_order_of_the_recording(tmp_path):
    path = tmp_path / "montage.tsv"
    path.write_text("channel\tregion\tkind\nCSC3\tneck\temg\nCSC1\tca1\t\n")
    montage = read_montage(path, ["CSC1", "CSC2", "CSC3"])
    assert montage.kind == ("lfp", "off", "emg")
    assert montage.regions == ("ca1",)
    assert montage.channels_of("ca1") == [0]
    assert montage.of_kind("emg") == [2]


def test_a_montage_may_have_the_last_word_on_quality(tmp_path):
    path = tmp_path / "montage.tsv"
    path.write_text("channel,region,quality\nCSC3,ca3,bad\nCSC1,ca1,\n")
    assert read_montage(path, ["CSC1", "CSC2", "CSC3"]).quality == ("", "", "bad")
    path.write_text("channel,region\nCSC1,ca1\n")
    assert read_montage(path, ["CSC1"]).quality == ()


def test_without_a_montage_each_channel_is_a_region():
    assert read_montage(None, ["a", "b"]).regions == ("a", "b")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("channel\tplace\nCSC1\tca1\n", "no column 'region'"),
        ("channel\tregion\nCSC1\tca1\nCSC1\tca3\n", "lists channel 'CSC1' twice"),
        ("channel\tregion\tkind\nCSC1\tca1\tlpf\n", "kind 'lpf'; allowed: lfp"),
        ("channel\tregion\tquality\nCSC1\tca1\tgood\n", "quality 'good'; allowed: .*, ok, bad"),
        ("channel\tregion\nCSC9\tca1\n", "names channel 'CSC9', which is not among"),
    ],
)
def test_a_montage_that_does_not_fit_is_refused(tmp_path, text, sentence):
    path = tmp_path / "montage.tsv"
    path.write_text(text)
    with pytest.raises(RecordingError, match=sentence):
        read_montage(path, ["CSC1", "CSC2"])


def test_windows_that_spans_touch():
    spans = np.array([[7.0, 7.5], [1.0, 6.0], [2.0, 3.0]])
    start_s = np.arange(10.0)
    expected = [any(a < s + 1 and b > s for a, b in spans) for s in start_s]
    assert touched(start_s, 1.0, spans).tolist() == expected
    assert not touched(start_s, 1.0, np.empty((0, 2))).any()


def test_a_brain_region_is_not_called_emg(tmp_path):
    path = tmp_path / "montage.tsv"
    path.write_text("channel\tregion\nCSC1\tca1\nCSC2\temg\n")
    with pytest.raises(RecordingError, match=r"CSC2.*has emg in the column kind"):
        read_montage(path, ["CSC1", "CSC2"])


@pytest.mark.parametrize("name", ["all", "none", "CA1+CA3", "emg", "a~b"])
def test_a_region_has_no_name_that_tables_use_for_something_else(tmp_path, name):
    path = tmp_path / "montage.tsv"
    path.write_text(f"channel\tregion\nCSC1\t{name}\n")
    with pytest.raises(RecordingError, match="into a brain region"):
        read_montage(path, ["CSC1"])
    path.write_text("channel\tregion\nCSC1\tallocortex\n")
    assert read_montage(path, ["CSC1"]).regions == ("allocortex",)
    assert read_montage(None, ["all", "a+b"]).regions == ("_", "a_b")
