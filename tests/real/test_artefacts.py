"""Artefact rules on real recordings: brains pass, an amplifier that was unplugged does not."""

import numpy as np
import pyedflib
import pytest

from vigil.spectra.artefacts import MOVEMENT, SATURATED, find_artefacts, limits_in_steps

SLEW_UV_MS, EXTENT_UV = 2000.0, 10000.0


def codes_of(steps, rate_hz, step_uv):
    """Codes (window, channel) of steps (channel, sample) in quarter seconds."""
    limits = limits_in_steps(np.full(len(steps), step_uv), rate_hz, SLEW_UV_MS, EXTENT_UV)
    bounds = np.arange(0, steps.shape[1] / rate_hz + 1e-9, 0.25) * rate_hz
    return find_artefacts(steps.T, np.round(bounds).astype(np.int64), limits)


@pytest.mark.parametrize("mouse", ["A10/Cage 2 A10-0", "F22/Cage 3 F22-0"])
def test_mice_lose_no_time(realdata, mouse):
    x = np.fromfile(realdata / f"neurodent_mouse_eeg/{mouse}_ColMajor.bin", "<f4")
    codes = codes_of(np.rint(x.reshape(10, -1) / 0.25).astype(np.int16), 1000.0, 0.25)
    # two channels of F22 jump by millivolts within a millisecond, twice and alone
    assert (codes > 0).sum() == (4 if mouse.startswith("F22") else 0)
    assert set(np.unique(codes)) <= {0, MOVEMENT}
    assert not ((codes > 0).mean(axis=1) > 0.5).any()


def test_theta_of_a_rat_is_clean(realdata):
    folder = realdata / "rat_hippocampus_lfp"
    x = np.stack([np.load(folder / f"bycycle_{r}.npy") for r in ("ca1", "ec3")])
    steps = np.rint(200 * x / x.std() / 0.1).astype(np.int16)
    assert not codes_of(steps, 1250.0, 0.1).any()


def test_an_amplifier_that_is_unplugged_is_found_while_it_swings(realdata):
    path = realdata / "misleep_mouse_eeg_emg/10mins_example_edf.edf"
    with pyedflib.EdfReader(str(path)) as file:
        steps = np.stack([file.readSignal(c, digital=True) for c in range(4)]).astype(np.int16)
        rate_hz = file.getSampleFrequency(0)
        step_uv = (file.getPhysicalMaximum(0) - file.getPhysicalMinimum(0)) / 65535
    codes = codes_of(steps, rate_hz, step_uv)
    swings = codes[: 31 * 4]
    assert ((swings & MOVEMENT) > 0).any(axis=0).all()
    assert ((swings & SATURATED) > 0).any(axis=0).all()
    # what follows is the noise of an open input: quality.tsv calls it silent
    assert not codes[60 * 4 :].any()
