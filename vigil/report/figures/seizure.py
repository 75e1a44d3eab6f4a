"""One picture per seizure: traces, order of the regions, spectrogram, movement, state."""

from __future__ import annotations

import numpy as np
from matplotlib.figure import Figure

from vigil.page import style
from vigil.report.figures import motion_panels
from vigil.report.figures.seizure_latencies import draw_latencies
from vigil.report.figures.seizure_surround import draw_spectrogram, draw_speed, draw_states
from vigil.report.figures.seizure_traces import draw_traces, onset_order, read_traces
from vigil.report.figures.spread_map import spread_map
from vigil.report.findings import Findings
from vigil.report.settings import Settings


def seizure_figure(
    findings: Findings, settings: Settings, seizure: int, onset_s: float, duration_s: float
) -> Figure | None:
    """What was recorded around a seizure, as far as it was recorded.

    Traces of one contact per region in the order in which they join, beside the latency of
    each region by each method; the spectrogram of the region that comes first; speed of the
    head; the state.
    """
    lfp = findings.lfp
    if lfp is None:
        return None
    start_s, stop_s = onset_s - settings.before_seizure_s, onset_s + settings.after_seizure_s
    order = onset_order(seizure, findings.onset, lfp, findings.quality)
    if not order:
        return None
    time_s, signal_uv = read_traces(lfp, [r.channel for r in order], start_s, stop_s)
    if not len(time_s):
        return None
    rows = {"traces": 0.55 * max(3, len(order)), "spectrogram": 1.0}
    if findings.kinematics is not None:
        rows["speed"] = 0.6
    if findings.hypnogram is not None:
        rows["state"] = 0.2
    figure = style.new_figure(1.0 + sum(rows.values()))
    grid = figure.add_gridspec(
        len(rows), 2, width_ratios=[4.2, 1], height_ratios=list(rows.values())
    )
    traces = figure.add_subplot(grid[0, 0])
    axes = {"traces": traces}
    for place, name in enumerate(list(rows)[1:], start=1):
        axes[name] = figure.add_subplot(grid[place, 0], sharex=traces)
    span_s = (start_s - onset_s, stop_s - onset_s)
    time_s = time_s - onset_s
    draw_traces(traces, time_s, signal_uv, order, lfp.montage.regions, span_s)
    latencies = figure.add_subplot(grid[0, 1], sharey=traces)
    draw_latencies(latencies, order)
    latencies.tick_params(axis="y", labelleft=False)
    if findings.spread is not None:
        mine = findings.spread[findings.spread["seizure"] == seizure]
        spread_map(figure.add_subplot(grid[1:, 1]), mine, lfp.montage)
    draw_spectrogram(axes["spectrogram"], time_s, signal_uv[:, 0], lfp.rate_hz)
    axes["spectrogram"].set_title(f"{order[0].region}, {order[0].channel}")
    if findings.kinematics is not None and not draw_speed(
        axes["speed"], findings.kinematics, onset_s, span_s
    ):
        axes["speed"].text(
            0.5, 0.5, "the head was not seen", transform=axes["speed"].transAxes, ha="center"
        )
    if findings.hypnogram is not None:
        draw_states(axes["state"], findings.hypnogram, onset_s, duration_s)
        keys = axes["state"].legend(
            handles=motion_panels.state_keys(),
            loc="lower left",
            bbox_to_anchor=(1.02, -0.4),
            handlelength=0.9,
        )
        keys.set_in_layout(False)  # it stands beside panels of other heights
    traces.axvspan(0, min(duration_s, span_s[1]), color="#F3E3D3", lw=0, zorder=0)
    for name, axis in axes.items():
        if name != "state":
            axis.axvline(0, color=style.SEIZURE_COLOUR, lw=0.8)
            if np.isfinite(duration_s) and duration_s < span_s[1]:
                axis.axvline(duration_s, color=style.SEIZURE_COLOUR, lw=0.8, ls=":")
    traces.set_xlim(*span_s)
    for name in list(rows)[:-1]:
        style.quiet_axis(axes[name])
    axes[list(rows)[-1]].set_xlabel("Time from the onset of the seizure (s)")
    figure.align_ylabels(list(axes.values()))
    return figure
