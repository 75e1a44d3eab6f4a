import numpy as np
import pytest

from vigil.folds import EVERYTHING, Fold, read_folds, write_folds
from vigil.seizures.trained.decode import Decoding
from vigil.seizures.trained.model import SeizureModel
from vigil.seizures.trained.train import gather_all, learn, make_model
from vigil.seizures.trained.unseen import Judged, events_of, judge_unseen

PLANTED = [("loud", 200, 230), ("loud", 500, 530)]


@pytest.fixture(scope="module")
def folder(made_up, tmp_path_factory):
    """Models that differ in the probability that they ask for, so that they can be told apart."""
    quick = made_up.SETTINGS.model_copy(update={"trees": 8})
    recordings = [made_up.recording("a", "m", 1, PLANTED, minutes=12)]
    fit = learn(recordings, gather_all(recordings, quick), EVERYTHING, quick, 1)

    def model(temperature, enter):
        how = Decoding(enter, 0.4, 3.0, 5.0)
        return make_model(*fit, temperature, how, settings=quick)

    folder = tmp_path_factory.mktemp("models")
    folds = [
        Fold("block1", "", {"a": (0, 700)}),
        Fold("block2", "", {"a": (700, 1440)}),
        Fold("x", "x", {"other": (0, 10)}),
    ]
    models = {"block1": model(1.0, 0.4), "block2": model(3.0, 0.4), "x": model(9.0, 0.999)}
    write_folds(folder / "folds", folder / "folds.json", folds, models)
    model(1.5, 0.4).save(folder / "model.json")
    return folder, folds, recordings[0].store


def test_folds_are_read_as_they_were_written(folder):
    assert read_folds(folder[0] / "folds.json") == folder[1]


def test_each_block_is_judged_by_its_own_model(folder):
    path, _, store = folder
    args = (path / "folds", path / "folds.json", path / "model.json")
    blocks = judge_unseen(*args, "a", "m", store)
    whole = judge_unseen(*args, "b", "m", store)
    assert (blocks.unseen, whole.unseen) == ("blocks", "")
    odds = np.log(blocks.probability / (1 - blocks.probability))
    usual = np.log(whole.probability / (1 - whole.probability))
    np.testing.assert_allclose(odds[:700], usual[:700] * 1.5, rtol=1e-3)
    np.testing.assert_allclose(odds[700:], usual[700:] * 0.5, rtol=1e-3)
    (one, other) = blocks.ranges  # of 200 to 230 s and 500 to 530 s
    np.testing.assert_allclose(one, (400, 460), atol=6)
    np.testing.assert_allclose(other, (1000, 1060), atol=6)
    assert judge_unseen(*args, "b", "x", store).ranges == []
    assert judge_unseen(*args, "b", "x", store).unseen == "animal"


def test_a_seizure_has_the_channels_that_take_part_in_it(made_up):
    evidence = made_up.draw(1, 5, [])
    for name, height in (("line_length_z", 8.0), ("spikes_z", 6.0)):
        getattr(evidence, name)[100:160] = 0.0
        getattr(evidence, name)[100:160, :2] = height
    evidence.line_length_z[300:340] = 0.0
    evidence.line_length_z[300:340, 3] = 1.0
    evidence.line_length_z[300:340, 5] = np.nan
    p = np.full(600, 0.1, np.float32)
    p[100:160] = 0.75
    judged = Judged(p, [(100, 160), (300, 340)], "", ("m",))
    found = events_of(judged, made_up.Memory(evidence), made_up.SETTINGS)
    assert [e.channels for e in found] == [(0, 1), (3,)]
    assert (found[0].first, found[0].last) == (100, 160)
    assert found[0].confidence == pytest.approx(0.75)


def test_a_seizure_that_the_border_of_two_blocks_cuts_is_one(folder, tmp_path):
    path, _, store = folder
    cut = [Fold("block1", "", {"a": (0, 430)}), Fold("block2", "", {"a": (430, 1440)})]
    models = {f.name: SeizureModel.load(path / "folds" / f"{f.name}.json") for f in cut}
    write_folds(tmp_path / "folds", tmp_path / "folds.json", cut, models)
    found = judge_unseen(
        tmp_path / "folds", tmp_path / "folds.json", path / "model.json", "a", "m", store
    )
    assert len(found.ranges) == 2
    np.testing.assert_allclose(found.ranges[0], (400, 460), atol=6)
