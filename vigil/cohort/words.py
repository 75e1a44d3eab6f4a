"""Tables of the cohort as text for its page."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vigil.cohort.early.curve import COHORT
from vigil.page import style
from vigil.page.table import Table
from vigil.page.words import number, percent

MOST_MARKERS = 12


def _shares(row: pd.Series) -> list[str]:
    return [percent(float(row[f"{s}_share"])) for s in style.STATE_NAMES]


def _bad_channels(row: pd.Series) -> str:
    """`2 of 64 (1 more to look at)`."""
    if not np.isfinite(row["channels"]):
        return "–"
    text = f"{row['bad_channels']:.0f} of {row['channels']:.0f}"
    if row["doubted_channels"]:
        text += f" ({row['doubted_channels']:.0f} more to look at)"
    return text


def recordings_words(table: pd.DataFrame) -> Table:
    """Recordings, each linked to its report."""
    rows = [
        [
            r["recording"], r["animal"], r["group"] or "–", r["status"], _bad_channels(r),
            number(float(r["hours"])), *_shares(r), number(float(r["seizures"])),
            number(float(r["mean_speed_cm_s"]), 2),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    header = ["Recording", "Animal", "Group", "Status", "Bad channels", "Hours"]
    header += style.STATE_NAMES.values()
    colours = {"analysed": "good", "partly": "look", "not analysed": "bad"}
    return Table(
        [*header, "Seizures", "Speed (cm/s)"],
        rows,
        range(5),
        colours=[style.VERDICT_COLOURS[colours[s]] for s in table["status"]],
        links=[f"../{name}/report/index.html" for name in table["recording"]],
    )


def animals_words(table: pd.DataFrame) -> Table:
    """Animals, each linked to its page."""
    rows = [
        [
            r["animal"], r["group"] or "–", str(r["recordings"]), number(float(r["hours"])),
            *_shares(r), number(float(r["seizures"])), number(float(r["seizures_per_day"])),
            number(float(r["mean_speed_cm_s"]), 2), str(r["died"] or "–")[:16].replace("T", " "),
            number(float(r["last_seizure_before_death_h"])),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    header = ["Animal", "Group", "Recordings", "Hours", *style.STATE_NAMES.values()]
    header += ["Seizures", "Per day", "Speed (cm/s)", "Died", "Last seizure before (h)"]
    links = [f"animals/{name}.html" for name in table["animal"]]
    return Table(header, rows, (0, 1, header.index("Died")), links=links)


def onsets_words(table: pd.DataFrame) -> Table:
    """Seizures of each animal by region of onset."""
    names = {"resolved": "clear", "unresolved": "not sure", "none": "no onset found"}
    rows = [
        [
            r["animal"], r["group"] or "–", r["region"] or "–",
            names.get(r["status"], r["status"]), str(r["seizures"]),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    return Table(("Animal", "Group", "Region", "Verdict", "Seizures"), rows, range(4))


def origins_words(table: pd.DataFrame) -> Table:
    """Where each animal's seizures begin, pooled."""
    verdicts = {"resolved": "clear", "unresolved": "not clear", "none": "no onset found"}
    rows = [
        [
            r["animal"], r["group"] or "–", r["region"] or "–", verdicts[r["status"]],
            number(float(r["confidence"]), 2),
            f"{percent(float(r['share']))} ({percent(float(r['low']))} to "
            f"{percent(float(r['high']))})",
            f"{r['n_seizures']}", f"{r['n_resolved']}",
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    header = ("Animal", "Group", "Region", "Verdict", "Confidence", "Share of its seizures")
    return Table((*header, "Seizures", "Clear alone"), rows, range(4))


def answers_words(table: pd.DataFrame) -> Table:
    """The answer of each animal on how early its seizures could have been told."""
    rows = [
        ["all animals" if r["animal"] == COHORT else r["animal"], r["sentence"]]
        for _, r in table.iterrows()
    ]
    return Table(("Animal", "Answer"), rows, (0,), (1,))


def biomarkers_words(table: pd.DataFrame) -> Table:
    """The strongest markers of the cohort, or of its one animal."""
    shown = table[table["animal"] == COHORT]
    shown = (shown if len(shown) else table).head(MOST_MARKERS)
    rows = [
        [
            r["region"], r["feature"], number(float(r["effect"])),
            f"{number(float(r['low']))} to {number(float(r['high']))}",
            f"{number(float(r['low_corrected']))} to {number(float(r['high_corrected']))}",
            number(float(r["p"]), 2), number(float(r["lead_min"])), f"{r['seizures']:.0f}",
        ]
        for _, r in shown.iterrows()
    ]  # fmt: skip
    header = ["Region", "Feature", "Effect (spreads)", "95 % interval", "corrected for all tried"]
    return Table([*header, "p, corrected", "Strongest at (min)", "Seizures"], rows, (0, 1))


def fatal_words(table: pd.DataFrame) -> Table:
    """Fatal seizures against others, by marker."""
    rows = [
        [
            str(r["marker"]), str(r["comparison"]), number(float(r["fatal_median"])),
            f"{r['n_fatal']:.0f}", number(float(r["other_median"])), f"{r['n_animals']:.0f}",
            number(float(r["effect"])), f"{number(float(r['low']))} to {number(float(r['high']))}",
            number(float(r["p"]), 2), number(float(r["q"]), 2), str(r["note"]),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    header = ["Marker", "Animals", "Fatal (median)", "n", "Others (median)", "n", "Difference"]
    return Table([*header, "95 % interval", "p", "q", "Note"], rows, (0, 1), (10,))


def coupling_words(table: pd.DataFrame) -> Table:
    """Seizures by state, time since its change, and hour."""
    rows = [
        [
            str(r["what"]).replace("_", " "), number(float(r["value"])),
            f"{number(float(r['low']))} to {number(float(r['high']))}",
            number(float(r["chance"])), number(float(r["p"]), 2), f"{r['n']:.0f}", str(r["note"]),
        ]
        for _, r in table.iterrows()
    ]  # fmt: skip
    header = ("What", "Value", "95 % interval", "By chance", "p", "n", "Note")
    return Table(header, rows, (0,), (6,))
