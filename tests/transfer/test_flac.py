"""FLAC as a codec of zarr: the same samples come back."""

import io

import numpy as np
import pytest
import soundfile
import zarr

from vigil.transfer.flac import Flac


@pytest.mark.parametrize("kind", ["noise", "extremes", "flat", "sine", "one"])
def test_every_kind_of_samples_comes_back(tmp_path, kind):
    rng = np.random.default_rng(2)
    samples = {
        "noise": rng.integers(-32768, 32768, 50_000),
        "extremes": rng.choice([-32768, 32767], 50_000),
        "flat": np.full(50_000, -7),
        "sine": 9000 * np.sin(np.arange(50_000) / 30),
        "one": np.array([-32768]),
    }[kind].astype(np.int16)
    array = zarr.create_array(
        tmp_path / "a.zarr",
        shape=samples.shape,
        chunks=(4096,),
        shards=(16384,),
        dtype="<i2",
        serializer=Flac(),
        compressors=None,
    )
    array[:] = samples
    again = zarr.open_array(tmp_path / "a.zarr", mode="r")
    np.testing.assert_array_equal(again[:], samples)
    np.testing.assert_array_equal(again[5000:5100], samples[5000:5100])


def test_any_flac_decoder_reads_a_chunk(tmp_path):
    samples = np.arange(-2000, 2000, dtype=np.int16)
    array = zarr.create_array(
        tmp_path / "a.zarr", shape=4000, chunks=4000, dtype="<i2", serializer=Flac(),
        compressors=None,
    )  # fmt: skip
    array[:] = samples
    stored = (tmp_path / "a.zarr/c/0").read_bytes()
    assert stored.startswith(b"fLaC")
    np.testing.assert_array_equal(soundfile.read(io.BytesIO(stored), dtype="int16")[0], samples)
