"""The rules of detection on evidence made by hand: 6 channels, steps of half a second."""

import dataclasses

import numpy as np
import pytest

from vigil.seizures.detection import channels_needed, evolution, find_events, join, runs
from vigil.seizures.evidence import Evidence, name_artefacts, row_median
from vigil.seizures.measures import FLAT, NO_DATA, OK, SATURATED
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
        line_length_ln=field(0.0),
        frequency_hz=field(8.0),
        artefact=np.full(N, "", dtype="U9"),
        spread_ln=np.full(6, 0.2, np.float32),
        suppressed=np.zeros(N, bool),
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
    assert events[0].confidence == pytest.approx(1.5 / 2.5)  # 6 over the 4 that it takes


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
    plant(quiet, 80, 160, z=3.0)
    plant(quiet, 100, 140)
    assert found(quiet)[0] == [(80, 160)]
    assert found(quiet, keep_z=3.5)[0] == [(100, 140)]


def test_low_evidence_alone_begins_nothing(quiet):
    assert found(plant(quiet, 80, 160, z=3.9)) == ([], [])


def test_spikes_add_to_a_line_length_that_is_low(quiet):
    evidence = plant(quiet, 80, 160, z=3.0)
    evidence.spikes_z[80:160] = 2.0
    assert found(evidence)[0] == [(80, 160)]
    evidence.line_length_z[80:160] = 1.9  # spikes without any rise are not a seizure
    evidence.spikes_z[80:160] = 50.0
    assert found(evidence) == ([], [])


def test_a_short_silence_is_bridged_and_a_long_one_is_not(quiet):
    plant(quiet, 100, 140)
    plant(quiet, 149, 190)
    assert found(quiet)[0] == [(100, 190)]
    assert found(quiet, merge_s=4.0)[0] == [(100, 140), (149, 190)]


@pytest.mark.parametrize("name", ["movement", "saturated"])
def test_artefact_is_no_seizure_and_is_named(quiet, name):
    evidence = plant(quiet, 100, 140)
    evidence.artefact[98:142] = name
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
    assert [channels_needed(n, settings) for n in (1, 2, 40, 41, 64)] == [1, 2, 2, 3, 4]


def test_runs_and_join():
    assert runs(np.array([True, False, True, True])) == [(0, 1), (2, 4)]
    assert join([(0, 5), (7, 9), (20, 21)], 3) == [(0, 9), (20, 21)]


def test_evolution_compares_quarters():
    assert evolution(np.repeat([1.0, 2.0, 4.0, 3.0], 10)) == 4.0
    assert evolution(np.full(40, np.nan)) == 1.0


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
