"""Runs side by side: what two lists of them share."""

import time

import numpy as np
import pytest

from vigil.downsample.ncs_layout import Run
from vigil.downsample.sources.runs import end_us, intersect_runs, samples_at


def test_intersection_of_runs():
    a = [Run(0.0, 0, 1000), Run(2e6, 1000, 1000)]
    b = [Run(0.5e6, 0, 2000)]
    assert intersect_runs(a, b, 1000.0) == [Run(0.5e6, 500, 500), Run(2e6, 1000, 500)]


def brute_force(a, b, rate_hz):
    """Every run with every other."""
    step_us = 1e6 / rate_hz
    common = []
    for x in a:
        for y in b:
            lo = max(x.start_us, y.start_us)
            skip = round((lo - x.start_us) / step_us)
            stop = min(x.start_us + x.n_samples * step_us, y.start_us + y.n_samples * step_us)
            n = round((stop - lo) / step_us)
            if n > 0 and skip < x.n_samples:
                start_us = x.start_us + skip * step_us if skip else x.start_us
                common.append(Run(start_us, x.first_sample + skip, min(n, x.n_samples - skip)))
    return common


def random_runs(rng, n_runs, rate_hz, mean_samples=200):
    lengths = rng.integers(1, 2 * mean_samples, n_runs)
    # some stretches overlap a little, as timestamps that wander make them
    pauses_us = rng.integers(-1000, 200_000, n_runs)
    starts_us = np.cumsum(pauses_us + np.concatenate([[0], lengths[:-1]]) * 1e6 / rate_hz)
    firsts = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    return [
        Run(float(np.round(s)), int(f), int(n))
        for s, f, n in zip(starts_us, firsts, lengths, strict=True)
    ]


@pytest.mark.parametrize("seed", range(20))
def test_intersection_equals_a_brute_force(seed):
    rng = np.random.default_rng(seed)
    a, b = (random_runs(rng, n, 1000.0) for n in rng.integers(1, 60, 2))
    common = intersect_runs(a, b, 1000.0)
    assert common == brute_force(a, b, 1000.0)
    assert intersect_runs(a, a, 1000.0) == a
    for runs in (a, b):
        found = samples_at(runs, np.array([r.start_us for r in common]), 1000.0)
        for number, r in zip(found, common, strict=True):
            # the sample lies within half a step of the wanted time, in one run or another
            run = next(x for x in runs if 0 <= number - x.first_sample < x.n_samples)
            assert abs(run.start_us + (number - run.first_sample) * 1000 - r.start_us) <= 1500


def test_ten_thousand_gaps_in_eight_channels_take_no_time():
    rng = np.random.default_rng(0)
    channels = [random_runs(rng, 10_000, 32000.0, mean_samples=20_000) for _ in range(8)]
    begun = time.perf_counter()
    common = channels[0]
    for runs in channels[1:]:
        common = intersect_runs(common, runs, 32000.0)
    starts_us = np.array([r.start_us for r in common])
    for runs in channels:
        samples_at(runs, starts_us, 32000.0)
    assert len(common) > 10_000
    assert time.perf_counter() - begun < 5


def test_a_run_ends_where_its_next_sample_would_be():
    assert end_us(Run(500.0, 7, 4), 1000.0) == 4500.0
