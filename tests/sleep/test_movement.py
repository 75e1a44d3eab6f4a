"""Movement of epochs."""

import numpy as np
import pandas as pd
import pytest

from vigil.sleep.movement import movement_of_epochs

T = np.arange(0, 16, 1 / 30)


def test_means_of_the_frames_of_each_epoch():
    frames = pd.DataFrame(
        {
            "time_s": T,
            "speed_cm_s": np.floor(T / 4),
            "acceleration_cm_s2": 2.0,
            "jerk_cm_s3": 3.0,
            "angular_velocity_rad_s": np.where(np.arange(len(T)) % 2, 1.0, -1.0),
            "valid": (T < 8) | (T > 11),
        }
    )
    table = movement_of_epochs(frames, np.arange(5) * 4.0, 4.0)
    assert table["movement.speed"].tolist()[:2] == [0, 1]
    assert table["movement.turning"][0] == 1
    assert table["movement.jerk"][3] == pytest.approx(3)
    # a quarter of the frames is not enough, and no frame is none
    assert table.loc[[2, 4]].isna().all(axis=None)


@pytest.mark.parametrize("slow_hz", [5, 14, 60])
def test_epochs_of_another_rate_count_by_their_seconds(slow_hz):
    time_s = np.concatenate([np.arange(0, 40, 1 / 30), np.arange(40, 56, 1 / slow_hz)])
    frames = pd.DataFrame(
        {
            "time_s": time_s,
            "speed_cm_s": 1.0,
            "acceleration_cm_s2": 2.0,
            "jerk_cm_s3": 3.0,
            "angular_velocity_rad_s": 0.5,
            # a quarter of the third last epoch is seen, three quarters of the second last
            "valid": (time_s < 45) | (time_s > 49),
        }
    )
    table = movement_of_epochs(frames, np.arange(14) * 4.0, 4.0)
    assert np.flatnonzero(table["movement.speed"].isna()).tolist() == [11]
