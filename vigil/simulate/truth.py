"""The truth of a recording, in a folder that the workflow never reads."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from vigil.simulate.bouts import EPOCH_S
from vigil.simulate.camera import Frames
from vigil.simulate.interictal import Interictal
from vigil.simulate.mouse import BODY_PARTS
from vigil.simulate.nuance import expert_states
from vigil.simulate.plan import RecordingPlan
from vigil.simulate.settings import RATE_HZ, Rig
from vigil.simulate.streams import generator

ROWS_PER_GROUP = 18_000


def write_truth(folder: Path, plan: RecordingPlan) -> None:
    """Write states, seizures, their spread, gaps and the camera's clock."""
    folder.mkdir(parents=True, exist_ok=True)
    epochs(plan).to_csv(folder / "states.csv", index=False)
    seizures = [
        (n + 1, s.onset_s, s.duration_s, s.region, s.fatal, round(s.suppression_s, 3))
        for n, s in enumerate(plan.seizures)
    ]
    columns = ["seizure", "onset_s", "duration_s", "onset_region", "fatal", "suppression_s"]
    table = pd.DataFrame(seizures, columns=columns)
    if plan.interictal is not None:
        table["pattern"] = [s.pattern for s in plan.seizures]
        table["gain"] = [s.gain for s in plan.seizures]
        table["convulsive"] = [s.convulsive for s in plan.seizures]
        lead = [] if plan.ramps is None else plan.ramps.onset_s.tolist()
        table["preictal"] = [s.onset_s in lead for s in plan.seizures]
        _write(disturbances(plan), folder / "disturbances.tsv")
        _write(spikes(plan, plan.interictal), folder / "spikes.tsv")
    _write(table, folder / "seizures.tsv")
    spread = [
        (n + 1, region, delay_s)
        for n, s in enumerate(plan.seizures)
        for region, delay_s in sorted(s.delay_s.items(), key=lambda item: item[1])
    ]
    _write(pd.DataFrame(spread, columns=["seizure", "region", "delay_s"]), folder / "spread.tsv")
    gaps = [(i.stop / RATE_HZ, i.restart / RATE_HZ) for i in plan.interruptions]
    _write(pd.DataFrame(gaps, columns=["start_s", "stop_s"]), folder / "gaps.tsv")
    if plan.camera is not None:
        clock = {
            "offset_s": plan.camera.offset_s,
            "drift_ppm": plan.camera.drift_ppm,
            "dropped_frames": len(plan.camera.lost),
            "lost_exposures": list(plan.camera.lost),
        }
        (folder / "clock.json").write_text(json.dumps(clock, indent=1) + "\n")


def epochs(plan: RecordingPlan) -> pd.DataFrame:
    """State of each 4 s epoch: start_s, duration_s, state."""
    start_s, states = plan.bouts.epochs()
    return pd.DataFrame({"start_s": start_s, "duration_s": EPOCH_S, "state": states})


def disturbances(plan: RecordingPlan) -> pd.DataFrame:
    """What looks like a seizure and is none: disturbances, and runs of spikes.

    Returns
    -------
    DataFrame
        start_s, stop_s, kind, channels (names, with commas between), and the number of the
        seizure over which it lies, 0 for none.
    """
    names = plan.montage.channel
    rows = [
        (d.start_s, d.stop_s, d.kind, [names[c] for c in d.channels]) for d in plan.disturbances
    ]
    if plan.interictal is not None:
        lfp = [names[c] for c in plan.montage.of_kind("lfp")]
        rows += [(round(a, 3), round(b, 3), "spikes", lfp) for a, b in plan.interictal.runs()]

    def seizure_over(start_s: float, stop_s: float) -> int:
        for n, s in enumerate(plan.seizures):
            if start_s < s.end_s and stop_s > s.onset_s:
                return n + 1
        return 0

    table = [(a, b, k, ",".join(c), seizure_over(a, b)) for a, b, k, c in sorted(rows)]
    return pd.DataFrame(table, columns=["start_s", "stop_s", "kind", "channels", "seizure"])


def spikes(plan: RecordingPlan, interictal: Interictal) -> pd.DataFrame:
    """Spikes between seizures: time_s, height_uv, the region where it is highest, run (0: none)."""
    largest = np.argmax(interictal.share, axis=1)
    return pd.DataFrame(
        {
            "time_s": interictal.time_s.round(4),
            "height_uv": interictal.height_uv.round(1),
            "region": [plan.montage.regions[r] for r in largest],
            "run": interictal.run,
        }
    )


def label_epochs(rig: Rig, plan: RecordingPlan) -> pd.DataFrame:
    """What the expert writes: the truth, in a varied rig with a tenth of the borders missed."""
    table = epochs(plan)
    if rig.varied:
        rng = generator(rig.seed, "expert", plan.recording)
        table["state"] = expert_states(rng, table["state"].tolist())
    return table


def _write(table: pd.DataFrame, path: Path) -> None:
    table.to_csv(path, sep="\t", index=False)


class HeadFile:
    """head.parquet, written in row groups of fixed size as frames come."""

    def __init__(self, path: Path) -> None:
        names = ["time_s", "x_cm", "y_cm", "head_direction_rad"]
        names += [f"{part}_{axis}_px" for part in BODY_PARTS for axis in "xy"]
        self._schema = pa.schema([("frame", pa.int64()), *((n, pa.float64()) for n in names)])
        self._writer = pq.ParquetWriter(path, self._schema)
        self._waiting = self._schema.empty_table()

    def append(self, frames: Frames) -> None:
        """Add frames."""
        parts = frames.parts_px.reshape(len(frames.frame), 2 * len(BODY_PARTS)).T
        columns = [frames.frame, frames.time_s, frames.x_cm, frames.y_cm]
        columns += [frames.head_direction_rad, *parts]
        block = pa.table([pa.array(c) for c in columns], schema=self._schema)
        self._waiting = pa.concat_tables([self._waiting, block])
        while self._waiting.num_rows >= ROWS_PER_GROUP:
            self._write(ROWS_PER_GROUP)

    def _write(self, rows: int) -> None:
        # one chunk: Parquet's pages follow the chunks of the table
        group = self._waiting.slice(0, rows).combine_chunks()
        self._writer.write_table(group, row_group_size=ROWS_PER_GROUP)
        self._waiting = self._waiting.slice(rows).combine_chunks()

    def close(self) -> None:
        """Write what is left and close the file."""
        if self._waiting.num_rows:
            self._write(self._waiting.num_rows)
        self._writer.close()
