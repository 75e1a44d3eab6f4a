"""What neo reads, as a source."""

import mne
import numpy as np
import pytest

from vigil.downsample.sources.by_neo import FORMATS, open_neo
from vigil.downsample.sources.wide import in_steps
from vigil.recording import RecordingError


def header_of(paths):
    return next(p for p in paths if p.suffix == ".vhdr")


@pytest.mark.parametrize("dtype", ["int16", "int32", "float32"])
def test_brainvision_is_what_mne_reads(tmp_path, small, noise, dtype):
    x = noise(3, 2500).astype(dtype)
    path = header_of(small.write_brainvision(tmp_path, x, resolution=0.5))
    source = in_steps(open_neo(path))
    judge = mne.io.read_raw_brainvision(path, verbose="error").get_data() * 1e6
    own = small.read_all(source, 800)[0] * np.array(source.scale_uv)[:, None]
    assert np.all(np.ptp(judge - own, axis=1) <= 1.001 * np.array(source.scale_uv))
    assert source.rate_hz == 500
    assert source.channels == ("E1", "E2", "E3")
    if dtype == "int16":
        assert np.array_equal(small.read_all(source)[0], x)


def test_pauses_of_a_blackrock_recording_are_gaps(tmp_path, small, noise):
    x = noise(3, 5000)
    path = small.write_blackrock(tmp_path / "a.ns5", x, [(600, 2000), (90_600, 3000)])
    source = in_steps(open_neo(path))
    assert source.segments == ((0.0, 2000), (3.0, 3000))
    assert source.clock_zero_us == pytest.approx(20_000)
    assert np.array_equal(np.concatenate(small.read_all(source, 700), axis=1), x)
    assert source.scale_uv == pytest.approx((8191 / 32764,) * 3)
    assert source.together == 3


def test_a_clock_that_begins_anew_is_laid_after_what_was(tmp_path, small, noise):
    x = noise(2, 5000)
    path = small.write_blackrock(tmp_path / "a.ns5", x, [(90_000, 2000), (0, 3000)])
    source = in_steps(open_neo(path))
    assert source.segments[1] == (pytest.approx(2000 / 30000), 3000)
    assert "clock was reset" in source.notes[0]
    assert np.array_equal(np.concatenate(small.read_all(source), axis=1), x)


def test_truncated_and_missing_data_are_refused(tmp_path, small, noise):
    paths = small.write_brainvision(tmp_path, noise(3, 100))
    data = next(p for p in paths if p.suffix == ".eeg")
    data.write_bytes(data.read_bytes()[:-2])
    with pytest.raises(RecordingError, match=r"inside a sample at byte 594"):
        open_neo(header_of(paths))
    data.unlink()
    with pytest.raises(RecordingError, match=r"cannot be read as BrainVision"):
        open_neo(header_of(paths))


# neo warns that a folder holds no TDT set, before it fails
@pytest.mark.filterwarnings("ignore:Could not find any data set:UserWarning")
@pytest.mark.parametrize("suffix", FORMATS)
def test_text_in_place_of_any_format_is_refused(tmp_path, suffix):
    path = tmp_path / f"a{suffix}"
    path.write_text("This is no recording.\n" * 200)
    with pytest.raises(RecordingError, match=r"a\.\w+ (cannot be read as|holds no)"):
        open_neo(path)


def test_a_scale_that_is_no_number_is_refused(tmp_path, small, noise):
    path = header_of(small.write_brainvision(tmp_path, noise(2, 100), resolution="nan"))
    with pytest.raises(RecordingError, match=r"no valid scale for channel E1"):
        open_neo(path)


def test_channels_that_are_no_voltage_are_left_out(tmp_path, small, noise):
    path = header_of(small.write_brainvision(tmp_path, noise(2, 100)))
    path.write_text(path.read_text(encoding="utf-8").replace("E2,,0.1,µV", "E2,,0.1,C"), "utf-8")
    source = open_neo(path)
    assert source.channels == ("E1",)
    assert "1 channels are no voltage" in source.notes[0]
