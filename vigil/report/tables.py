"""The table of seizures, and the same as CSV to take along."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vigil.page.times import clock_words, zeitgeber_h
from vigil.report.findings import Findings
from vigil.report.summary import last_before_death
from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS


def seizure_summary(findings: Findings) -> pd.DataFrame:
    """One row per seizure: when, how long, where it starts, the order, what came after."""
    rows = []
    last = last_before_death(findings)
    for seizure, onset_s, duration_s in findings.seizures():
        row: dict[str, object] = {
            "seizure": seizure,
            "onset_s": onset_s,
            "time_of_day": clock_words(findings.start, onset_s),
        }
        if findings.start is not None and findings.lights_on is not None:
            row["zeitgeber_h"] = zeitgeber_h(findings.start, findings.lights_on, onset_s)
        row |= {
            "duration_s": duration_s,
            "state_before": state_before(findings.hypnogram, onset_s),
            **_where(findings, seizure),
            "order": region_order(findings.onset, seizure),
            **_after(findings, seizure),
            "last_before_death": last is not None and last[0] == seizure,
        }
        rows.append(row)
    return pd.DataFrame(rows)


def state_before(hypnogram: pd.DataFrame | None, onset_s: float) -> str:
    """The last scored state within a minute before a time, '' where there is none."""
    if hypnogram is None:
        return ""
    stop = hypnogram["start_s"] + hypnogram["duration_s"]
    before = hypnogram[
        (stop <= onset_s + 1e-6) & (stop > onset_s - 60) & (hypnogram["state"] != "unclassified")
    ]
    return str(before["state"].iloc[-1]) if len(before) else ""


def region_order(onset: pd.DataFrame | None, seizure: int) -> str:
    """Regions in the order in which they joined, with latencies in seconds."""
    if onset is None:
        return ""
    mine = onset[
        (onset["seizure"] == seizure)
        & (onset["channel"] == ALL_CONTACTS)
        & (onset["method"] == ALL_METHODS)
    ].dropna(subset="latency_s")
    mine = mine.sort_values("latency_s")
    return ", ".join(
        f"{r} {t:+.1f} s" for r, t in zip(mine["region"], mine["latency_s"], strict=True)
    )


def _where(findings: Findings, seizure: int) -> dict[str, object]:
    table = findings.consensus
    mine = None if table is None else table[table["seizure"] == seizure]
    if mine is None or not len(mine):
        return {"region": "", "confidence": np.nan, "status": ""}
    row = mine.iloc[0]
    return {k: row[k] for k in ("region", "confidence", "status")}


def _after(findings: Findings, seizure: int) -> dict[str, object]:
    table = findings.postictal
    mine = None if table is None else table[table["seizure"] == seizure]
    if mine is None or not len(mine):
        return {"suppression_s": np.nan, "recovered": ""}
    return {"suppression_s": mine["suppression_s"].iloc[0], "recovered": mine["recovered"].iloc[0]}
