"""config.yaml: generated, documented, and strict about keys and values."""

import re

import pytest
import yaml

from vigil.configuration import Configuration, ConfigurationError, check_configuration
from vigil.schemas import generated
from vigil.settings import StageSettings


def test_generated_files_are_in_step_with_the_models():
    for path, text in generated().items():
        assert path.read_text() == text, f"{path.name} has drifted; run `make schemas`"


def test_the_default_file_is_the_default():
    text = next(t for p, t in generated().items() if p.name == "config.yaml")
    assert check_configuration(yaml.safe_load(text)) == check_configuration({})


def sections(model=Configuration):
    yield model
    for field in model.model_fields.values():
        if isinstance(field.annotation, type) and issubclass(field.annotation, StageSettings):
            yield from sections(field.annotation)


@pytest.mark.parametrize("model", list(sections()), ids=lambda m: m.__module__)
def test_every_key_is_documented_and_has_a_default(model):
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__module__}: {name} has no description"
        assert not field.is_required(), name


@pytest.mark.parametrize(
    "stage",
    [n for n, f in Configuration.model_fields.items() if n not in ("recordings", "version")],
)
def test_every_section_has_its_page_in_the_manual(stage, checkout):
    page = (checkout / "docs" / f"{stage}.md").read_text()
    for key in getattr(Configuration(), stage).model_dump():
        assert re.search(rf"\b{key}\b", page), f"docs/{stage}.md does not mention {key}"


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"slep": {}}, "'slep' is not a key; did you mean 'sleep'?"),
        ({"sleep": {"movment_cm_s": 2}}, "'sleep.movment_cm_s' .* did you mean 'movement_cm_s'?"),
        ({"sleep": {"xyzzy": 2}}, "allowed here: scorer, keep_labels"),
        ({"spectra": {"epoch_s": 0.2}}, "'spectra.epoch_s' is 0.2: .*greater than or equal to 1"),
        ({"spectra": {"mains_hz": 55}}, "'spectra.mains_hz' is 55: the mains have 50 or 60 Hz"),
        ({"spectra": {"mains_hz": 60}}, "spectra.mains_hz is 60 and seizures.mains_hz 50"),
        (
            {"transfer": {"mode": "move"}},
            "'transfer.mode' is 'move': .*'link' or 'in_place'",
        ),
        ({"spectra": {"bands": {"delta": [4, 1], "theta": [6, 9]}}}, "band 'delta' must rise"),
        ({"downsample": {"rate_hz": "fast"}}, "'downsample.rate_hz' is 'fast': .*number"),
    ],
)
def test_a_wrong_key_or_value_is_named_with_what_is_allowed(values, sentence):
    with pytest.raises(ConfigurationError, match=sentence):
        check_configuration(values)


def test_all_faults_are_told_at_once():
    with pytest.raises(ConfigurationError) as error:
        check_configuration({"slep": {}, "sleep": {"trees": 0}})
    assert str(error.value).count("\n") == 1
