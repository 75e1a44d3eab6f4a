"""How well seizures are found without labels, over many simulated hours of epileptic animals.

    python benchmarks/seizures_found.py --hours 100 --seeds 1

Animals of the epileptic, varied rig are simulated by the short cut of `vigil.simulate.lfp`, so
many that the hours are reached; seizures of four onset patterns, and artefacts and spikes that
look like them. The detector stands beside one that calls everything a seizure and one that calls
nothing so: they show what each score is worth. `--keep` names a folder in which each recording's
outcome is kept, so that a run that was cut off goes on; `--signals` one in which recordings were
simulated before, as SEED_ANIMAL.zarr.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import os
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from harness import Bench

from vigil.seizures.evidence_files import open_evidence
from vigil.seizures.observe import run_evidence
from vigil.seizures.scoring import STRICT, Watched, match, score_recordings
from vigil.seizures.sections import find_events_in
from vigil.seizures.settings import Settings
from vigil.simulate.lfp import write_lfp
from vigil.simulate.plan import plan_rig
from vigil.simulate.settings import Rig
from vigil.stage import Job

HOURS, ANIMALS = 2.0, 8
"""Of a recording, and of a seed: as many as there are characters of varied animals."""
SENSITIVITY, FALSE_PER_DAY, ONSET_ERROR_S, OVERLAP = ">= 0.95", "<= 1", "<= 2", ">= 0.8"
Outcome = dict[str, Any]


def rig_of(seed: int, hours: float = HOURS) -> Rig:
    """Eight animals that differ, two channels in each of four regions, and an EMG."""
    return Rig(
        animals=ANIMALS,
        labelled=0,
        minutes=60 * hours,
        channels=9,
        seed=seed,
        video=False,
        natural=True,
        varied=True,
        epileptic=True,
    )


def watch(
    which: tuple[int, int],
    keep: Path | None = None,
    hours: float = HOURS,
    signals: Path | None = None,
) -> Outcome:
    """Simulate the recording of an animal of a seed, look for seizures, tell what was and is."""
    seed, animal = which
    kept = keep / f"{seed}_{animal}.json" if keep else None
    if kept and kept.exists():
        return dict(json.loads(kept.read_text()))
    rig = rig_of(seed, hours)
    plan = plan_rig(rig)[animal]
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        lfp, evidence = Path(folder) / "lfp.zarr", Path(folder) / "evidence.zarr"
        stored = signals / f"{seed}_{animal}.zarr" if signals else lfp
        if stored.exists():
            lfp = stored
        else:
            write_lfp(rig, plan, lfp)
        job = Job("seizures", "1", plan.recording, {"lfp": str(lfp)}, {"evidence": str(evidence)})
        run_evidence(job)
        store = open_evidence(evidence)
        events, rejected = find_events_in(store, settings)
        duration_s = store.n_steps * settings.step_s
    outcome: Outcome = {
        "seed": seed,
        "animal": animal,
        "duration_s": duration_s,
        "seizures": [
            {"start_s": s.onset_s, "stop_s": s.end_s, "pattern": s.pattern, "gain": s.gain}
            for s in plan.seizures
        ],
        "disturbances": [
            {"start_s": d.start_s, "stop_s": d.stop_s, "kind": d.kind} for d in plan.disturbances
        ],
        "found": [(e.first * settings.step_s, e.last * settings.step_s) for e in events],
        "rejected": [
            {
                "start_s": r.first * settings.step_s,
                "stop_s": r.last * settings.step_s,
                "reason": r.reason,
            }
            for r in rejected
        ],
    }
    if kept:
        kept.write_text(json.dumps(outcome))
    return outcome


def watched(outcome: Outcome, found: Sequence[tuple[float, float]] | None = None) -> Watched:
    """Truth and events of a recording; those of another detector where they are given."""
    truth = [(s["start_s"], s["stop_s"]) for s in outcome["seizures"]]
    events = [(a, b) for a, b in outcome["found"]] if found is None else found
    return Watched(truth, events, outcome["duration_s"])


def table_of_detectors(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Scores of the detector, of one that is always on and of one that never is, per preset."""
    detectors = {
        "vigil": [watched(o) for o in outcomes],
        "always on": [watched(o, [(0.0, o["duration_s"])]) for o in outcomes],
        "never": [watched(o, []) for o in outcomes],
    }
    tables = [score_recordings(w).assign(detector=name) for name, w in detectors.items()]
    return pd.concat(tables).set_index(["detector", "preset"])


