"""EDF and BDF files, against pyedflib and MNE and against what was written."""

from datetime import datetime

import mne
import numpy as np
import pyedflib
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vigil.downsample.sources.edf import open_edf
from vigil.downsample.sources.wide import in_steps
from vigil.recording import RecordingError


def test_samples_and_scale_are_those_that_pyedflib_reads(tmp_path, small, noise):
    x = noise(3, 2000)
    path = small.write_edf(tmp_path / "a.edf", x, unit="mV", physical=(-5, 4.5))
    source = in_steps(open_edf(path))
    assert np.array_equal(small.read_all(source, 333)[0], x)
    with pyedflib.EdfReader(str(path)) as judge:
        assert tuple(judge.getSignalLabels()) == source.channels
        assert judge.getSampleFrequency(0) == source.rate_hz
        assert judge.getStartdatetime() == source.start
        digital = [judge.readSignal(i, digital=True) for i in range(3)]
        physical = np.array([judge.readSignal(i) for i in range(3)]) * 1e3
    assert np.array_equal(small.read_all(source)[0], digital)
    # up to the offset of the physical range, which is no part of a step
    own = small.read_all(source)[0] * np.array(source.scale_uv)[:, None]
    assert np.ptp(physical - own) < 1e-6 * np.ptp(physical)


def test_24_bits_are_those_that_mne_reads_to_half_a_step(tmp_path, small):
    rng = np.random.default_rng(0)
    x = rng.integers(-(1 << 22), 1 << 22, (2, 2000)) + np.array([[0], [900_000]])
    path = small.write_edf(tmp_path / "a.bdf", x, wide=True, physical=(-262144, 262143))
    source = in_steps(open_edf(path))
    judge = mne.io.read_raw_bdf(path, verbose="error").get_data() * 1e6
    own = small.read_all(source, 300)[0] * np.array(source.scale_uv)[:, None]
    apart = judge - own
    assert np.all(np.ptp(apart, axis=1) <= 1.001 * np.array(source.scale_uv))
    assert "rounded to steps" in source.notes[0]
    # the ends of the converter lie outside of what int16 holds: no peak looks saturated
    assert source.range_steps == ((-32768, 32767),) * 2
    assert np.abs(small.read_all(source)[0].astype(int)).max() <= 32766


def test_24_bits_that_fit_into_16_lose_nothing(tmp_path, small, noise):
    x = noise(2, 2000).astype(np.int32) + np.array([[5_000_000], [-70_000]])
    source = in_steps(open_edf(small.write_edf(tmp_path / "a.bdf", x, wide=True)))
    numbers = small.read_all(source)[0].astype(np.int64)
    assert np.array_equal(np.diff(numbers), np.diff(x))
    assert "without loss" in source.notes[0]
    assert source.scale_uv == pytest.approx((6400 / (2**24 - 1),) * 2)


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    gaps=st.dictionaries(st.integers(1, 9), st.integers(1, 100), max_size=4),
    piece=st.integers(1, 900),
    wide=st.booleans(),
)
def test_gaps_and_pieces(tmp_path_factory, small, gaps, piece, wide):
    """Records that begin late begin segments; any piece equals the whole."""
    x = np.random.default_rng(piece).integers(-3000, 3000, (2, 1000)).astype(np.int16)
    path = tmp_path_factory.mktemp("edf") / ("a.bdf" if wide else "a.edf")
    small.write_edf(path, x, rate_hz=100, gaps={k: float(v) for k, v in gaps.items()}, wide=wide)
    source = in_steps(open_edf(path))
    borders = [0, *sorted(gaps), 10]
    assert [n for _, n in source.segments] == [100 * n for n in np.diff(borders)]
    late = np.cumsum([0, *(gaps[k] for k in sorted(gaps))])
    assert [t for t, _ in source.segments] == pytest.approx(
        [a + b for a, b in zip(borders[:-1], late, strict=True)]
    )
    found = np.concatenate(small.read_all(source, piece), axis=1).astype(int)
    assert np.array_equal(np.diff(found), np.diff(x.astype(int)))


