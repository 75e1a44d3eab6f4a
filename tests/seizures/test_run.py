"""The whole stage on signals whose truth is known; no threshold was chosen on these seeds."""

import numpy as np
import pandas as pd
import pytest

from vigil.recording import RecordingError, Segments
from vigil.seizures import files

ORDER = ("M1", "TH", "CA1")


@pytest.fixture(scope="module")
def delays():
    return {"M1": 0.0, "TH": 2.0, "CA1": 5.0}


@pytest.fixture(scope="module")
def two_seizures(rig_of, planted, signal_of, delays):
    rig = rig_of(
        seed=401,
        duration_s=600.0,
        suppression_s=20.0,
        seizures=[planted(200.0, 40.0, delays), planted(420.0, 30.0, delays, gain=0.7)],
    )
    return rig, signal_of(rig)


@pytest.fixture(scope="module")
def quiet(rig_of, signal_of):
    rig = rig_of(seed=402, duration_s=600.0)
    return rig, signal_of(rig)


def onsets(outcome):
    return files.read_events(outcome.events)["onset"].tolist()


def test_seizures_are_found_in_time_and_in_place(two_seizures, find):
    rig, signal = two_seizures
    outcome = find(signal, rig.montage)
    events = files.read_events(outcome.events)
    np.testing.assert_allclose(events["onset"], [200.0, 420.0], atol=2.0)
    np.testing.assert_allclose(events["onset"] + events["duration"], [240.0, 450.0], atol=2.0)
    assert "EMG" not in ",".join(events["channels"])
    assert events["dateTime"].tolist() == ["2024-03-01 09:00:00"] * 2
    places = files.read_consensus(outcome.consensus)
    assert places["region"].tolist() == ["M1", "M1"]
    assert places["status"].tolist() == ["resolved", "resolved"]
    after = files.read_postictal(outcome.postictal).query("region == 'all'")
    np.testing.assert_allclose(after["suppression_s"], 20.0, atol=2.5)
    assert after["recovered"].all()


def test_planted_delays_are_recovered_in_order(two_seizures, find, delays):
    rig, signal = two_seizures
    outcome = find(signal, rig.montage)
    order = files.read_region_order(outcome.onset)
    events = files.read_events(outcome.events)
    for seizure, true_onset in ((1, 200.0), (2, 420.0)):
        mine = order[order["seizure"] == seizure]
        assert tuple(mine["region"]) == ORDER
        assert mine["rank"].tolist() == [1, 2, 3]
        shift = events["onset"].iloc[seizure - 1] - true_onset
        found = mine["latency_s"] + shift
        np.testing.assert_allclose(found, [delays[r] for r in ORDER], atol=0.8)


def test_pure_background_with_changing_states_has_no_seizure(quiet, find):
    rig, signal = quiet
    outcome = find(signal, rig.montage)
    assert onsets(outcome) == []
    assert pd.read_csv(outcome.events, sep="\t")["eventType"].tolist() == ["bckg"]
    assert files.read_onset(outcome.onset).empty
    evidence = files.read_evidence(outcome.evidence)
    assert len(evidence) == 1200
    assert (evidence["n_channels"] < 2).all()
    assert not evidence["suppressed"].any()


def mains(signal, rows, rng):
    t = np.arange(len(signal))[rows] / 1250.0
    hum = 800.0 * np.sin(2 * np.pi * 50 * t) + 200.0 * np.sin(2 * np.pi * 150 * t)
    signal[rows] += hum[:, None]


def saturation(signal, rows, rng):
    signal[rows] = np.sign(rng.standard_normal((rows.stop - rows.start, 1))) * 7000.0


def flat(signal, rows, rng):
    signal[rows] = 0.0


def movement(signal, rows, rng):
    """A cable: broadband, the same on all channels and on the EMG, growing and fading."""
    n = rows.stop - rows.start
    signal[rows] += (rng.standard_normal(n) * 600 * np.hanning(n) + 100 * np.sin(np.arange(n)))[
        :, None
    ]


def one_channel(signal, rows, rng):
    n = rows.stop - rows.start
    signal[rows, 2] += 2000.0 * np.hanning(n) * np.sin(2 * np.pi * 9 * np.arange(n) / 1250.0)


def unvarying_rhythm(signal, rows, rng):
    t = np.arange(rows.stop - rows.start) / 1250.0
    signal[rows, :6] += (900.0 * np.sin(2 * np.pi * 9 * t))[:, None] * [1, 0.9, -1, 1.1, 0.8, -1.2]


@pytest.mark.parametrize(
    "disturb", [mains, saturation, flat, movement, one_channel, unvarying_rhythm]
)
def test_artefacts_are_not_seizures(quiet, find, disturb):
    rig, signal = quiet
    signal = signal.copy()
    for start_s in (150, 400):
        rows = slice(start_s * 1250, (start_s + 30) * 1250)
        disturb(signal, rows, np.random.default_rng(start_s))
    outcome = find(signal, rig.montage)
    assert onsets(outcome) == []
    evidence = files.read_evidence(outcome.evidence)
    named = evidence.loc[evidence["time_s"].between(155, 175), "artefact"].mode()[0]
    names = {"mains": "mains", "saturation": "saturated", "flat": "flat", "movement": "movement"}
    assert named == names.get(disturb.__name__, "")


