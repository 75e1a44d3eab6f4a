"""Sleep hour by hour, in zeitgeber time (0 = lights on) where that is known."""

from __future__ import annotations

from datetime import datetime

import numpy as np
import pandas as pd

from vigil.page.times import zeitgeber_h
from vigil.recording import SCORED, STATES
from vigil.sleep.bouts import bouts_of, epoch_length_s, states_in_line


def hourly_table(
    hypnogram: pd.DataFrame, start: datetime | None, lights_on_h: float | None
) -> pd.DataFrame:
    """Time and bouts of each state in each hour.

    An epoch belongs to the hour in which its middle lies, a bout with its whole length to the
    hour in which it begins.

    Parameters
    ----------
    hypnogram : DataFrame
        As of `make_hypnogram`.
    start : datetime or None
        Date of the recording's zero.
    lights_on_h : float or None
        Hour of the day, on the same clock, at which the lights go on.

    Returns
    -------
    DataFrame
        One row per hour that holds an epoch. `day` from 1, beginning when the lights go on (each
        24 hours of the recording where that is not known); `hour` from 1, counted through;
        `zeitgeber_h`, whole, NaN where it is not known; `start_s` where the hour begins on the
        recording's clock (below 0 when it began before the recording); `classified_min`;
        `<state>_min`; and for wake, nrem and rem `<state>_share` (of the classified time),
        `<state>_bouts` begun and their `<state>_mean_bout_s`.
    """
    known = start is not None and lights_on_h is not None
    zero_h = 0.0
    if start is not None and lights_on_h is not None:
        zero_h = zeitgeber_h(start, lights_on_h, 0.0)
    states, epoch_s = states_in_line(hypnogram), epoch_length_s(hypnogram)
    first_s = float(hypnogram["start_s"].iloc[0]) if len(hypnogram) else 0.0
    middle_s = first_s + (np.arange(len(states)) + 0.5) * epoch_s
    # a millionth of an hour keeps borders where they are meant, whatever the clock's fractions
    hour = np.floor(zero_h + middle_s / 3600 + 1e-6).astype(np.int64)
    bouts = bouts_of(states)
    bout_hour = hour[bouts["first"]]
    rows: list[dict[str, float]] = []
    for h in range(int(hour[0]), int(hour[-1]) + 1) if len(hour) else ():
        here = states[hour == h]
        minutes = {s: float((here == s).sum() * epoch_s / 60) for s in STATES}
        classified = sum(minutes[s] for s in SCORED)
        row = {
            "day": h // 24 + 1,
            "hour": len(rows) + 1,
            "zeitgeber_h": float(h % 24) if known else np.nan,
            "start_s": (h - zero_h) * 3600,
            "classified_min": classified,
        }
        row |= {f"{s}_min": minutes[s] for s in STATES}
        for s in SCORED:
            begun = bouts[(bout_hour == h) & (bouts["state"] == s)]
            row[f"{s}_share"] = minutes[s] / classified if classified else np.nan
            row[f"{s}_bouts"] = len(begun)
            row[f"{s}_mean_bout_s"] = float(begun["epochs"].mean() * epoch_s)
        rows.append(row)
    columns = ["day", "hour", "zeitgeber_h", "start_s", "classified_min"]
    columns += [f"{s}_min" for s in STATES]
    columns += [f"{s}_{m}" for s in SCORED for m in ("share", "bouts", "mean_bout_s")]
    return pd.DataFrame(rows, columns=columns)
