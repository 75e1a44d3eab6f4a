"""Evidence in sections is the evidence of the whole, on disk as in memory."""

import numpy as np
import pytest

from vigil.downsample.files import create_lfp, open_lfp
from vigil.recording import Montage, RecordingError, Segments
from vigil.seizures import observe, yardsticks
from vigil.seizures.evidence import weigh
from vigil.seizures.evidence_files import LARGEST, create_evidence, open_evidence
from vigil.seizures.filters import design_filters
from vigil.seizures.measure_store import MeasureStore
from vigil.seizures.measures import NO_DATA, OK, Measures
from vigil.seizures.observe import (
    converter_limits_uv,
    measure,
    run_evidence,
    usable_channels,
)
from vigil.seizures.settings import Settings
from vigil.stage import Job

RATE = 500.0
SETTINGS = {"baseline_window_s": 40.0}
SEGMENTS = Segments((0.0, 131.21), (120.0, 301.21), (60000, 85000), RATE)


@pytest.fixture(scope="module")
def lfp_path(tmp_path_factory):
    """Three channels and an EMG at 500 Hz, a gap, noise that gets louder."""
    path = tmp_path_factory.mktemp("observe") / "lfp.zarr"
    rng = np.random.default_rng(11)
    n = SEGMENTS.n_rows
    noise = rng.standard_normal((n, 4)) * np.array([200, 300, 150, 500])
    noise[:, 1:3] += rng.standard_normal((n, 1)) * 100
    noise *= np.linspace(1.0, 3.0, n)[:, None]
    noise[30000:33000] *= 6
    montage = Montage(
        ("A", "B", "C", "EMG"), ("M1", "M1", "CA1", ""), ("",) * 4, ("lfp", "lfp", "lfp", "emg")
    )
    create_lfp(path, montage, SEGMENTS, [0.2, 0.1, 0.2, 0.3])[:] = noise.astype(np.int16)
    return path


@pytest.fixture(scope="module")
def in_memory(lfp_path):
    """Measures and evidence of the whole recording at once."""
    lfp, settings = open_lfp(lfp_path), Settings(**SETTINGS)
    channels, filters = usable_channels(lfp, None), design_filters(RATE, 50.0)
    brain, emg = measure(lfp, channels, filters, settings)
    return brain, emg, weigh(brain, emg, filters.has_fast, settings)


def stored(lfp_path, path):
    job = Job("seizures", "1", "r", {"lfp": str(lfp_path)}, {"evidence": str(path)}, SETTINGS)
    run_evidence(job)
    found = open_evidence(path)
    return found, found.read(0, found.n_steps)


@pytest.mark.parametrize("block_rows", [8192, 4321, 10**9])
def test_measures_do_not_depend_on_the_blocks(lfp_path, in_memory, block_rows):
    lfp, settings = open_lfp(lfp_path), Settings(**SETTINGS)
    channels, filters = usable_channels(lfp, None), design_filters(RATE, 50.0)
    found = measure(lfp, channels, filters, settings, block_rows)
    for part, whole in zip(found, in_memory[:2], strict=True):
        for name, values in vars(whole).items():
            np.testing.assert_array_equal(getattr(part, name), values)


def test_there_is_data_where_segments_are_and_filters_have_settled(in_memory):
    brain, emg, _ = in_memory
    has_data = (brain.fault != NO_DATA).all(axis=1)
    # 131.21 + 1 s to settle end in step 264; the last step ends before 301.21 s
    expected = np.r_[2:240, 265:602]
    np.testing.assert_array_equal(np.flatnonzero(has_data), expected)
    assert len(has_data) == 603
    np.testing.assert_array_equal(np.isfinite(emg.fast_uv[:, 0]), has_data)


def test_what_is_stored_is_what_the_whole_recording_gives(lfp_path, in_memory, tmp_path):
    found, evidence = stored(lfp_path, tmp_path / "evidence.zarr")
    assert (found.n_steps, found.step_s) == (603, 0.5)
    assert (found.channels, found.regions) == (("A", "B", "C"), ("M1", "M1", "CA1"))
    for name, values in vars(in_memory[2]).items():
        if values.dtype == np.float32:
            np.testing.assert_allclose(getattr(evidence, name), values, rtol=1e-3, atol=1e-4)
        else:
            np.testing.assert_array_equal(getattr(evidence, name), values)
    assert (evidence.artefact[240:264] == "no data").all()
    assert np.median(evidence.line_length_z[122:130]) > 4  # six times as loud
    part = found.read(100, 150)
    np.testing.assert_array_equal(part.low_z, evidence.low_z[100:150])
    np.testing.assert_array_equal(part.artefact, evidence.artefact[100:150])


