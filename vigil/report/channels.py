"""The channels of a recording as tables: those with a reason, and what was measured of all."""

from __future__ import annotations

from typing import Any

import pandas as pd

from vigil.page import style
from vigil.page.table import Table
from vigil.page.words import number, percent

LIGHT_OF = {"ok": "good", "warn": "look", "bad": "bad"}
"""The light that a verdict of downsample lights."""
VERDICT_WORDS = {"ok": "ok", "warn": "needs a look", "bad": "not used"}
WORDS = {"channel": "Channel", "region": "Region", "kind": "Kind"}
SHARES = {
    "flat_share": "Flat",
    "saturated_share": "Saturated",
    "mains_share": "Mains hum",
}
NUMBERS = {
    "rms_uv": "RMS (µV)",
    "drop_outs": "Drop-outs",
    "dropped_s": "Dropped (s)",
    "mains_db": "Mains line (dB)",
    "noise_floor_uv2_hz": "Noise floor (µV²/Hz)",
    "correlation": "Correlation",
}


def doubted_channels(quality: pd.DataFrame | None) -> Table | None:
    """Channels of which there is something to say, with the reason; those left out first."""
    if quality is None:
        return None
    told = quality[(quality["reason"] != "") | (quality["verdict"] == "bad")]
    told = pd.concat([told[told["verdict"] == v] for v in ("bad", "warn", "ok")])
    if not len(told):
        return None
    rows = [
        [*(str(row[c]) or "–" for c in WORDS), VERDICT_WORDS[row["verdict"]], str(row["reason"])]
        for _, row in told.iterrows()
    ]
    return Table(
        (*WORDS.values(), "Verdict", "Why"),
        rows,
        range(4),
        (4,),
        colours=[style.VERDICT_COLOURS[LIGHT_OF[v]] for v in told["verdict"]],
    )


def measured_channels(quality: pd.DataFrame | None) -> Table | None:
    """What was measured of every channel."""
    if quality is None:
        return None
    shares = {c: w for c, w in SHARES.items() if c in quality}
    numbers = {c: w for c, w in NUMBERS.items() if c in quality}
    with_whom = {"neighbour": "With"} if "neighbour" in quality else {}
    rows = [
        [
            *(str(row[c]) or "–" for c in WORDS),
            VERDICT_WORDS[row["verdict"]],
            *(percent(float(row[c])) for c in shares),
            *(_cell(row[c]) for c in numbers),
            *(str(row[c]) or "–" for c in with_whom),
        ]
        for _, row in quality.iterrows()
    ]
    measures = (*shares.values(), *numbers.values(), *with_whom.values())
    header = (*WORDS.values(), "Verdict", *measures)
    return Table(header, rows, (*range(4), *([len(header) - 1] if with_whom else [])))


def _cell(value: Any) -> str:
    return number(value.item() if hasattr(value, "item") else value)
