"""The whole recording in one picture: light, spectrogram, hypnogram, confidence, EMG, movement."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from vigil.page import style
from vigil.report.figures import panels
from vigil.report.figures.spectrograms import spectrogram_row
from vigil.report.findings import Findings
from vigil.report.settings import Settings


def muscle_column(features: pd.DataFrame | None) -> tuple[str, str] | None:
    """The column that tells muscle tone and the words for its axis; None without one."""
    if features is None:
        return None
    names = [c for c in features.columns if c.startswith("emg.") and features[c].notna().any()]
    for wanted, words in (
        ("rms", "EMG RMS\n(log10 µV)"),
        ("lfp", "EMG from LFP\n(correlation)"),
        ("", "EMG"),
    ):
        for name in names:
            if wanted in name.removeprefix("emg."):
                return name, words if wanted else f"{words}\n({name.removeprefix('emg.')})"
    return None


def shown_region(findings: Findings, settings: Settings) -> str:
    """Region whose spectrogram stands in the overview."""
    data = findings.spectrogram
    regions = data.regions if data is not None and len(data.time_s) > 1 else ()
    if settings.overview_region in regions:
        return settings.overview_region
    return regions[0] if regions else ""


def overview(findings: Findings, settings: Settings) -> Figure | None:
    """Draw whatever there is of a recording over one time axis; None where there is nothing."""
    region = shown_region(findings, settings)
    muscle = muscle_column(findings.features)
    sleep, moves, evidence = findings.hypnogram, findings.kinematics, findings.evidence
    has_bar = findings.events is not None or (findings.start and findings.lights_on is not None)
    rows = {
        "bar": 0.35 if has_bar else 0,
        "spectrogram": 1.7 if region else 0,
        "hypnogram": 1.0 if sleep is not None else 0,
        # the threshold scorer tells no confidence
        "confidence": 0.45 if sleep is not None and sleep["confidence"].notna().any() else 0,
        "emg": 0.6 if muscle else 0,
        "speed": 0.7 if moves is not None else 0,
        "evidence": 0.6 if evidence is not None else 0,
    }
    rows = {name: height for name, height in rows.items() if height}
    if not set(rows) - {"bar"}:
        return None
    figure = style.new_figure(0.75 + 1.08 * sum(rows.values()))
    axes = dict(
        zip(
            rows,
            figure.subplots(
                len(rows), 1, sharex=True, squeeze=False, height_ratios=list(rows.values())
            )[:, 0],
            strict=True,
        )
    )
    time = findings.time_axis()
    span = (time.start_s, time.stop_s)
    if "bar" in axes:
        panels.light_bar(axes["bar"], findings, settings.light_h)
    if "spectrogram" in axes and findings.spectrogram is not None:
        spectrogram_row(axes["spectrogram"], findings.spectrogram, region, settings)
    if sleep is not None:
        panels.hypnogram(axes["hypnogram"], sleep)
        if "confidence" in axes:
            _confidence(axes["confidence"], sleep)
    if muscle and findings.features is not None:
        name, words = muscle
        middle = findings.features["start_s"] + findings.features["duration_s"] / 2
        gap = 1.5 * float(findings.features["duration_s"].median())
        panels.trace(axes["emg"], middle, findings.features[name], span, max_gap_s=gap)
        panels.robust_ylim(axes["emg"], findings.features[name])
        axes["emg"].set_ylabel(words)
    if moves is not None:
        panels.trace(axes["speed"], moves["time_s"], moves["speed_cm_s"], span, max_gap_s=1.0)
        panels.robust_ylim(axes["speed"], moves["speed_cm_s"], from_zero=True)
        axes["speed"].set_ylabel("Speed\n(cm/s)")
    if evidence is not None:
        panels.trace(
            axes["evidence"], evidence["time_s"], evidence["line_length_z"], span, max_gap_s=10.0
        )
        axes["evidence"].set_ylabel("Line length\n(z)")
    panels.finish_rows(figure, axes, findings)
    return figure


def _confidence(axis: Axes, sleep: pd.DataFrame) -> None:
    middle = (sleep["start_s"] + sleep["duration_s"] / 2).to_numpy(float)
    value = sleep["confidence"].to_numpy(float)
    panels.trace(axis, middle, value, (0.0, float(middle[-1]) if len(middle) else 1.0))
    axis.set_ylim(0, 1.05)
    axis.set_yticks([0, 1])
    axis.set_ylabel("Confi-\ndence")