def test_a_seizure_is_not_taken_for_movement_when_the_emg_is_active_too(two_seizures, find):
    rig, signal = two_seizures
    signal = signal.copy()
    convulsion = slice(202 * 1250, 238 * 1250)
    rng = np.random.default_rng(5)
    noise = rng.standard_normal(36 * 1250) * 60
    signal[convulsion] += noise[:, None] * [1, 1, 1, 1, 1, 1, 5]
    assert len(onsets(find(signal, rig.montage))) == 2


def test_gap_does_not_leak(quiet, find):
    rig, signal = quiet
    cut = 300 * 1250
    signal = signal.copy()
    signal[cut:] += 5000.0  # an amplifier that came back with another offset
    n = len(signal)
    gapped = Segments((0.0, 400.0), (300.0, 700.0), (cut, n - cut), 1250.0)
    outcome = find(signal, rig.montage, gapped)
    assert onsets(outcome) == []
    evidence = files.read_evidence(outcome.evidence)
    inside = evidence["time_s"].between(300.0, 400.9)
    assert (evidence.loc[inside, "artefact"] == "no data").all()
    assert evidence.loc[inside, "line_length_z"].isna().all()
    beside = evidence["time_s"].between(290, 299.5) | evidence["time_s"].between(401, 411)
    assert evidence.loc[beside, "line_length_z"].notna().all()
    assert (evidence["line_length_z"].dropna() < 4).all()


def test_seizures_are_placed_on_the_clock_behind_a_gap(two_seizures, find):
    rig, signal = two_seizures
    cut = 300 * 1250
    gapped = Segments((0.0, 1000.25), (300.0, 1300.25), (cut, len(signal) - cut), 1250.0)
    found = onsets(find(signal, rig.montage, gapped))
    np.testing.assert_allclose(found, [200.0, 420.0 + 700.25], atol=2.0)


def test_regions_that_begin_together_are_unresolved(rig_of, planted, signal_of, find):
    together = dict.fromkeys(ORDER, 0.0)
    rig = rig_of(seed=403, duration_s=300.0, seizures=[planted(150.0, 30.0, together)])
    outcome = find(signal_of(rig), rig.montage)
    assert files.read_consensus(outcome.consensus)["status"].tolist() == ["unresolved"]


def test_a_region_that_takes_no_part_has_no_rank(rig_of, planted, signal_of, find):
    delay = {"M1": 0.0, "CA1": 2.0, "TH": None}
    rig = rig_of(seed=404, duration_s=300.0, seizures=[planted(150.0, 30.0, delay)])
    outcome = find(signal_of(rig), rig.montage)
    order = files.read_region_order(outcome.onset).set_index("region")
    assert order.loc["M1", "rank"] == 1
    assert np.isnan(order.loc["TH", "latency_s"])
    assert "\tnone\tnone\n" in outcome.onset.read_text()
    assert files.read_consensus(outcome.consensus)["region"].tolist() == ["M1"]


def test_fatal_seizure_is_suppressed_to_the_end(rig_of, planted, signal_of, find, delays):
    rig = rig_of(
        seed=405, duration_s=400.0, suppression_s=1000.0, seizures=[planted(200.0, 30.0, delays)]
    )
    outcome = find(signal_of(rig), rig.montage)
    after = files.read_postictal(outcome.postictal).query("region == 'all'")
    assert not after["recovered"].any()
    assert after["suppression_s"].iloc[0] == pytest.approx(170.0, abs=3.0)


@pytest.fixture(scope="module")
def fatal(rig_of, planted, signal_of, delays):
    rig = rig_of(seed=406, duration_s=400.0, seizures=[planted(200.0, 30.0, delays)])
    return rig, signal_of(rig)


def death(signal, noise_uv, hum_uv=0.0):
    """Nothing but white noise of the amplifier, and hum, from the seizure's end on."""
    signal = signal.copy()
    rows = slice(230 * 1250, None)
    t = np.arange(len(signal))[rows, None] / 1250.0
    noise = np.random.default_rng(7).standard_normal(signal[rows].shape) * noise_uv
    signal[rows] = noise + hum_uv * np.sin(2 * np.pi * 50 * t)
    return signal


