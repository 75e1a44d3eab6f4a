"""Verdicts on channels whose faults are known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy import signal

from vigil.downsample.files import create_lfp, open_lfp
from vigil.downsample.quality import judge_channels
from vigil.downsample.settings import Settings
from vigil.downsample.tally import WINDOW_S, RawTally
from vigil.recording import Montage, Segments

RATE_HZ = 1250.0
SECONDS = 120
N = round(SECONDS * RATE_HZ)
TIME_S = np.arange(N) / RATE_HZ


def rhythms(n, seed):
    """Signals whose spectrum falls as that of a field potential, of standard deviation 1."""
    white = np.random.default_rng(seed).normal(size=(n, N))
    x = signal.lfilter([1], np.polymul([1, -0.98], [1, -0.9]), white, axis=1)
    return x / x.std(axis=1, keepdims=True)


def brain(regions, seed=0):
    """Fields of regions: a part that all share, the region's, the contact's, the amplifier's."""
    names = sorted(set(regions))
    shared, own = rhythms(1, seed), rhythms(len(regions), seed + 2)
    local = rhythms(len(names), seed + 1)[[names.index(r) for r in regions]]
    noise = np.random.default_rng(seed + 3).normal(size=own.shape)
    return 80 * (0.5 * shared + 0.7 * local + 0.3 * own) + 1.5 * noise


def montage_of(regions, kinds=None, quality=()):
    n = len(regions)
    names = tuple(f"CSC{i + 1}" for i in range(n))
    return Montage(names, tuple(regions), ("",) * n, tuple(kinds or ["lfp"] * n), tuple(quality))


