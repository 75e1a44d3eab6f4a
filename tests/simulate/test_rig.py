import dataclasses
import hashlib
import subprocess
import sys
from datetime import datetime, timedelta

import pandas as pd
import pytest

from vigil.simulate.plan import plan_rig
from vigil.simulate.rig import simulate_recording, simulate_rig
from vigil.simulate.settings import Rig

SMALL = Rig(animals=2, labelled=1, minutes=1, channels=3, seed=11)


def hashes(folder):
    return {
        str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(folder.rglob("*"))
        if p.is_file()
    }


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    folder = tmp_path_factory.mktemp("small")
    simulate_rig(folder, SMALL)
    return hashes(folder)


@pytest.mark.parametrize("block_s", [8, 5, 31])
def test_same_seed_same_bytes_in_blocks_of_any_size(tmp_path, small, block_s):
    simulate_rig(tmp_path, dataclasses.replace(SMALL, block_s=block_s))
    assert hashes(tmp_path) == small


def test_another_seed_changes_every_signal(tmp_path, small):
    simulate_rig(tmp_path, dataclasses.replace(SMALL, seed=12))
    other = hashes(tmp_path)
    assert other.keys() == small.keys()
    same = {name for name in small if other[name] == small[name]}
    assert same <= {
        "montage.tsv",
        "recordings.tsv",
        "truth/mouse1-01/seizures.tsv",
        "truth/mouse1-01/spread.tsv",
    }


def test_all_files_are_there(small):
    assert {name for name in small if "mouse1-01" in name} == {
        *(f"mouse1-01/CSC{k}.ncs" for k in (1, 2, 3)),
        "mouse1-01/Events.nev",
        "mouse1-01/video.mp4",
        "mouse1-01/video_times.csv",
        "labels/mouse1-01.csv",
        *(
            f"truth/mouse1-01/{name}"
            for name in (
                "states.csv",
                "seizures.tsv",
                "spread.tsv",
                "gaps.tsv",
                "head.parquet",
                "clock.json",
            )
        ),
    }


def test_the_table_names_files_that_exist(tiny_rig):
    table = pd.read_csv(tiny_rig / "recordings.tsv", sep="\t", dtype=str).fillna("")
    for column in ("source", "video", "video_times", "montage", "sleep_labels"):
        assert all((tiny_rig / name).exists() for name in table[column] if name)
    assert (table["sleep_labels"] != "").tolist() == [True, False]
    assert table["group"].tolist() == ["wildtype", "mutant"]
    assert set(table["px_per_cm"]) == {"4.2"}


def test_the_time_of_death_is_that_of_the_last_seizure(tiny_rig):
    table = pd.read_csv(tiny_rig / "recordings.tsv", sep="\t", dtype=str).fillna("")
    assert table["died"].iloc[0] == ""
    start, died = (datetime.fromisoformat(table[c].iloc[1]) for c in ("start", "died"))
    s = pd.read_csv(tiny_rig / "truth" / "mouse2-01" / "seizures.tsv", sep="\t").iloc[0]
    assert abs(died - start - timedelta(seconds=s["onset_s"] + s["duration_s"])) < timedelta(
        seconds=1
    )


def test_without_a_camera(tmp_path):
    rig = Rig(animals=1, labelled=0, minutes=1, channels=1, video=False)
    table = pd.read_csv(simulate_rig(tmp_path, rig), sep="\t")
    assert table["video"].isna().all()
    assert {p.name for p in (tmp_path / "mouse1-01").iterdir()} == {"CSC1.ncs", "Events.nev"}


def test_progress_is_told(tmp_path):
    lines = []
    simulate_rig(
        tmp_path, Rig(animals=1, labelled=0, minutes=1, channels=1, video=False), lines.append
    )
    assert lines[0].startswith("mouse1-01 (1 of 1): 25%")
    assert "times real time" in lines[-1]


def test_shares_end_at_one(tmp_path):
    rig = Rig(animals=1, labelled=0, minutes=1, channels=1, video=False)
    shares = list(simulate_recording(tmp_path, rig, plan_rig(rig)[0]))
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


PEAK = """
import resource, sys
from pathlib import Path
from vigil.simulate.rig import simulate_rig
from vigil.simulate.settings import Rig
simulate_rig(Path(sys.argv[1]), Rig(animals=1, labelled=0, minutes=float(sys.argv[2]), channels=4))
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_length(tmp_path):
    peak_kib = [
        int(
            subprocess.run(
                [sys.executable, "-c", PEAK, str(tmp_path / minutes), minutes],
                check=True,
                capture_output=True,
                text=True,
            ).stdout
        )
        for minutes in ("1", "4")
    ]
    # three more minutes are 46 MB of samples
    assert peak_kib[1] - peak_kib[0] < 10_000
