import pytest
from pydantic import ValidationError

from vigil.pose.settings import Settings


@pytest.mark.parametrize(
    "model", ["vigil-mouse", "superanimal_topviewmouse", "/lab/arena/config.yaml"]
)
def test_models(model: str) -> None:
    assert Settings(model=model).model == model


def test_unknown_model_says_what_is_allowed() -> None:
    with pytest.raises(ValidationError, match="allowed: vigil-mouse, superanimal_topviewmouse or"):
        Settings(model="superanimal_quadruped")


@pytest.mark.parametrize("device", ["auto", "cpu", "cuda", "cuda:1", "mps"])
def test_devices(device: str) -> None:
    assert Settings(device=device).device == device


def test_every_field_says_what_it_is() -> None:
    schema = Settings.model_json_schema()
    fields = [schema["properties"], schema["$defs"]["BodyParts"]["properties"]]
    for name, field in (pair for group in fields for pair in group.items()):
        assert len(field.get("description", "")) > 20 or "$ref" in field, name
        assert "default" in field, name
