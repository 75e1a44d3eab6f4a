"""Open Ephys binary recordings, against neo and against what was written."""

import json
from datetime import UTC, datetime

import numpy as np
import pytest
from neo.rawio import OpenEphysBinaryRawIO

from vigil.downsample.sources.open_ephys import open_open_ephys
from vigil.recording import RecordingError


def test_samples_channels_and_scale_are_those_that_neo_reads(tmp_path, small, noise):
    x = noise(4, 5000)
    source = open_open_ephys(small.write_open_ephys(tmp_path, x))
    judge = OpenEphysBinaryRawIO(str(tmp_path))
    judge.parse_header()
    assert np.array_equal(small.read_all(source, 700)[0], x)
    assert np.array_equal(judge.get_analogsignal_chunk(0, 0, stream_index=0).T, x)
    listed = judge.header["signal_channels"][:4]
    assert source.channels == tuple(listed["name"])
    assert source.scale_uv == tuple(listed["gain"])
    assert source.rate_hz == listed["sampling_rate"][0]
    assert source.clock_zero_us / 1e6 == pytest.approx(judge.get_signal_t_start(0, 0, 0))
    assert source.start == datetime(2026, 3, 1, 8, tzinfo=UTC)
    assert source.together == 4
    assert source.notes == ("Channels that are no electrodes were left out: ADC1.",)


def test_samples_that_were_lost_are_gaps(tmp_path, small, noise):
    x = noise(2, 5000)
    source = open_open_ephys(small.write_open_ephys(tmp_path, x, gaps=[(2000, 300), (2001, 30000)]))
    assert [n for _, n in source.segments] == [2000, 1, 2999]
    starts = [t * 30000 for t, _ in source.segments]
    assert starts == pytest.approx([0, 2300, 32301])
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1), x)


def in_two(small, folder, x, **second):
    """A recording that ends after 2000 samples, and another one with the rest."""
    small.write_open_ephys(folder, x[:, :2000])
    return open_open_ephys(small.write_open_ephys(folder, x[:, 2000:], **second))


def test_recordings_of_one_experiment_share_a_clock(tmp_path, small, noise):
    x = noise(2, 6000)
    source = in_two(small, tmp_path, x, first=33_000, recording="experiment1/recording2")
    assert [n for _, n in source.segments] == [2000, 4000]
    assert source.segments[1][0] == pytest.approx(32_000 / 30000)
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1), x)


def test_another_experiment_has_another_clock(tmp_path, small, noise):
    x = noise(2, 6000)
    source = in_two(small, tmp_path, x, first=90_000, recording="experiment2/recording1")
    assert source.segments == ((0.0, 2000), (pytest.approx(2000 / 30000), 4000))
    assert "clock was reset before" in source.notes[-1]


def test_of_two_streams_the_one_with_most_electrodes_is_read(tmp_path, small, noise):
    small.write_open_ephys(tmp_path / "a", noise(2, 1000), extra=())
    many = small.write_open_ephys(tmp_path / "b", noise(5, 1000), extra=(), stream="Other")
    source = open_open_ephys([*small.files_under(tmp_path / "a"), *many])
    assert len(source.channels) == 5
    assert "Rhythm_FPGA-100.0 (30000 Hz)" in source.notes[0]


def test_a_flat_copy_of_one_stream_is_read_too(tmp_path, small, noise):
    x = noise(2, 1000)
    nested = small.write_open_ephys(tmp_path / "nested", x)
    flat = tmp_path / "flat"
    flat.mkdir()
    for p in nested:
        (flat / p.name).write_bytes(p.read_bytes())
    assert np.array_equal(small.read_all(open_open_ephys(small.files_under(flat)))[0], x)


def changed(paths, change):
    oebin = next(p for p in paths if p.name == "structure.oebin")
    described = json.loads(oebin.read_text())
    change(described["continuous"][0])
    oebin.write_text(json.dumps(described))
    return paths


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.update(num_channels=2), "has 2 channels but lists 3"),
        (lambda s: s["channels"].pop(), "has 3 channels but lists 2"),
        (
            lambda s: s["channels"][0].update(bit_volts=float("nan")),
            "no valid scale for channel CH1",
        ),
        (lambda s: s.update(sample_rate=0), "gives 0 Hz"),
        (lambda s: s.pop("sample_rate"), "no description"),
        (
            lambda s: s.update(channels=s["channels"][2:], num_channels=1),
            "no stream with electrodes",
        ),
    ],
)
def test_descriptions_that_cannot_be_are_refused(tmp_path, small, noise, change, sentence):
    paths = changed(small.write_open_ephys(tmp_path, noise(2, 1000)), change)
    with pytest.raises(RecordingError, match=sentence):
        open_open_ephys(paths)


def test_files_that_contradict_each_other_are_refused(tmp_path, small, noise):
    paths = small.write_open_ephys(tmp_path, noise(2, 1000))
    dat = next(p for p in paths if p.name == "continuous.dat")
    numbers = next(p for p in paths if p.name == "sample_numbers.npy")
    whole = dat.read_bytes()
    dat.write_bytes(whole[:-60])
    with pytest.raises(RecordingError, match=r"numbers 1000 samples but .* holds 990"):
        open_open_ephys(paths)
    dat.write_bytes(whole[:-1])
    with pytest.raises(RecordingError, match=r"inside a sample of its 3 channels at byte 5994"):
        open_open_ephys(paths)
    dat.write_bytes(whole)
    np.save(numbers, np.r_[np.arange(500), np.arange(100, 600)])
    with pytest.raises(RecordingError, match=r"goes back from 499 to 100 at sample 500"):
        open_open_ephys(paths)
    np.save(numbers, np.arange(1000) * 7)
    with pytest.raises(
        RecordingError, match=r"does not count up: it jumps at sample 1 and 998 times more"
    ):
        open_open_ephys(paths)
    numbers.write_text("not an array")
    with pytest.raises(RecordingError, match=r"no array of sample numbers"):
        open_open_ephys(paths)


def test_without_sample_numbers_it_is_said_that_gaps_would_not_be_seen(tmp_path, small, noise):
    paths = small.write_open_ephys(tmp_path, noise(2, 1000))
    source = open_open_ephys([p for p in paths if p.suffix != ".npy"])
    assert source.segments == ((0.0, 1000),)
    assert "gaps would not be seen" in source.notes[-1]
