"""Which of a DeepLabCut project's networks tracks, and what it finds, before any is loaded."""

import pytest

from vigil.pose.borrowed import Trained, choose_trained, parts_of_project

PROJECT = {"TrainingFraction": [0.95, 0.8], "iteration": 0}


@pytest.fixture
def trained(tmp_path):
    """Make a project's folder with some trained networks."""

    def make(*names):
        for name in names:
            place = tmp_path / "dlc-models-pytorch" / "iteration-0" / name / "train"
            place.mkdir(parents=True)
            (place / "snapshot-200.pt").touch()
        return tmp_path / "config.yaml"

    return make


def test_the_only_network_is_taken(trained):
    assert choose_trained(trained("mNov1-trainset80shuffle2"), PROJECT, None) == Trained(1, 2)


def test_of_several_the_first_shuffle_or_the_one_that_is_named(trained):
    config = trained("mNov1-trainset95shuffle1", "mNov1-trainset95shuffle3")
    assert choose_trained(config, PROJECT, None) == Trained(0, 1)
    assert choose_trained(config, PROJECT, 3) == Trained(0, 3)


def test_where_none_is_to_be_preferred_the_user_decides(trained):
    config = trained("mNov1-trainset95shuffle2", "mNov1-trainset95shuffle3")
    with pytest.raises(RuntimeError, match="has the trained shuffles 2, 3; name one"):
        choose_trained(config, PROJECT, None)
    with pytest.raises(RuntimeError, match="its trained shuffles are 2, 3"):
        choose_trained(config, PROJECT, 7)


def test_a_project_without_a_trained_network(trained):
    with pytest.raises(RuntimeError, match="it has no trained PyTorch network"):
        choose_trained(trained(), PROJECT, None)


def test_body_parts_are_known_before_the_network_is_loaded(tmp_path):
    (tmp_path / "config.yaml").write_text("multianimalproject: false\nbodyparts: [nose, earL]\n")
    assert parts_of_project(tmp_path / "config.yaml") == ["nose", "earL"]
    (tmp_path / "config.yaml").write_text("a: [\n")
    with pytest.raises(RuntimeError, match=r"is not a DeepLabCut project's config\.yaml"):
        parts_of_project(tmp_path / "config.yaml")
