"""Rates per channel: what counts, what is left out, and that blocks leave no trace."""

import numpy as np
import pytest

from vigil.downsample.files import create_lfp, open_lfp
from vigil.recording import Montage, Segments
from vigil.seizures.interictal.rates import (
    RATES_COLUMNS,
    channel_rates,
    excluded_time,
    faulty_steps,
    mean_spikes_per_min,
)
from vigil.seizures.measures import FLAT, NO_DATA, OK
from vigil.seizures.settings import Settings

NEAR = np.arange(-100, 101) / 1250.0
RIPPLE_UV = 60 * np.exp(-4 * np.log(2) * (NEAR / 0.05) ** 2) * np.cos(2 * np.pi * 150 * NEAR)


@pytest.fixture
def store(tmp_path):
    """Two channels of noise of 5 uV with ripples in the first, in lfp.zarr."""

    def make(at_s, duration_s=240.0, segments=None, rate_hz=1250.0, uv=5.0):
        segments = segments or Segments(
            (0.0,), (duration_s,), (round(duration_s * rate_hz),), rate_hz
        )
        rng = np.random.default_rng(2)
        x = rng.normal(0, uv, (segments.n_rows, 2))
        row = np.searchsorted(segments.time_s(np.arange(segments.n_rows)), at_s)
        for r in row:
            x[r - 100 : r + 101, 0] += RIPPLE_UV
        montage = Montage(("c0", "c1"), ("CA1", "M1"), ("", ""), ("lfp", "lfp"))
        array = create_lfp(tmp_path / "lfp.zarr", montage, segments, [0.2, 0.2])
        array[:] = np.rint(x / 0.2).astype(np.int16)
        return open_lfp(tmp_path / "lfp.zarr")

    return make


def test_ripples_are_counted_per_minute_of_time_that_counts(store):
    at_s = np.arange(5, 235, 5.0)  # some beside and at the borders of the blocks
    at_s = np.r_[at_s, 59.95, 60.05, 120.02]
    lfp = store(np.sort(at_s))
    table = channel_rates(lfp, [0, 1], [], Settings())
    assert tuple(table.columns) == RATES_COLUMNS
    assert table["channel"].tolist() == ["c0", "c1"]
    assert table["region"].tolist() == ["CA1", "M1"]
    assert table["hours"].tolist() == pytest.approx([240 / 3600] * 2)
    # 59.95, 60 and 60.05 are too close to be three
    assert table["ripples_per_min"][0] * 4 == pytest.approx(len(at_s), abs=3)
    assert table["ripples_per_min"][1] <= 0.5
    assert table["fast_ripples_per_min"].max() <= 0.5
    assert table["spikes_per_min"].isna().all()


def test_where_a_block_ends_does_not_matter(store):
    at_s = np.arange(4, 236, 4.0)
    lfp = store(at_s)
    found = [
        channel_rates(lfp, [0, 1], [], Settings(), block_s=s)["ripples_per_min"][0]
        for s in (20.0, 60.0, 240.0)
    ]
    assert found == pytest.approx([len(at_s) / 4] * 3, abs=0.3)


def test_excluded_time_counts_neither_above_nor_below(store):
    at_s = np.r_[np.arange(65, 115, 1.0), 150.0, 160.0, 200.0]
    lfp = store(at_s)
    table = channel_rates(lfp, [0, 1], [(60.0, 120.0), (118.0, 121.0)], Settings())
    assert table["hours"].tolist() == pytest.approx([179 / 3600] * 2, rel=1e-3)
    assert table["ripples_per_min"][0] == pytest.approx(3 / 179 * 60, rel=0.01)
    nothing = channel_rates(lfp, [0], [(-10.0, 1e9)], Settings())
    assert nothing["hours"][0] == 0
    assert nothing[["ripples_per_min", "fast_ripples_per_min"]].isna().all(axis=None)


