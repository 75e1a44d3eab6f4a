from dataclasses import replace
from datetime import timedelta

import pandas as pd
import pytest

from vigil.report.figures.state_spectra import state_spectra
from vigil.report.findings import gather
from vigil.report.lights import quality_lights
from vigil.report.settings import Settings
from vigil.report.summary import sentences


@pytest.fixture(scope="module")
def findings(results, report_job, tmp_path_factory):
    return gather(report_job(tmp_path_factory.mktemp("out"), results))


def light(findings, name):
    return next(x for x in quality_lights(findings, Settings()) if x.name == name)


def test_each_light_has_its_reason(findings):
    assert light(findings, "Brain signals").verdict == "look"
    assert light(findings, "Brain signals").reason == (
        "1 of 6 channels not used: CSC2; 1 channel needs a look: CSC4"
    )
    assert light(findings, "Muscle signals").verdict == "good"
    assert "1 gap, 20.0 s" in light(findings, "Continuity").reason
    assert light(findings, "Tracking").verdict == "look"
    assert "snout in 71 %" in light(findings, "Tracking").reason
    assert light(findings, "Video clock").verdict == "good"
    assert light(findings, "Seizure onset").verdict == "good"


def test_a_region_without_a_usable_channel_is_named(findings):
    verdict = ["bad", "bad", *["ok"] * 5]
    lost = replace(findings, quality=findings.quality.assign(verdict=verdict))
    assert light(lost, "Brain signals").reason == (
        "2 of 6 channels not used: CSC1 and CSC2; no usable channel is left in CTX"
    )


def test_all_channels_bad_is_red(findings):
    bad = replace(findings, quality=findings.quality.assign(verdict="bad", reason="flat"))
    assert light(bad, "Brain signals").verdict == "bad"


def test_a_nominal_clock_needs_a_look(findings):
    clock = {"source": "nominal rate", "residual_ms": None, "drift_ppm": None, "notes": ["None."]}
    assert light(replace(findings, clock=clock), "Video clock").verdict == "look"
    late = {**findings.clock, "residual_ms": 50.0}
    assert light(replace(findings, clock=late), "Video clock").verdict == "look"


def test_a_clock_that_fits_in_several_places_needs_a_look(findings):
    unsure = light(
        replace(findings, clock={**findings.clock, "ambiguous_frames": 300}), "Video clock"
    )
    assert unsure.verdict == "look"
    assert "may be off by up to 300 frames" in unsure.reason
    noted = light(replace(findings, clock={**findings.clock, "notes": ["Odd."]}), "Video clock")
    assert noted.verdict == "look"
    assert noted.reason.endswith("Odd")
    sure = {**findings.clock, "ambiguous_frames": 0, "notes": []}
    assert light(replace(findings, clock=sure), "Video clock").verdict == "good"


def test_unresolved_onsets_are_counted(findings):
    consensus = pd.DataFrame(
        {
            "seizure": [1, 2, 3],
            "region": ["CA1", "CA1+CTX", ""],
            "status": ["resolved", "unresolved", "none"],
        }
    )
    reason = light(replace(findings, consensus=consensus), "Seizure onset").reason
    assert reason.startswith("1 of 3 seizures")
    assert "not sure enough which region: 1" in reason
    assert "no onset found: 1" in reason


def test_sleep_after_death_needs_a_look(findings):
    dead = replace(findings, died=findings.start + timedelta(seconds=440))
    assert dead.death_s == 440
    assert light(dead, "Sleep scores").reason.endswith(
        "40.0 s were scored after the animal's death"
    )
    assert replace(findings, died=findings.start + timedelta(days=1)).death_s is None


def test_nothing_known_gives_no_light(report_job, tmp_path):
    assert quality_lights(gather(report_job(tmp_path, {})), Settings()) == []


def test_thresholds_give_no_confidence(findings):
    hypnogram = findings.hypnogram.assign(confidence=float("nan"))
    reason = light(replace(findings, hypnogram=hypnogram), "Sleep scores").reason
    assert reason.startswith("scored by thresholds, which give no confidence")
    assert reason.endswith("42 % labelled by an expert")
    hypnogram = hypnogram.assign(label="")
    unlabelled = light(replace(findings, hypnogram=hypnogram), "Sleep scores").reason
    assert "expert" not in unlabelled


def test_no_scored_epoch_is_red_and_said(findings):
    hypnogram = findings.hypnogram.assign(state="unclassified", confidence=float("nan"))
    nothing = replace(findings, hypnogram=hypnogram)
    assert light(nothing, "Sleep scores").verdict == "bad"
    assert "No epoch could be scored for sleep." in sentences(nothing, [])
    assert state_spectra(nothing, Settings()) is None
