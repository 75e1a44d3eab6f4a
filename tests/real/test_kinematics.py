"""Real tracks of other groups, with their outliers: what is left of jumps, and what is lost.

Frame rates and scales are not told with the tracks; 30 and 25 frames a second and arenas of the
usual sizes are assumed. They only set how far a head may move in a frame.
"""

import numpy as np
import pytest

from vigil.kinematics.clock import clock_from_rate
from vigil.kinematics.motion import find_head, head_motion
from vigil.kinematics.scale import find_scale
from vigil.kinematics.settings import Settings
from vigil.pose.files import read_tracks

EPM = "dlcanalyzer_tracks/EPM_15DeepCut_resnet50_epmMay17shuffle1_1030000.csv"


def motion_of(path, ears_and_snout, rate_hz, px_per_cm):
    """Ears, head and table of a file of tracks."""
    tracks, settings = read_tracks(path), Settings()
    parts = [tracks[name].to_numpy() for name in ears_and_snout]
    parts += [None] * (3 - len(parts))
    clock = clock_from_rate(len(tracks), rate_hz)
    head = find_head(*parts, clock, px_per_cm, settings)
    return parts, head, head_motion(head, clock, px_per_cm, settings)


def turns(direction_rad):
    """Turn from each frame to the next, where both are known."""
    turn = np.abs(np.angle(np.exp(1j * np.diff(direction_rad))))
    return turn[np.isfinite(turn)]


def raw_direction(left, right):
    return np.arctan2(-(left - right)[:, 0], -(left - right)[:, 1])


@pytest.fixture(scope="module")
def demo6(realdata):
    path = realdata / "behaviordepot_tracks" / "demo6_tracking.csv"
    return motion_of(path, ("LeftEar", "RightEar", "Nose"), 30, 19)


def test_open_field_jumps_are_gone_and_hardly_a_frame_is_lost(demo6):
    (left, right, _), head, motion = demo6
    n = len(motion)
    raw = turns(raw_direction(left, right))
    assert (raw > np.pi / 2).sum() / n == pytest.approx(0.0090, abs=0.0001)
    found = motion["head_direction_rad"].to_numpy()
    assert (turns(found) > np.pi / 2).sum() / n < 0.0005
    # of all frames, those without a place or a direction in the table
    lost = motion[["x_cm", "y_cm", "head_direction_rad"]].isna().any(axis=1)
    assert lost.mean() < 0.02
    # before short gaps are bridged: 1.6 % are frames with an unsure ear
    assert np.isnan(head.direction_rad).mean() < 0.03
    # half a second is blanked beside long gaps, where the derivatives would lean on one side
    assert motion["valid"].mean() > 0.96


def test_open_field_head_stays_in_the_arena_and_faces_its_snout(demo6):
    (_, _, snout), head, motion = demo6
    # the false marks lie at x = 1850 to 1920 px, outside of the field
    assert np.nanmax(motion["x_cm"]) * 19 < 1450
    assert motion["speed_cm_s"].max() < 80
    to_snout = snout[:, :2] - np.column_stack([head.x_px, head.y_px])
    reach = np.hypot(*to_snout.T)
    ahead = to_snout[:, 0] * np.cos(head.direction_rad) - to_snout[:, 1] * np.sin(
        head.direction_rad
    )
    seen = (reach < 1.5 * np.nanmedian(reach)) & (snout[:, 2] > 0.6)
    assert np.mean(ahead[seen] < -0.25 * np.nanmedian(reach)) < 0.0005


def test_a_clean_track_is_left_alone(realdata):
    path = realdata / "deepof_tracks" / "testDLC_square_arena.h5"
    (left, right, _), head, motion = motion_of(path, ("Left_ear", "Right_ear", "Nose"), 25, 14)
    assert (head.swapped, head.outliers) == (0, 0)
    # half a second is blanked at each end
    assert motion["valid"].iloc[13:-13].all()
    seen = np.isfinite(head.direction_rad)
    assert seen.mean() > 0.995
    same = np.exp(1j * (head.direction_rad - raw_direction(left, right)))[seen]
    assert np.abs(np.angle(same)).max() < 1e-9


def test_a_maze_before_the_mouse_is_in_it(realdata):
    tracks = {
        name: table.droplevel(0, axis=1).to_numpy()
        for name, table in read_tracks(realdata / EPM).T.groupby(level=0)
        for table in [table.T]
    }
    # the maze's arm from top to bottom, whose corners the model marks: 5 by 65.5 cm
    settings = Settings(arena_cm=(5, 65.5), arena_corners=("tl", "tr", "br", "bl"))
    scale = find_scale("epm", None, tracks, settings)
    assert scale.px_per_cm == pytest.approx(10.8, rel=0.05)
    (left, right, _), _, motion = motion_of(
        realdata / EPM, ("earl", "earr", "nose"), 25, scale.px_per_cm
    )
    assert (turns(raw_direction(left, right)) > np.pi / 2).mean() > 0.05
    assert turns(motion["head_direction_rad"].to_numpy()).max() < np.radians(60)
    # marks without a mouse are not sure, and leaps between those that are make no speed
    assert not motion["valid"].iloc[:100].any()
    assert motion["speed_cm_s"].max() < 60
    assert motion["valid"].iloc[-400:].mean() > 0.95


def test_open_field_without_its_snout_faces_as_with_it(realdata, demo6):
    path = realdata / "behaviordepot_tracks" / "demo6_tracking.csv"
    _, alone, motion = motion_of(path, ("LeftEar", "RightEar"), 30, 19)
    _, head, _ = demo6
    off = np.abs(np.angle(np.exp(1j * (alone.direction_rad - head.direction_rad))))
    assert np.nansum(off > np.pi / 2) / len(motion) < 0.0005
    found = motion["head_direction_rad"].to_numpy()
    assert (turns(found) > np.pi / 2).sum() / len(found) < 0.0005
    assert alone.unanchored > 0.9 * len(motion)
