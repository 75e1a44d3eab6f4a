"""How often 'how early' sees something where there is nothing, and how far it sees a known ramp.

Animals are made of windows (tests/cohort/early/made.py): seizures follow state, hour, bad
days and clusters, features drift, and before lead seizures there is either nothing or a ramp of
ten minutes. `--first` and `--seeds` choose the seeds; 1 to 100 are reported, others are for
development.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path

import numpy as np
from harness import Bench, versions_of

from vigil.cohort.early.answer import CHANCE, FOUND
from vigil.cohort.early.curve import COHORT
from vigil.cohort.early.early import how_early
from vigil.cohort.early.settings import EarlySettings
from vigil.cohort.early.study import OTHERS

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "cohort" / "early"))
import made

COUNTS = (4, 8, 16)
FEW, MANY = (3, 5, 7), (10, 20, 30)
RAMP_MIN = 10.0


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--first", type=int, default=1, help="first seed")
    parser.add_argument("--seeds", type=int, default=100, help="seeds without a ramp")
    parser.add_argument("--ramps", type=int, default=10, help="seeds with a ramp, of each kind")
    parser.add_argument("--part", type=Path, help="also append each seed's answer to this file")
    parser.add_argument("--quick", action="store_true", help="three seeds of each")
    asked = parser.parse_args()
    asked.settings = EarlySettings()
    if asked.quick:
        asked.seeds = asked.ramps = 3
    bench = Bench(
        "cohort_early", {"first": asked.first, "seeds": asked.seeds, "ramps": asked.ramps}
    )
    bench.versions = versions_of(("numpy", "pandas", "scipy"))
    nothing(bench, asked)
    for name, counts, days, strength in (
        ("ramp of 3 spreads, 4, 8 and 16 seizures", COUNTS, 4, 3.0),
        ("ramp of 3 spreads, 3, 5 and 7 seizures", FEW, 4, 3.0),
        ("ramp of 3 spreads, 10, 20 and 30 seizures", MANY, 8, 3.0),
        ("ramp of 1.5 spreads, 10, 20 and 30 seizures", MANY, 8, 1.5),
        ("ramp of 5 spreads, 10, 20 and 30 seizures", MANY, 8, 5.0),
    ):
        ramp(bench, asked, name, counts, days, strength)
    bench.write()


def one(asked, seed, kind, **what):
    """Answers of one seed, and the CPU seconds that they took."""
    recordings = [r for a in made.cohort(seed, **what) for r in a]
    begun = time.process_time()
    found = how_early(recordings, asked.settings)
    seconds = time.process_time() - begun
    if asked.part:
        whole = found.lead_time[found.lead_time["animal"] == "all"]
        line = {"kind": kind, "seed": seed, "cpu_s": round(seconds, 2),
                "p": whole["p"].round(4).tolist(), "auc": whole["auc"].round(3).tolist(),
                "answers": found.answers["sentence"].tolist(),
                "beyond": found.answers["beyond_min"].tolist(),
                "marker": found.biomarkers.head(4)[["region", "feature", "p"]].values.tolist(),
                "any_marker": bool((found.biomarkers["p"] <= 0.05).any())}  # fmt: skip
        with asked.part.open("a") as file:
            file.write(json.dumps(line) + "\n")
    return found, seconds


def nothing(bench, asked):
    """No change before seizures: the answer has to be that there is none."""
    cohort, animals, markers, seconds, warned, told = [], [], [], [], [], []
    for seed in range(asked.first, asked.first + asked.seeds):
        found, took = one(asked, seed, "nothing", counts=COUNTS)
        verdicts = found.answers["verdict"]
        cohort.append(verdicts.iloc[0] == CHANCE)
        animals.append(not (verdicts.iloc[1:] == FOUND).any())
        mine = found.biomarkers[found.biomarkers["animal"] == COHORT]
        markers.append(not (mine["p"] <= 0.05).any())
        seconds.append(took)
        whole = found.lead_time[found.lead_time["animal"] == COHORT]
        whole = whole[whole["split"] == OTHERS]
        warned.append(whole["time_in_warning"].mean())
        told.append(whole["sensitivity"].mean())
    share = 100 / len(cohort)
    bench.add(
        "nothing: cohort 'not better than chance'", sum(cohort) * share, "% of seeds", ">= 95"
    )
    bench.add("nothing: no animal called", sum(animals) * share, "% of seeds", ">= 95")
    bench.add("nothing: no biomarker with p up to 0.05", sum(markers) * share, "% of seeds")
    # thresholds of other animals hold less of this one's time than of their own
    bench.add("nothing: time in warning, models of others", 100 * float(np.mean(warned)), "%")
    bench.add("nothing: told, models of others", 100 * float(np.mean(told)), "% of seizures")
    bench.add("one seed", float(np.median(seconds)), "CPU s")


def ramp(bench, asked, name, counts, days, strength):
    """A ramp of ten minutes in the focus: how far ahead it is seen, and by what."""
    beyond, told, right, warning = [], [], [], []
    for seed in range(asked.first, asked.first + asked.ramps):
        found, _ = one(
            asked, seed, name, counts=counts, days=days, ramp_min=RAMP_MIN, strength=strength
        )
        row = found.answers.iloc[0]
        beyond.append(row["beyond_min"] if row["verdict"] == FOUND else 0.0)
        if row["verdict"] == FOUND:
            told.append(row["told"] / row["seizures"])
            warning.append(row["time_in_warning"])
        top = found.biomarkers[found.biomarkers["animal"] == "all"].iloc[0]
        right.append(f"{top['region']}.{top['feature']}" in made.MOVES)
    beyond = np.asarray(beyond, dtype=float)
    bench.add(f"{name}: found", 100 * float(np.mean(beyond > 0)), "% of seeds")
    bench.add(f"{name}: longest lead time, median", float(np.median(beyond)), "min")
    bench.add(f"{name}: longest lead time, least", float(beyond.min()), "min")
    bench.add(f"{name}: longest lead time, most", float(beyond.max()), "min")
    near = 100 * float(np.mean(np.abs(beyond - RAMP_MIN) <= 5))
    bench.add(f"{name}: within 5 min of the ramp", near, "% of seeds")
    bench.add(f"{name}: told", 100 * float(np.mean(told or [0])), "% of seizures")
    bench.add(f"{name}: time in warning", 100 * float(np.mean(warning or [0])), "%")
    bench.add(f"{name}: strongest biomarker is one that moves", 100 * float(np.mean(right)), "%")


if __name__ == "__main__":
    main()
