import numpy as np
import pytest
from timescoring.annotations import Annotation
from timescoring.scoring import EventScoring

from vigil.seizures.trained.matching import match_strictly, pool


def chance_events(rng, duration_s):
    edges = np.sort(rng.uniform(0, duration_s, 2 * rng.integers(0, 12)))
    return [(float(a), float(b)) for a, b in edges.reshape(-1, 2)]


@pytest.mark.parametrize("seed", range(40))
def test_it_matches_as_timescoring_does_with_the_strict_preset(seed):
    rng = np.random.default_rng(seed)
    duration_s = float(rng.uniform(300, 4000))
    truth, found = chance_events(rng, duration_s), chance_events(rng, duration_s)
    # found ones that end before or begin after a true one, where the tolerances matter
    near = [(a - 20, a - rng.uniform(0, 10)) for a, b in truth[::2]]
    near += [(b + rng.uniform(0, 20), b + 30) for a, b in truth[1::2]]
    found = found if seed % 2 else sorted((max(0.0, a), min(b, duration_s)) for a, b in near)
    found = [e for i, e in enumerate(found) if e[0] < e[1] and (not i or e[0] >= found[i - 1][1])]
    mine = pool([match_strictly(truth, found, duration_s)])
    n = round(duration_s * 10)
    theirs = EventScoring(
        Annotation(truth, 10, n),
        Annotation(found, 10, n),
        EventScoring.Parameters(5, 10, 0, 300, 10),
    )
    assert mine["sensitivity"] == pytest.approx(theirs.sensitivity, nan_ok=True)
    assert mine["precision"] == pytest.approx(theirs.precision, nan_ok=True)
    assert mine["f1"] == pytest.approx(theirs.f1, nan_ok=True)
    assert mine["fp_per_day"] == pytest.approx(theirs.fpRate, rel=1e-3)


def test_an_event_over_everything_misses_nothing_and_overlaps_with_nothing():
    m = pool([match_strictly([(1000.0, 1030.0)], [(0.0, 3600.0)], 3600.0)])
    assert m["sensitivity"] == 1.0
    assert m["overlap"] == pytest.approx(30 / 3600)
    assert m["onset_error_s"] == 1000.0
    assert m["fp_per_day"] == 24 * 11  # twelve pieces of 300 s, one of them right


def test_recordings_are_pooled_by_their_counts():
    one = match_strictly([(10.0, 20.0)], [(10.0, 20.0)], 3600.0)
    other = match_strictly([(10.0, 20.0), (100.0, 120.0)], [(500.0, 520.0)], 7200.0)
    m = pool([one, other])
    assert m["sensitivity"] == pytest.approx(1 / 3)
    assert m["precision"] == 0.5
    assert m["fp_per_day"] == pytest.approx(8.0)
    assert m["overlap"] == 0.0
    assert m["hours"] == 3.0
    empty = pool([])
    assert np.isnan(empty["sensitivity"])
    assert np.isnan(empty["fp_per_day"])
