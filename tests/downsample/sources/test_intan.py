"""Intan recordings with a file per signal type, against neo and against what was written."""

from datetime import datetime

import numpy as np
import pytest
from neo.rawio import IntanRawIO

from vigil.downsample.sources.choose import open_source
from vigil.downsample.sources.intan import open_flat_intan
from vigil.recording import RecordingError


def test_samples_channels_and_scale_are_those_that_neo_reads(tmp_path, small, noise):
    x = noise(4, 5000)
    folder = tmp_path / "mouse_260301_080000"
    source = open_source(small.write_intan(folder, x))
    judge = IntanRawIO(str(folder / "info.rhd"))
    judge.parse_header()
    assert np.array_equal(small.read_all(source, 700)[0], x)
    assert np.array_equal(judge.get_analogsignal_chunk(0, 0, stream_index=0).T, x)
    listed = judge.header["signal_channels"][:4]
    assert source.channels == tuple(listed["name"]) == ("probe0", "probe1", "probe2", "probe3")
    assert source.scale_uv == tuple(listed["gain"]) == (0.195,) * 4
    assert source.rate_hz == 30000
    assert source.start == datetime(2026, 3, 1, 8)


def test_time_that_jumps_is_a_gap(tmp_path, small, noise):
    x = noise(2, 5000)
    small.write_intan(tmp_path, x, gaps=[(3000, 1500)], first=-600)
    source = open_flat_intan(tmp_path / "info.rhd")
    assert source.segments == ((0.0, 3000), (0.15, 2000))
    assert source.clock_zero_us == -20_000
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1), x)


def test_two_recordings_are_laid_by_their_names(tmp_path, small, noise):
    x = noise(2, 60_000)
    small.write_intan(tmp_path / "m_260301_080000", x[:, :30_000])
    small.write_intan(tmp_path / "m_260301_080100", x[:, 30_000:])
    source = open_source(small.files_under(tmp_path))
    assert source.segments == ((0.0, 30_000), (60.0, 30_000))
    assert np.array_equal(small.read_all(source, 999)[1], x[:, 30_000:])


def test_files_that_contradict_the_header_are_refused(tmp_path, small, noise):
    small.write_intan(tmp_path, noise(3, 1000))
    header, dat, clock = (tmp_path / n for n in ("info.rhd", "amplifier.dat", "time.dat"))
    whole = dat.read_bytes()
    dat.write_bytes(whole[:-2])
    with pytest.raises(RecordingError, match=r"inside a sample of its 3 channels at byte 5994"):
        open_flat_intan(header)
    dat.write_bytes(whole[:-60])
    with pytest.raises(RecordingError, match=r"numbers 1000 samples but .* holds 990"):
        open_flat_intan(header)
    dat.write_bytes(whole)
    clock.unlink()
    assert "gaps would not be seen" in open_flat_intan(header).notes[0]
    header.write_text("This is no header.")
    with pytest.raises(RecordingError, match=r"no header of an Intan recording"):
        open_flat_intan(header)
