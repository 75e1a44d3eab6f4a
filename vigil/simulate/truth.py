"""The truth of a recording, in a folder that the workflow never reads."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from vigil.simulate.bouts import EPOCH_S
from vigil.simulate.camera import Frames
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
    _write(pd.DataFrame(seizures, columns=columns), folder / "seizures.tsv")
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
