"""The transforms behind the fast spectra, against numpy's in float64."""

import numpy as np
import pytest

from vigil.spectra.butterflies import LANES
from vigil.spectra.fourier import density_of_windows, plan_of, radices_of

LENGTHS = [
    16, 18, 21, 24, 32, 49, 100, 243, 250, 625, 686, 1000, 1024, 1250, 2187, 2500, 3750, 4000, 4096,
    5000, 8000, 8750,
]  # fmt: skip


@pytest.mark.parametrize("n", LENGTHS)
def test_power_of_any_length_equals_that_of_numpy(n):
    rng = np.random.default_rng(n)
    x = rng.normal(3, 1, (LANES + 2, n)).astype(np.float32)
    tapers = rng.normal(0, 1, (2, n, 2)).astype(np.float32)
    most = n // 2 + 1
    found = density_of_windows(x, tapers, plan_of(n), most)
    v = x - x.mean(1, keepdims=True, dtype=np.float64)
    both = np.abs(np.fft.fft(v[:, None] * tapers.transpose(0, 2, 1).reshape(1, 4, n))) ** 2
    wanted = both.sum(1)[:, :most]
    wanted[:, 1 : (n + 1) // 2] *= 2  # a frequency and its negative
    if n % 2 == 0:
        assert np.isclose(wanted[0, -1], both[0, :, n // 2].sum()), "Nyquist has no negative"
    scale = wanted.mean(1, keepdims=True)
    assert np.abs(found - wanted).max() < 1e-5 * scale.max()
    np.testing.assert_allclose(found, wanted, rtol=1e-4, atol=1e-7 * scale.max())
    np.testing.assert_allclose(found.sum(1, dtype=float), wanted.sum(1), rtol=1e-6)


@pytest.mark.parametrize("n", [1, 2, 6, 7, 11, 17, 22, 4069, 2 * 2503])
def test_lengths_without_a_plan(n):
    assert plan_of(n) is None


def test_plans_take_few_stages_and_lengths_that_are_close():
    plan = plan_of(5000)
    assert sorted([np.prod(plan.first), np.prod(plan.second)]) == [50, 100]
    assert len(plan.first) + len(plan.second) == 4
    assert radices_of(16) in ([8, 2], [4, 4])
    assert radices_of(7 * 7 * 10) == [10, 7, 7]
    assert radices_of(11) == radices_of(22) == []
    for n in LENGTHS:
        assert np.prod(plan_of(n).first) * np.prod(plan_of(n).second) == n
