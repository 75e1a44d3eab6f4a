"""SpikeGLX runs, against neo and against what was written."""

from datetime import datetime

import numpy as np
import pytest
from neo.rawio import SpikeGLXRawIO

from vigil.downsample.sources.spikeglx import described_bins, open_spikeglx
from vigil.recording import RecordingError


@pytest.mark.parametrize("band", ["lf", "ap"])
def test_samples_channels_and_scale_are_those_that_neo_reads(tmp_path, small, noise, band):
    x = noise(4, 5000, peak=500)
    gains = [50, 125, 250, 500]
    source = open_spikeglx(small.write_spikeglx(tmp_path, x, band=band, gains=gains))
    judge = SpikeGLXRawIO(str(tmp_path))
    judge.parse_header()
    chunk = judge.get_analogsignal_chunk(0, 0, stream_index=0, channel_indexes=[0, 1, 2, 3])
    assert np.array_equal(small.read_all(source, 600)[0], x)
    assert np.array_equal(chunk.T, x)
    listed = judge.header["signal_channels"][:4]
    assert source.channels == tuple(listed["name"])
    assert np.allclose(source.scale_uv, listed["gain"])
    assert source.rate_hz == 2500
    assert source.range_steps == ((-512, 511),) * 4
    assert source.start == datetime(2026, 3, 1, 8)
    assert any("action potential band" in n for n in source.notes) == (band == "ap")


def test_the_gains_of_a_file_with_some_channels_are_those_of_these_channels(tmp_path, small, noise):
    x = noise(2, 100)
    meta = {
        "acqApLfSy": "4,4,1",
        "snsSaveChanSubset": "5,7:8",
        "~imroTbl": "(0,4)" + "".join(f"({i} 0 0 500 {g} 1)" for i, g in enumerate([1, 2, 4, 5])),
        "~snsChanMap": "(0,2,1)(LF1;5:0)(LF3;7:1)(SY0;8:2)",
    }
    source = open_spikeglx(small.write_spikeglx(tmp_path, x, meta=meta))
    assert source.channels == ("LF1", "LF3")
    assert source.scale_uv == pytest.approx((0.6 / 512 / 2 * 1e6, 0.6 / 512 / 5 * 1e6))


def test_a_probe_with_one_gain_states_it(tmp_path, small, noise):
    meta = {"imDatPrb_type": 2013, "imMaxInt": 2048, "imChan0apGain": 100, "imAiRangeMax": 0.62}
    paths = small.write_spikeglx(tmp_path, noise(2, 100), band="ap", meta=meta)
    source = open_spikeglx(paths)
    assert source.scale_uv == pytest.approx((0.62 / 2048 / 100 * 1e6,) * 2)
    assert source.range_steps[0] == (-2048, 2047)
    meta_path = next(p for p in paths if p.suffix == ".meta")
    meta_path.write_text(meta_path.read_text().replace("imMaxInt=2048\n", ""))
    with pytest.raises(RecordingError, match=r"lacks or garbles"):
        open_spikeglx(paths)


def test_local_field_potentials_come_before_action_potentials(tmp_path, small, noise):
    small.write_spikeglx(tmp_path, noise(3, 1200), rate_hz=30000, band="ap")
    source = open_spikeglx(small.write_spikeglx(tmp_path, noise(3, 100), band="lf"))
    assert source.rate_hz == 2500
    assert source.notes == ("Of several streams imec0.lf was read; left out: imec0.ap.",)


def test_triggers_are_placed_by_their_first_sample(tmp_path, small, noise):
    x = noise(3, 900)
    small.write_spikeglx(tmp_path, x[:, :300], first=10_000)
    paths = small.write_spikeglx(tmp_path, x[:, 300:], first=12_500, run="run_g0_t1")
    source = open_spikeglx(paths)
    assert source.segments == ((0.0, 300), (1.0, 600))
    assert source.clock_zero_us == 4e6
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1), x)


def test_a_run_whose_count_began_anew_is_laid_after_the_one_before(tmp_path, small, noise):
    small.write_spikeglx(tmp_path, noise(3, 250), first=10_000)
    paths = small.write_spikeglx(tmp_path, noise(3, 250), first=0, run="run_g1_t0")
    source = open_spikeglx(paths)
    assert source.segments == ((0.0, 250), (0.1, 250))
    assert "laid directly after" in source.notes[0]


def test_analogue_inputs_of_a_nidq_device(tmp_path, noise):
    x = noise(4, 500)
    x.T.astype("<i2").tofile(tmp_path / "run_g0_t0.nidq.bin")
    (tmp_path / "run_g0_t0.nidq.meta").write_text(
        "typeThis=nidq\nnSavedChans=4\nniSampRate=25000\nniAiRangeMax=5\nniMNGain=200\n"
        "niMAGain=10\nsnsMnMaXaDw=1,1,1,1\nsnsSaveChanSubset=all\n"
    )
    source = open_spikeglx(list(tmp_path.iterdir()))
    step = 5 / 32768 * 1e6
    assert source.scale_uv == pytest.approx((step / 200, step / 10, step))
    assert np.array_equal(source.read(0, 0, 500, [0, 1, 2]), x[:3])


@pytest.mark.parametrize(
    ("meta", "sentence"),
    [
        ({"nSavedChans": 3}, r"3 channels were saved but lists 4"),
        ({"snsSaveChanSubset": "3:5"}, r"4 channels were saved but lists 3"),
        ({"snsApLfSy": "0,2,1"}, r"4 channels were saved but counts 3"),
        ({"imSampRate": 5000}, r"contradicts itself.*fileTimeSecs is 2"),
        ({"imSampRate": "nan"}, r"gives nan Hz"),
        ({"imAiRangeMax": "nan"}, r"no valid scale for channel LF0"),
        ({"fileSizeBytes": 99}, r"has 40000 bytes but its .meta says 99"),
        ({"imSampRate": None}, r"lacks or garbles .*KeyError: 'imSampRate'"),
        ({"typeThis": "else"}, r"typeThis=else"),
    ],
)
def test_a_meta_that_contradicts_its_file_is_refused(tmp_path, small, noise, meta, sentence):
    paths = small.write_spikeglx(tmp_path, noise(3, 5000), meta=meta)
    with pytest.raises(RecordingError, match=sentence):
        open_spikeglx(paths)


def test_a_truncated_file_is_told_with_its_byte(tmp_path, small, noise):
    paths = small.write_spikeglx(tmp_path, noise(3, 5000))
    path = next(p for p in paths if p.suffix == ".bin")
    path.write_bytes(path.read_bytes()[:-3])
    with pytest.raises(RecordingError, match=r"inside a sample of its 4 channels at byte 39992"):
        open_spikeglx(paths)


def test_only_files_with_a_meta_are_of_spikeglx(tmp_path, small, noise):
    paths = small.write_spikeglx(tmp_path, noise(3, 10))
    assert len(described_bins(paths)) == 1
    assert described_bins([p for p in paths if p.suffix == ".bin"]) == []
