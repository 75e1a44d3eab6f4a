import numpy as np
import pytest

from vigil.seizures.onset.spread import per_second, spread_rows

NAN = np.nan


def test_order_delay_and_speed_follow_from_the_latencies():
    latency = np.array([[1.0, 1.2, 3.0, 3.4, 5.1, 5.1, NAN, NAN]] * 2)
    rows = spread_rows(3, latency, np.ones(8, bool), list("AABBCCDD"), 0.25)
    assert [row[:3] for row in rows[:3]] == [(3, "A", 1.0), (3, "B", 2.0), (3, "C", 3.0)]
    np.testing.assert_allclose([row[3] for row in rows[:3]], [0.0, 2.1, 4.0])
    assert [row[4:6] for row in rows] == [(2, 2), (2, 2), (2, 2), (2, 0), (8, 6)]
    assert rows[3][1] == "D"
    assert np.isnan(rows[3][2:4]).all()  # not reached is none, never 0
    region, whole = rows[-1][1], rows[-1]
    assert region == "all"
    assert whole[3] == pytest.approx(4.0)
    assert whole[6] == 3
    assert whole[7] == pytest.approx(2 / 4.0)
    assert whole[8] == pytest.approx(5 / 4.1)


def test_all_at_once_has_no_speed():
    rows = spread_rows(1, np.zeros((1, 4)), np.ones(4, bool), list("AABB"), 0.25)
    assert [row[2] for row in rows[:2]] == [1.0, 1.0]
    assert np.isnan(rows[-1][7:9]).all()


def test_contacts_that_take_no_part_do_not_count():
    latency = np.array([[-9.0, 1.0, 2.0, 2.0]])
    rows = spread_rows(1, latency, np.array([False, True, True, True]), list("AABB"), 0.25)
    assert rows[0][:4] == (1, "A", 1.0, 0.0)
    assert rows[0][4:6] == (2, 1)


def test_without_any_onset_nothing_is_known():
    rows = spread_rows(1, np.full((3, 2), NAN), np.ones(2, bool), list("AB"), 0.25)
    assert np.isnan(rows[-1][3])
    assert rows[-1][5:7] == (0, 0)
    assert np.isnan(per_second(np.array([1.0]), 0.25))
