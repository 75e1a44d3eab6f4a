"""Onsets of channels whose energy ratio is known, and the rows that they become."""

import numpy as np
import pytest

from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS
from vigil.seizures.onset.channels import (
    METHODS,
    ChannelOnsets,
    channel_onsets,
    onset_rows,
    region_of_onset,
)
from vigil.seizures.settings import Settings

RATE = 1000.0
INDEX = METHODS[0]


@pytest.fixture(scope="module")
def signal():
    """A steady rhythm; 40 Hz joins at 30, 33 and 27 s, and never on the last channel."""
    rng = np.random.default_rng(11)
    t = np.arange(int(50 * RATE))[:, None] / RATE
    x = 50.0 * np.sin(2 * np.pi * 8 * t) + 25.0 * np.sin(2 * np.pi * 20 * t)
    x = x + 2.0 * rng.standard_normal((len(t), 4))
    x[:, :3] += 50.0 * np.sin(2 * np.pi * 40 * t) * (t >= np.array([30.0, 33.0, 27.0]))
    return x.astype(np.float32)


def found(signal, taking_part, **settings):
    chosen = Settings(**settings)
    return channel_onsets(signal, RATE, 30.0, [0.2] * 4, np.array(taking_part), chosen)


def test_index_counts_from_the_first_channel_that_takes_part(signal):
    onsets = found(signal, [True, True, False, True])
    np.testing.assert_allclose(onsets.latency_s[0, :3], [0.0, 3.0, -3.0], atol=0.5)
    index = onsets.epileptogenicity
    assert index[0] == 1.0  # not the chance rise three seconds earlier
    assert index[1] == pytest.approx(1 / 4, rel=0.1)  # (0 + 1) against (3 + 1) s
    assert index[2] == index[3] == 0.0
    everyone = found(signal, [True] * 4)
    np.testing.assert_array_equal(everyone.latency_s, onsets.latency_s)
    assert everyone.epileptogenicity[2] == 1.0
    assert everyone.epileptogenicity[0] == pytest.approx(1 / 4, rel=0.1)


def test_the_sum_covers_the_time_that_the_settings_name(signal):
    part = signal.copy()
    t = np.arange(len(part)) / RATE
    part[t > 35, 1] = part[t > 35, 3]  # the second channel's activity lasts two seconds
    short = found(part, [True, True, False, True], ei_sum_s=2.0).epileptogenicity[1]
    long = found(part, [True, True, False, True], ei_sum_s=10.0).epileptogenicity[1]
    assert long < 0.6 * short


def test_without_room_before_the_event_nothing_is_known(signal):
    onsets = channel_onsets(signal, RATE, 6.9, [0.2] * 4, np.ones(4, bool), Settings())
    assert np.isnan(onsets.latency_s).all()
    assert np.isnan(onsets.epileptogenicity).all()
    assert onsets.reason == "gap before"
    near = channel_onsets(signal, RATE, 7.1, [0.2] * 4, np.ones(4, bool), Settings())
    assert np.isfinite(near.epileptogenicity).all()
    assert near.search_s == pytest.approx(-2.1)
    short = channel_onsets(signal[:30500], RATE, 30.0, [0.2] * 4, np.ones(4, bool), Settings())
    assert short.reason == "too short"


def test_what_lies_before_a_gap_is_baseline(signal):
    # the signal of 20 to 27.5 s is lost: with what comes before, 2.5 s after it are enough
    cut = np.delete(signal, slice(20000, 27500), axis=0)
    cut[:, 2] = cut[:, 3]  # without the channel whose onset is lost in the gap
    onsets = channel_onsets(
        cut, RATE, 30.0, [0.2] * 4, np.ones(4, bool), Settings(), ((0, 0.0), (20000, 27.5))
    )
    np.testing.assert_allclose(onsets.latency_s[0, :2], [0.0, 3.0], atol=0.5)
    np.testing.assert_allclose(onsets.latency_s[1, :2], [0.0, 3.0], atol=0.5)
    assert np.isnan(onsets.latency_s[:, 2:]).all()
    assert onsets.reason == ""
    assert onsets.search_s == pytest.approx(-2.5)


def test_an_onset_in_a_gap_is_not_placed_later(signal):
    cut = np.delete(signal, slice(26000, 28000), axis=0)  # the third begins at 27 s
    onsets = channel_onsets(
        cut, RATE, 30.5, [0.2] * 4, np.ones(4, bool), Settings(), ((0, 0.0), (26000, 28.0))
    )
    assert onsets.reason == "gap before"
    np.testing.assert_array_equal(onsets.risen_before, [False, False, True, False])
    found = region_of_onset(1, onsets, np.ones(4, bool), list("ABCD"), Settings())
    assert (found.regions, found.status, found.reason) == (("C",), "unresolved", "gap before")


def test_a_change_of_theta_is_no_onset():
    rng = np.random.default_rng(12)
    t = np.arange(int(50 * RATE))[:, None] / RATE
    theta = 100.0 * np.sin(2 * np.pi * 8 * t) * (t < 28.0)  # the animal stops running
    x = theta + 20.0 * rng.standard_normal((len(t), 2))
    x[30000:, 0] += 150.0 * np.sin(2 * np.pi * 40 * t[30000:, 0])
    onsets = channel_onsets(
        x.astype(np.float32), RATE, 30.0, [0.2] * 2, np.ones(2, bool), Settings()
    )
    assert abs(onsets.latency_s[0, 0]) <= 0.5
    assert np.isnan(onsets.latency_s[0, 1])


def test_rows_hold_the_index_of_contacts_and_the_median_of_regions():
    latency = np.tile([0.0, 2.0, 1.0, np.nan], (3, 1))
    index = np.array([1.0, 0.2, 0.4, 0.0])
    onsets = ChannelOnsets(latency, index, np.zeros(4, bool), -10.0, np.zeros(4))
    rows = onset_rows(1, onsets, np.ones(4, bool), list("abcd"), list("XXXY"), 0.25)
    index = {row[1:4]: row[6] for row in rows}
    assert [index["X", c, INDEX] for c in "abc"] == [1.0, 0.2, 0.4]
    assert index["Y", "d", INDEX] == 0.0
    assert index["X", ALL_CONTACTS, INDEX] == 0.4
    assert index["Y", ALL_CONTACTS, INDEX] == 0.0
    others = [v for (_, _, method), v in index.items() if method != INDEX]
    assert np.isnan(others).all()
    assert ALL_METHODS in {method for _, _, method in index}
