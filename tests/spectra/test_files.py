"""spectrogram.zarr: written column by column, read at the level that fits."""

import numpy as np
import pytest
import zarr

from vigil.spectra import pyramid
from vigil.spectra.files import open_spectrogram
from vigil.spectra.levels import Bands, Grid, coarse_means, round_mantissa
from vigil.spectra.pyramid import create_spectrogram

N = 1003
REGIONS, CHANNELS = ("ca1", "cx"), ("a1", "a2", "b1")
BANDS = Bands({"theta": (6.0, 9.0), "gamma": (40.0, 60.0)}, 50.0, 1.0)


@pytest.fixture(scope="module")
def grid():
    return Grid(np.arange(N) + 1.0, np.arange(0, 10.5, 0.5), 1.0, 2.0, 1.0)


@pytest.fixture(scope="module")
def power():
    """Power of the regions and of the channels, with a gap of 130 columns in all of them."""
    rng = np.random.default_rng(4)
    made = [rng.gamma(3, 50, (n, N, 21)).astype(np.float32) for n in (2, 3)]
    for array in made:
        array[:, 300:430] = np.nan
    return made


def write(path, grid, power, block, keep_channels="full"):
    with create_spectrogram(path, REGIONS, CHANNELS, grid, BANDS, keep_channels) as store:
        for a in range(0, N, block):
            store.write(*(array[:, a : a + block] for array in power))
    return open_spectrogram(path)


@pytest.fixture(scope="module")
def data(tmp_path_factory, grid, power):
    return write(tmp_path_factory.mktemp("store") / "s.zarr", grid, power, 97)


def files(path):
    return {str(f.relative_to(path)): f.read_bytes() for f in path.rglob("*") if f.is_file()}


def test_what_was_written_is_read_at_every_level(data, grid, power):
    assert (data.regions, data.channels) == (REGIONS, CHANNELS)
    assert (data.window_s, data.half_width_hz) == (2.0, 1.0)
    assert data.frequency_hz.tolist() == grid.frequency_hz.tolist()
    for levels, array in zip((data.levels, data.channel_levels), power, strict=True):
        assert [level.step_s for level in levels] == [1, 10, 60]
        assert [level.power.shape[1] for level in levels] == [1003, 101, 17]
        for level, factor in zip(levels, (1, 10, 60), strict=True):
            expected = round_mantissa(coarse_means(array, factor))
            assert np.array_equal(level.power[:], expected, equal_nan=True)
            assert len(level.time_s) == level.power.shape[1]


def test_a_gap_is_missing_at_every_level(data):
    for level, n_missing in zip(data.levels, (130, 13, 2), strict=True):
        # the last column of level 1 would be the mean of three: it is missing as well
        missing = np.isnan(level.power[0, :-1])
        assert missing.all(1).sum() == missing.any(1).sum() == n_missing
        assert (np.abs(level.time_s[:-1][missing.all(1)] - 365.5) < 65).all()


@pytest.mark.parametrize("block", [1, 60, N])
def test_the_same_files_for_any_blocks(tmp_path, grid, power, block, monkeypatch):
    # shards of one chunk, so that the columns fill several
    monkeypatch.setattr(pyramid, "SHARD_VALUES", 1)
    write(tmp_path / "a.zarr", grid, power, 97)
    write(tmp_path / "b.zarr", grid, power, block)
    assert files(tmp_path / "a.zarr") == files(tmp_path / "b.zarr")


def test_the_power_is_left_on_the_disk_in_few_files(data):
    assert all(isinstance(level.power, zarr.Array) for level in data.levels)
    assert data.levels[0].power.shards == (2, 5 * 240, 21)
    assert data.levels[0].power.chunks == (1, 240, 21)


def test_a_shard_holds_no_more_of_a_longer_recording(tmp_path):
    shards = []
    for n in (100_000, 1_000_000):
        grid = Grid(np.arange(n) + 1.0, np.arange(201) / 2, 1.0, 2.0, 1.0)
        path = tmp_path / f"{n}.zarr"
        with (
            pytest.raises(ValueError, match="0 columns came"),
            create_spectrogram(path, REGIONS, CHANNELS, grid, BANDS),
        ):
            pass
        shards.append(open_spectrogram(path).levels[0].power.shards)
    assert shards[0] == shards[1]
    assert np.prod(shards[0]) <= pyramid.SHARD_VALUES


