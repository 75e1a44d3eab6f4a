"""Where seizures begin: how often the named region is right, and what its confidence is worth.

Excerpts round the seizures of simulated epileptic animals of two to eight regions with two to
sixteen contacts each. The detector is not run: the event begins at the true onset with the error
of a detector, and the channels that take part are drawn from those that the seizure reaches, with
some that it does not. Seeds 100 to 199 are for development (`--fit` prints the weights of
vigil/seizures/confidence.py), 1 to 20 for the report.

    python benchmarks/seizures_placed.py --seeds 1 20 --out placed.tsv
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import optimize, signal, stats

from vigil.cohort.animal_onset import animal_onset
from vigil.seizures.onset.channels import METHODS, channel_onsets, region_of_onset
from vigil.seizures.onset.confidence import TERMS, Support, terms
from vigil.seizures.onset.consensus import region_latencies_s
from vigil.seizures.settings import Settings
from vigil.simulate.behaviour import Behaviour
from vigil.simulate.brain import BRAIN_HZ, Brain
from vigil.simulate.plan import RecordingPlan, Seizure, plan_rig
from vigil.simulate.settings import Rig

REGIONS = (
    "hippocampus", "cortex", "amygdala", "thalamus", "striatum", "septum", "piriform", "olfactory",
)  # fmt: skip
CONTACTS = (2, 2, 3, 4, 4, 6, 8, 16)
MOST_CHANNELS = 64
BEFORE_S, AFTER_S, WARM_UP_S = 60, 40, 10
RATE_HZ, STEP_UV = 1250.0, 0.2
SPREAD_LN = 0.2  # of log line length over hours: 0.2 to 0.31 in whole simulated recordings
PER_ANIMAL = 3
BINS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9, 0.95, 1.0)
RIDGE = 1.0
NUMBERS = {c: [""] for c in ("confidence", "bootstrap")} | {
    f"{m}.{which}_s": [""] for m in METHODS for which in ("first", "others")
}


def rig_of(seed: int) -> Rig:
    """A rig whose number of regions and contacts the seed decides."""
    rng = np.random.default_rng([seed, 7])
    n = int(rng.integers(2, 1 + len(REGIONS)))
    contacts = min(int(rng.choice(CONTACTS)), MOST_CHANNELS // n)
    return Rig(
        animals=3, labelled=0, minutes=300, channels=n * contacts + 1, seed=seed, video=False,
        natural=True, varied=bool(seed % 2), epileptic=True, regions=REGIONS[:n],
    )  # fmt: skip


def excerpt(rig: Rig, plan: RecordingPlan, seizure: Seizure) -> tuple[np.ndarray, float]:
    """Signals (row, channel) in uV round a seizure, and its onset from the first row."""
    first = int(seizure.onset_s) - BEFORE_S
    last = int(min(seizure.onset_s + AFTER_S, plan.duration_s))
    behaviour, brain = Behaviour(rig, plan), Brain(rig, plan)
    at = first - WARM_UP_S
    brain.advance(behaviour.advance(at, WARM_UP_S), at, WARM_UP_S)
    movement = behaviour.advance(first, last - first)
    field = brain.advance(movement, first, last - first).signal_uv[
        : len(plan.montage.of_kind("lfp"))
    ]
    at_rate = signal.resample_poly(field, int(RATE_HZ) // 250, BRAIN_HZ // 250, axis=1).T
    rounded = np.round(at_rate / STEP_UV) * STEP_UV
    return rounded.astype(np.float32), seizure.onset_s - first


def seizures_of(seed: int) -> Iterator[tuple[RecordingPlan, Seizure, np.ndarray, float]]:
    """Some seizures of the mutants of a seed's rig."""
    rig = rig_of(seed)
    for plan in plan_rig(rig):
        room = [s for s in plan.seizures if s.onset_s > BEFORE_S + WARM_UP_S]
        for seizure in room[:PER_ANIMAL]:
            yield plan, seizure, *excerpt(rig, plan, seizure)


