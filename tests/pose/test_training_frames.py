"""Frames to train on: seeded, labelled where the parts are, apart from those to test on."""

import numpy as np

from vigil.pose.evaluation import ears_direction_rad, errors
from vigil.pose.training_frames import HELD_OUT, TRAIN, labelled_frame
from vigil.simulate.mouse import BODY_PARTS, Mouse, draw_mouse


def frame(entropy: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    return labelled_frame(np.random.SeedSequence(entropy, spawn_key=(k,)))


def test_same_seed_same_frame() -> None:
    one, points = frame(TRAIN, 3)
    again, same = frame(TRAIN, 3)
    np.testing.assert_array_equal(one, again)
    np.testing.assert_array_equal(points, same)
    assert one.shape == (128, 128, 3)
    assert points.shape == (len(BODY_PARTS), 2)


def test_spaces_of_seeds_are_apart() -> None:
    """No rig has such a seed, and what is measured on was not trained on."""
    assert TRAIN != HELD_OUT
    assert min(TRAIN, HELD_OUT) > 2**64
    assert (frame(TRAIN, 0)[0] != frame(HELD_OUT, 0)[0]).any()


def test_parts_outside_have_no_label() -> None:
    points = np.stack([frame(TRAIN, k)[1] for k in range(150)])
    inside = points[np.isfinite(points)]
    assert inside.min() >= 0
    assert inside.max() <= 127
    missing = np.isnan(points[..., 0]).mean(axis=0)
    assert 0 < missing[BODY_PARTS.index("left_ear")] < 0.15
    assert missing[BODY_PARTS.index("tail_base")] < 0.4


def test_scales_span_what_the_card_says() -> None:
    points = np.stack([frame(TRAIN, k)[1] for k in range(300)])
    apart = np.linalg.norm(points[:, 0] - points[:, 1], axis=1)
    apart = apart[np.isfinite(apart)]
    assert apart.min() < 6.0
    assert apart.max() > 11.5


def test_direction_from_the_ears_is_the_drawn_one() -> None:
    canvas = np.zeros((64, 64, 3), np.uint8)
    for direction_rad in np.linspace(-3, 3, 13):
        at = draw_mouse(canvas, Mouse(), 32.0, 32.0, direction_rad, 0.5)
        found = ears_direction_rad(np.array(at["left_ear"]), np.array(at["right_ear"]))
        assert abs(np.angle(np.exp(1j * (found - direction_rad)))) < 1e-9


def test_errors_of_known_offsets() -> None:
    truth = np.stack([frame(HELD_OUT, k)[1] for k in range(40)])
    truth = truth[np.isfinite(truth).all(axis=(1, 2))]
    found = np.dstack([truth, np.full(truth.shape[:2], 0.9)])
    found[:, 0, :2] += (3.0, 4.0)
    found[:, 1, :2] += (3.0, 4.0)
    table = errors(list(BODY_PARTS), found, truth)
    assert table["parts"]["left_ear"]["median_px"] == 5.0
    assert table["parts"]["snout"]["median_px"] == 0.0
    assert table["direction"]["median_deg"] == 0.0
    swapped = found[:, [1, 0, 2, 3]]
    assert errors(list(BODY_PARTS), swapped, truth)["direction"]["swapped_share"] == 1.0
