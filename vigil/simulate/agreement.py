"""The outcome of the workflow against the simulator's truth, in one table.

Recordings of animals whose labels took part in training are marked; the row 'unseen animals'
pools the others.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score, f1_score

from vigil.simulate.comparison import Comparison, FloatArray, compare, pool

UNSEEN = "unseen animals"
COLUMNS = {
    "labelled": "in training",
    "sleep_kappa": "sleep kappa",
    "sleep_coverage": "scored",
    "rem_f1": "REM F1",
    "seizures_true": "seizures",
    "seizures_found": "found",
    "seizures_missed": "missed",
    "seizures_false": "false",
    "onset_error_s": "onset error s",
    "onset_region_right": "region right",
    "onset_region_wrong": "wrong",
    "onset_region_unresolved": "unresolved",
    "onset_region_none": "none",
    "head_direction_error_deg": "head error deg",
    "head_position_error_cm": "head error cm",
    "clock_error_ms": "clock error ms",
    "gaps_found": "gaps found",
}
"""Measures of the printed table, and what they are called there."""
WHOLE = ("seizures", "found", "missed", "false", "region right", "wrong", "unresolved", "none")


def measure_agreement(rig_folder: Path, results_folder: Path) -> pd.DataFrame:
    """Measure how well results agree with the truth.

    Parameters
    ----------
    rig_folder : Path
        What `vigil simulate` wrote.
    results_folder : Path
        The workflow's results.

    Returns
    -------
    DataFrame
        recording, measure, value; NaN where there is nothing to compare. Kappa is Cohen's (1960)
        over the epochs whose true state is wake, NREM or REM and that hold data; epochs left
        unclassified count as disagreement. Last come the pooled rows of animals without labels.
    """
    return _as_table(*_compare_all(rig_folder, results_folder))


def _compare_all(
    rig_folder: Path, results_folder: Path
) -> tuple[dict[str, Comparison], dict[str, bool]]:
    table = pd.read_csv(rig_folder / "recordings.tsv", sep="\t", dtype=str).fillna("")
    labelled_animals = set(table.loc[table["sleep_labels"] != "", "animal"])
    found = {r: compare(rig_folder / "truth" / r, results_folder / r) for r in table["recording"]}
    in_training = {
        r: a in labelled_animals for r, a in zip(table["recording"], table["animal"], strict=True)
    }
    return found, in_training


def _as_table(found: dict[str, Comparison], in_training: dict[str, bool]) -> pd.DataFrame:
    rows: list[tuple[str, str, float]] = []
    for recording, comparison in found.items():
        rows.append((recording, "labelled", float(in_training[recording])))
        rows += [(recording, m, v) for m, v in summarise(comparison).items()]
    unseen = pool([c for r, c in found.items() if not in_training[r]])
    rows.append((UNSEEN, "labelled", 0.0))
    rows += [(UNSEEN, m, v) for m, v in summarise(unseen).items()]
    return pd.DataFrame(rows, columns=["recording", "measure", "value"])


def summarise(c: Comparison) -> dict[str, float]:
    """Measures of one comparison, by name; NaN where it has nothing to say."""
    scored = [s != "unclassified" for s in c.scored_state]
    has_rem = "rem" in c.true_state
    missed = None if c.seizures is None or c.found is None else c.seizures - c.found
    return {
        "sleep_kappa": _kappa(c.true_state, c.scored_state),
        "sleep_coverage": float(np.mean(scored)) if scored else np.nan,
        "rem_f1": _rem_f1(c.true_state, c.scored_state) if has_rem else np.nan,
        "seizures_true": _number(c.seizures),
        "seizures_found": _number(c.found),
        "seizures_missed": _number(missed),
        "seizures_false": _number(c.false),
        "onset_error_s": _median(np.abs(c.onset_error_s)),
        **{
            f"onset_region_{how}": float(c.region.count(how)) if c.regions_compared else np.nan
            for how in ("right", "wrong", "unresolved", "none")
        },
        "head_direction_error_deg": _median(np.degrees(c.direction_error_rad)),
        "head_direction_error_p95_deg": _percentile(np.degrees(c.direction_error_rad), 95),
        "head_position_error_cm": _median(c.position_error_cm),
        "head_valid": len(c.position_error_cm) / c.frames if c.frames else np.nan,
        "clock_error_ms": _worst(1000 * c.clock_error_s),
        "gaps_true": _number(c.gaps),
        "gaps_found": _number(c.gaps_found),
    }


def _kappa(true: list[str], scored: list[str]) -> float:
    if not true:
        return np.nan
    # with one and the same state throughout, chance alone agrees as well
    if len(set(true) | set(scored)) < 2:
        return np.nan
    return float(cohen_kappa_score(true, scored))


def _rem_f1(true: list[str], scored: list[str]) -> float:
    return float(f1_score(true, scored, labels=["rem"], average="macro", zero_division=0.0))


def _number(count: int | None) -> float:
    return np.nan if count is None else float(count)


def _median(values: FloatArray) -> float:
    return _percentile(values, 50)


def _percentile(values: FloatArray, share: float) -> float:
    return float(np.percentile(values, share)) if len(values) else np.nan


def _worst(values: FloatArray) -> float:
    # a frame without a time is an error without bound
    worst = np.where(np.isfinite(values), np.abs(values), np.inf)
    return float(worst.max()) if len(worst) else np.nan


def format_table(agreement: pd.DataFrame) -> str:
    """The table as people read it: a line per recording, '-' where there is nothing to compare."""
    wide = agreement.pivot_table(
        index="recording", columns="measure", values="value", sort=False, dropna=False
    )
    wide = wide.reindex(columns=list(COLUMNS)).rename(columns=COLUMNS)
    text = pd.DataFrame(index=wide.index)
    for name, column in wide.items():
        text[name] = [_word(str(name), v) for v in column]
    return text.rename_axis(None).to_string()


def _word(column: str, value: float) -> str:
    if np.isnan(value):
        return "-"
    if column == "in training":
        return "yes" if value else "no"
    if column in WHOLE or column == "gaps found":
        return f"{value:.0f}"
    return f"{value:.0%}" if column == "scored" else f"{value:.2f}"


def main(rig_folder: Path, results_folder: Path, out: Path | None = None) -> int:
    """Print the table, say what could not be compared, and write it to `out`."""
    found, in_training = _compare_all(rig_folder, results_folder)
    agreement = _as_table(found, in_training)
    if out is not None:
        out.parent.mkdir(parents=True, exist_ok=True)
        agreement.to_csv(out, sep="\t", index=False, float_format="%.6g", na_rep="n/a")
    print("Outcome against the simulator's truth")
    print(format_table(agreement))
    for recording, comparison in found.items():
        for what, why in comparison.absent.items():
            print(f"{recording}: no comparison of {what}: {why}")
    return 0
