import pytest
from pydantic import ValidationError

from vigil.pose.settings import Limits, Settings


@pytest.mark.parametrize(
    "model", ["vigil-mouse", "superanimal_topviewmouse", "/lab/arena/config.yaml"]
)
def test_models(model: str) -> None:
    assert Settings(model=model).model == model


def test_unknown_model_says_what_is_allowed() -> None:
    with pytest.raises(ValidationError, match="allowed: vigil-mouse, superanimal_topviewmouse or"):
        Settings(model="superanimal_quadruped")


@pytest.mark.parametrize("key", ["device", "batch_size"])
def test_the_machine_belongs_in_the_profile(key: str) -> None:
    with pytest.raises(ValidationError, match="Extra inputs are not permitted"):
        Settings.model_validate({key: 1})


def test_limits_stand_in_order() -> None:
    with pytest.raises(ValidationError, match="to warn of stands before the share that is bad"):
        Limits(jumps=(0.2, 0.1))
    with pytest.raises(ValidationError, match="less than or equal to 1"):
        Limits(dark=(0.1, 5))


def test_every_field_says_what_it_is() -> None:
    schema = Settings.model_json_schema()
    fields = [schema["properties"], *(d["properties"] for d in schema["$defs"].values())]
    for name, field in (pair for group in fields for pair in group.items()):
        assert len(field.get("description", "")) > 20 or "$ref" in field, name
        assert "default" in field, name


def test_two_parts_cannot_have_one_name():
    with pytest.raises(ValidationError, match="a name of its own"):
        Settings.model_validate({"body_parts": {"left_ear": "ear", "right_ear": "ear"}})