def test_the_finest_level_that_fits_is_read(data, power):
    for most, step_s in ((np.inf, 1), (1003, 1), (1002, 10), (101, 10), (100, 60), (1, 60)):
        assert data.read("cx", most_columns=most).step_s == step_s
    minute = data.read("cx", 600.0, 660.0, most_columns=70, max_hz=5.0)
    assert minute.step_s == 1
    assert minute.time_s[[0, -1]].tolist() == [600, 660]
    assert minute.frequency_hz[-1] == 5
    assert np.array_equal(minute.power, round_mantissa(power[0][1, 599:660, :11]))


def test_a_stretch_has_every_column_that_shares_time_with_it(data):
    piece = data.read("ca1", 600.0, 660.0, most_columns=10)
    # columns of 10 s in [600.5, 610.5), ..., and that before, which reaches 0.5 s into it
    assert piece.time_s.tolist() == [595.5, 605.5, 615.5, 625.5, 635.5, 645.5, 655.5]
    assert len(data.read("ca1", 5000.0, 6000.0).time_s) == 0
    assert len(data.read("ca1", 10.0, 5.0).time_s) == 0


def test_channels_are_read_by_name(data, power):
    assert np.array_equal(data.read("b1", 0, 10).power, round_mantissa(power[1][2, :10]))
    with pytest.raises(KeyError, match="no spectrogram of 'x'"):
        data.read("x")


def test_a_sample_is_evenly_spread(data, power):
    sample = data.sample("cx", 400)
    assert sample.time_s.tolist() == (np.arange(0, N, 3) + 1.0).tolist()
    assert np.array_equal(sample.power, round_mantissa(power[0][1, ::3]), equal_nan=True)
    assert len(data.sample("cx", N).time_s) == N


@pytest.mark.parametrize(
    ("keep_channels", "steps", "names"),
    [("full", [1, 10, 60], CHANNELS), ("coarse", [10, 60], CHANNELS), ("none", [], ())],
)
def test_levels_of_the_channels_are_kept_as_asked(
    tmp_path, grid, power, keep_channels, steps, names
):
    data = write(tmp_path / "s.zarr", grid, power, 500, keep_channels)
    assert [level.step_s for level in data.channel_levels] == steps
    assert [level.step_s for level in data.levels] == [1, 10, 60]
    assert data.channels == names


def test_a_short_recording_has_one_level(tmp_path):
    grid = Grid(np.array([1.0]), np.arange(3.0), 1.0, 2.0, 1.0)
    with create_spectrogram(tmp_path / "s.zarr", REGIONS, CHANNELS, grid, BANDS) as store:
        store.write(np.full((2, 1, 3), np.nan, np.float32), np.ones((3, 1, 3), np.float32))
    data = open_spectrogram(tmp_path / "s.zarr")
    assert [level.power.shape for level in data.levels] == [(2, 1, 3)]
    assert data.channels == ()
    assert np.isnan(data.read("ca1").power).all()


@pytest.mark.parametrize("n", [N - 1, N + 1])
def test_columns_that_are_missing_or_too_many_are_told(tmp_path, grid, n):
    with (
        pytest.raises(ValueError, match=f"{n} columns came, {N} were announced"),
        create_spectrogram(tmp_path / "s.zarr", REGIONS, CHANNELS, grid, BANDS) as store,
    ):
        store.write(np.ones((2, n, 21), np.float32), np.ones((3, n, 21), np.float32))


def test_a_spectrogram_takes_a_third_of_its_float32(data, tmp_path, grid, power):
    write(tmp_path / "s.zarr", grid, power, N)
    shard = tmp_path / "s.zarr/regions/level_0/power/c/0/0/0"
    assert shard.stat().st_size < 1.7 * power[0].size


def test_bands_and_mains_are_those_of_the_settings(tmp_path):
    grid = Grid(np.array([1.0, 2.0]), np.arange(0, 80, 0.5), 1.0, 2.0, 1.0)
    with create_spectrogram(tmp_path / "s.zarr", REGIONS, CHANNELS, grid, BANDS) as store:
        store.write(np.ones((2, 2, 160), np.float32), np.ones((3, 2, 160), np.float32))
    data = open_spectrogram(tmp_path / "s.zarr")
    assert data.bands == BANDS
    assert data.mains_half_width_hz == 2.0
    assert data.frequency_hz[data.bins_of("theta")].tolist() == [6, 6.5, 7, 7.5, 8, 8.5]
    gamma_hz = data.frequency_hz[data.bins_of("gamma")]
    assert (gamma_hz[0], gamma_hz[-1]) == (40.0, 59.5)
    assert not ((gamma_hz >= 48) & (gamma_hz <= 52)).any()
