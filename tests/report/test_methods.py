import re

import pytest

from vigil.downsample.settings import Settings as Downsample
from vigil.kinematics.settings import Settings as Kinematics
from vigil.pose.settings import Settings as Pose
from vigil.report.findings import Findings
from vigil.report.methods import ORDER, methods_markdown, methods_paragraph, stage_sentence
from vigil.seizures.settings import Settings as Seizures
from vigil.sleep.settings import Settings as Sleep
from vigil.spectra.settings import Settings as Spectra
from vigil.transfer.settings import Settings as Transfer

DEFAULTS = dict(
    zip(ORDER, (Transfer, Downsample, Spectra, Pose, Kinematics, Sleep, Seizures), strict=True)
)


DECIDED = {
    "sleep": {
        "scorer": "model",
        "chosen": "xgboost + hmm",
        "animals": ["m1", "m2"],
        "folds": "animal",
    }
}


@pytest.mark.parametrize("stage", ORDER)
def test_each_stage_has_a_sentence_for_its_own_settings(stage):
    settings = DEFAULTS[stage]().model_dump(mode="json")
    text = stage_sentence(stage, settings | DECIDED.get(stage, {}))
    assert not re.match(rf"{stage} was run with", text, re.IGNORECASE)
    assert "None" not in text
    assert text.endswith(".")


def test_the_sentence_follows_the_settings():
    used = Seizures(min_duration_s=17.5).model_dump(mode="json")
    assert "17.5 s" in stage_sentence("seizures", used)
    summed = stage_sentence("seizures", Seizures(ei_sum_s=7.25).model_dump(mode="json"))
    assert "the index itself sums the ratio over 7.25 s" in summed
    barred = Sleep(forbidden_transitions=[("nrem", "wake")], movement_cm_s=4.5).model_dump()
    text = stage_sentence("sleep", barred | DECIDED["sleep"])
    assert "(NREM to wake; wakefulness of up to 3 epochs passed over)" in text
    assert "from 4.5 cm/s are wake" in text


def test_sleep_is_told_as_it_was_done_and_not_as_it_might_have_been():
    settings = Sleep().model_dump(mode="json")
    model = {"settings": settings, "decided": DECIDED["sleep"]}
    text = methods_paragraph(Findings("r1", provenances={"sleep": model}))
    assert (
        "XGBoost, Chen and Guestrin 2016) trained on labels of m1 and m2, decoded by a hidden "
        "Markov model (forward-backward; Rabiner 1989), chosen and calibrated on labels left out "
        "of training. The model had not learnt from this animal."
    ) in text
    assert "thresholds" not in text
    plain = {"settings": settings, "decided": {"scorer": "threshold"}}
    text = methods_paragraph(Findings("r1", provenances={"sleep": plain}))
    assert "thresholds" in text
    assert "XGBoost" not in text
    assert "Markov" not in text
    assert "probability" not in text


@pytest.mark.parametrize(
    ("chosen", "words"),
    [
        ("logistic", "scored by multinomial logistic regression, chosen"),
        ("forest + causal hmm", "a random forest (Breiman 2001), decoded by a hidden Markov model "
         "that knows the past alone"),
        ("", "scored by a trained model, chosen"),
        ("a new learner", "scored by a trained model, chosen"),
    ],
)  # fmt: skip
def test_what_was_chosen_is_named(chosen, words):
    decided = {"scorer": "model", "chosen": chosen}
    assert words in stage_sentence("sleep", Sleep().model_dump() | decided)
    # a record from which everything but the scorer has gone
    assert words in stage_sentence("sleep", decided)


def test_what_was_asked_for_was_not_chosen():
    asked = Sleep(learner="xgboost", smoothing="none").model_dump()
    decided = {"scorer": "model", "chosen": "xgboost", "folds": "blocks"}
    text = stage_sentence("sleep", asked | decided)
    assert "2016), calibrated on labels" in text
    assert "Each block of time was scored by a model that had not learnt from it." in text


def test_an_automatic_choice_that_was_not_recorded_is_not_guessed():
    assert stage_sentence("sleep", {"scorer": "auto"}) == "Sleep was run with scorer = auto."


def test_unknown_settings_are_listed_rather_than_dropped():
    assert stage_sentence("sleep", {"window": 3, "kind": "x"}) == (
        "Sleep was run with window = 3 and kind = x."
    )
    assert stage_sentence("novel", {}) == ""


def test_paragraph_and_file_name_the_versions():
    record = {
        "settings": Sleep().model_dump(mode="json"),
        "method_version": "3",
        "program_version": "0.1.0",
        "git_revision": "abc",
    }
    findings = Findings("r1", provenances={"sleep": record})
    assert methods_paragraph(findings).endswith("with Vigil 0.1.0 (revision abc).")
    text = methods_markdown(findings)
    assert "## sleep (method version 3)" in text
    for name, value in record["settings"].items():
        assert f"- `{name}` = `{value}`" in text


def test_nothing_run_says_so():
    assert "Nothing was run." in methods_markdown(Findings("r1"))
