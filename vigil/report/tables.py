"""The table of seizures, and the same as CSV to take along."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vigil.page.table import Table
from vigil.page.times import clock_words, zeitgeber_h
from vigil.page.words import count_words, list_words, number
from vigil.report.findings import Findings
from vigil.report.summary import last_before_death
from vigil.seizures.files import ALL_CONTACTS, ALL_METHODS, WHOLE_BRAIN


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
            **_described(findings, seizure),
            **_where(findings, seizure),
            "order": region_order(findings.onset, seizure),
            **_after(findings, seizure),
            "last_before_death": last is not None and last[0] == seizure,
        }
        rows.append(row)
    return pd.DataFrame(rows)


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


def _described(findings: Findings, seizure: int) -> dict[str, object]:
    """The state before, and when movement and sleep came back, as cohort has them."""
    table = findings.described
    mine = None if table is None else table[table["seizure"] == seizure]
    numbers = ("state_for_s", "theta_kept", "moves_after_s", "sleeps_after_s")
    if mine is None or not len(mine):
        return {"state_before": "", **dict.fromkeys(numbers, np.nan)}
    return {k: mine.iloc[0][k] for k in ("state_before", *numbers)}


def _after(findings: Findings, seizure: int) -> dict[str, object]:
    table = findings.postictal
    mine = table
    if table is not None:
        mine = table[(table["seizure"] == seizure) & (table["region"] == WHOLE_BRAIN)]
    if mine is None or not len(mine):
        return {"suppression_s": np.nan, "recovered": ""}
    return {"suppression_s": mine["suppression_s"].iloc[0], "recovered": mine["recovered"].iloc[0]}


def not_seizures(disturbances: pd.DataFrame | None) -> str:
    """What looked like a seizure and was none, in words; '' where nothing did."""
    if disturbances is None or not len(disturbances):
        return ""
    counts = disturbances["reason"].value_counts()
    named = [f"{n} times {reason}" if n > 1 else str(reason) for reason, n in counts.items()]
    many = count_words(len(disturbances), "stretch was", "stretches were")
    return f"{many.capitalize()} not counted: {list_words(named)} (disturbances.tsv)."


def rates_table(rates: pd.DataFrame | None) -> Table | None:
    """Spikes and fast oscillations between seizures by channel, or None without any."""
    if rates is None or not len(rates):
        return None
    header = ("Channel", "Region", "Hours", "Spikes / min", "Ripples / min", "Fast ripples / min")
    columns = ("hours", "spikes_per_min", "ripples_per_min", "fast_ripples_per_min")
    rows = [
        [str(r["channel"]), str(r["region"]), *(number(float(r[c]), 2) for c in columns)]
        for _, r in rates.iterrows()
    ]
    return Table(header, rows, (0, 1))
