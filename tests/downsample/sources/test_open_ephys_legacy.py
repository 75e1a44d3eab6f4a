"""Open Ephys' first format, against neo and against what was written."""

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest
from neo.rawio import OpenEphysRawIO

from vigil.downsample.sources import open_ephys_legacy
from vigil.downsample.sources.open_ephys_legacy import open_open_ephys_legacy
from vigil.recording import RecordingError


def folder_of(small, tmp_path, x, **more):
    for i, row in enumerate(x):
        name = f"CH{i + 1}"
        small.write_continuous(tmp_path / f"100_{name}.continuous", row, channel=name, **more)
    return small.files_under(tmp_path)


def test_samples_channels_and_scale_are_those_that_neo_reads(tmp_path, small, noise):
    x = noise(3, 5 * 1024)
    source = open_open_ephys_legacy(folder_of(small, tmp_path, x))
    judge = OpenEphysRawIO(str(tmp_path))
    judge.parse_header()
    assert np.array_equal(small.read_all(source, 700)[0], x)
    assert np.array_equal(judge.get_analogsignal_chunk(0, 0, stream_index=0).T, x)
    assert source.channels == tuple(judge.header["signal_channels"]["name"])
    assert source.scale_uv == tuple(judge.header["signal_channels"]["gain"])
    assert source.clock_zero_us / 1e6 == pytest.approx(judge.get_signal_t_start(0, 0, 0))
    assert source.start == datetime(2026, 3, 1, 8)


def test_numbers_that_jump_are_gaps(tmp_path, small, noise):
    x = noise(2, 6 * 1024)
    source = open_open_ephys_legacy(folder_of(small, tmp_path, x, gaps=[(2, 3000)]))
    assert [n for _, n in source.segments] == [2048, 4096]
    assert source.segments[1][0] * 30000 == pytest.approx(5048)
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1), x)


def test_files_that_go_on_and_those_that_are_no_electrodes(tmp_path, small, noise):
    x = noise(1, 4096)[0]
    small.write_continuous(tmp_path / "100_CH1.continuous", x[:2048])
    small.write_continuous(tmp_path / "100_CH1_2.continuous", x[2048:], first=1024 + 5000)
    small.write_continuous(tmp_path / "100_AUX1.continuous", x, channel="AUX1")
    small.write_continuous(tmp_path / "103_CH1.continuous", x)
    source = open_open_ephys_legacy(small.files_under(tmp_path))
    assert source.channels == ("CH1",)
    assert [n for _, n in source.segments] == [2048, 2048]
    assert source.segments[1][0] * 30000 == pytest.approx(5000)
    assert "100_AUX1, 103_CH1" in source.notes[0]


def test_damaged_records_are_told_with_their_byte(tmp_path, small, noise):
    path = small.write_continuous(tmp_path / "100_CH1.continuous", noise(1, 4096)[0])
    whole = path.read_bytes()
    path.write_bytes(whole[:-7])
    with pytest.raises(RecordingError, match=f"inside a record at byte {1024 + 3 * 2070}"):
        open_open_ephys_legacy([path])
    broken = bytearray(whole)
    broken[1024 + 2070 + 8] = 1
    path.write_bytes(broken)
    with pytest.raises(RecordingError, match=r"Record 1 of .*\(byte 3094\) has no valid frame"):
        open_open_ephys_legacy([path])
    small.write_continuous(path, noise(1, 4096)[0], gaps=[(2, -5000)])
    with pytest.raises(RecordingError, match=r"Record 2 of .*\(byte 5164\) goes back"):
        open_open_ephys_legacy([path])
    small.write_continuous(path, noise(1, 4096)[0], gaps=[(2, 31 * 86400 * 30000)])
    with pytest.raises(RecordingError, match=r"Record 2 of .*\(byte 5164\) begins more than 30"):
        open_open_ephys_legacy([path])
    small.write_continuous(path, noise(1, 4096)[0], first=1 << 60)
    with pytest.raises(RecordingError, match=r"Record 0 of .*\(byte 1024\) has a number beyond"):
        open_open_ephys_legacy([path])
    path.write_bytes(whole[:1024])
    with pytest.raises(RecordingError, match=r"no .continuous file of an electrode"):
        open_open_ephys_legacy([path])
    path.write_text("text " * 500)
    with pytest.raises(RecordingError, match=r"no Open Ephys .continuous file"):
        open_open_ephys_legacy([path])


@pytest.mark.parametrize(("key", "value"), [("sampleRate", "fast"), ("bitVolts", "nan")])
def test_headers_that_cannot_be_are_refused(tmp_path, small, noise, key, value):
    path = small.write_continuous(tmp_path / "100_CH1.continuous", noise(1, 4096)[0])
    raw = path.read_bytes()
    text = raw[:1024].decode().replace(f"header.{key} = ", f"header.{key} = {value};//")
    path.write_bytes(text.encode()[:1024] + raw[1024:])
    with pytest.raises(RecordingError, match=r"no valid (sampleRate|scale)"):
        open_open_ephys_legacy([path])


def test_frames_are_checked_in_any_block(tmp_path, small, noise, monkeypatch):
    monkeypatch.setattr(open_ephys_legacy, "RECORDS_AT_ONCE", 3)
    x = noise(1, 10 * 1024)
    paths = folder_of(small, tmp_path, x, gaps=[(5, 700)])
    source = open_open_ephys_legacy(paths)
    assert [n for _, n in source.segments] == [5 * 1024, 5 * 1024]
    assert np.array_equal(np.concatenate(small.read_all(source, 700), axis=1), x)
    raw = bytearray(paths[0].read_bytes())
    raw[1024 + 7 * 2070 + 2069] = 1
    paths[0].write_bytes(raw)
    with pytest.raises(RecordingError, match=r"Record 7 of .*no valid frame"):
        open_open_ephys_legacy(paths)


def test_many_files_hold_no_descriptor_and_may_shrink(tmp_path, small, noise):
    x = noise(6, 4096)
    held = len(list(Path("/proc/self/fd").iterdir()))
    source = open_open_ephys_legacy(folder_of(small, tmp_path, x))
    assert len(list(Path("/proc/self/fd").iterdir())) == held
    assert not [line for line in open_maps() if ".continuous" in line]
    path = tmp_path / "100_CH2.continuous"
    path.write_bytes(path.read_bytes()[:2000])
    with pytest.raises(RecordingError, match=r"100_CH2.continuous became shorter"):
        source.read(0, 0, 4096, [0, 1])
    path.unlink()
    with pytest.raises(RecordingError, match=r"100_CH2.continuous is not there any more"):
        source.read(0, 0, 4096, [0, 1])


def open_maps():
    return Path("/proc/self/maps").read_text().splitlines()