def edited(path, at, text):
    """Put text into the header of a file."""
    raw = bytearray(path.read_bytes())
    raw[at : at + len(text)] = text.encode()
    path.write_bytes(raw)
    return path


def test_signals_of_other_rates_and_units_are_left_out_and_named(tmp_path, small, noise):
    path = small.write_edf(tmp_path / "a.edf", noise(3, 2000), labels=["EEG1", "EEG2", "Temp"])
    # the third unit: after the fixed part, 4 labels and 4 transducers
    source = open_edf(edited(path, 256 + 4 * 96 + 16, "degC"))
    assert source.channels == ("EEG1", "EEG2")
    assert source.notes == ("Signals that are no voltage were left out: Temp in degC.",)


def test_the_century_of_the_start(tmp_path, small, noise):
    path = small.write_edf(tmp_path / "a.edf", noise(1, 400), start="02.11.9923.59.58")
    assert open_edf(path).start == datetime(1999, 11, 2, 23, 59, 58)
    assert open_edf(edited(path, 168, "99.99.99")).start is None


@pytest.mark.parametrize(
    ("at", "text", "sentence"),
    [
        (0, "text", "no EDF or BDF file"),
        (252, "99  ", r"damaged \(99 signals"),
        (252, "zero", "damaged"),
        (244, "0       ", "records of 0.0 s"),
        (244, "-1      ", "records of -1.0 s"),
        (236, "99      ", "promises 99 records"),
        (184, "512     ", "damaged"),
        # of the first of two signals and the annotations: physical minimum and samples
        (256 + 3 * 104, "3200    ", "no valid scale for channel E1"),
        (256 + 3 * 104, "nan     ", "no valid scale for channel E1"),
        (256 + 3 * 216, "-5      ", "samples per record"),
        (256 + 3 * 216, "99999999", "truncated|promises"),
    ],
)
def test_headers_that_cannot_be_are_refused(tmp_path, small, noise, at, text, sentence):
    path = small.write_edf(tmp_path / "a.edf", noise(2, 2000))
    with pytest.raises(RecordingError, match=sentence):
        open_edf(edited(path, at, text))


def test_truncated_files_are_told_with_their_byte(tmp_path, small, noise):
    path = small.write_edf(tmp_path / "a.edf", noise(2, 2000))
    whole = path.read_bytes()
    path.write_bytes(whole[:-5])
    with pytest.raises(RecordingError, match=f"ends at byte {len(whole) - 5}, .*10 records of 860"):
        open_edf(path)
    path.write_bytes(whole[:100])
    with pytest.raises(RecordingError, match=r"ends at byte 100, inside the header"):
        open_edf(path)


def test_a_file_whose_header_was_never_completed_is_read_with_a_note(tmp_path, small, noise):
    x = noise(2, 2000)
    path = edited(small.write_edf(tmp_path / "a.edf", x), 236, "-1      ")
    source = in_steps(open_edf(path))
    assert np.array_equal(small.read_all(source)[0], x)
    assert "never completed; 10 records" in source.notes[0]


def test_a_discontinuous_file_without_onsets_is_refused(tmp_path, small, noise):
    path = small.write_edf(tmp_path / "a.edf", noise(2, 2000), gaps={5: 2.0})
    raw = bytearray(path.read_bytes())
    at = len(raw) - 60
    raw[at : at + 10] = b"\0" * 10
    path.write_bytes(raw)
    with pytest.raises(RecordingError, match=r"Record 9 of .* does not say when it begins"):
        open_edf(path)
    small.write_edf(path, noise(2, 2000), gaps={5: -2.0})
    with pytest.raises(RecordingError, match=r"before the end of the one before it"):
        open_edf(path)
