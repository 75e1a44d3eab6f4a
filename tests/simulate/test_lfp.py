import numpy as np
import pytest
from scipy import signal

from vigil.downsample.files import open_lfp
from vigil.simulate.lfp import Resampler, lfp_blocks, write_lfp
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig

RIG = Rig(animals=2, labelled=0, minutes=2.2, channels=5, epileptic=True, video=False, seed=108)


@pytest.mark.parametrize("new_rate_hz", [1250, 1000, 500, 2000])
def test_blocks_join_without_a_seam(new_rate_hz):
    x = np.random.default_rng(1).standard_normal((3, 14_000))
    resampler = Resampler(3, 2000, new_rate_hz)
    parts = [resampler(x[:, :2000]), resampler(x[:, 2000:12_000]), resampler(x[:, 12_000:], True)]
    up, down = {1250: (5, 8), 1000: (1, 2), 500: (1, 4), 2000: (1, 1)}[new_rate_hz]
    whole = signal.resample_poly(x, up, down, axis=1).T
    np.testing.assert_allclose(np.concatenate(parts), whole, atol=1e-12)


def test_a_rate_that_does_not_fit_is_named():
    with pytest.raises(ValueError, match="333"):
        Resampler(1, 2000, 333.3)


def test_the_store_holds_the_whole_seconds_of_the_recording(tmp_path):
    plan = plan_rig(RIG)[1]
    track = write_lfp(RIG, plan, tmp_path / "lfp.zarr")
    lfp = open_lfp(tmp_path / "lfp.zarr")
    seconds = int(plan.duration_s)
    assert seconds == 132
    assert lfp.array.shape == (seconds * 1250, 5)
    assert track.shape == (3, seconds * 100)
    assert lfp.montage == plan.montage
    assert lfp.segments.stop_s == (132.0,)
    assert lfp.range_steps.tolist() == [[-15000, 15000]] * 5
    blocks = np.concatenate(list(lfp_blocks(RIG, plan)))
    np.testing.assert_allclose(lfp.read_uv(0, len(blocks)), blocks, atol=0.11)
    assert blocks.dtype == np.float32
    s = plan.seizures[0]
    inside = blocks[int((s.onset_s + 8) * 1250) : int(s.end_s * 1250)]
    assert np.ptp(inside, axis=0).max() > 300