def test_nothing_is_found_across_a_gap(store):
    # a ripple of 150 Hz that the gap cuts in two: neither half has six half-waves
    segments = Segments((0.0, 100.0), (50.0, 150.0), (62_500, 62_500), 1250.0)
    lfp = store([10.0, 120.0], segments=segments)
    table = channel_rates(lfp, [0, 1], [], Settings())
    assert table["hours"].tolist() == pytest.approx([100 / 3600] * 2)
    assert table["ripples_per_min"][0] == pytest.approx(2 / 100 * 60)


def test_what_the_rate_does_not_hold_is_not_known(store):
    slow = channel_rates(store([10.0], 30.0, rate_hz=300.0), [0, 1], [], Settings())
    assert slow["hours"].tolist() == pytest.approx([30 / 3600] * 2)
    assert slow[["ripples_per_min", "fast_ripples_per_min"]].isna().all(axis=None)
    dead = channel_rates(store([], 30.0, uv=0.0), [0, 1], [], Settings())
    assert dead["hours"].tolist() == [0, 0]
    assert dead["ripples_per_min"].isna().all()


def test_spikes_come_from_the_steps_that_count():
    spikes = np.zeros((240, 2), np.float16)
    spikes[10, 0] = spikes[200, 0] = 2.0  # one spike in half a second
    spikes[100:110, 0] = 6.0
    spikes[:, 1] = np.nan
    pieces = [spikes[:37], spikes[37:150], spikes[150:]]
    rates = mean_spikes_per_min(pieces, [(50.2, 54.6)], 0.5)
    # steps 100 to 109 are touched
    assert rates[0] == pytest.approx(2 / 115 * 60)
    assert np.isnan(rates[1])
    assert mean_spikes_per_min([spikes], [], 0.5)[0] == pytest.approx(32 / 120 * 60)


def test_seizures_what_follows_and_artefacts_do_not_count():
    artefact = np.zeros(100, bool)
    artefact[[0, 1, 99]] = True
    excluded = excluded_time([(10.0, 20.0), (30.0, 35.0)], [4.5, np.nan], artefact, 0.5)
    assert excluded == [(0.0, 1.0), (10.0, 24.5), (30.0, 35.0), (49.5, 50.0)]
    assert excluded_time([], [], np.zeros(3, bool), 0.5) == []


def test_a_channel_that_flickers_counts_while_it_lives(store, tmp_path):
    """The first channel is flat for 8 s of each 20, with a ripple's worth of edge at each end."""
    at_s = np.arange(14, 236, 20.0)  # one in each stretch that lives
    lfp = store(at_s)
    rows = np.asarray(lfp.array[:])
    fault = np.full((480, 2), OK, np.uint8)
    fault[:2] = NO_DATA  # which the whole recording's exclusion tells
    for s in range(20, 240, 20):
        rows[s * 1250 : (s + 8) * 1250, 0] = 0
        fault[2 * s : 2 * (s + 8), 0] = FLAT
    create_lfp(tmp_path / "off.zarr", lfp.montage, lfp.segments, [0.2, 0.2])[:] = rows
    off = open_lfp(tmp_path / "off.zarr")
    faults = faulty_steps(lambda a, b: fault[a:b], 480, 0.5)
    mask = faults(0, 480)
    assert np.flatnonzero(mask[:, 0])[:20].tolist() == list(range(38, 58))
    assert not mask[:, 1].any()
    np.testing.assert_array_equal(faults(45, 70), mask[45:70])
    table = channel_rates(off, [0, 1], [], Settings(), faults=faults)
    lives_s = 240 - 11 * 10
    assert table["hours"].tolist() == pytest.approx([lives_s / 3600, 240 / 3600], rel=1e-3)
    assert table["ripples_per_min"][0] == pytest.approx(60 * len(at_s) / lives_s, rel=0.01)
    assert table["ripples_per_min"][1] <= 0.5
    without = channel_rates(lfp, [0, 1], [], Settings(), faults=lambda a, b: mask[a:b] & False)
    known = channel_rates(lfp, [0, 1], [], Settings())
    assert without.equals(known)
