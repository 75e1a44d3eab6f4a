import numpy as np
import pytest

from vigil.cohort.coupling.shift import at_risk, shifted, tail_p, union


def test_time_at_risk_is_the_spans_without_the_seizures():
    risk = at_risk([(0, 100), (150, 300)], [(90, 160), (200, 220)])
    assert risk.start_s.tolist() == [0, 160, 220]
    assert risk.stop_s.tolist() == [90, 200, 300]
    assert risk.total_s == 90 + 40 + 80


def test_overlapping_seizures_are_taken_once():
    risk = at_risk([(0, 100)], [(10, 30), (20, 50), (25, 28)])
    assert (risk.start_s.tolist(), risk.stop_s.tolist()) == ([0, 50], [10, 100])


def test_moments_and_places_belong_together():
    risk = at_risk([(0, 100), (150, 300)], [(200, 220)])
    places = np.linspace(0, risk.total_s - 1e-6, 57)
    np.testing.assert_allclose(risk.place(risk.time_s(places)), places)
    assert risk.place(200.0) == 150
    assert risk.place(210.0) == 150


def test_surrogates_lie_in_the_time_at_risk_and_keep_their_distances():
    seizures = np.array([(200.0, 220.0), (400.0, 430.0), (410.0, 412.0)])[:2]
    risk = at_risk([(0, 1000)], seizures)
    drawn = shifted(risk, seizures[:, 0], 500, np.random.default_rng(1))
    inside = (drawn[..., None] >= risk.start_s) & (drawn[..., None] <= risk.stop_s)
    assert inside.any(axis=-1).all()
    apart = np.diff(risk.place(drawn), axis=1)[:, 0] % risk.total_s
    np.testing.assert_allclose(apart, 180)
    # all times are as likely
    assert np.mean(drawn[:, 0] < 500) == pytest.approx(450 / 950, abs=0.07)


def test_nothing_watched_has_no_surrogates():
    risk = at_risk([], [])
    assert risk.total_s == 0
    assert np.isnan(shifted(risk, [5.0], 3, np.random.default_rng(1))).all()


def test_tails_count_the_observation():
    drawn = np.arange(99.0)
    assert tail_p(200.0, drawn, two_sided=False) == pytest.approx(0.01)
    assert tail_p(200.0, drawn) == pytest.approx(0.02)
    assert tail_p(-1.0, drawn, two_sided=False) == 1
    assert tail_p(49.0, drawn) == 1
    assert np.isnan(tail_p(np.nan, drawn))
    assert np.isnan(tail_p(1.0, np.full(5, np.nan)))


def test_spans_that_overlap_are_one():
    found = union([(50, 60), (0, 10), (5, 20), (20, 25)])
    assert (found.start_s.tolist(), found.stop_s.tolist()) == ([0, 50], [25, 60])
    assert union([]).place(7.0) == 0
