"""A small cohort with known numbers, made from the file contracts."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.files import write_seizures
from vigil.cohort.gather import INPUTS
from vigil.cohort.seizures import describe_seizures
from vigil.cohort.settings import Settings
from vigil.downsample.files import create_lfp
from vigil.recording import Montage, Segments, parse_time
from vigil.seizures import files
from vigil.stage import MARK, Job, NotAnalysed

HOUR = 3600.0


def write_signals(path, length_s):
    """A store of two silent channels, with rows for its first second alone."""
    montage = Montage(("CSC1", "CSC2"), ("CA1", "CTX"), ("", ""), ("lfp", "lfp"))
    create_lfp(path, montage, Segments((0.0,), (length_s,), (100,), 100.0), [0.2, 0.2])


def write_states(path, states, minutes):
    """One bout of each state, in epochs of 4 s."""
    each = [round(m * 15) for m in minutes]
    table = pd.DataFrame({"start_s": 4.0 * np.arange(sum(each)), "duration_s": 4.0})
    table.assign(state=np.repeat(states, each)).to_parquet(path, index=False)


def write_described(paths, start, died):
    """The seizures as `vigil.cohort.each` describes them."""
    table = describe_seizures(
        files.read_events(paths["events"]),
        files.read_consensus(paths["consensus"]),
        None,
        pd.read_parquet(paths["hypnograms"]),
        None,
        None,
        files.read_length_and_start(paths["events"])[0],
        parse_time(start),
        7.0,
        parse_time(died),
        Settings(),
    )
    write_seizures(paths["seizures"], table)


class Cohort:
    """Results of several recordings under one folder, and the job that joins them."""

    def __init__(self, root):
        self.root, self.rows = Path(root), []
        self.inputs = {k: [] for k in INPUTS}

    def add(self, recording, animal, group="", minutes=(60, 30, 20, 10), onsets_s=(), speed=None,
            start="", died="", regions=(), failed=None):  # fmt: skip
        """Write the results of a recording; `failed` maps inputs to (stage, reason)."""
        failed = failed or {}
        folder = self.root / recording
        for stage in ("report", "downsample", "sleep", "seizures", "kinematics", "cohort"):
            (folder / stage).mkdir(parents=True)
        self.rows.append({"recording": recording, "animal": animal, "group": group, "start": start,
                          "lights_on": "07:00", "died": died})  # fmt: skip
        paths = {
            "quality": folder / "downsample/quality.tsv",
            "sleep_summaries": folder / "sleep/summary.tsv",
            "events": folder / "seizures/events.tsv",
            "consensus": folder / "seizures/consensus.tsv",
            "postictal": folder / "seizures/postictal.tsv",
            "kinematics": folder / "kinematics/kinematics.parquet",
            "lfp": folder / "downsample/lfp.zarr",
            "hypnograms": folder / "sleep/hypnogram.parquet",
            "seizures": folder / "cohort/seizures.tsv",
        }
        channels = pd.DataFrame(
            {
                "channel": ["CSC1", "CSC2", "CSC3", "CSC4"],
                "region": ["CA1", "CA1", "neck", ""],
                "kind": ["lfp", "lfp", "emg", "off"],
                "rms_uv": 50.0,
                "verdict": ["ok", "bad", "warn", "ok"],
                "reason": ["", "flat", "hum", ""],
            }
        )
        channels.to_csv(paths["quality"], sep="\t", index=False)
        states = ("wake", "nrem", "rem", "unclassified")
        summary = pd.DataFrame({"state": states, "minutes": minutes})
        summary = summary.assign(epochs=1, share=0.25, bouts=1, mean_bout_s=4.0)
        summary.to_csv(paths["sleep_summaries"], sep="\t", index=False)
        events = [files.SeizureEvent(t, 20.0, 0.9, ("CSC1",)) for t in onsets_s]
        files.write_events(paths["events"], events, sum(minutes) * 60.0, start)
        rows = [(i, r, p, p, status, "") for i, (r, p, status) in enumerate(regions, 1)]
        files.write_table(paths["consensus"], rows, files.CONSENSUS_COLUMNS)
        files.write_table(paths["postictal"], [], files.POSTICTAL_COLUMNS)
        if speed is not None:
            time = np.arange(0, 101.0)
            table = {"time_s": time, "speed_cm_s": speed, "valid": True}
            pd.DataFrame(table).to_parquet(paths["kinematics"])
        write_signals(paths["lfp"], sum(minutes) * 60.0)
        write_states(paths["hypnograms"], states, minutes)
        write_described(paths, start, died)
        missing = {}
        for name, (stage, reason) in failed.items():
            missing[name] = vars(NotAnalysed(recording, stage, reason))
            if name in paths:
                mark = paths[name] / MARK if paths[name].is_dir() else paths[name]
                mark.write_text(json.dumps({"not_analysed": missing[name]}))
        report = folder / "report/provenance.json"
        report.write_text(json.dumps({"stage": "report", "missing": missing}))
        self.inputs["reports"].append(str(report))
        for name, path in paths.items():
            if path.exists():
                self.inputs[name].append(str(path))

    def job(self, **settings):
        outputs = {
            "page": "index.html",
            "recordings": "recordings.tsv",
            "animals": "animals.tsv",
            "onsets": "onset_regions.tsv",
            "origins": "origins.tsv",
            "seizures": "seizures.tsv",
            "fatal": "fatal.tsv",
            "coupling": "coupling.tsv",
            "animal_pages": "animals",
            "figures": "figures",
            "provenance": "provenance.json",
        }
        return Job(
            stage="cohort",
            method_version="1",
            recording="cohort",
            inputs={k: v if isinstance(v, str) else list(v) for k, v in self.inputs.items()},
            outputs={k: str(self.root / "cohort" / v) for k, v in outputs.items()},
            settings={"dpi": 60, **settings},
            row={"recordings": self.rows},
            optional=frozenset(self.inputs),
        )


FAILED = ("transfer", "CSC3.ncs ends in the middle of a record; copy the folder again.")
EVERYTHING = dict.fromkeys(
    ("quality", "sleep_summaries", "events", "consensus", "postictal", "lfp"), FAILED
)


@pytest.fixture
def cohort(tmp_path):
    """Three animals: one with two recordings and three seizures, one quiet, one not analysed."""
    made = Cohort(tmp_path / "results")
    made.add(
        "a_1", "a", "ko", (60, 30, 20, 10), (600.0, 3000.0), speed=2.0,
        start="2026-03-02T09:00:00+01:00", died="2026-03-04T12:00:00+01:00",
        regions=(("CA1", 0.9, "resolved"), ("CA1+CTX", 0.4, "unresolved")),
    )  # fmt: skip
    made.add(
        "a_2", "a", "ko", (0, 240, 0, 0), (7200.0,), speed=4.0,
        start="2026-03-04T09:00:00+01:00", died="2026-03-04T12:00:00+01:00",
        regions=(("CA1", 0.8, "resolved"),),
    )  # fmt: skip
    made.add(
        "b_1", "b", "wt", (90, 30, 0, 0), start="2026-03-02T09:00:00+01:00",
        failed={"kinematics": ("kinematics", "The row of b_1 has no px_per_cm.")},
    )  # fmt: skip
    made.add("c_1", "c", "wt", start="2026-03-02T09:00:00+01:00", failed=EVERYTHING)
    return made


@pytest.fixture
def empty_cohort(tmp_path):
    return Cohort(tmp_path / "results")