def tally_of(x):
    """Tally of a stored channel, as the pass over raw samples makes it."""
    windows = x[: len(x) // 125 * 125].reshape(-1, 125)
    full = int((np.abs(x.astype(int)) >= 32767).sum())
    t = RawTally()
    t.add(windows.min(axis=1), windows.max(axis=1), full, len(x))
    return t


@pytest.fixture
def judge(tmp_path):
    """Verdicts on signals in uV, (channel, sample)."""

    def run(x, montage, **settings):
        n = x.shape[1]
        segments = Segments((0.0,), (n / RATE_HZ,), (n,), RATE_HZ)
        array = create_lfp(tmp_path / "lfp.zarr", montage, segments, [0.1] * len(x))
        steps = np.clip(np.rint(x.T / 0.1), -32768, 32767).astype(np.int16)
        array[:] = steps
        tallies = [tally_of(column) for column in steps.T]
        lfp = open_lfp(tmp_path / "lfp.zarr")
        table = judge_channels(tallies, lfp, montage, Settings(**settings))
        return table.set_index("channel")

    return run


REGIONS = ["ca1"] * 4 + ["cx"] * 4


def test_healthy_channels_are_ok(judge):
    table = judge(brain(REGIONS), montage_of(REGIONS))
    assert table["verdict"].tolist() == ["ok"] * 8
    assert table["reason"].tolist() == [""] * 8
    assert table["correlation"].min() > 0.5
    assert [int(n[3:]) < 5 for n in table["neighbour"]] == [r == "ca1" for r in REGIONS]


@pytest.mark.parametrize("n", [1, 2, 3])
def test_contacts_of_different_regions_that_share_nothing_are_ok(judge, n):
    regions = [f"r{i}" for i in range(n)]
    table = judge(60 * rhythms(n, 5), montage_of(regions))
    assert (table["verdict"] == "ok").all()


def test_without_regions_an_odd_channel_is_only_doubted(judge):
    regions = [f"CSC{i}" for i in range(5)]
    x = brain(["ca1"] * 5)
    x[4] = 60 * rhythms(1, 9)[0]
    table = judge(x, montage_of(regions))
    assert table["verdict"].tolist() == ["ok"] * 4 + ["warn"]
    assert "not correlated with any brain channel" in table["reason"]["CSC5"]


def test_each_raw_fault_gets_its_reason(judge):
    x = brain(["ca1"] * 5)
    x[0, N // 2 :] = 7
    x[1, ::20] = 4000
    x[2, 20000:24000] = x[2, 60000:61500] = 0
    x[3, -3750:] = -2
    table = judge(x, montage_of(["ca1"] * 5))
    assert table["verdict"].tolist() == ["bad", "bad", "warn", "warn", "ok"]
    reason = table["reason"]
    assert reason["CSC1"].startswith("flat during 50 % of its time, its last 60.0 s among it")
    assert reason["CSC2"].startswith("saturated in 5.0 %")
    assert reason["CSC3"].startswith("fell silent 2 times, 4.4 s in all")
    assert reason["CSC4"].startswith("flat for its last 3.0 s")
    assert table["drop_outs"]["CSC3"] == 2
    assert table["dropped_s"]["CSC3"] == pytest.approx(4.4, abs=2 * WINDOW_S)
    assert table["flat_share"]["CSC1"] == pytest.approx(0.5, abs=0.001)


def test_an_open_contact_with_hum_is_bad(judge):
    x = brain(REGIONS)
    noise = np.random.default_rng(3).normal(0, 30, N)
    x[2] = noise + 300 * np.sin(2 * np.pi * 50 * TIME_S)
    row = judge(x, montage_of(REGIONS)).loc["CSC3"]
    assert row["verdict"] == "bad"
    assert row["reason"].startswith("not correlated with any brain channel (at most 0.")
    assert row["mains_share"] > 0.9


def test_an_open_contact_among_contacts_that_hang_together_is_bad(judge):
    x = brain(REGIONS)
    x[2] = 60 * rhythms(1, 11)[0]
    montage = montage_of(REGIONS)
    row = judge(x, montage).loc["CSC3"]
    assert row["verdict"] == "bad"
    assert row["reason"].endswith("and the other channels in ca1 are: disconnected?")
    # alone in its hemisphere it may well be right
    apart = replace(montage, hemisphere=("l", "l", "r", "l", *[""] * 4))
    assert judge(x, apart)["verdict"]["CSC3"] == "warn"


def test_an_open_contact_that_is_silent_is_bad(judge):
    x = brain(REGIONS)
    x[5] = np.random.default_rng(3).normal(0, 3, N)
    row = judge(x, montage_of(REGIONS)).loc["CSC6"]
    assert row["verdict"] == "bad"
    assert row["reason"].startswith("silent, never more than 1.")
    x[5] += 200 * np.sin(2 * np.pi * 50 * TIME_S)
    row = judge(x, montage_of(REGIONS)).loc["CSC6"]
    assert "uV beside mains hum (100 % of its power): not connected" in row["reason"]


def test_hum_of_the_rig_warns_and_leaves_the_channels_in(judge):
    x = brain(REGIONS) + 400 * np.sin(2 * np.pi * 60 * TIME_S)
    table = judge(x, montage_of(REGIONS))
    assert (table["verdict"] == "warn").all()
    assert table["reason"].str.contains("60 Hz mains hum").all()


def test_an_animal_that_dies_makes_no_bad_channel(judge):
    x = brain(REGIONS)
    dead = TIME_S > 30
    x[:, dead] = np.random.default_rng(8).normal(0, 1.5, (8, dead.sum()))
    table = judge(x, montage_of(REGIONS))
    assert (table["verdict"] == "warn").all()
    assert table["reason"].str.startswith("silent, ").all()


def test_shorted_inputs_and_copies(judge):
    x = brain(REGIONS)
    x[3] = x[1]
    x[6] = x[4] + np.random.default_rng(1).normal(0, 0.5, N)
    table = judge(x, montage_of(REGIONS))
    assert table["verdict"].tolist() == ["ok", "warn", "ok", "bad", "warn", "ok", "bad", "ok"]
    assert table["reason"]["CSC4"].startswith("identical to CSC2")
    assert table["reason"]["CSC7"].startswith("identical to CSC5")
    assert table["reason"]["CSC2"].startswith("the same signal as CSC4")


def test_close_contacts_are_not_called_shorted(judge):
    field, own = rhythms(1, 1), rhythms(4, 2)
    x = 100 * (field + 0.1 * own)
    table = judge(x, montage_of(["ca1"] * 4))
    assert table["correlation"].min() > 0.98
    assert (table["verdict"] == "ok").all()


def test_other_kinds_have_other_rules(judge):
    x = brain(["ca1"] * 5)
    rng = np.random.default_rng(4)
    x[3] = 40 * rng.normal(size=N)  # an EMG has nothing to do with the brain
    x[4] = 0  # a reference is zero
    montage = montage_of(["ca1"] * 3 + ["neck", ""], ["lfp"] * 3 + ["emg", "reference"])
    table = judge(x, montage)
    assert (table["verdict"] == "ok").all()
    assert np.isnan(table["correlation"]["CSC4"])
    x[3] = rng.normal(size=N)
    row = judge(x, montage).loc["CSC4"]
    assert row["verdict"] == "warn"
    assert row["reason"].startswith("never more than 0.9")


def test_the_montage_has_the_last_word(judge):
    x = brain(["ca1"] * 4)
    x[0] = 7
    montage = montage_of(["ca1"] * 4, quality=["ok", "bad", "", "ok"])
    table = judge(x, montage)
    assert table["verdict"].tolist() == ["ok", "bad", "ok", "ok"]
    assert table["reason"]["CSC1"].startswith(
        "overruled by the montage (was: bad, flat during 100 %"
    )
    assert table["reason"]["CSC2"] == "overruled by the montage (was: ok)"
    assert table["reason"]["CSC4"] == ""


def test_a_noisy_channel_among_quiet_ones_warns(judge):
    x = brain(REGIONS)
    x[0] += np.random.default_rng(6).normal(0, 15, N)
    row = judge(x, montage_of(REGIONS)).loc["CSC1"]
    assert row["verdict"] == "warn"
    assert row["reason"].startswith("its noise floor is ")


def test_a_recording_too_short_for_excerpts_is_judged_by_its_raw_samples(judge):
    x = brain(["ca1"] * 4)[:, :1000]
    x[0] = 0
    table = judge(x, montage_of(["ca1"] * 4))
    assert table["verdict"].tolist() == ["bad", "ok", "ok", "ok"]
    assert table["rms_uv"].isna().all()


def test_thresholds_are_settings(judge):
    x = brain(["ca1"] * 4)
    x[0, : N // 10] = 0
    montage = montage_of(["ca1"] * 4)
    assert judge(x, montage)["verdict"]["CSC1"] == "ok"
    assert judge(x, montage, flat_share=0.05)["verdict"]["CSC1"] == "bad"
    hum = x + 10 * np.sin(2 * np.pi * 50 * TIME_S)
    assert (judge(hum, montage)["verdict"] == "ok").all()
    assert (judge(hum, montage, mains_share=0.001)["verdict"] == "warn").all()
    assert (judge(x, montage, silent_uv=100)["verdict"] == "bad").all()


def test_a_copy_of_what_the_montage_leaves_out_is_kept(judge):
    x = brain(REGIONS)
    x[2] = x[0]
    quality = ["bad", *[""] * 7]
    table = judge(x, montage_of(REGIONS, quality=quality))
    assert table.loc["CSC1", "verdict"] == "bad"
    assert table.loc["CSC3", "verdict"] == "ok"
    # of two that are left, the later one is still the copy
    x[3] = x[0]
    table = judge(x, montage_of(REGIONS, quality=quality))
    assert table["verdict"].tolist()[:4] == ["bad", "ok", "warn", "bad"]
    assert "identical to CSC3" in table.loc["CSC4", "reason"]
