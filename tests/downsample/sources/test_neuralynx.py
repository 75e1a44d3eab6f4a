"""Neuralynx files side by side: what all hold, what was split, and what is refused."""

import itertools

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigil.downsample.sources.neuralynx import open_neuralynx
from vigil.recording import RecordingError

X = np.arange(32000, dtype=np.int16)


def test_channels_come_in_natural_order(tmp_path, ncs):
    paths = [ncs(tmp_path / f"CSC{i}.ncs", X[:600], channel=f"CSC{i}") for i in (10, 2, 1)]
    assert open_neuralynx(paths).channels == ("CSC1", "CSC2", "CSC10")


def test_several_channels_are_read_at_once(tmp_path, ncs):
    paths = [ncs(tmp_path / f"C{i}.ncs", X + i, channel=f"C{i}") for i in range(3)]
    source = open_neuralynx(paths)
    block = source.read(0, 100, 700, [2, 0])
    assert np.array_equal(block, [X[100:700] + 2, X[100:700]])
    assert block.flags.c_contiguous
    assert source.together == 1


def test_only_what_all_channels_hold_is_used_and_the_short_one_is_named(tmp_path, ncs):
    long = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    late = ncs(tmp_path / "CSC2.ncs", X[5120:], channel="CSC2", start_us=10_160_000)
    source = open_neuralynx([long, late])
    assert source.segments == ((0.0, 32000 - 5120),)
    assert np.array_equal(source.read(0, 0, 10, [0, 1]), [X[5120:5130]] * 2)
    assert source.clock_zero_us == 10_160_000
    assert "CSC2 lacks 0.160 s" in source.notes[0]
    assert "CSC1 lacks" not in source.notes[0]


def test_channels_that_are_as_long_but_shifted_are_told_too(tmp_path, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    b = ncs(tmp_path / "CSC2.ncs", X, channel="CSC2", start_us=10_160_000)
    assert "begin or pause at different times" in open_neuralynx([a, b]).notes[0]


def test_gaps_of_one_channel_are_gaps_of_all(tmp_path, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    b = ncs(tmp_path / "CSC2.ncs", X, channel="CSC2", gaps=[(16000, 1.0)])
    source = open_neuralynx([a, b])
    assert [n for _, n in source.segments] == [16000]
    assert np.array_equal(source.read(0, 0, 16000, [1])[0], X[:16000])


@pytest.mark.parametrize("suffix", [".ncs", ".NCS", ".Ncs"])
def test_a_file_that_goes_on_is_the_same_channel(tmp_path, small, ncs, suffix):
    parts = [(0, 10240), (10240, 20480), (20480, 32000)]
    paths = [
        ncs(
            tmp_path / f"CSC1{f'_{i:04d}' if i else ''}{suffix}",
            X[a:b],
            start_us=10_000_000 + round(a / 32000 * 1e6),
        )
        for i, (a, b) in enumerate(parts)
    ]
    source = open_neuralynx(paths[::-1])
    assert source.channels == ("CSC1",)
    assert source.segments == ((0.0, 32000),)
    assert np.array_equal(small.read_all(source)[0][0], X)
    assert np.array_equal(source.read(0, 10000, 21000, [0])[0], X[10000:21000])
    assert not source.notes


@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    splits=st.lists(st.sampled_from([6, 13, 19, 26]), max_size=3, unique=True),
    gaps=st.lists(st.integers(1, 31), max_size=2, unique=True),
    piece=st.integers(100, 6000),
)
def test_split_anywhere_equals_unsplit(tmp_path_factory, ncs, splits, gaps, piece):
    """Files split at any record, gaps at any: segments and samples are those of one file."""
    folder = tmp_path_factory.mktemp("split")
    x = np.random.default_rng(len(splits)).integers(-99, 99, 32 * 512).astype(np.int16)
    late = [(512 * g, 0.25) for g in sorted(gaps)]
    one = open_neuralynx([ncs(folder / "one" / "CSC1.ncs", x, gaps=late)])
    raw = (folder / "one" / "CSC1.ncs").read_bytes()
    borders = [0, *sorted(splits), 32]
    paths = []
    for i, (a, b) in enumerate(itertools.pairwise(borders)):
        path = folder / f"CSC1{f'_{i:04d}' if i else ''}.ncs"
        path.write_bytes(raw[:16384] + raw[16384 + 1044 * a : 16384 + 1044 * b])
        paths.append(path)
    split = open_neuralynx(paths)
    assert [n for _, n in split.segments] == [n for _, n in one.segments]
    assert np.allclose([t for t, _ in split.segments], [t for t, _ in one.segments], atol=1e-6)
    for s, (_, n) in enumerate(one.segments):
        parts = [split.read(s, a, min(n, a + piece), [0]).copy() for a in range(0, n, piece)]
        assert np.array_equal(np.concatenate(parts, axis=1), one.read(s, 0, n, [0]))


def test_sessions_in_folders_of_their_own_are_ordered_by_their_start(tmp_path, small, ncs):
    late = ncs(
        tmp_path / "a" / "CSC1.ncs",
        X[5120:],
        start_us=20_000_000,
        header={"TimeCreated": "2026/03/01 08:00:10"},
    )
    early = ncs(tmp_path / "b" / "CSC1.ncs", X[:5120])
    source = open_neuralynx([late, early])
    assert source.channels == ("CSC1",)
    assert source.segments == ((0.0, 5120), (10.0, 32000 - 5120))
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1)[0], X)
    assert not source.notes


