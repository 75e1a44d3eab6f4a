"""The rules of detection on evidence made by hand: 6 channels, steps of half a second."""

import dataclasses

import numpy as np
import pytest

from vigil.seizures.detection import channels_needed, find_events, join, runs
from vigil.seizures.evidence import Evidence, name_artefacts, row_median
from vigil.seizures.measures import FLAT, MAINS, NO_DATA, OK, SATURATED
from vigil.seizures.settings import Settings

N = 400


@pytest.fixture
def quiet():
    def field(value):
        return np.full((N, 6), value, np.float32)

    return Evidence(
        line_length_z=field(0.0),
        power_ratio_z=field(0.0),
        spikes_z=field(0.0),
        low_z=field(0.0),
        line_length_ln=field(0.0),
        quiet_ln=field(0.0),
        frequency_hz=field(8.0),
        spikes_per_s=field(0.0),
        fault=np.full((N, 6), OK, np.uint8),
        artefact=np.full(N, "", dtype="U9"),
        suppressed=np.zeros(N, bool),
        common_band=np.full(N, 0.4, np.float32),
        common_fast=np.full(N, 0.2, np.float32),
        fast_rise=np.zeros(N, np.float32),
        emg_rise=np.zeros(N, np.float32),
        spread_ln=np.full(6, 0.2, np.float32),
    )


