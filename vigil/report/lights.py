"""Quality lights: what of a recording can be trusted, what needs a look, each with its reason."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from vigil.page.words import count_words, duration_words, list_words, percent
from vigil.report.channels import LIGHT_OF
from vigil.report.findings import Findings
from vigil.report.settings import Settings
from vigil.seizures.files import RESOLVED

WORDS = {"good": "good", "look": "needs a look", "bad": "bad", "none": "not there"}
SIGNS = {"good": "●", "look": "▲", "bad": "■", "none": "○"}
# shares and confidences from which a light turns; a person is asked to look, nothing is left out
UNCLASSIFIED_LOOK = 0.10
CONFIDENCE_LOOK = 0.70
POSE_WORDS = {"ok": "good", "warn": "look", "bad": "bad"}
TIMED = ("time_s", ".nvt", ".smi")
"""Sources of frame times on the recording's own clock, which need no residual."""
MOST_NAMES = 8


@dataclass(frozen=True)
class Light:
    """One judgement: what it is about, good / look / bad / none, and why."""

    name: str
    verdict: str
    reason: str

    @property
    def words(self) -> str:
        """The verdict as words, for readers who cannot tell the colours apart."""
        return WORDS[self.verdict]

    @property
    def sign(self) -> str:
        """The verdict as a shape."""
        return SIGNS[self.verdict]


def quality_lights(findings: Findings, settings: Settings) -> list[Light]:
    """All lights of a recording, in the order of its path through the stages."""
    return [
        *_channels(findings.quality),
        *_coverage(findings),
        *_pose(findings.pose_quality, findings.pose_verdict),
        *_clock(findings, settings.good_clock_ms),
        *_sleep(findings.hypnogram, findings.death_s),
        *_onsets(findings),
    ]


def _channels(quality: pd.DataFrame | None) -> list[Light]:
    if quality is None:
        return []
    lights = []
    names = {"lfp": "Brain signals", "emg": "Muscle signals", "ecg": "Heart signals"}
    for kind, name in names.items():
        mine = quality[quality["kind"] == kind]
        if not len(mine):
            continue
        by_verdict = {v: list(mine.loc[mine["verdict"] == v, "channel"]) for v in LIGHT_OF}
        bad, warn = by_verdict["bad"], by_verdict["warn"]
        if not bad and not warn:
            text = "the one channel is" if len(mine) == 1 else f"all {len(mine)} channels are"
            lights.append(Light(name, "good", f"{text} usable"))
            continue
        parts = []
        if bad:
            all_of_kind = count_words(len(mine), "channel")
            parts.append(f"{len(bad)} of {all_of_kind} not used: {_names(bad)}")
        if warn:
            needs = "need" if len(warn) > 1 else "needs"
            parts.append(f"{count_words(len(warn), 'channel')} {needs} a look: {_names(warn)}")
        regions = set(mine["region"])
        lost = sorted(regions - set(mine.loc[mine["verdict"] != "bad", "region"]))
        if kind == "lfp" and lost and len(lost) < len(regions) < len(mine):
            parts.append(f"no usable channel is left in {list_words(lost)}")
        lights.append(Light(name, "bad" if len(bad) == len(mine) else "look", "; ".join(parts)))
    return lights


def _names(channels: list[str]) -> str:
    """Names of channels, the first few of many."""
    if len(channels) <= MOST_NAMES:
        return list_words(channels)
    return f"{', '.join(channels[:MOST_NAMES])} and {len(channels) - MOST_NAMES} more"


def _coverage(findings: Findings) -> list[Light]:
    if findings.lfp is None:
        return []
    gaps = findings.gaps
    if not gaps:
        return [Light("Continuity", "good", "no gaps in the signals")]
    lost = sum(b - a for a, b in gaps)
    longest = max(b - a for a, b in gaps)
    text = f"{count_words(len(gaps), 'gap')}, {duration_words(lost)} in all"
    if len(gaps) > 1:
        text += f", the longest {duration_words(longest)}"
    share = lost / max(findings.duration_s, 1e-9)
    return [Light("Continuity", "look" if share > 0.01 else "good", f"{text} ({percent(share)})")]


def _pose(quality: pd.DataFrame | None, verdict: dict[str, Any] | None) -> list[Light]:
    if quality is None or verdict is None:
        return []
    parts = [
        f"{str(p).replace('_', ' ')} in {percent(float(s))}"
        for p, s in zip(quality["part"], quality["share_over_threshold"], strict=True)
    ]
    text = f"seen surely: {list_words(parts)} of the frames"
    text = "; ".join([text, *(str(r).rstrip(".") for r in verdict["reasons"])])
    return [Light("Tracking", POSE_WORDS[verdict["verdict"]], text)]


def _clock(findings: Findings, good_ms: float) -> list[Light]:
    clock = findings.clock
    if clock is None:
        return []
    source = str(clock.get("source", ""))
    residual = clock.get("residual_ms")
    parts = [f"placed by {source}" if source else "source unknown"]
    if residual is not None:
        parts.append(f"residual {residual:.2g} ms")
    if clock.get("drift_ppm") is not None:
        parts.append(f"drift {clock['drift_ppm']:.3g} ppm")
    if clock.get("dropped_frames"):
        parts.append(count_words(int(clock["dropped_frames"]), "dropped frame"))
    ambiguous = int(clock.get("ambiguous_frames") or 0)
    if ambiguous:
        parts.append(f"may be off by up to {count_words(ambiguous, 'frame')}")
    parts += [str(note).rstrip(".") for note in clock.get("notes") or []]
    # a small residual says how regular the pulses are, not that they were matched rightly
    sure = (residual is not None and residual <= good_ms) or source in TIMED
    sure = sure and not ambiguous and not clock.get("notes")
    return [Light("Video clock", "good" if sure else "look", "; ".join(parts))]


def _sleep(hypnogram: pd.DataFrame | None, death_s: float | None) -> list[Light]:
    if hypnogram is None or not len(hypnogram):
        return []
    unclassified = float((hypnogram["state"] == "unclassified").mean())
    scored = hypnogram[hypnogram["state"] != "unclassified"]
    if not len(scored):
        return [Light("Sleep scores", "bad", "no epoch could be scored")]
    confidence = float(scored["confidence"].mean())
    sure = f"mean confidence {confidence:.2f}"
    if not scored["confidence"].notna().any():
        sure = "scored by thresholds, which give no confidence"
    text = f"{sure}; {percent(unclassified)} unclassified"
    labelled = float((hypnogram["label"] != "").mean())
    if labelled:
        text += f"; {percent(labelled)} labelled by an expert"
    verdict = "good"
    if unclassified > UNCLASSIFIED_LOOK or confidence < CONFIDENCE_LOOK:
        verdict = "look"
    if death_s is not None:
        after = float(scored.loc[scored["start_s"] >= death_s, "duration_s"].sum())
        if after:
            text += f"; {duration_words(after)} were scored after the animal's death"
            verdict = "look"
    return [Light("Sleep scores", verdict, text)]


def _onsets(findings: Findings) -> list[Light]:
    if findings.consensus is None or not len(findings.consensus):
        return []
    status = findings.consensus["status"].astype(str)
    n = len(status)
    sure = int((status == RESOLVED).sum())
    text = f"{sure} of {count_words(n, 'seizure')} with a clear region of onset"
    for word, meaning in (
        ("unresolved", "not sure enough which region"),
        ("none", "no onset found"),
    ):
        if (status == word).any():
            text += f"; {meaning}: {int((status == word).sum())}"
    return [Light("Seizure onset", "good" if sure == n else "look", text)]
