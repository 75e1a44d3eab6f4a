"""What clock.json and bouts.tsv say."""

import json

import numpy as np

from vigil.kinematics.bouts import find_bouts
from vigil.kinematics.clock import clock_from_rate
from vigil.kinematics.files import read_bouts, write_clock
from vigil.kinematics.scale import Scale


def test_the_clock_file_tells_the_scale_and_where_it_comes_from(tmp_path):
    scale = Scale(10.5, "arena_px", ("The sides differ.",))
    write_clock(tmp_path / "clock.json", clock_from_rate(3, 30.0), 4, 5, scale)
    record = json.loads((tmp_path / "clock.json").read_text())
    assert record["scale"] == {
        "px_per_cm": 10.5, "source": "arena_px", "notes": ["The sides differ."]
    }  # fmt: skip
    # what is said of the scale is not said of the clock
    assert len(record["notes"]) == 1
    assert (record["swapped_ears"], record["outliers"]) == (4, 5)


def test_bouts_come_back(tmp_path):
    bouts = find_bouts(np.arange(90) / 30, np.repeat([0.0, 9.0], 45), 4.0, 2.0, 0.5, 1.0)
    bouts.to_csv(tmp_path / "bouts.tsv", sep="\t", index=False)
    assert read_bouts(tmp_path / "bouts.tsv")["kind"].tolist() == ["immobile", "moving"]