def plant(evidence, first, last, channels=slice(None), z=6.0, evolves=True):
    evidence.line_length_z[first:last, channels] = z
    evidence.line_length_ln[first:last, channels] = 1.0
    if evolves:
        evidence.line_length_ln[first : (first + last) // 2, channels] = 2.0
    return evidence


def found(evidence, **settings):
    events, rejected = find_events(evidence, Settings(**settings))
    return [(e.first, e.last) for e in events], [r.reason for r in rejected]


def test_a_seizure_on_several_channels_is_an_event(quiet):
    events, _ = find_events(plant(quiet, 100, 140, [0, 1, 2]), Settings())
    assert [(e.first, e.last, e.channels) for e in events] == [(100, 140, (0, 1, 2))]
    assert events[0].confidence == pytest.approx(2 / 3)  # 6 over the 3 that it takes


def test_one_channel_is_not_enough(quiet):
    assert found(plant(quiet, 100, 140, [3])) == ([], [])


def test_different_channels_at_different_times_do_not_agree(quiet):
    evidence = plant(plant(quiet, 100, 120, [0]), 120, 140, [1])
    assert found(evidence) == ([], [])


def test_too_short(quiet):
    assert found(plant(quiet, 100, 119)) == ([], ["too short"])
    assert found(plant(quiet, 200, 220))[0] == [(200, 220)]


def test_without_evolution_it_is_none(quiet):
    assert found(plant(quiet, 100, 140, evolves=False)) == ([], ["no evolution"])


def test_evolution_in_frequency_alone_is_enough(quiet):
    evidence = plant(quiet, 100, 140, evolves=False)
    evidence.frequency_hz[100:120] = 11.0
    assert found(evidence)[0] == [(100, 140)]


def test_hysteresis_keeps_the_beginning_and_the_end(quiet):
    plant(quiet, 80, 160, z=2.5)
    plant(quiet, 100, 140)
    assert found(quiet)[0] == [(80, 160)]
    plant(quiet, 80, 160, z=1.0)  # below the level that goes on, but above that of before
    plant(quiet, 100, 140)
    quiet.line_length_z[:100] = quiet.line_length_z[140:] = 0.0
    assert found(quiet)[0] == [(100, 140)]


def test_low_evidence_alone_begins_nothing(quiet):
    assert found(plant(quiet, 80, 160, z=2.9)) == ([], [])


def test_spikes_add_to_a_line_length_that_is_low(quiet):
    quiet.line_length_z[:] = -0.5  # so that the change itself is large enough
    evidence = plant(quiet, 80, 160, z=2.6)
    assert found(evidence)[0] == []
    evidence.spikes_z[80:160] = 1.0
    assert found(evidence)[0] == [(80, 160)]
    evidence.line_length_z[80:160] = 1.4  # spikes without any rise are not a seizure
    evidence.spikes_z[80:160] = 50.0
    assert found(evidence) == ([], [])


def test_a_short_silence_is_bridged_and_a_long_one_is_not(quiet):
    plant(quiet, 100, 140)
    plant(quiet, 149, 190)
    assert found(quiet)[0] == [(100, 190)]
    assert found(quiet, merge_s=4.0)[0] == [(100, 140), (149, 190)]


@pytest.mark.parametrize(
    ("step", "shared", "name"),
    [
        ("movement", 0.9, "cable"),
        ("movement", 0.3, "chewing"),
        ("saturated", 0.1, "saturated"),
        ("mains", 0.5, "mains"),
        ("flat", 0.1, "unplugged"),
    ],
)
def test_artefact_is_no_seizure_and_is_named(quiet, step, shared, name):
    evidence = plant(quiet, 100, 140)
    evidence.artefact[98:142] = step
    evidence.common_band[98:142] = shared
    assert found(evidence) == ([], [name])


def test_an_artefact_inside_a_seizure_does_not_end_it(quiet):
    evidence = plant(quiet, 100, 160)
    evidence.artefact[120:128] = "movement"
    assert found(evidence)[0] == [(100, 160)]


def test_missing_evidence_is_not_evidence(quiet):
    evidence = plant(quiet, 100, 140)
    gap = dataclasses.replace(
        evidence, line_length_z=np.where(True, np.nan, 0.0) * evidence.spikes_z
    )
    assert found(gap) == ([], [])


def test_how_many_channels_must_agree():
    settings = Settings()
    for n, needed in zip((1, 2, 40, 41, 64), (1, 2, 2, 3, 4), strict=True):
        assert channels_needed(np.zeros((1, n), bool), settings) == [needed]
    # a channel that is out does not count among those of which a share must agree
    half = np.arange(64)[None] < 32
    np.testing.assert_array_equal(channels_needed(half, settings), [2])
    np.testing.assert_array_equal(channels_needed(np.ones((2, 3), bool), settings), [1, 1])


def test_rhythmic_theta_is_seen_without_a_rise_of_the_line_length(quiet):
    quiet.low_z[100:140, :3] = 5.0
    quiet.frequency_hz[100:120, :3] = 5.0
    assert found(quiet)[0] == [(100, 140)]


def test_a_rise_in_both_bands_adds_up(quiet):
    plant(quiet, 100, 140, z=2.6)
    quiet.low_z[100:140] = 0.7
    assert found(quiet)[0] == []
    quiet.low_z[100:140] = 1.0
    assert found(quiet)[0] == [(100, 140)]


def test_spikes_of_muscles_add_nothing(quiet):
    quiet.line_length_z[:] = -0.5
    plant(quiet, 100, 140, z=2.8)
    quiet.spikes_z[100:140] = 8.0
    assert found(quiet)[0] == [(100, 140)]
    quiet.fast_rise[100:140] = 1.5
    assert found(quiet)[0] == []


@pytest.mark.parametrize("fault", [SATURATED, FLAT, MAINS, NO_DATA])
def test_channels_that_are_out_do_not_vote(quiet, fault):
    plant(quiet, 100, 140, [0, 1])
    assert found(quiet)[0] == [(100, 140)]
    quiet.fault[100:140, 0] = fault
    assert found(quiet)[0] == []


def test_the_swing_of_a_plug_is_not_believed_either(quiet):
    plant(quiet, 100, 125, [0, 1, 2], z=8.0)
    quiet.fault[100:125:5, :3] = SATURATED  # the steps between are not
    events, reasons = found(quiet)
    assert events == []
    assert reasons == ["saturated"]


def test_a_run_of_spikes_is_not_stretched_into_a_seizure_by_its_surroundings(quiet):
    plant(quiet, 100, 112)  # six seconds
    quiet.line_length_z[90:100] = 1.2  # had these been the edges, it would last for 11 s
    quiet.line_length_z[80:90, ::2] = 0.1
    assert found(quiet) == ([], ["too short"])


def test_slow_growth_below_the_thresholds_belongs_to_the_event(quiet):
    rng = np.random.default_rng(1)
    quiet.line_length_z[:] = 0.2 * rng.standard_normal(quiet.line_length_z.shape)
    ramp = np.linspace(1.0, 6.0, 20, dtype=np.float32)
    quiet.line_length_z[100:120, :2] = ramp[:, None]
    quiet.line_length_z[120:150, :2] = 6.0
    quiet.line_length_ln[120:135, :2] = 2.0
    quiet.line_length_ln[135:150, :2] = 1.0
    first, last = found(quiet)[0][0]
    assert abs(first - 100) <= 1
    assert last == 150


def test_what_a_disturbance_hides_of_a_seizure_neither_ends_nor_divides_it(quiet):
    plant(quiet, 100, 160)
    quiet.artefact[116:148] = "movement"
    assert found(quiet)[0] == [(100, 160)]
    quiet.line_length_z[148:160] = 0.0  # too little is seen of it
    quiet.line_length_z[100:104] = 0.0
    assert found(quiet)[0] == []


def test_seizures_before_and_after_a_gap_are_two(quiet):
    plant(quiet, 100, 200)
    quiet.artefact[140:160] = "no data"
    quiet.fault[140:160] = NO_DATA
    quiet.line_length_z[140:160] = np.nan
    for half in (slice(100, 120), slice(160, 180)):
        quiet.line_length_ln[half] = 2.0
    for half in (slice(120, 140), slice(180, 200)):
        quiet.line_length_ln[half] = 1.0
    assert found(quiet)[0][0] == (100, 140)


def test_spindles_come_with_pauses_and_a_seizure_goes_on(quiet):
    plant(quiet, 100, 160)
    for first in range(104, 160, 8):
        quiet.line_length_z[first : first + 3] = 0.0
    assert found(quiet) == ([], ["interrupted"])


def test_a_state_that_was_as_loud_before_is_no_seizure(quiet):
    quiet.line_length_z[:200] = 1.4
    plant(quiet, 100, 140, z=3.5)
    assert found(quiet) == ([], ["no change"])


def test_a_state_that_was_as_loud_before_is_one_where_suppression_follows(quiet):
    quiet.line_length_z[:200] = 1.4
    plant(quiet, 100, 140, z=3.5)
    quiet.quiet_ln[140:180] = -2.0
    quiet.line_length_z[140:180] = -4.0
    assert found(quiet)[0] == [(100, 140)]
    quiet.fault[140:180] = FLAT  # a plug that was pulled is no suppression
    assert found(quiet)[0] == []


def test_a_change_of_state_in_the_minute_before_does_not_stretch_a_seizure(quiet):
    quiet.line_length_z[:60] = -1.5  # asleep; awake ever since
    plant(quiet, 140, 180)
    assert found(quiet)[0] == [(140, 180)]


def test_edges_with_which_a_seizure_would_not_go_on_are_left_where_they_were(quiet):
    plant(quiet, 140, 180)
    quiet.line_length_z[120:140, 0] = 1.2  # raised above its own level, below the thresholds
    assert found(quiet)[0] == [(120, 180)]
    quiet.line_length_z[110:140, 0] = 1.2
    assert found(quiet)[0] == [(140, 180)]


def test_runs_and_join():
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert join([(0, 5), (7, 9), (20, 21)], 3) == [(0, 9), (20, 21)]


def test_row_median_is_numpy_s_nanmedian():
    x = np.random.default_rng(0).standard_normal((50, 7)).astype(np.float32)
    x[np.random.default_rng(1).random(x.shape) < 0.3] = np.nan
    x[:, 0] = 1.0
    np.testing.assert_allclose(row_median(x), np.nanmedian(x, axis=1), rtol=1e-6)
    assert np.isnan(row_median(np.full((2, 3), np.nan, np.float32))).all()


def test_a_step_is_named_by_what_most_channels_have():
    fault = np.array(
        [[OK] * 4, [FLAT, OK, OK, OK], [SATURATED] * 3 + [OK], [NO_DATA] * 4], np.uint8
    )
    moving = np.zeros(4, bool)
    assert name_artefacts(fault, moving).tolist() == ["", "", "saturated", "no data"]
    moving[0] = True
    assert name_artefacts(fault, moving)[0] == "movement"