def test_channels_whose_names_end_in_numbers_stay_apart(tmp_path, ncs):
    paths = [ncs(tmp_path / f"ch_000{i}.ncs", X + i, channel=f"ch_000{i}") for i in (1, 2)]
    source = open_neuralynx(paths)
    assert source.channels == ("ch_0001", "ch_0002")
    assert np.array_equal(source.read(0, 0, 5, [1])[0], X[:5] + 2)


def test_channels_that_begin_a_record_apart_stay_apart(tmp_path, ncs):
    a = ncs(tmp_path / "ch_0001.ncs", X, channel="ch_0001")
    b = ncs(tmp_path / "ch_0002.ncs", X, channel="ch_0002", start_us=10_016_000)
    for header in ({}, {"TimeCreated": None}):
        ncs(tmp_path / "ch_0001.ncs", X, channel="ch_0001", header=header)
        source = open_neuralynx([a, b])
        assert source.channels == ("ch_0001", "ch_0002")
        assert source.segments == ((0.0, 32000 - 512),)
        assert np.array_equal(source.read(0, 0, 9, [0, 1]), [X[512:521], X[:9]])
    # where the acquisition's own name says otherwise, that is told
    source = open_neuralynx([ncs(tmp_path / "ch_0001.ncs", X), ncs(tmp_path / "ch_0002.ncs", X)])
    assert len(source.channels) == 2
    assert "hold the same time: they were taken as different channels" in source.notes[0]


def test_a_short_file_between_does_not_hide_what_overlaps(tmp_path, ncs):
    long = ncs(tmp_path / "ch_0001.ncs", np.tile(X, 5), channel="ch_0001")
    short = ncs(tmp_path / "ch_0002.ncs", X[:500], channel="ch_0002", start_us=11_000_000)
    third = ncs(tmp_path / "ch_0003.ncs", X, channel="ch_0003", start_us=11_008_000)
    assert len(open_neuralynx([long, third]).channels) == 2
    assert len(open_neuralynx([long, short, third]).channels) == 3


def test_files_that_hold_the_same_time_but_were_made_apart_are_refused(tmp_path, ncs):
    later = {"TimeCreated": "2026/03/01 08:00:04"}
    a = ncs(tmp_path / "CSC1.ncs", np.tile(X, 10))
    b = ncs(tmp_path / "CSC1_0001.ncs", X, start_us=12_000_000, header=later)
    with pytest.raises(RecordingError, match=r"CSC1_0001.ncs hold the same 1.000 s .* 4 s apart"):
        open_neuralynx([a, b])


