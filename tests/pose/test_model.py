"""The model that ships is the one that its card describes, and keeps what it promises."""

import json
import re

import yaml

from vigil.pose.settings import Settings
from vigil.pose.shipped import CONFIG, FOLDER, SNAPSHOT
from vigil.pose.train import CARD
from vigil.pose.training_frames import HELD_OUT, TRAIN
from vigil.provenance import hash_path
from vigil.simulate.mouse import BODY_PARTS

card = json.loads((FOLDER / CARD).read_text())


def test_card_is_of_this_snapshot() -> None:
    assert card["snapshot"] == hash_path(FOLDER / SNAPSHOT)
    assert f"SeedSequence({TRAIN}," in card["training_data"]["seeds"]
    assert f"SeedSequence({HELD_OUT}," in card["training_data"]["held_out_seeds"]


def test_model_is_small() -> None:
    assert sum(f.stat().st_size for f in FOLDER.iterdir()) < 10e6


def test_names_are_those_of_the_settings() -> None:
    parts = yaml.safe_load((FOLDER / CONFIG).read_text())["metadata"]["bodyparts"]
    assert tuple(parts) == BODY_PARTS
    assert set(Settings().body_parts.model_dump().values()) <= set(parts)


def test_no_place_of_the_machine_that_trained_it() -> None:
    text = (FOLDER / CONFIG).read_text() + (FOLDER / CARD).read_text()
    assert not re.search(r"/(tmp|home|root|work|Users)\b", text)


def test_held_out_errors_are_as_promised() -> None:
    held_out = card["errors"]["held_out"]
    assert held_out["frames"] >= 1000
    for ear in ("left_ear", "right_ear"):
        assert held_out["parts"][ear]["median_px"] < 1.0
    assert held_out["direction"]["median_deg"] < 5.0
    assert held_out["direction"]["swapped_share"] < 0.005