def table_of_seizures(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """One row per true seizure: errors of onset and end, overlap, whether it counts as found."""
    rows = []
    for o in outcomes:
        for s in o["seizures"]:
            a, b = s["start_s"], s["stop_s"]
            near = [(c, d) for c, d in o["found"] if d > a - STRICT.before_s]
            near = [(c, d) for c, d in near if c < b + STRICT.after_s]
            errors, overlaps = match([(a, b)], near)
            ends = [d for _, d in near]
            rows.append(
                {
                    "seed": o["seed"],
                    "animal": o["animal"],
                    **s,
                    "found": bool(near),
                    "onset_error_s": errors[0] if errors else np.nan,
                    "end_error_s": max(ends) - b if ends else np.nan,
                    "overlap": overlaps[0],
                }
            )
    columns = ["seed", "animal", "start_s", "stop_s", "pattern", "gain", "found"]
    columns += ["onset_error_s", "end_error_s", "overlap"]
    return pd.DataFrame(rows, columns=columns)


def table_of_patterns(seizures: pd.DataFrame) -> pd.DataFrame:
    """Per onset pattern: seizures, share found strictly, median errors and overlap."""
    by_pattern = seizures.groupby("pattern")
    return pd.DataFrame(
        {
            "seizures": by_pattern.size(),
            "sensitivity": by_pattern["found"].mean(),
            "onset_error_s": by_pattern["onset_error_s"].apply(lambda x: x.abs().median()),
            "onset_later_s": by_pattern["onset_error_s"].median(),
            "end_later_s": by_pattern["end_error_s"].median(),
            "overlap": by_pattern["overlap"].median(),
        }
    )


def table_of_disturbances(outcomes: Sequence[Outcome]) -> pd.DataFrame:
    """Per kind of disturbance: how many, how many were called a seizure, or named and as what.

    Those over a seizure are left out: what is found there is the seizure.
    """
    rows = []
    for o in outcomes:
        for d in o["disturbances"]:
            if any(_meet(d, s) for s in o["seizures"]):
                continue
            false = any(_meet(d, {"start_s": a, "stop_s": b}) for a, b in o["found"])
            names = {r["reason"] for r in o["rejected"] if _meet(d, r)}
            rows.append((d["kind"], false, bool(names), ", ".join(sorted(names))))
    table = pd.DataFrame(rows, columns=["kind", "false", "named", "names"])
    by_kind = table.groupby("kind")
    return pd.DataFrame(
        {
            "disturbances": by_kind.size(),
            "called a seizure": by_kind["false"].sum(),
            "named": by_kind["named"].sum(),
            "as": by_kind["names"].apply(lambda x: "; ".join(sorted(set(x) - {""}))),
        }
    )


def _meet(a: dict[str, Any], b: dict[str, Any]) -> bool:
    return bool(a["start_s"] < b["stop_s"] and b["start_s"] < a["stop_s"])


def measure(
    bench: Bench,
    hours: float,
    first_seed: int,
    processes: int,
    keep: Path | None = None,
    signals: Path | None = None,
) -> None:
    """Simulate, look, print the tables, and keep what has an aim."""
    if keep:
        keep.mkdir(parents=True, exist_ok=True)
    count = int(np.ceil(hours / HOURS))
    which = [(first_seed + k // ANIMALS, k % ANIMALS) for k in range(count)]
    with multiprocessing.get_context("spawn").Pool(processes) as pool:
        outcomes = list(pool.imap(partial(watch, keep=keep, signals=signals), which))
    report(bench, outcomes)


def report(bench: Bench, outcomes: Sequence[Outcome]) -> None:
    """Print the tables and keep what has an aim."""
    detectors, seizures = table_of_detectors(outcomes), table_of_seizures(outcomes)
    with pd.option_context("display.width", 200, "display.max_columns", 20):
        print(detectors.round(3).to_string(), end="\n\n")
        print(table_of_patterns(seizures).round(2).to_string(), end="\n\n")
        print(table_of_disturbances(outcomes).to_string(), end="\n\n")
        print(seizures[~seizures["found"]].round(2).to_string(), end="\n\n", flush=True)
    bench.add("animal-hours watched", sum(o["duration_s"] for o in outcomes) / 3600, "h", ">= 100")
    strict = detectors.loc[("vigil", "strict")]
    bench.add("true seizures", strict["seizures"], "", ">= 60")
    aims = {
        "sensitivity": ("", SENSITIVITY),
        "fp_per_day": ("1/d", FALSE_PER_DAY),
        "onset_error_s": ("s", ONSET_ERROR_S),
        "overlap": ("", OVERLAP),
    }
    for name, (unit, aim) in aims.items():
        bench.add(f"strict, {name}", strict[name], unit, aim)
        bench.add(f"always on, {name}", detectors.loc[("always on", "strict"), name], unit)
    bench.add("default preset, sensitivity", detectors.loc[("vigil", "default"), "sensitivity"], "")


def main() -> None:
    """Run the measurement by itself."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--hours", type=float, default=100.0, help="animal-hours, at least")
    parser.add_argument("--seeds", type=int, default=1, help="first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count())
    parser.add_argument("--keep", type=Path, help="folder for each recording's outcome")
    parser.add_argument("--signals", type=Path, help="folder of recordings simulated before")
    options = parser.parse_args()
    bench = Bench("seizures_found", {k: str(v) for k, v in vars(options).items()})
    measure(bench, options.hours, options.seeds, options.processes, options.keep, options.signals)


if __name__ == "__main__":
    main()
