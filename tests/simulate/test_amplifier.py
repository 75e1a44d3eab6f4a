import numpy as np
import pytest

from vigil.simulate.amplifier import LEAD, STEP_UV, TONE_HZ, Amplifier, interpolation_taps
from vigil.simulate.brain import BRAIN_HZ, Field
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import RATE_HZ, Rig

RIG = Rig(animals=1, labelled=0, channels=2, video=False)
PLAN = plan_rig(RIG)[0]


def convert(make, pages, spiking=0.0):
    """Convert a function of time on both channels, one page after the other."""
    amplifier = Amplifier(RIG, PLAN)
    out = []
    for first, count in pages:
        time_s = (np.arange(first * BRAIN_HZ, (first + count) * BRAIN_HZ) + LEAD) / BRAIN_HZ
        x = np.tile(make(time_s).astype(np.float32), (2, 1))
        field = Field(x, np.full(x.shape[1], spiking, dtype=np.float32))
        out.append(amplifier.convert(field, first, count))
    return np.concatenate(out, axis=1)


@pytest.mark.parametrize("hz", [3.0, 40.0, 300.0])
def test_a_sine_comes_out_in_time_and_size(hz):
    samples = convert(lambda t: 1000 * np.sin(2 * np.pi * hz * t), [(-1, 1), (0, 2)])[0, RATE_HZ:]
    t = np.arange(len(samples)) / RATE_HZ
    found = 2 * np.mean(samples * STEP_UV * np.exp(-2j * np.pi * hz * t))
    assert abs(found) == pytest.approx(1000, rel=0.002)
    # the phase of a sine is -90 degrees; a sample is 0.01 rad at 300 Hz /6
    assert np.angle(found) == pytest.approx(-np.pi / 2, abs=0.002)


def test_images_are_suppressed():
    response = np.abs(np.fft.rfft(interpolation_taps().ravel() / 16, 32_000))
    assert response[500] == pytest.approx(1, abs=0.02)
    assert response[1500:].max() < 2e-3


def test_there_is_energy_that_has_to_be_filtered_out():
    quiet = convert(np.zeros_like, [(0, 2)])[0] * STEP_UV
    power = np.abs(np.fft.rfft(quiet)) ** 2
    hz = np.fft.rfftfreq(len(quiet), 1 / RATE_HZ)
    assert hz[power.argmax()] == pytest.approx(TONE_HZ, abs=0.5)
    assert power[hz > 625].sum() > 5 * power[hz < 625].sum()
    assert 3 < quiet.std() < 8


def test_spiking_adds_energy_where_spikes_have_it():
    quiet, firing = (convert(np.zeros_like, [(0, 2)], s)[0] * STEP_UV for s in (0.0, 1.0))
    hz = np.fft.rfftfreq(len(quiet), 1 / RATE_HZ)
    in_band = (hz > 600) & (hz < 3000) & (np.abs(hz - TONE_HZ) > 5)
    powers = [(np.abs(np.fft.rfft(x)) ** 2)[in_band].sum() for x in (quiet, firing)]
    assert powers[1] > 3 * powers[0]


def test_blocks_do_not_matter():
    def sine(t):
        return 500 * np.sin(2 * np.pi * 8 * t)

    np.testing.assert_array_equal(
        convert(sine, [(0, 6)], 1.0), convert(sine, [(0, 1), (1, 3), (4, 2)], 1.0)
    )


def test_the_range_is_kept():
    samples = convert(lambda t: 5000 * np.sin(2 * np.pi * t), [(0, 1)])
    assert samples.max() == 32767
    assert samples.min() == -32768
