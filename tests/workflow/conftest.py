"""The real workflow over a tiny simulated rig, run once and asked by several tests."""

import csv
import itertools
import os
import re
import shutil
import subprocess
import sys

import cv2
import pandas as pd
import pytest

from vigil.simulate.rig import simulate_rig
from vigil.simulate.settings import Rig


class Workflow:
    """A working folder with a table, in which snakemake can be called."""

    def __init__(self, checkout, folder):
        self.checkout = checkout
        self.folder = folder

    def rows(self):
        """Rows of the table."""
        with (self.folder / "recordings.tsv").open() as f:
            return list(csv.DictReader(f, delimiter="\t"))

    def write(self, rows):
        """Write the table."""
        columns = list(dict.fromkeys(c for r in rows for c in r)) or [
            "recording",
            "animal",
            "source",
        ]
        with (self.folder / "recordings.tsv").open("w", newline="") as f:
            table = csv.DictWriter(f, columns, delimiter="\t", restval="")
            table.writeheader()
            table.writerows(rows)

    def snakemake(self, *words, config=None):
        """Call the real snakemake and return what it did."""
        command = [sys.executable, "-m", "snakemake", "-s", str(self.checkout / "Snakefile")]
        command += ["--directory", str(self.folder), "--cores", "2", *words]
        if config:
            path = self.folder / "changed.yaml"
            path.write_text(config)
            command += ["--configfile", str(path)]
        environment = {**os.environ, "OMP_NUM_THREADS": "1"}
        return subprocess.run(
            command, cwd=self.folder, capture_output=True, text=True, env=environment, check=False
        )

    def planned(self, *words, config=None):
        """Numbers of jobs by rule that a dry run announces."""
        done = self.snakemake("-n", *words, config=config)
        text = done.stdout + done.stderr
        assert done.returncode == 0, text[-2000:]
        return {k: int(n) for k, n in re.findall(r"^(\w+) +(\d+)$", text, re.M) if k != "total"}


@pytest.fixture(scope="session")
def rig(tmp_path_factory):
    """A rig of three animals, two of them labelled, five minutes each: enough REM to learn from."""
    folder = tmp_path_factory.mktemp("rig")
    simulate_rig(folder, Rig(animals=3, labelled=2, minutes=5, channels=5, seed=41))
    return folder


@pytest.fixture(scope="session")
def workflow_in(checkout, rig, tmp_path_factory):
    """Make a working folder with the table of the rig, paths made absolute."""

    def make(change=lambda rows: rows):
        workflow = Workflow(checkout, tmp_path_factory.mktemp("work"))
        with (rig / "recordings.tsv").open() as f:
            rows = list(csv.DictReader(f, delimiter="\t"))
        for row in rows:
            for column in ("source", "video", "video_times", "montage", "sleep_labels"):
                if row[column]:
                    row[column] = str(rig / row[column])
        workflow.write(change(rows))
        return workflow

    return make


def split_video(row, folder):
    """The video and its frame times in two files each, as cells of the table."""
    folder.mkdir()
    times = pd.read_csv(row["video_times"])
    borders = [0, len(times) // 3, len(times)]
    cells = {"video": [], "times": []}
    capture = cv2.VideoCapture(row["video"])
    for part, (first, last) in enumerate(itertools.pairwise(borders)):
        _, frame = capture.read()
        video = folder / f"camera{part}.avi"
        # lossless, so that the frames are those of the one file
        film = cv2.VideoWriter(str(video), cv2.VideoWriter.fourcc(*"FFV1"), 30, frame.shape[1::-1])
        film.write(frame)
        for _ in range(first + 1, last):
            film.write(capture.read()[1])
        film.release()
        own = times.iloc[first:last].assign(frame=range(last - first))
        own.to_csv(folder / f"camera{part}.csv", index=False)
        cells["video"].append(str(video))
        cells["times"].append(str(folder / f"camera{part}.csv"))
    assert not capture.read()[0]
    capture.release()
    return ";".join(cells["video"]), "; ".join(cells["times"])


@pytest.fixture(scope="session")
def finished(workflow_in, rig):
    """The workflow run over the rig, a recording that is cut short and one that is not there.

    One video is tracked by the real DeepLabCut, in two files as cameras write them; the other
    recordings have no camera.
    """

    def change(rows):
        parts = rig / "parts"
        rows[0]["video"], rows[0]["video_times"] = split_video(rows[0], parts)
        for row in rows[1:]:
            row["video"] = row["video_times"] = ""
        cut = rig / "cut"
        cut.mkdir()
        whole = next((rig / rows[0]["recording"]).glob("CSC1.ncs"))
        (cut / "CSC1.ncs").write_bytes(whole.read_bytes()[:-500])
        # not written to any more, so it was cut short
        os.utime(cut / "CSC1.ncs", (1_700_000_000, 1_700_000_000))
        more = [
            # the only labels of this animal are of a recording that cannot be analysed
            {
                "recording": "cut",
                "animal": "mouse9",
                "source": str(cut),
                "sleep_labels": rows[0]["sleep_labels"],
            },
            {**rows[2], "recording": "spare", "animal": "mouse9"},
            {"recording": "gone", "animal": "mouse9", "source": str(rig / "mouse1-0")},
        ]
        return rows + more

    workflow = workflow_in(change)
    done = workflow.snakemake()
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-3000:]
    return workflow


@pytest.fixture
def scored(finished, tmp_path):
    """A copy of what was finished, to lay labels in; the raw files stay where they are."""
    ignored = shutil.ignore_patterns("raw")
    shutil.copytree(finished.folder, tmp_path / "work", ignore=ignored)
    return Workflow(finished.checkout, tmp_path / "work")