@pytest.mark.parametrize(
    ("noise_uv", "hum_uv"), [(0.0, 0.0), (0.3, 0.0), (1.0, 0.0), (2.0, 0.0), (4.0, 0.0), (2.0, 9.0)]
)
def test_death_is_suppression_whatever_the_noise_of_the_amplifier(fatal, find, noise_uv, hum_uv):
    rig, signal = fatal
    outcome = find(death(signal, noise_uv, hum_uv), rig.montage)
    events = files.read_events(outcome.events)
    np.testing.assert_allclose(events["onset"], [200.0], atol=2.0)
    np.testing.assert_allclose(events["onset"] + events["duration"], [230.0], atol=2.0)
    after = files.read_postictal(outcome.postictal).query("region == 'all'")
    assert not after["recovered"].any()
    assert after["suppression_s"].iloc[0] == pytest.approx(170.0, abs=3.0)
    evidence = files.read_evidence(outcome.evidence)
    late = evidence["time_s"] > 232.0
    assert evidence.loc[late, "suppressed"].all()
    assert not evidence.loc[~late & (evidence["time_s"] < 229.0), "suppressed"].any()


def test_a_gap_after_death_is_no_recovery(fatal, find):
    rig, signal = fatal
    cut, n = 300 * 1250, len(signal)
    gapped = Segments((0.0, 350.0), (300.0, 450.0), (cut, n - cut), 1250.0)
    after = files.read_postictal(find(death(signal, 2.0), rig.montage, gapped).postictal)
    assert not after["recovered"].any()
    assert after["suppression_s"].iloc[0] == pytest.approx(70.0, abs=3.0)


def test_a_gap_just_before_a_seizure_leaves_its_onset_without_a_place(fatal, find):
    rig, signal = fatal
    cut = 249375  # 0.5 s before
    gapped = Segments((0.0, 209.5), (199.5, 410.0), (cut, len(signal) - cut), 1250.0)
    outcome = find(signal, rig.montage, gapped)
    np.testing.assert_allclose(onsets(outcome), [210.0], atol=2.0)
    places = files.read_consensus(outcome.consensus)
    assert places["status"].tolist() == ["none"]
    assert places["reason"].tolist() == ["gap before"]
    table = files.read_onset(outcome.onset)
    assert table[["latency_s", "rank", "epileptogenicity"]].isna().all(axis=None)


def test_the_epileptogenicity_index_is_largest_where_the_seizure_begins(two_seizures, find, delays):
    rig, signal = two_seizures
    signal = signal.copy()
    t = np.arange(len(signal)) / 1250.0
    for onset_s in (200.0, 420.0):
        for region, delay_s in delays.items():
            fast = 300.0 * np.sin(2 * np.pi * 40 * t) * (t >= onset_s + delay_s)
            at = [i for i, name in enumerate(rig.montage.region) if name == region]
            signal[:, at] += (fast * (t < onset_s + 30.0))[:, None]
    table = files.read_onset(find(signal, rig.montage).onset)
    mine = table["method"] == "epileptogenicity_index"
    assert table.loc[~mine, "epileptogenicity"].isna().all()
    assert table.loc[mine, "epileptogenicity"].between(0.0, 1.0).all()
    for _, seizure in table[mine].groupby("seizure"):
        whole = seizure["channel"] == files.ALL_CONTACTS
        contacts = seizure[~whole]
        assert contacts["epileptogenicity"].max() == 1.0
        assert contacts["region"][contacts["epileptogenicity"].idxmax()] == "M1"
        medians = contacts.groupby("region")["epileptogenicity"].median()
        regions = seizure[whole].set_index("region")["epileptogenicity"]
        np.testing.assert_allclose(regions[medians.index], medians, atol=1e-3)
        assert regions.idxmax() == "M1"


def test_bad_channels_are_left_out_and_none_left_is_a_reason(two_seizures, find, tmp_path):
    rig, signal = two_seizures
    table = pd.DataFrame({"channel": rig.montage.channel, "verdict": "ok", "reason": ""})
    table.loc[table["channel"] == "M10", "verdict"] = "bad"
    quality = tmp_path / "quality.tsv"
    table.to_csv(quality, sep="\t", index=False)
    signal = signal.copy()
    signal[:, rig.montage.channel.index("M10")] = 0.0
    outcome = find(signal, rig.montage, quality=quality)
    assert "M10" not in set(files.read_onset(outcome.onset)["channel"])
    assert len(onsets(outcome)) == 2
    table["verdict"] = "bad"
    table.to_csv(quality, sep="\t", index=False)
    with pytest.raises(RecordingError, match="No usable channel of kind lfp"):
        find(signal, rig.montage, quality=quality, name="b")


def test_a_recording_in_pieces_too_short_to_judge_is_a_reason(quiet, find):
    rig, signal = quiet
    n = round(1.6 * 1250)
    starts = tuple(float(10 * i) for i in range(6))
    pieces = Segments(starts, tuple(s + 1.6 for s in starts), (n,) * 6, 1250.0)
    with pytest.raises(RecordingError, match="No stretch between gaps"):
        find(signal[: 6 * n], rig.montage, pieces)


def test_a_recording_of_some_seconds_has_no_seizure(quiet, find):
    rig, signal = quiet
    outcome = find(signal[: 5 * 1250], rig.montage)
    assert len(files.read_events(outcome.events)) == 0
