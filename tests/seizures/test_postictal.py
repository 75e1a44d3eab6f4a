import numpy as np

from vigil.seizures.files import WHOLE_BRAIN
from vigil.seizures.postictal import (
    Quiet,
    Suppression,
    postictal_rows,
    quiet_regions,
    suppression_after,
    suppressions,
)


def steps(*pairs):
    return np.concatenate([np.full(n, value) for n, value in pairs])


def after(mask, next_first=None, lost=slice(0)):
    gone = np.zeros(len(mask), bool)
    gone[lost] = True
    return suppression_after(mask & ~gone, gone, 10, next_first or len(mask), 0.5, wait_s=10.0)


def test_suppression_lasts_until_the_brain_is_back_for_two_seconds():
    mask = steps((10, False), (40, True), (2, False), (10, True), (50, False))
    assert after(mask) == Suppression((40 + 2 + 10) * 0.5, True)


def test_no_suppression_is_zero_and_recovered():
    assert after(steps((100, False))) == Suppression(0.0, True)


def test_late_quiet_is_not_postictal():
    assert after(steps((10, False), (30, False), (60, True))) == Suppression(0.0, True)


def test_suppression_to_the_end_is_not_recovered():
    assert after(steps((12, False), (88, True))) == Suppression(44.0, False, 1.0)


def test_the_next_seizure_ends_the_measurement():
    mask = steps((10, False), (90, True))
    assert after(mask, next_first=50) == Suppression(20.0, False)


def test_a_loss_of_data_is_not_a_recovery():
    mask = steps((10, False), (90, True))
    assert after(mask, lost=slice(50, 100)) == Suppression(20.0, False)
    assert after(mask, lost=slice(50, 60)) == Suppression(20.0, False)
    assert after(mask, lost=slice(50, 53)) == Suppression(45.0, False)  # 1.5 s end nothing
    back = steps((10, False), (40, True), (50, False))
    assert after(back, lost=slice(60, 100)) == Suppression(20.0, True)


REGIONS = ("CA1", "CA1", "M1", "CA1", "M1")


def a_brain(n=200):
    """CA1 quiet in steps 20 to 60, M1 in 20 to 100; a contact of CA1 is dead all along."""
    quiet_ln = np.zeros((n, 5), np.float32)
    quiet_ln[20:60, [0, 1]] = np.log(0.1)
    quiet_ln[20:100, [2, 4]] = np.log(0.1)
    quiet_ln[:, 3] = np.nan
    return quiet_ln


def test_each_region_has_its_own_suppression():
    found = quiet_regions(a_brain(), REGIONS, 0.4)
    assert list(found) == ["CA1", "M1"]
    nothing = Quiet(np.zeros(200, bool), np.zeros(200, bool))
    rows = postictal_rows([(0, 20), (150, 170)], {WHOLE_BRAIN: nothing, **found}, 0.5, 10.0)
    assert rows == [
        (1, "all", 0.0, "true"),
        (1, "CA1", 20.0, "true"),
        (1, "M1", 40.0, "true"),
        (2, "all", 0.0, "true"),
        (2, "CA1", 0.0, "true"),
        (2, "M1", 0.0, "true"),
    ]


def test_a_next_seizure_cuts_the_suppression_of_the_region_that_lasts():
    rows = postictal_rows([(0, 20), (80, 120)], quiet_regions(a_brain(), REGIONS, 0.4), 0.5, 10.0)
    assert rows[0] == (1, "CA1", 20.0, "true")
    assert rows[1] == (1, "M1", 30.0, "false")


def test_a_region_whose_channels_are_lost_has_not_recovered():
    quiet_ln = a_brain()
    quiet_ln[50:, [2, 4]] = np.nan
    rows = postictal_rows([(0, 20)], quiet_regions(quiet_ln, REGIONS, 0.4), 0.5, 10.0)
    assert rows == [(1, "CA1", 20.0, "true"), (1, "M1", 15.0, "false")]


def test_sections_end_to_end_are_the_whole():
    quiet_ln = a_brain()
    whole = quiet_regions(quiet_ln, REGIONS, 0.4)
    parts = [quiet_regions(quiet_ln[s], REGIONS, 0.4) for s in (slice(0, 33), slice(33, 200))]
    for region in whole:
        joined = np.concatenate([p[region].suppressed for p in parts])
        np.testing.assert_array_equal(joined, whole[region].suppressed)


def test_where_nothing_is_heard_nothing_is_known():
    """A seizure with which the recording ends, and one at a gap."""
    mask = steps((10, False), (1, False))
    for found in (after(mask[:10]), after(mask), after(steps((100, False)), lost=slice(10, 60))):
        assert np.isnan(found.suppression_s)
        assert found.recovered is None
    # 1.5 s are too little, 2 s are enough
    assert after(steps((100, False)), lost=slice(13, 100)).recovered is None
    assert after(steps((100, False)), lost=slice(14, 100)) == Suppression(0.0, True)
    quiet = {WHOLE_BRAIN: Quiet(np.zeros(20, bool), np.zeros(20, bool))}
    ((_, _, suppression_s, recovered),) = postictal_rows([(5, 20)], quiet, 0.5, 10.0)
    assert np.isnan(suppression_s)
    assert recovered == "none"


def test_a_saturated_stretch_is_no_recovery():
    quiet_ln = a_brain()
    quiet_ln[30:40, [0, 1]] = np.nan
    found = quiet_regions(quiet_ln, REGIONS, 0.4)
    np.testing.assert_array_equal(np.flatnonzero(found["CA1"].lost), np.arange(30, 40))
    rows = postictal_rows([(0, 20)], found, 0.5, 10.0)
    assert rows == [(1, "CA1", 5.0, "false"), (1, "M1", 40.0, "true")]


def test_suppression_that_begins_late_also_ends_late():
    mask = steps((26, False), (40, True), (50, False))
    (found,) = suppressions([(0, 10)], Quiet(mask, np.zeros(len(mask), bool)), 0.5, 10.0)
    assert found == Suppression(20.0, True, 8.0)
    assert found.quiet_until_s == 28.0
