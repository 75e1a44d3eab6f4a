"""Clocks of Neuralynx files that were reset, and timestamps that only look so."""

import numpy as np
import pytest

from vigil.downsample.sources.neuralynx import open_neuralynx
from vigil.recording import RecordingError

X = np.arange(32000, dtype=np.int16)


def test_a_reset_to_times_that_were_there_before_is_seen_by_the_headers(tmp_path, ncs):
    later = {"TimeCreated": "2026/03/01 08:00:10"}
    a = ncs(tmp_path / "CSC1.ncs", np.tile(X, 9))
    b = ncs(tmp_path / "CSC1_0001.ncs", X, start_us=12_000_000, header=later)
    source = open_neuralynx([a, b])
    assert source.segments == ((0.0, 9 * 32000), (10.0, 32000))
    assert f"reset at record 0 of {b} (byte 16384)" in source.notes[0]
    assert "times of creation, to the second" in source.notes[0]


@pytest.mark.parametrize("bit", [15, 20, 30, 40, 50, 58])
@pytest.mark.parametrize("n_channels", [1, 2])
def test_a_damaged_timestamp_is_told_with_its_byte(tmp_path, ncs, bit, n_channels):
    x = np.tile(X, 2)
    paths = [ncs(tmp_path / f"C{i}.ncs", x, channel=f"C{i}") for i in range(n_channels)]
    raw = bytearray(paths[0].read_bytes())
    at = 16384 + 1044 * 60
    stamp = int.from_bytes(raw[at : at + 8], "little") ^ (1 << bit)
    raw[at : at + 8] = stamp.to_bytes(8, "little")
    paths[0].write_bytes(raw)
    with pytest.raises(RecordingError, match=f"record 60 of .*C0.ncs \\(byte {at}\\)"):
        open_neuralynx(paths)


def test_a_reset_in_one_channel_only_is_told_with_its_byte(tmp_path, ncs):
    first = ncs(tmp_path / "a.ncs", X[:5120], start_us=50_000_000)
    second = ncs(tmp_path / "b.ncs", X[5120:10240])
    a, b = tmp_path / "CSC1.ncs", ncs(tmp_path / "CSC2.ncs", X, channel="CSC2", start_us=50_000_000)
    a.write_bytes(first.read_bytes() + second.read_bytes()[16384:])
    wanted = f"reset once .*record 10 of .*CSC1.ncs \\(byte {16384 + 10 * 1044}\\)"
    with pytest.raises(RecordingError, match=wanted):
        open_neuralynx([a, b])


def test_a_clock_reset_between_files_is_laid_by_the_headers(tmp_path, ncs):
    paths = []
    for name in ("CSC1", "CSC2"):
        paths.append(ncs(tmp_path / f"{name}.ncs", X, channel=name, start_us=50_000_000))
        later = {"TimeCreated": "2026/03/01 08:00:07"}
        paths.append(ncs(tmp_path / f"{name}_0001.ncs", X[:5120], channel=name, header=later))
    source = open_neuralynx(paths)
    assert source.segments == ((0.0, 32000), (7.0, 5120))
    assert source.clock_zero_us == 50_000_000
    assert np.array_equal(source.read(1, 0, 5120, [1])[0], X[:5120])
    assert "reset" in source.notes[0]
    assert "times of creation" in source.notes[0]


def test_a_clock_reset_inside_a_file_leaves_no_pause(tmp_path, small, ncs):
    first = ncs(tmp_path / "a.ncs", X[:5120], start_us=50_000_000)
    second = ncs(tmp_path / "b.ncs", X[5120:10240])
    path = tmp_path / "CSC1.ncs"
    path.write_bytes(first.read_bytes() + second.read_bytes()[16384:])
    source = open_neuralynx([path])
    assert source.segments == ((0.0, 5120), (0.16, 5120))
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1)[0], X[:10240])
    assert "not known and was taken as none" in source.notes[0]


def test_channels_that_disagree_on_resets_are_refused(tmp_path, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1", start_us=50_000_000)
    b = ncs(tmp_path / "CSC1_0001.ncs", X, channel="CSC1")
    c = ncs(tmp_path / "CSC2.ncs", X, channel="CSC2", start_us=50_000_000)
    wanted = r"once in .*CSC1.ncs but 0 times in .*CSC2.*record 0 of .*CSC1_0001.ncs \(byte 16384\)"
    with pytest.raises(RecordingError, match=wanted):
        open_neuralynx([a, b, c])