def place(
    seed: int,
    plan: RecordingPlan,
    seizure: Seizure,
    signal_uv: np.ndarray,
    at_s: float,
    settings: Settings,
) -> dict[str, object]:
    """Name the region of one seizure as the stage does; a row of the outcome."""
    rng = np.random.default_rng([seed, int(seizure.onset_s)])
    lfp = plan.montage.of_kind("lfp")
    regions = [plan.montage.region[c] for c in lfp]
    delay = np.array([seizure.delay_s.get(r, np.nan) for r in regions])
    # a detector's error: 1.5 s either way, and of one seizure in seven it misses the begin
    error_s = float(rng.normal(0, 1.5)) + (4.0 if rng.random() < 0.15 else 0.0)
    joins = np.where(
        np.isfinite(delay), rng.random(len(delay)) < 0.95, rng.random(len(delay)) < 0.3
    )
    if joins.sum() < 2:
        joins = np.isfinite(delay)
    event_s = at_s + error_s
    a = round(max(0.0, event_s - settings.onset_before_s) * RATE_HZ)
    b = round((event_s + min(seizure.duration_s, settings.onset_after_s)) * RATE_HZ)
    spread = np.full(len(lfp), SPREAD_LN)
    onsets = channel_onsets(signal_uv[a:b], RATE_HZ, event_s - a / RATE_HZ, spread, joins, settings)
    found = region_of_onset(1, onsets, joins, regions, settings)
    names, by_method = region_latencies_s(np.where(joins, onsets.latency_s, np.nan), regions)
    true = seizure.delay_s
    row: dict[str, object] = {
        "seed": seed,
        "animal": plan.animal,
        "onset_s": seizure.onset_s,
        "pattern": seizure.pattern,
        "contacts": len(lfp) // len(names),
        "regions": len(names),
        "names": "+".join(names),
        "at_once": len(names) > 1 and max(true.values()) <= settings.onset_step_s,
        "true": seizure.region,
        "found": "+".join(found.regions),
        "confidence": found.confidence,
        "bootstrap": found.bootstrap,
        "status": found.status,
        "reason": found.reason,
        "support": found.support,
    }
    for method, latency in zip(METHODS, by_method, strict=True):
        first = latency[names.index(seizure.region)] + error_s
        others = [
            t + error_s - true[r]
            for r, t in zip(names, latency, strict=True)
            if true.get(r, 0) > 0 and np.isfinite(t)
        ]
        row[f"{method}.first_s"] = first
        row[f"{method}.others_s"] = float(np.median(others)) if others else np.nan
    return row


def judge(table: pd.DataFrame) -> pd.DataFrame:
    """Add `right`: the region is named, alone; of several regions named one is it."""
    named = [set(str(f).split("+")) for f in table["found"]]
    inside = [t in n for t, n in zip(table["true"], named, strict=True)]
    # a single name is wrong where all begin within a step: there is no first
    single = np.array([len(n) == 1 for n in named])
    return table.assign(right=np.array(inside) & ~(single & table["at_once"].to_numpy(bool)))


def interval(right: int, n: int) -> tuple[float, float]:
    """Exact 95 % interval of a share (Clopper and Pearson 1934)."""
    found = stats.binomtest(right, n).proportion_ci()
    return float(found.low), float(found.high)


def fit(table: pd.DataFrame) -> np.ndarray:
    """Weights of the logistic map, by penalised likelihood; none but the constant is below 0.

    What speaks for a region must not speak against it, whatever the few hundred seizures of
    the fit say; a long lead may only lower the confidence.
    """
    known = table[table["support"].notna()]
    x = np.stack([terms(s if isinstance(s, Support) else Support(*s)) for s in known["support"]])
    y = known["right"].to_numpy(float)

    def loss(w: np.ndarray) -> float:
        eta = x @ w
        return float(np.logaddexp(0, eta).sum() - y @ eta + 0.5 * RIDGE * (w[1:] ** 2).sum())

    bounds = [(None, 0) if t == "lead" else (0, None) for t in TERMS]
    bounds[0] = (None, None)
    return np.asarray(optimize.minimize(loss, np.zeros(len(TERMS)), bounds=bounds).x)


