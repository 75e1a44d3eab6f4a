import numpy as np
import pandas as pd
import pytest

from vigil.cohort.aftermath import After, moves_after, sleeps_after, theta_around, theta_region


def features(n=100, epoch_s=4.0, height=0.4, power=2.0, **changes):
    """Epochs with constant theta; changes map (column, first s, stop s) to another value."""
    start = np.arange(n) * epoch_s
    table = pd.DataFrame(
        {
            "start_s": start, "duration_s": epoch_s, "valid": True,
            "CA1.theta_height": height, "CA1.log_power_theta": power,
            "M1.theta_height": 0.1, "M1.log_power_theta": 2.5,
        }
    )  # fmt: skip
    for name, (first, stop, value) in changes.items():
        column = name.replace("__", ".")
        table.loc[(start >= first) & (start < stop), column] = value
    return table


def around(table, region="CA1", until_s=np.inf):
    return theta_around(table, region, 200.0, 220.0, until_s, 60.0, 10.0)


def test_the_region_of_theta_is_where_its_peak_is_highest_outside_of_seizures():
    table = features(M1__theta_height=(200, 220, 9.0))
    assert theta_region(table, [(200.0, 220.0)]) == "CA1"
    assert theta_region(table[["start_s", "duration_s", "valid"]], []) == ""
    table["valid"] = False
    assert theta_region(table, []) == ""


def test_theta_is_lost_after_the_seizure_and_its_power_stays():
    table = features(CA1__theta_height=(220, 280, 0.05))
    theta = around(table)
    assert theta.before == pytest.approx(10**0.4)
    assert theta.after == pytest.approx(10**0.05)
    assert theta.power_ratio == pytest.approx(1)


def test_a_smaller_theta_is_not_a_lost_one():
    theta = around(features(CA1__log_power_theta=(220, 400, 1.0)))
    assert theta.after / theta.before == pytest.approx(1)
    assert theta.power_ratio == pytest.approx(0.1)


def test_the_seizure_and_the_seconds_before_it_are_in_no_window():
    table = features(CA1__theta_height=(188, 220, 3.0))
    assert around(table).before == pytest.approx(10**0.4)
    assert around(table).after == pytest.approx(10**0.4)


def test_the_window_of_theta_ends_with_the_view():
    table = features(CA1__theta_height=(240, 400, 0.0))
    assert around(table, until_s=240.0).after == pytest.approx(10**0.4)
    assert around(table, until_s=240.0).seen_s == 20
    assert around(table).seen_s == 60
    assert around(table, until_s=220.0).seen_s == 0
    assert around(table, region="").seen_s == 0


def test_theta_needs_eight_valid_seconds():
    assert np.isnan(around(features(), until_s=226.0).after)
    assert np.isfinite(around(features(), until_s=228.0).after)
    assert np.isnan(around(features(valid=(220, 280, False))).after)
    nothing = around(features(), region="")
    assert nothing.region == ""
    assert np.isnan([nothing.before, nothing.after, nothing.power_ratio]).all()


def bouts(*rows):
    return pd.DataFrame(rows, columns=["start_s", "duration_s", "kind"])


def test_movement_is_back_with_its_first_bout():
    table = bouts(
        (0, 90, "moving"), (90, 40, "immobile"), (130, 20, "moving"), (150, 50, "immobile")
    )
    assert moves_after(table, 100.0, 200.0) == After(30.0, 100.0)


def test_the_last_jerks_of_a_seizure_are_no_movement_after_it():
    jerks = bouts((90, 11, "moving"), (101, 40, "immobile"), (141, 9, "moving"))
    assert moves_after(jerks, 100.0, 200.0).after_s == 41
    going_on = bouts((90, 13, "moving"), (103, 40, "immobile"))
    assert moves_after(going_on, 100.0, 200.0) == After(0.0, 43.0)


def test_what_the_video_does_not_show_is_not_known():
    assert moves_after(bouts((0, 80, "immobile")), 100.0, 200.0).seen_s == 0
    assert np.isnan(moves_after(bouts(), 100.0, 200.0).after_s)
    late = bouts((100, 80, "immobile"), (200, 10, "moving"))
    assert np.isnan(moves_after(late, 100.0, 200.0).after_s)  # the view has ended


def hypnogram(*states):
    names = [s for s, n in states for _ in range(n)]
    return pd.DataFrame({"start_s": np.arange(len(names)) * 4.0, "duration_s": 4.0, "state": names})


def test_sleep_is_back_with_nrem_that_lasts():
    table = hypnogram(("wake", 30), ("nrem", 2), ("wake", 10), ("nrem", 5), ("wake", 3))
    assert sleeps_after(table, 100.0, 200.0, 10.0, 20.0) == After(68.0, 100.0)
    assert sleeps_after(table, 100.0, 200.0, 10.0, 8.0) == After(20.0, 100.0)
    assert np.isnan(sleeps_after(table, 100.0, 180.0, 10.0, 20.0).after_s)


def test_slow_waves_right_after_a_seizure_are_no_sleep():
    table = hypnogram(("wake", 25), ("nrem", 3), ("wake", 20))
    assert np.isnan(sleeps_after(table, 100.0, 200.0, 10.0, 4.0).after_s)


def test_sleep_that_is_never_scored_is_not_known():
    after = sleeps_after(hypnogram(("wake", 10)), 100.0, 200.0, 10.0, 20.0)
    assert np.isnan(after.after_s)
    assert after.seen_s == 0
