import numpy as np
import pytest
from scipy import signal

from vigil.simulate.streams import (
    CarriedFilter,
    PagedNoise,
    band,
    generator,
    power_law,
    upsample_linear,
)


def test_generators_differ_by_seed_and_key():
    draws = {
        float(generator(*key).random())
        for key in [(1, "a", 0), (1, "a", 1), (1, "b", 0), (2, "a", 0)]
    }
    assert len(draws) == 4
    assert generator(1, "a", 0).random() == generator(1, "a", 0).random()


def test_noise_does_not_depend_on_blocks():
    noise = PagedNoise(3, ("x",), 2, 100)
    pieces = [noise.normal(-2, 1), noise.normal(-1, 3), noise.normal(2, 2)]
    np.testing.assert_array_equal(np.concatenate(pieces, axis=1), noise.normal(-2, 6))


def test_filter_does_not_depend_on_blocks():
    x = np.random.default_rng(0).standard_normal((2, 1000))
    whole, pieces = (CarriedFilter(band(1, 4, 100), 2, unit_variance=True) for _ in range(2))
    together = np.concatenate([pieces(x[:, :13]), pieces(x[:, 13:700]), pieces(x[:, 700:])], axis=1)
    np.testing.assert_array_equal(together, whole(x))


@pytest.mark.parametrize("sos", [band(1, 4, 500), power_law(1.6, 0.5, 200, 500)])
def test_filter_keeps_unit_variance(sos):
    x = np.random.default_rng(0).standard_normal((1, 500_000))
    assert CarriedFilter(sos, 1, unit_variance=True)(x).std() == pytest.approx(1, rel=0.05)


@pytest.mark.parametrize("exponent", [1.0, 1.6, 2.0])
def test_power_law_has_its_slope(exponent):
    f, h = signal.sosfreqz(power_law(exponent, 0.5, 600, 2000), np.geomspace(2, 150, 200), fs=2000)
    slope = np.polyfit(np.log(f), np.log(np.abs(h) ** 2), 1)[0]
    assert slope == pytest.approx(-exponent, abs=0.06)


def test_upsample_linear_draws_straight_lines():
    y = upsample_linear(np.array([[0.0, 1.0, 3.0]]), 4)
    np.testing.assert_allclose(y[0], [0, 0.25, 0.5, 0.75, 1, 1.5, 2, 2.5])