def test_the_record_that_two_files_share_is_read_once(tmp_path, small, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X[:10240])
    b = ncs(tmp_path / "CSC1_0001.ncs", X[10240 - 512 :], start_us=10_304_000)
    source = open_neuralynx([a, b])
    assert [t for t, _ in source.segments] == pytest.approx([0.0, 0.32])
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1)[0], X)
    assert len(source.notes) == 1
    assert "CSC1_0001.ncs begins 0.016 s before the end of the file before it" in source.notes[0]


@pytest.mark.parametrize("name", ["CSC1_001.ncs", "CSC1_00001.ncs"])
def test_a_file_that_goes_on_under_another_name_is_told(tmp_path, ncs, name):
    a, b = ncs(tmp_path / "CSC1.ncs", X), ncs(tmp_path / name, X, start_us=11_000_000)
    with pytest.raises(RecordingError, match=r"no time in common: .*goes on .*CSC1_0001.ncs"):
        open_neuralynx([a, b])


def test_another_scale_in_a_later_part_is_refused(tmp_path, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X)
    b = ncs(tmp_path / "CSC1_0001.ncs", X, start_us=20_000_000, header={"ADBitVolts": "0.0000001"})
    with pytest.raises(RecordingError, match=r"uV per step"):
        open_neuralynx([a, b])


def test_different_rates_are_refused_with_their_channels(tmp_path, ncs):
    paths = [ncs(tmp_path / f"CSC{i}.ncs", X, channel=f"CSC{i}", rate_hz=2000) for i in range(6)]
    paths.append(ncs(tmp_path / "u1.ncs", X, channel="u1"))
    wanted = r"2000 Hz: CSC0, CSC1, CSC2, CSC3 and 2 more; 32000 Hz: u1.*recordings of their own"
    with pytest.raises(RecordingError, match=wanted):
        open_neuralynx(paths)


def test_files_that_are_only_a_header_are_left_out(tmp_path, ncs):
    paths = [ncs(tmp_path / "CSC1.ncs", X), ncs(tmp_path / "CSC2.ncs", X[:0], channel="CSC2")]
    source = open_neuralynx(paths)
    assert source.channels == ("CSC1",)
    assert "CSC2.ncs" in source.notes[0]
    with pytest.raises(RecordingError, match=r"no \.ncs file with samples"):
        open_neuralynx(paths[1:])


def test_the_range_is_the_headers(tmp_path, ncs):
    old = ncs(tmp_path / "CSC1.ncs", X[:600] % 2000, header={"ADMaxValue": "2047"})
    new = ncs(tmp_path / "CSC2.ncs", X[:600], channel="CSC2")
    lying = ncs(tmp_path / "CSC3.ncs", X[:600], channel="CSC3", header={"ADMaxValue": "text"})
    ranges = open_neuralynx([old, new, lying]).range_steps
    assert ranges == ((-2047, 2047), (-32767, 32767), (-32768, 32767))


def test_a_header_that_lies_about_its_rate_is_told(tmp_path, ncs):
    path = ncs(tmp_path / "CSC1.ncs", X, rate_hz=30303, header={"SamplingFrequency": "32000"})
    source = open_neuralynx([path])
    assert source.rate_hz == pytest.approx(30303, rel=1e-5)
    assert "The header states 32000 Hz" in source.notes[0]


def test_channels_of_different_recordings_are_refused(tmp_path, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    b = ncs(tmp_path / "CSC2.ncs", X, channel="CSC2", start_us=900_000_000)
    with pytest.raises(RecordingError, match=r"no time in common"):
        open_neuralynx([a, b])


@pytest.mark.parametrize(
    ("header", "sentence"),
    [
        ({"ADBitVolts": "inf"}, r"no valid -ADBitVolts \(found 'inf'\)"),
        ({"ADBitVolts": "1e300"}, r"no valid scale"),
        ({"SamplingFrequency": "inf"}, r"no valid -SamplingFrequency \(found 'inf'\)"),
        ({"SamplingFrequency": "9e9"}, r"gives 9e\+09 Hz"),
    ],
)
def test_headers_that_cannot_be_are_refused(tmp_path, ncs, header, sentence):
    path = ncs(tmp_path / "CSC1.ncs", X[:100], header=header)
    with pytest.raises(RecordingError, match=sentence):
        open_neuralynx([path])
