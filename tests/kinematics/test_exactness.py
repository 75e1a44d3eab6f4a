"""Speed, acceleration and jerk of trajectories known in closed form, as a camera sees them.

30 frames a second, each 2 ms early or late (standard deviation), ears marked with an error of
1 px (standard deviation along x and along y, white) in an image of 10 px per cm, that is an
arena of 50 cm in 500 px. The error is that of the vector, root mean square over all frames,
relative to the root mean square of the true vector. The default windows pass 1.1 Hz; the noise
floor beneath which no such share can be kept is 0.5 cm/s, 4.3 cm/s^2 and 24 cm/s^3 per axis.
"""

import numpy as np
import pytest
from scipy.signal import savgol_coeffs

from vigil.kinematics.derivatives import smooth_derivatives
from vigil.kinematics.settings import Settings

FPS, PX_PER_CM, FRAMES = 30.0, 10.0, 5400
WITHIN = {1: 0.02, 2: 0.10, 3: 0.25}
# how much larger the error of repeated central differences is, at least
BETTER = {1: 4.0, 2: 8.0, 3: 15.0}
SETTINGS = Settings()
ORDER = SETTINGS.polyorder


def window_s(order):
    return SETTINGS.jerk_window_s if order == 3 else SETTINGS.window_s


def camera(seed):
    rng = np.random.default_rng(seed)
    time_s = np.arange(FRAMES) / FPS + np.clip(rng.normal(0, 0.002, FRAMES), -0.008, 0.008)
    return time_s, lambda: rng.normal(0, 1 / PX_PER_CM, FRAMES)


def harmonic(radius_cm, frequency_hz, time_s, phase):
    w = 2 * np.pi * frequency_hz
    return lambda k: radius_cm * w**k * np.cos(w * time_s + phase + k * np.pi / 2)


def relative_errors(axes, noise, time_s, order, jumps=()):
    """Error of the local polynomials and of repeated central differences."""
    jumps = np.asarray(jumps, dtype=np.int64)
    found, central = [], []
    for axis in axes:
        seen = axis(0) + noise()
        found += smooth_derivatives(seen, time_s, window_s(order), ORDER, (order,), 0.3, jumps)
        for _ in range(order):
            seen = np.gradient(seen, time_s)
        central.append(seen)
    true = np.array([axis(order) for axis in axes])
    inner = np.isfinite(found[0]) & (np.arange(FRAMES) > 40) & (np.arange(FRAMES) < FRAMES - 40)

    def rms(vector):
        return np.sqrt((np.asarray(vector)[:, inner] ** 2).sum(0).mean())

    return rms(found - true) / rms(true), rms(central - true) / rms(true)


@pytest.mark.parametrize("order", [1, 2, 3])
@pytest.mark.parametrize(("radius_cm", "frequency_hz"), [(15, 0.5), (10, 0.6), (6, 1.0)])
@pytest.mark.parametrize("shape", ["circle", "sinusoid"])
def test_circle_and_sinusoid(shape, radius_cm, frequency_hz, order):
    time_s, noise = camera(order)
    axes = [harmonic(radius_cm, frequency_hz, time_s, 0.0)]
    if shape == "circle":
        axes.append(harmonic(radius_cm, frequency_hz, time_s, -np.pi / 2))
    error, central = relative_errors(axes, noise, time_s, order)
    assert error < WITHIN[order]
    assert central > BETTER[order] * error


@pytest.mark.parametrize("order", [1, 2, 3])
def test_cubic(order):
    # dashes of 3 s with a jerk of 120 cm/s^3, each of them a stretch by itself
    time_s, noise = camera(10 + order)
    u = time_s % 3 - 1.5
    dash = [60 * u - 20 * u**3, 60 - 60 * u**2, -120 * u, -120 + 0 * u]
    starts = np.flatnonzero(np.diff(u) < 0) + 1
    error, _ = relative_errors([lambda k: dash[k]], noise, time_s, order, starts)
    assert error < WITHIN[order]


@pytest.mark.parametrize("order", [1, 2, 3])
def test_the_default_windows_pass_up_to_1_1_hz(order):
    """Response of each filter to a sinusoid, without noise: the bias within half the error."""
    samples = round(window_s(order) * FPS) | 1
    k = np.arange(samples) - samples // 2
    weight = savgol_coeffs(samples, ORDER, deriv=order, delta=1 / FPS, use="dot")
    frequency_hz = np.linspace(0.05, 1.1, 50)
    w = 2j * np.pi * frequency_hz
    response = np.exp(np.outer(w, k / FPS)) @ weight
    assert np.abs(response / w**order - 1).max() < 0.5 * WITHIN[order]


@pytest.mark.parametrize(("order", "floor"), [(1, 0.49), (2, 4.4), (3, 24.0)])
def test_noise_floor_of_an_animal_at_rest(order, floor):
    time_s, noise = camera(20)
    (found,) = smooth_derivatives(noise(), time_s, window_s(order), ORDER, (order,), 0.3)
    assert np.std(found[40:-40]) == pytest.approx(floor, rel=0.1)
