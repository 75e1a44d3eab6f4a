import numpy as np
import pytest

from vigil.seizures.onset.consensus import (
    NONE,
    RESOLVED,
    UNRESOLVED,
    consensus,
    median_of_known,
    over_methods,
    ranks,
)

NAN = np.nan
REGIONS = ["A", "A", "A", "B", "B", "B"]
CLEAR = np.full(6, 16.0)  # all stand far above their baselines


def test_ties_share_a_rank_and_none_has_no_rank():
    found = ranks(np.array([2.0, 0.1, 0.0, NAN, 2.25]), 0.25)
    np.testing.assert_array_equal(found, [3.0, 1.0, 1.0, NAN, 4.0])


def test_ties_do_not_chain():
    found = ranks(np.array([0.0, 0.2, 0.4]), 0.25)
    np.testing.assert_array_equal(found, [1.0, 1.0, 3.0])


def test_a_region_needs_half_of_its_contacts():
    found = median_of_known(np.array([[1.0, NAN, 3.0], [1.0, NAN, NAN], [NAN] * 3]), axis=1)
    np.testing.assert_array_equal(found, [2.0, NAN, NAN])


def test_clear_order_is_resolved_and_all_draws_agree():
    latency = np.array([[0.0, 0.1, 0.0, 3.0, 3.0, 3.1], [0.2, 0.2, 0.3, 2.5, 2.6, 2.4]])
    found = consensus(latency, REGIONS, 0.25, contrast_z=CLEAR)
    assert (found.regions, found.status, found.reason) == (("A",), RESOLVED, "")
    assert found.bootstrap == 1.0
    assert 0.9 < found.confidence < 1.0


def test_the_earliest_method_tells_the_latency():
    found = over_methods(np.array([[NAN, 2.0, NAN], [5.0, 1.0, NAN], [0.5, NAN, NAN]]))
    np.testing.assert_array_equal(found, [0.5, 1.0, NAN])


def test_a_rise_that_one_method_alone_sees_long_before_is_not_trusted():
    latency = np.full((3, 6), 3.0)
    latency[:, :3] = 0.0
    sure = consensus(latency, REGIONS, 0.25, contrast_z=CLEAR)
    latency[1, 3:] = -9.0
    found = consensus(latency, REGIONS, 0.25, contrast_z=CLEAR)
    assert sure.status == RESOLVED
    assert (found.regions, found.status, found.reason) == (("B",), UNRESOLVED, "methods disagree")
    assert found.confidence < 0.5


def test_what_rose_before_the_search_is_first_and_unresolved():
    latency = np.array([[NAN] * 3 + [0.0] * 3])
    up = np.array([True, True, False, False, False, False])
    found = consensus(latency, REGIONS, 0.25, risen_before=up, search_s=-10.0)
    assert (found.regions, found.status, found.reason) == (("A",), UNRESOLVED, "began earlier")


def test_a_single_region_has_nothing_to_be_told_apart_from():
    found = consensus(np.zeros((2, 2)), ["A", "A"], 0.25, contrast_z=CLEAR[:2])
    assert (found.regions, found.status, found.reason) == (("A",), UNRESOLVED, "one region")
    assert np.isnan(found.confidence)


def test_regions_that_begin_together_are_unresolved():
    latency = np.array([[0.0, 0.1, 0.2, 0.2, 0.1, 0.0]])
    found = consensus(latency, REGIONS, 0.25)
    assert (found.regions, found.status) == (("A", "B"), UNRESOLVED)
    assert found.reason == "together"


def test_one_step_apart_is_resolved():
    found = consensus(np.array([[0.0] * 3 + [0.25] * 3]), REGIONS, 0.25, least_confidence=0.0)
    assert (found.regions, found.status) == (("A",), RESOLVED)


def test_nothing_found_is_none_and_never_zero():
    found = consensus(np.full((3, 6), NAN), REGIONS, 0.25)
    assert found.regions == ()
    assert found.status == NONE
    assert np.isnan([found.confidence, found.bootstrap]).all()
    assert found.reason == "no onset"


def test_a_region_without_detection_does_not_come_first():
    latency = np.array([[NAN] * 3 + [4.0] * 3])
    found = consensus(latency, REGIONS, 0.25, contrast_z=CLEAR)
    assert (found.regions, found.status) == (("B",), RESOLVED)


def test_contacts_that_disagree_lower_the_confidence_as_the_draws_say():
    # B is at 1. A's contacts are 0, 0 and 9: A's median is 0 when at least two of three
    # draws are 0, with probability 20/27
    latency = np.array([[0.0, 0.0, 9.0, 1.0, 1.0, 1.0]])
    found = consensus(latency, REGIONS, 0.25, draws=20000)
    assert found.regions == ("A",)
    assert found.bootstrap == pytest.approx(20 / 27, abs=0.015)


def test_the_same_seed_gives_the_same_confidence():
    latency = np.random.default_rng(0).normal(size=(3, 6))
    first = consensus(latency, REGIONS, 0.25, seed=(4,))
    assert consensus(latency, REGIONS, 0.25, seed=(4,)) == first
    low = consensus(latency, REGIONS, 0.25, least_confidence=1.0, seed=(4,))
    assert low.status == UNRESOLVED