def report(table: pd.DataFrame) -> None:
    """Print what is asked of the stage."""

    def line(name: str, mine: pd.DataFrame) -> None:
        resolved = mine[mine["status"] == "resolved"]
        right, n = int(resolved["right"].sum()), len(resolved)
        low, high = interval(right, n) if n else (np.nan, np.nan)
        share = right / n if n else np.nan
        print(
            f"{name:34s} {len(mine):4d} seizures, resolved {n:4d} ({n / max(1, len(mine)):.2f}), "
            f"right {right:4d} ({share:.3f}, 95 % {low:.2f} to {high:.2f})"
        )

    line("all", table)
    for key in ("pattern", "contacts", "regions", "at_once"):
        for value, mine in table.groupby(key):
            line(f"{key} {value}", mine)
    print("reasons:", table["reason"].replace("", "resolved").value_counts().to_dict())
    print("confidence: bin, n, mean confidence, right, 95 % interval")
    for which, mine in (
        ("all", table),
        ("one region", table[~table["found"].str.contains("+", regex=False)]),
    ):
        known = mine[mine["confidence"].notna()]
        for bin_, rows in known.groupby(pd.cut(known["confidence"], BINS), observed=True):
            right, n = int(rows["right"].sum()), len(rows)
            low, high = interval(right, n)
            print(f"  {which:10s} {bin_!s:12s} {n:4d}  {rows['confidence'].mean():.2f}  "
                  f"{right / n:.2f}  {low:.2f} to {high:.2f}")  # fmt: skip
        brier = ((known["confidence"] - known["right"]) ** 2).mean()
        print(f"  {which}: mean confidence {known['confidence'].mean():.3f}, right "
              f"{known['right'].mean():.3f}, Brier {brier:.3f}")  # fmt: skip
    together = table[table["at_once"].astype(bool)]
    unresolved = int((together["status"] != "resolved").sum())
    print(f"all at once: {unresolved} of {len(together)} are not called resolved")
    report_animals(table)
    print("latency errors (s): method, pattern, region, found in, median, 5 % and 95 %")
    for method in METHODS:
        for pattern, mine in table.groupby("pattern"):
            for which in ("first", "others"):
                values = mine[f"{method}.{which}_s"]
                known = values.dropna()
                q = known.quantile([0.5, 0.05, 0.95]) if len(known) else [np.nan] * 3
                print(f"  {method:22s} {pattern:17s} {which:7s} {values.notna().mean():.2f}  "
                      + "  ".join(f"{v:6.2f}" for v in q))  # fmt: skip


def report_animals(table: pd.DataFrame) -> None:
    """Print how often the region of an animal is right, which is that of most of its seizures."""
    found = []
    table = table.rename(columns={"found": "region"})
    for _, mine in table[table["regions"] > 1].groupby(["seed", "animal"]):
        pooled = animal_onset(mine, mine["names"].iloc[0].split("+"))
        if pooled.n_seizures:
            most = mine["true"].value_counts()
            right = pooled.region in most[most == most.max()].index
            found.append((pooled.confidence, pooled.status, right))
    animals = pd.DataFrame(found, columns=["confidence", "status", "right"])
    resolved = animals[animals["status"] == "resolved"]
    low, high = interval(int(resolved["right"].sum()), max(1, len(resolved)))
    print(
        f"animals: {len(animals)}, mean confidence {animals['confidence'].mean():.2f}, right "
        f"{animals['right'].mean():.2f}; resolved {len(resolved)}, of which right "
        f"{resolved['right'].mean():.2f} (95 % {low:.2f} to {high:.2f})"
    )


def main() -> None:
    """Measure, print, and write the rows."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, nargs=2, default=(1, 20), metavar=("FIRST", "LAST"))
    parser.add_argument("--out", type=Path, help="a row per seizure, TSV")
    parser.add_argument("--rows", type=Path, nargs="+", help="only report on rows written before")
    parser.add_argument("--fit", action="store_true", help="print weights of the confidence")
    chosen = parser.parse_args()
    settings = Settings()
    if chosen.rows:
        kinds = {"found": str, "reason": str}
        parts = [
            pd.read_csv(p, sep="\t", dtype=kinds, keep_default_na=False, na_values=NUMBERS)
            for p in chosen.rows
        ]
        report(pd.concat(parts))
        return
    rows = []
    for seed in range(chosen.seeds[0], chosen.seeds[1] + 1):
        rows += [place(seed, *one, settings) for one in seizures_of(seed)]
    table = judge(pd.DataFrame(rows))
    if chosen.out:
        table.to_csv(chosen.out, sep="\t", index=False, float_format="%.4g")
    report(table)
    if chosen.fit:
        print(dict(zip(TERMS, fit(table).round(2), strict=True)))


if __name__ == "__main__":
    main()
