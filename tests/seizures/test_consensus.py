import numpy as np
import pytest

from vigil.seizures.consensus import NONE, RESOLVED, UNRESOLVED, consensus, median_of_known, ranks

NAN = np.nan
REGIONS = ["A", "A", "A", "B", "B", "B"]


def test_ties_share_a_rank_and_none_has_no_rank():
    found = ranks(np.array([2.0, 0.1, 0.0, NAN, 2.25]), 0.25)
    np.testing.assert_array_equal(found, [3.0, 1.0, 1.0, NAN, 4.0])


def test_ties_do_not_chain():
    found = ranks(np.array([0.0, 0.2, 0.4]), 0.25)
    np.testing.assert_array_equal(found, [1.0, 1.0, 3.0])


def test_a_region_needs_half_of_its_contacts():
    found = median_of_known(np.array([[1.0, NAN, 3.0], [1.0, NAN, NAN], [NAN] * 3]), axis=1)
    np.testing.assert_array_equal(found, [2.0, NAN, NAN])


def test_clear_order_is_resolved_with_full_confidence():
    latency = np.array([[0.0, 0.1, 0.0, 3.0, 3.0, 3.1], [0.2, 0.2, 0.3, 2.5, 2.6, 2.4]])
    found = consensus(latency, REGIONS, 0.25)
    assert (found.regions, found.status, found.confidence) == (("A",), RESOLVED, 1.0)


def test_regions_that_begin_together_are_unresolved():
    latency = np.array([[0.0, 0.1, 0.2, 0.2, 0.1, 0.0]])
    found = consensus(latency, REGIONS, 0.25)
    assert (found.regions, found.status) == (("A", "B"), UNRESOLVED)


def test_one_step_apart_is_resolved():
    found = consensus(np.array([[0.0] * 3 + [0.25] * 3]), REGIONS, 0.25)
    assert (found.regions, found.status) == (("A",), RESOLVED)


def test_nothing_found_is_none_and_never_zero():
    found = consensus(np.full((3, 6), NAN), REGIONS, 0.25)
    assert found.regions == ()
    assert found.status == NONE
    assert np.isnan(found.confidence)


def test_a_region_without_detection_does_not_come_first():
    found = consensus(np.array([[NAN] * 3 + [4.0] * 3]), REGIONS, 0.25)
    assert (found.regions, found.status) == (("B",), RESOLVED)


def test_contacts_that_disagree_lower_the_confidence_as_the_draws_say():
    # B is at 1. A's contacts are 0, 0 and 9: A's median is 0 when at least two of three
    # draws are 0, with probability 20/27
    latency = np.array([[0.0, 0.0, 9.0, 1.0, 1.0, 1.0]])
    found = consensus(latency, REGIONS, 0.25, draws=20000)
    assert found.regions == ("A",)
    assert found.confidence == pytest.approx(20 / 27, abs=0.015)


def test_the_same_seed_gives_the_same_confidence():
    latency = np.random.default_rng(0).normal(size=(3, 6))
    first = consensus(latency, REGIONS, 0.25, seed=(4,))
    assert consensus(latency, REGIONS, 0.25, seed=(4,)) == first
    low = consensus(latency, REGIONS, 0.25, least_confidence=1.0, seed=(4,))
    assert low.status == UNRESOLVED
