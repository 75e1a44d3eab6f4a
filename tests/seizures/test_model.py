import numpy as np
import pytest
import xgboost as xgb

from vigil.folds import EVERYTHING
from vigil.recording import RecordingError
from vigil.seizures.trained.decode import Decoding
from vigil.seizures.trained.model import (
    SeizureModel,
    calibrate,
    probabilities,
    raw_probabilities,
    sections,
)
from vigil.seizures.trained.train import gather_all, learn, make_model

PLANTED = [("loud", 200, 230), ("loud", 500, 530), ("chewing", 700, 720)]


@pytest.fixture(scope="module")
def learnt(made_up):
    recordings = [made_up.recording("a", "m", 1, PLANTED, minutes=15)]
    fit = learn(
        recordings, gather_all(recordings, made_up.SETTINGS), EVERYTHING, made_up.SETTINGS, 1
    )
    how = Decoding(0.6, 0.3, 5.0, 5.0)
    return recordings[0], make_model(*fit, 1.7, how, settings=made_up.SETTINGS)


def test_a_model_is_json_and_says_the_same_after_it_was_read(learnt, tmp_path):
    recording, model = learnt
    model.save(tmp_path / "model.json")
    again = SeizureModel.load(tmp_path / "model.json")
    assert (tmp_path / "model.json").read_text().startswith("{")
    assert again.decoding == model.decoding
    assert (again.temperature, again.animals, again.step_s) == (1.7, ("m",), 0.5)
    np.testing.assert_array_equal(
        probabilities(recording.store, model), probabilities(recording.store, again)
    )


def test_sections_leave_no_trace(learnt):
    recording, model = learnt
    whole = raw_probabilities(recording.store, model)
    np.testing.assert_allclose(
        raw_probabilities(recording.store, model, section_steps=97), whole, atol=1e-4
    )
    np.testing.assert_allclose(
        raw_probabilities(recording.store, model, 300, 900), whole[300:900], atol=1e-4
    )
    shapes = [(a, len(t)) for a, t in sections(recording.store, 2.0, 4.0, 1000)]
    assert shapes == [(0, 1000), (1000, 800)]


def test_no_data_no_probability(learnt, made_up):
    _, model = learnt
    evidence = made_up.draw(3, 5, [])
    evidence.line_length_z[100:200] = np.nan
    p = probabilities(made_up.Memory(evidence), model)
    assert np.isnan(p[100:200]).all()
    assert np.isfinite(p[:100]).all()
    assert np.isfinite(p[200:]).all()


def test_calibration_moves_the_log_odds():
    assert calibrate(np.array([0.5, 0.5]), 3.0).tolist() == [0.5, 0.5]
    odds = calibrate(np.array([0.9]), 2.0)[0]
    assert odds / (1 - odds) == pytest.approx(3.0)
    assert np.isnan(calibrate(np.array([np.nan]), 2.0)).all()
    assert calibrate(np.array([0.0, 1.0]), 0.2).tolist() == pytest.approx([0, 1])


def test_what_does_not_fit_is_refused(learnt, made_up, tmp_path):
    recording, model = learnt
    slow = made_up.Memory(recording.store.evidence, step_s=1.0)
    with pytest.raises(RecordingError, match=r"steps of 0\.5 s, this recording has steps of 1 s"):
        probabilities(slow, model)
    (tmp_path / "no.json").write_text("{}")
    with pytest.raises(RecordingError, match="no model of seizures"):
        SeizureModel.load(tmp_path / "no.json")
    other = xgb.train({}, xgb.DMatrix(np.zeros((5, 2)), np.arange(5), feature_names=["a", "b"]), 1)
    other.set_attr(vigil='{"decoding": {}}')
    (tmp_path / "other.json").write_bytes(other.save_raw("json"))
    with pytest.raises(RecordingError, match="other predictors"):
        SeizureModel.load(tmp_path / "other.json")