def test_evidence_does_not_depend_on_the_sections(lfp_path, tmp_path, monkeypatch):
    _, one = stored(lfp_path, tmp_path / "one.zarr")
    monkeypatch.setattr(observe, "SECTION_STEPS", 37)
    monkeypatch.setattr(yardsticks, "PIECE_STEPS", 23)
    _, many = stored(lfp_path, tmp_path / "many.zarr")
    for name, values in vars(one).items():
        np.testing.assert_array_equal(getattr(many, name), values)


def test_a_sample_of_the_steps_makes_nearly_the_same_yardstick(in_memory, monkeypatch):
    brain, emg, whole = in_memory
    monkeypatch.setattr(yardsticks, "MOST_STEPS", 200)  # of 603
    settings = Settings(baseline_window_s=0.0)
    thinned = weigh(brain, emg, True, settings)
    monkeypatch.undo()
    whole = weigh(brain, emg, True, settings)
    apart = np.abs(thinned.line_length_z - whole.line_length_z)
    assert 0.0 < np.nanmax(apart) < 0.5


def test_numbers_too_large_for_the_store_and_missing_ones(tmp_path, in_memory):
    evidence = in_memory[2].of(slice(0, 5))
    evidence.line_length_z[:] = np.array([1e6, -np.inf, np.nan], np.float32)
    path = tmp_path / "evidence.zarr"
    create_evidence(path, 5, 0.5, "ABC", "ABC", evidence.spread_ln).put(0, evidence)
    z = open_evidence(path).read(0, 5).line_length_z
    np.testing.assert_allclose(z[:, :2], np.tile([LARGEST, -LARGEST], (5, 1)), rtol=1e-3)
    assert np.isnan(z[:, 2]).all()


def test_steps_that_were_never_measured_have_no_data(tmp_path):
    store = MeasureStore(tmp_path, 2, 1)
    part = Measures.empty(4, 3)
    part.fault[1:3] = OK
    part.low_uv[1:3] = [[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]
    store.put(10, part)
    brain, emg = store.read(0, 20)
    store.close()
    assert list(tmp_path.iterdir()) == []
    np.testing.assert_array_equal(np.flatnonzero((brain.fault == OK).all(axis=1)), [11, 12])
    np.testing.assert_array_equal(brain.low_uv[11:13], [[1.0, 2.0], [4.0, 5.0]])
    np.testing.assert_array_equal(emg.low_uv[11:13, 0], [3.0, 6.0])
    assert np.isnan(brain.low_uv[[0, 10, 13, 19]]).all()


def test_a_recording_without_a_usable_channel_is_told(lfp_path, tmp_path):
    quality = tmp_path / "quality.tsv"
    rows = "".join(f"{name}\tbad\tbroken\n" for name in "ABC")
    quality.write_text("channel\tverdict\treason\n" + rows)
    inputs = {"lfp": str(lfp_path), "quality": str(quality)}
    outputs = {"evidence": str(tmp_path / "evidence.zarr")}
    with pytest.raises(RecordingError, match="No usable channel"):
        run_evidence(Job("seizures", "1", "r", inputs, outputs))


def test_a_range_that_rests_on_zero_has_one_limit(lfp_path, tmp_path, caplog):
    ranges = np.array([[-32768, 32767], [0, 4095], [-100, 32767], [-2048, 0]])
    found = converter_limits_uv(ranges, np.array([0.5, 0.5, 0.5, -0.5]))
    whole = 0.98 * 0.5
    np.testing.assert_allclose(
        found.T,
        [
            [-32768 * whole, 32767 * whole],
            [-np.inf, 4095 * whole],
            [-100 * whole, 32767 * whole],
            [-np.inf, 2048 * whole],
        ],
    )
    lfp = open_lfp(lfp_path)
    for high, says in ((4095, False), (20, True)):
        path = tmp_path / f"{high}.zarr"
        create_lfp(path, lfp.montage, SEGMENTS, lfp.scale_uv.tolist(),
                   range_steps=[(0, high)] * 4)[:] = lfp.array[:]  # fmt: skip
        caplog.clear()
        stored(path, tmp_path / f"evidence{high}.zarr")
        assert ("of the recording is saturated" in caplog.text) == says
