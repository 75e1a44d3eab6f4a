"""Parts of a recording that are missing together, and hiding them."""

import numpy as np

from vigil.sleep.dropout import AFTER, hide, hide_by_chance, parts_of, regions_of

COLUMNS = [
    "hc.theta", "cx.delta", "cx~hc.coherence", "emg.log_rms", "emg.from_lfp",
    "movement.speed", "cx.delta@-2", "emg.log_rms@+2", "hc.theta@+5",
]  # fmt: skip


def test_pairs_go_with_either_region_and_the_camera_with_its_measures():
    parts = {name: places.tolist() for name, places in parts_of(COLUMNS).items()}
    assert parts == {
        "hc": [0, 2, 8],
        "cx": [1, 2, 6],
        "EMG": [3, 7],
        "camera": [5],
        AFTER: [7, 8],
    }
    assert regions_of(parts_of(COLUMNS)) == ["hc", "cx"]


def test_a_region_may_be_called_as_another_part():
    parts = parts_of(["EMG.theta", "emg.log_rms", "camera.theta", "movement.speed"])
    assert sorted(parts) == ["EMG", "camera", "region EMG", "region camera"]


def test_hiding_leaves_the_rest():
    values = np.ones((3, len(COLUMNS)), dtype=np.float32)
    hidden = hide(values, parts_of(COLUMNS), ["hc", "camera"])
    assert np.isnan(hidden[0]).nonzero()[0].tolist() == [0, 2, 5, 8]
    assert values.all()


def hidden(share, recording="r", seed=1):
    values = np.ones((4000, len(COLUMNS)), dtype=np.float32)
    hide_by_chance(values, parts_of(COLUMNS), share, seed, recording)
    return np.isnan(values)


def test_each_part_is_hidden_as_often_as_is_asked_with_its_context():
    gone = hidden(0.2)
    assert abs(gone[:, 5].mean() - 0.2) < 0.02
    assert abs(gone[:, 3].mean() - 0.2) < 0.02
    assert np.array_equal(gone[:, 1], gone[:, 6])
    assert not gone[:, 4].any()


def test_a_region_is_always_left():
    gone = hidden(0.5)
    assert not (gone[:, 0] & gone[:, 1]).any()
    assert (gone[:, 0] | gone[:, 1]).mean() > 0.5


def test_the_same_is_hidden_again_and_other_recordings_differ():
    assert np.array_equal(hidden(0.2), hidden(0.2))
    assert not np.array_equal(hidden(0.2), hidden(0.2, "s"))
    assert not np.array_equal(hidden(0.2), hidden(0.2, seed=2))
