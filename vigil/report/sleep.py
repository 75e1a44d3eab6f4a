"""The sleep part of the page: its tables, the same as CSV, and how far an expert agrees."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.metrics import cohen_kappa_score

from vigil.page import style
from vigil.page.table import Table, csv_link
from vigil.page.times import zeitgeber_h
from vigil.page.words import number, percent, sentence
from vigil.recording import SCORED
from vigil.report.findings import Findings
from vigil.report.settings import Settings

MAX_EPOCHS = 100_000
NO_DAY = (
    "A day in zeitgeber hours is drawn where at least two hours are classified, the start of the "
    "recording is known and the table has lights_on."
)


@dataclass(frozen=True)
class PagedTable:
    """A table with its title and the name of its CSV; folded away where it is long."""

    title: str
    table: Table
    file: str
    csv: str
    note: str = ""
    folded: bool = True


@dataclass(frozen=True)
class SleepPart:
    """What the page shows of sleep.

    Parameters
    ----------
    no_day : str
        What the figure of a day needs, for a page without it.
    """

    sentences: list[str]
    tables: list[PagedTable]
    hypnogram_csv: str | None
    no_day: str


def sleep_part(findings: Findings, settings: Settings) -> SleepPart | None:
    """Everything of the page's sleep part; None where nothing was scored."""
    shown = []
    if findings.sleep_summary is not None:
        table = findings.sleep_summary
        shown.append(
            PagedTable(
                "Time and bouts",
                states_table(table),
                "sleep_summary",
                csv_link(table),
                folded=False,
            )
        )
    phases = light_and_dark(findings, settings.light_h)
    if phases is not None and (phases["classified_min"] > 0).all():
        words = phases_table(phases)
        title = "Light and darkness"
        shown.append(PagedTable(title, words, "sleep_by_light", csv_link(phases), folded=False))
    if findings.sleep_statistics is not None:
        table = findings.sleep_statistics
        note = (
            "A latency counts from the start of the recording. Where a part of it is unclassified, "
            "the state may have come earlier. "
            "Bouts of REM that a brief awakening interrupts are one episode; intervals with a "
            "minute or more of unclassified epochs are left out."
        )
        words = statistics_table(table)
        shown.append(PagedTable("Statistics", words, "sleep_statistics", csv_link(table), note))
    if findings.sleep_transitions is not None:
        table = findings.sleep_transitions
        note = (
            "Probability of each state in the next epoch, and of each other state when a bout ends "
            "(in brackets how often). Pairs with an unclassified epoch do not count."
        )
        words = transitions_table(table)
        shown.append(PagedTable("Transitions", words, "sleep_transitions", csv_link(table), note))
    if findings.sleep_hours is not None and len(findings.sleep_hours) > 1:
        table = findings.sleep_hours
        note = "Shares are of the classified time; a bout belongs to the hour in which it begins."
        words = hours_table(table)
        shown.append(PagedTable("Hour by hour", words, "sleep_by_hour", csv_link(table), note))
    if findings.hypnogram is None and not shown:
        return None
    said = [*fallback_sentences(findings), *expert_sentences(findings)]
    return SleepPart(said, shown, hypnogram_csv(findings.hypnogram), NO_DAY)


def states_table(summary: pd.DataFrame) -> Table:
    """Time in each state and its bouts."""
    rows = [
        (
            style.STATE_NAMES[s["state"]],
            f"{s['minutes']:.1f}",
            percent(s["share"]),
            number(int(s["bouts"])),
            *(number(s[f"{m}_bout_s"]) for m in ("mean", "median", "longest")),
            number(s["bouts_per_hour"]),
        )
        for s in summary.to_dict("records")
    ]
    header = (
        "State", "Time (min)", "Share", "Bouts", "Mean bout (s)", "Median bout (s)",
        "Longest bout (s)", "Bouts per hour",
    )  # fmt: skip
    return Table(header, rows, colours=tuple(style.STATE_COLOURS[s] for s in summary["state"]))


def statistics_table(statistics: pd.DataFrame) -> Table:
    """The numbers of the whole recording."""
    unsure = bool((statistics["unclassified_min"] > 0).any())
    rows = [
        [
            s["measure"],
            f"{s['value']:.0f}" if abs(s["value"]) >= 100 else number(s["value"]),
            s["unit"],
            s["source"],
            *([number(s["unclassified_min"]) if s["unclassified_min"] > 0 else ""] * unsure),
        ]
        for s in statistics.to_dict("records")
    ]
    header = ["Measure", "Value", "Unit", "Counted by", *["Of it unclassified (min)"] * unsure]
    return Table(header, rows, (0, 2, 3))


