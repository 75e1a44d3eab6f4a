"""Files side by side: what all of them hold, and what is refused."""

import time

import numpy as np
import pytest

from vigil.downsample.ncs import Run
from vigil.downsample.source import intersect_runs, natural_order, open_neuralynx, samples_at
from vigil.recording import RecordingError

X = np.arange(32000, dtype=np.int16)


def test_channels_come_in_natural_order(tmp_path, ncs):
    paths = [ncs(tmp_path / f"CSC{i}.ncs", X[:600], channel=f"CSC{i}") for i in (10, 2, 1)]
    assert open_neuralynx(paths).channels == ("CSC1", "CSC2", "CSC10")
    assert sorted(["b2", "a10", "a9"], key=natural_order) == ["a9", "a10", "b2"]


def test_only_what_all_channels_hold_is_used(tmp_path, ncs):
    whole = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    late = ncs(tmp_path / "CSC2.ncs", X[5120:], channel="CSC2", start_us=10_160_000)
    source = open_neuralynx([whole, late])
    assert source.segments == ((0.0, 32000 - 5120),)
    assert np.array_equal(source.read(0, 0, 0, 10), X[5120:5130])
    assert np.array_equal(source.read(1, 0, 0, 10), X[5120:5130])
    assert "0.160 s" in source.notes[0]


def test_gaps_of_one_channel_are_gaps_of_all(tmp_path, ncs):
    a = ncs(tmp_path / "CSC1.ncs", X, channel="CSC1")
    b = ncs(tmp_path / "CSC2.ncs", X[:16000], channel="CSC2")
    assert open_neuralynx([a, b]).segments == ((0.0, 16000),)


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


def test_different_rates_are_refused(tmp_path, ncs):
    paths = [
        ncs(tmp_path / "CSC1.ncs", X, channel="CSC1"),
        ncs(tmp_path / "CSC2.ncs", X, channel="CSC2", rate_hz=16000),
    ]
    with pytest.raises(RecordingError, match="recordings of their own"):
        open_neuralynx(paths)


def test_an_empty_folder_is_refused():
    with pytest.raises(RecordingError, match=r"no \.ncs file"):
        open_neuralynx([])
