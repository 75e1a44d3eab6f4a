"""What was found, in plain words: the first lines of the page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from vigil.page import style
from vigil.page.times import clock_words, date_words, zeitgeber_h
from vigil.page.words import count_words, duration_words, list_words, percent, sentence
from vigil.recording import SCORED, seconds_between
from vigil.report.findings import Findings
from vigil.report.lights import Light
from vigil.seizures.files import RESOLVED

ROLE_WORDS = {
    "lfp": "brain signals",
    "quality": "quality of the channels",
    "spectrogram": "spectrogram",
    "features": "features of the epochs",
    "kinematics": "movement",
    "turns": "turns",
    "clock": "clock of the video",
    "pose_quality": "tracking",
    "hypnogram": "sleep scores",
    "sleep_summary": "sleep table",
    "sleep_statistics": "sleep statistics",
    "sleep_transitions": "transitions between states",
    "sleep_hours": "sleep hour by hour",
    "events": "seizures",
    "onset": "order of the regions in seizures",
    "consensus": "regions where seizures start",
    "spread": "spread of seizures",
    "postictal": "time after seizures",
    "disturbances": "what was no seizure",
    "rates": "spikes and fast oscillations",
    "described": "states around seizures",
    "evidence": "evidence for seizures",
    "manifest": "list of files",
}
VIDEO_ROLES = ("kinematics", "turns", "clock", "pose_quality")


def lead(findings: Findings) -> str:
    """The first sentence of the page: what this is, or that it could not be analysed."""
    if not findings.analysed:
        reasons = dict.fromkeys(m.reason for m in findings.missing.values())
        why = " ".join(sentence(r) for r in reasons) or "No stage left a result."
        return f"This recording could not be analysed. {why}"
    who = f"animal {findings.animal}" if findings.animal else "an animal without a name"
    if findings.group:
        who += f" (group {findings.group})"
    text = f"{duration_words(findings.duration_s)} of {who}"
    if findings.start is not None:
        text += f", from {date_words(findings.start)}"
    return f"{text}."


def sentences(findings: Findings, lights: Sequence[Light]) -> list[str]:
    """What was found, one sentence after the other."""
    if not findings.analysed:
        return []
    said = [_signals(findings), _sleep(findings), *_seizures(findings), _movement(findings)]
    failed = dict.fromkeys(m.reason for m in findings.missing.values())
    if failed:
        said.append("Parts could not be analysed: " + " ".join(sentence(r) for r in failed))
    doubtful = [x.name for x in lights if x.verdict in ("look", "bad")]
    if doubtful:
        said.append(f"Needs a look: {list_words([d.lower() for d in doubtful])}.")
    elif lights:
        said.append("Nothing needs a look.")
    return [s for s in said if s]


def _signals(findings: Findings) -> str:
    if findings.lfp is None:
        return ""
    montage = findings.lfp.montage
    n = len(montage.of_kind("lfp"))
    regions = montage.regions
    where = list_words(regions) if len(regions) <= 8 else f"{len(regions)} regions"
    text = f"{count_words(n, 'brain channel')} in {where}"
    muscle = len(montage.of_kind("emg"))
    if muscle:
        text += f" and {count_words(muscle, 'EMG channel')}"
    gaps = findings.gaps
    valid = duration_words(findings.lfp.segments.valid_s)
    return f"{text}; {valid} hold signals ({count_words(len(gaps), 'gap')})."


def _sleep(findings: Findings) -> str:
    table = findings.hypnogram
    if table is None or not len(table):
        return ""
    length = table["duration_s"].to_numpy(float)
    total = float(length.sum())
    share = {
        s: float(length[(table["state"] == s).to_numpy()].sum()) / total for s in style.STATE_NAMES
    }
    scored = total * (1 - share["unclassified"])
    states = [f"{percent(share[s])} {style.STATE_NAMES[s]}" for s in SCORED]
    left = share["unclassified"]
    rest = f", {percent(left)} unclassified" if left else "; no epoch was left unclassified"
    if scored <= 0:
        return "No epoch could be scored for sleep."
    return f"{duration_words(scored)} were scored for sleep: {list_words(states)}{rest}."


def _seizures(findings: Findings) -> list[str]:
    if findings.events is None:
        return []
    found = list(findings.seizures())
    if not found:
        return ["No seizures were found."]
    first = found[0]
    text = f"{count_words(len(found), 'seizure').capitalize()} found, "
    text += "at " if len(found) == 1 else "the first at "
    text += moment_words(findings, first[1])
    lengths = [d for _, _, d in found]
    text += (
        f", lasting {duration_words(lengths[0])}."
        if len(found) == 1
        else f"; they lasted {duration_words(min(lengths))} to {duration_words(max(lengths))}."
    )
    said = [text]
    if findings.consensus is not None:
        said.append(_onsets(findings.consensus, len(found)))
    last = last_before_death(findings)
    if last is not None:
        said.append(
            f"The animal died {last[1]} after the onset of seizure {last[0]}, the last one here."
        )
    return said


def _onsets(consensus: pd.DataFrame, n: int) -> str:
    clear = consensus[consensus["status"] == RESOLVED]
    if not len(clear):
        return "Where seizures start could not be told."
    if n == 1:
        return f"It starts in {clear['region'].iloc[0]}."
    regions = [f"{r} ({k} of {n})" for r, k in clear["region"].value_counts().items()]
    return f"Seizures start in {list_words(regions)}."


def _movement(findings: Findings) -> str:
    moves = findings.kinematics
    if moves is None or not len(moves):
        return ""
    valid = float(moves["valid"].astype(bool).mean())
    text = f"The head was followed in {percent(valid)} of {len(moves):,} video frames"
    speed = float(moves["speed_cm_s"].mean())
    if speed == speed:
        text += f"; mean speed {speed:.2g} cm/s"
    if findings.turns is not None:
        ways = findings.turns["direction"].astype(str)
        ccw, cw = int((ways == "ccw").sum()), int((ways == "cw").sum())
        text += f"; {count_words(len(ways), 'turn')} ({ccw} counter-clockwise, {cw} clockwise)"
    return f"{text}."


def last_before_death(findings: Findings) -> tuple[int, str] | None:
    """Number of this recording's last seizure before the animal's death, and how long before."""
    if findings.died is None or findings.start is None:
        return None
    died_s = seconds_between(findings.start, findings.died)
    before = [(n, died_s - onset_s) for n, onset_s, _ in findings.seizures() if onset_s <= died_s]
    return (before[-1][0], duration_words(before[-1][1])) if before else None


def moment_words(findings: Findings, time_s: float) -> str:
    """A time of the recording with the time of day and zeitgeber time, where they are known."""
    text = duration_words(time_s)
    clock = clock_words(findings.start, time_s)
    if findings.start is None or not clock:
        return text
    if findings.lights_on is not None:
        return f"{text} ({clock}, ZT {zeitgeber_h(findings.start, findings.lights_on, time_s):.1f})"
    return f"{text} ({clock})"


def not_analysed_rows(findings: Findings) -> list[tuple[str, str, str]]:
    """What was not analysed: parts, stage and reason, parts with one reason together."""
    grouped: dict[tuple[str, str], list[str]] = {}
    for name, mark in findings.missing.items():
        grouped.setdefault((mark.stage, mark.reason), []).append(ROLE_WORDS.get(name, name))
    absent = {
        ("", "The table names no video and no tracks for this recording."): [
            ROLE_WORDS[r] for r in findings.absent if r in VIDEO_ROLES
        ],
        ("", "Not part of this run."): [
            ROLE_WORDS.get(r, r) for r in findings.absent if r not in VIDEO_ROLES
        ],
    }
    rows = [(list_words(p), stage, reason) for (stage, reason), p in grouped.items()]
    rows += [(list_words(p), stage, reason) for (stage, reason), p in absent.items() if p]
    return rows