def transitions_table(transitions: pd.DataFrame) -> Table:
    """Probabilities and counts, one row for each state from which something goes."""
    cells = {
        (t["step"], t["from"], t["to"]): f"{percent(t['probability'])} ({t['count']})"
        for t in transitions.to_dict("records")
    }
    steps = {"epoch": "Next epoch", "bout": "Next bout"}
    header = ["From"]
    header += [f"{w}: {style.STATE_NAMES[b]}" for w in steps.values() for b in SCORED]
    rows = [
        [
            style.STATE_NAMES[a],
            *(cells.get((step, a, b), "") for step in steps for b in SCORED),
        ]
        for a in SCORED
    ]
    return Table(header, rows, colours=[style.STATE_COLOURS[a] for a in SCORED])


def hours_table(hours: pd.DataFrame) -> Table:
    """Sleep in each hour."""
    has_zt = bool(hours["zeitgeber_h"].notna().all())
    names = [style.STATE_NAMES[s] for s in SCORED]
    header = ["Day", "ZT (h)" if has_zt else "Hour", "Classified (min)", *names]
    header += [f"Bouts: {n}" for n in names] + [f"Mean bout (s): {n}" for n in names]
    rows = [
        [
            str(int(h["day"])),
            str(int(h["zeitgeber_h" if has_zt else "hour"])),
            f"{h['classified_min']:.1f}",
            *(percent(h[f"{s}_share"]) for s in SCORED),
            *(str(int(h[f"{s}_bouts"])) for s in SCORED),
            *(number(h[f"{s}_mean_bout_s"]) for s in SCORED),
        ]
        for h in hours.to_dict("records")
    ]
    return Table(header, rows, ())


def light_and_dark(findings: Findings, light_h: float) -> pd.DataFrame | None:
    """Sleep while the lights are on and off; None where that is not known.

    Parameters
    ----------
    light_h : float
        Hours of light per day, from lights on.

    Returns
    -------
    DataFrame
        `phase` (light, dark), `classified_min`, and for each state `<state>_min` and
        `<state>_share` of the classified time. An epoch belongs to where its middle lies.
    """
    table = findings.hypnogram
    if table is None or not len(table) or findings.start is None or findings.lights_on is None:
        return None
    at_start_h = zeitgeber_h(findings.start, findings.lights_on, 0.0)
    middle_h = (table["start_s"] + table["duration_s"] / 2).to_numpy(float) / 3600
    light = (at_start_h + middle_h) % 24 < light_h
    rows = []
    for phase, here in (("light", light), ("dark", ~light)):
        mine = table[here & (table["state"] != "unclassified").to_numpy()]
        minutes = {s: mine.loc[mine["state"] == s, "duration_s"].sum() / 60 for s in SCORED}
        classified = sum(minutes.values())
        row = {"phase": phase, "classified_min": classified}
        row |= {f"{s}_min": m for s, m in minutes.items()}
        row |= {f"{s}_share": m / classified if classified else np.nan for s, m in minutes.items()}
        rows.append(row)
    return pd.DataFrame(rows)


def phases_table(phases: pd.DataFrame) -> Table:
    """`light_and_dark` as text."""
    header = ["Phase", "Classified (min)", *(style.STATE_NAMES[s] for s in SCORED)]
    rows = [
        [
            p["phase"].capitalize(),
            f"{p['classified_min']:.1f}",
            *(percent(p[f"{s}_share"]) for s in SCORED),
        ]
        for p in phases.to_dict("records")
    ]
    return Table(header, rows)


def fallback_sentences(findings: Findings) -> list[str]:
    """Why the states were scored by thresholds although there are labels; nothing else."""
    about = findings.provenances.get("sleep", {})
    mark, why = about.get("missing", {}).get("model"), about.get("decided", {}).get("why")
    if findings.hypnogram is not None and why:
        return [f"The states were scored by thresholds and not by the trained model: {why}."]
    if findings.hypnogram is None or not mark:
        return []
    text = "No model could be trained from the labels, so the states were scored by thresholds."
    return [f"{text} {sentence(mark['reason'])}"]


def expert_sentences(findings: Findings) -> list[str]:
    """How much an expert labelled, and how well the scorer agrees there; nothing without labels."""
    table = findings.hypnogram
    if table is None:
        return []
    known = table[table["label"].isin(SCORED)]
    if not len(known):
        return []
    label, scored = known["label"], known["scored"]
    text = f"An expert labelled {len(known):,} of {len(table):,} epochs"
    text += ", which keep that state. " if (known["state"] == label).all() else ". "
    text += f"The scorer agrees with {percent(float((label == scored).mean()))} of them"
    if len(set(label) | set(scored)) > 1:
        text += f" (Cohen's kappa {cohen_kappa_score(label, scored):.2f})"
    left = float((scored == "unclassified").mean())
    if left:
        text += f"; the {percent(left)} that it left unclassified count against it"
    return [f"{text}."]


def hypnogram_csv(table: pd.DataFrame | None) -> str | None:
    """Every epoch as the address of a download; None where there are too many for a page."""
    if table is None or len(table) > MAX_EPOCHS:
        return None
    columns = ["start_s", "duration_s", "state", "confidence", "scored", "label"]
    return csv_link(table[columns])
