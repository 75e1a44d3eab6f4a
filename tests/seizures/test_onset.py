"""Onsets of channels whose energy ratio is known, and the rows that they become."""

import numpy as np
import pytest

from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS
from vigil.seizures.onset import METHODS, ChannelOnsets, channel_onsets, onset_rows
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
    onsets = channel_onsets(signal, RATE, 9.9, [0.2] * 4, np.ones(4, bool), Settings())
    assert np.isnan(onsets.latency_s).all()
    assert np.isnan(onsets.epileptogenicity).all()
    near = channel_onsets(signal, RATE, 10.1, [0.2] * 4, np.ones(4, bool), Settings())
    assert np.isfinite(near.epileptogenicity).all()


def test_rows_hold_the_index_of_contacts_and_the_median_of_regions():
    latency = np.tile([0.0, 2.0, 1.0, np.nan], (3, 1))
    onsets = ChannelOnsets(latency, np.array([1.0, 0.2, 0.4, 0.0]))
    rows = onset_rows(1, onsets, np.ones(4, bool), list("abcd"), list("XXXY"), 0.25)
    index = {row[1:4]: row[6] for row in rows}
    assert [index["X", c, INDEX] for c in "abc"] == [1.0, 0.2, 0.4]
    assert index["Y", "d", INDEX] == 0.0
    assert index["X", ALL_CONTACTS, INDEX] == 0.4
    assert index["Y", ALL_CONTACTS, INDEX] == 0.0
    others = [v for (_, _, method), v in index.items() if method != INDEX]
    assert np.isnan(others).all()
    assert ALL_METHODS in {method for _, _, method in index}
