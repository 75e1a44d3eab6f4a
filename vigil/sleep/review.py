"""Which epochs of a hypnogram an expert should look at first."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from vigil.recording import SCORED
from vigil.sleep.agreement import codes_of
from vigil.sleep.bouts import bout_borders
from vigil.sleep.rules import forbid_transitions

CERTAIN = 0.8
"""An epoch whose state is less probable than this is doubtful."""
SHORT_EPOCHS = 2
"""Bouts of sleep of at most this many epochs are doubtful. Brief awakenings are not: animals
have hundreds of them."""
BRIEF_EPOCHS = 3
"""After an awakening of at most this many epochs REM may go on, where no provenance tells."""
ONE_OF_TWO = 0.5
"""Chance of being wrong where one of two states is right and nothing tells which."""
ONE_OF_THREE = 2 / 3
"""Chance of being wrong where nothing tells which state is right."""

PLACE_COLUMNS = (
    "start_s", "time", "duration_s", "epochs", "state", "candidate", "p_candidate",
    "expected_wrong", "why",
)  # fmt: skip


def doubts(
    hypnogram: pd.DataFrame,
    has_signal: npt.NDArray[np.bool_] | None = None,
    brief_epochs: int = BRIEF_EPOCHS,
) -> pd.DataFrame:
    """Doubt about each epoch of a hypnogram.

    Doubtful are epochs that are unclassified, whose state is less probable than `CERTAIN`, that
    lie in a bout of NREM or REM of at most `SHORT_EPOCHS`, that are REM straight after
    wakefulness, or whose label the scorer contradicts. Epochs whose label the scorer does not
    contradict are settled.

    The chance of being wrong is 1 less the probability of the state (of the likeliest one where
    the epoch is unclassified). Where the scorer gives no probabilities it is 2/3 for
    unclassified epochs, 1/2 for other doubtful ones, else 0.

    Parameters
    ----------
    hypnogram : DataFrame
        As hypnogram.parquet holds it; `scored` and `label` may be missing.
    has_signal : ndarray of bool, (epoch,), or None
        Epochs in which there is something to look at; the others are not doubtful but lost.
    brief_epochs : int
        Longest awakening after which REM may go on.

    Returns
    -------
    DataFrame
        One row per epoch: `doubtful`, `wrong` (chance), `candidate` (the likeliest other state,
        '' where nothing tells), `p_candidate`, `why`.
    """
    state = hypnogram["state"].to_numpy(dtype=str)
    label = _text_column(hypnogram, "label", "")
    scored = _text_column(hypnogram, "scored", state)
    p = np.column_stack([hypnogram[f"p_{s}"].to_numpy(dtype=np.float64) for s in SCORED])
    rows = np.arange(len(state))
    known = np.isfinite(p).all(1)
    p = np.where(known[:, None], p, 0.0)
    index = codes_of(state)
    named = index >= 0
    others = p.copy()
    others[rows[named], index[named]] = -1.0
    second = np.argmax(others, axis=1) if len(p) else rows
    candidate = np.where(known, np.asarray(SCORED)[second], "").astype("<U12")
    p_candidate = np.where(known, others[rows, second], np.nan)

    unclassified = state == "unclassified"
    contradicted = (label != "") & (label != scored)
    contradicted &= np.isin(label, SCORED) & np.isin(scored, SCORED)
    short, before = _short_sleep(state)
    leap = forbid_transitions(state, [("wake", "rem")], brief_epochs) != state
    p_state = np.where(named, p[rows, index], 0.0)
    unsure = named & known & (p_state < CERTAIN)
    overruled = unsure & (state == scored) & (p_candidate > p_state)

    for which, other in (
        (contradicted, np.where(label == state, scored, label)),
        (leap, np.full(len(state), "wake")),
        (short, before),
    ):
        fill = which & (candidate == "")
        candidate[fill] = other[fill]
    wrong = np.select(
        [known & unclassified, known, unclassified, contradicted | leap | short],
        [1.0 - p.max(1, initial=0.0), 1.0 - p_state, ONE_OF_THREE, ONE_OF_TWO],
        0.0,
    )
    doubtful = unclassified | unsure | short | leap
    doubtful &= label == ""
    doubtful |= contradicted
    if has_signal is not None:
        doubtful &= has_signal
    if known.any():
        # a model gives no probabilities where it had nothing to go by
        doubtful &= known | contradicted
    return pd.DataFrame(
        {
            "doubtful": doubtful,
            "wrong": wrong,
            "candidate": candidate,
            "p_candidate": p_candidate,
            "why": _reasons(
                {
                    "scorer contradicts the label": contradicted,
                    "unclassified": unclassified,
                    "a rule overruled the scorer": overruled,
                    "scorer unsure": unsure & ~overruled & ~contradicted,
                    "short bout": short,
                    "REM straight after wake": leap,
                }
            ),
        }
    )


def find_places(hypnogram: pd.DataFrame, doubt: pd.DataFrame) -> pd.DataFrame:
    """Runs of neighbouring doubtful epochs, those that promise most corrections first.

    Parameters
    ----------
    hypnogram : DataFrame
    doubt : DataFrame
        Of `doubts`.

    Returns
    -------
    DataFrame
        `start_s`, `time` (h:mm:ss), `duration_s`, `epochs`, `state` (the most frequent first),
        `candidate` (the state that most would turn into), `p_candidate` (its mean probability
        there), `expected_wrong` (epochs), `why`, and `first`, `last`: the epochs [first, last).
    """
    start_s = hypnogram["start_s"].to_numpy(dtype=np.float64)
    stop_s = start_s + hypnogram["duration_s"].to_numpy(dtype=np.float64)
    at = np.flatnonzero(doubt["doubtful"].to_numpy())
    rows = []
    new = (np.diff(at) > 1) | (np.abs(start_s[at[1:]] - stop_s[at[:-1]]) > 1e-3)
    for run in np.split(at, np.flatnonzero(new) + 1) if len(at) else []:
        first, last = int(run[0]), int(run[-1]) + 1
        here = doubt.iloc[first:last]
        weight = here.assign(p=here["p_candidate"].fillna(1e-9)).groupby("candidate")["p"].sum()
        weight = weight.drop("", errors="ignore")
        candidate = str(weight.idxmax()) if len(weight) else ""
        reasons = (reason for why in here["why"] for reason in why.split("; "))
        rows.append(
            {
                "start_s": start_s[first],
                "time": clock(start_s[first]),
                "duration_s": stop_s[last - 1] - start_s[first],
                "epochs": last - first,
                "state": ", ".join(hypnogram["state"].iloc[first:last].value_counts().index),
                "candidate": candidate,
                "p_candidate": here.loc[here["candidate"] == candidate, "p_candidate"].mean(),
                "expected_wrong": here["wrong"].sum(),
                "why": "; ".join(dict.fromkeys(reasons)),
                "first": first,
                "last": last,
            }
        )
    places = pd.DataFrame(rows, columns=[*PLACE_COLUMNS, "first", "last"])
    numbers = ["start_s", "duration_s", "p_candidate", "expected_wrong"]
    places = places.astype({**dict.fromkeys(numbers, float), "first": int, "last": int})
    return places.sort_values(
        ["expected_wrong", "start_s"], ascending=[False, True], kind="stable", ignore_index=True
    )


def make_sheet(hypnogram: pd.DataFrame, doubt: pd.DataFrame, places: pd.DataFrame) -> pd.DataFrame:
    """A table to write labels into: the epochs of some places, and all that is labelled.

    Parameters
    ----------
    hypnogram, doubt : DataFrame
    places : DataFrame
        Of `find_places`, those to look at.

    Returns
    -------
    DataFrame
        In the order of time: `start_s`, `duration_s`, `state` (the label; empty where there is
        none yet), `time`, `now` (the state as it stands), `candidate`, `p_candidate`, `why`.
    """
    asked = np.zeros(len(hypnogram), dtype=bool)
    for first, last in zip(places["first"], places["last"], strict=True):
        asked[first:last] = True
    label = _text_column(hypnogram, "label", "")
    sheet = pd.DataFrame(
        {
            "start_s": hypnogram["start_s"],
            "duration_s": hypnogram["duration_s"],
            "state": label,
            "time": [clock(s) for s in hypnogram["start_s"]],
            "now": hypnogram["state"],
            "candidate": np.where(asked, doubt["candidate"], ""),
            "p_candidate": np.where(asked, doubt["p_candidate"], np.nan),
            "why": np.where(asked, doubt["why"], ""),
        }
    )
    kept: pd.DataFrame = sheet.loc[asked | (label != "")]
    return kept.reset_index(drop=True)


def clock(time_s: float) -> str:
    """A time of the recording as h:mm:ss, fractions cut off."""
    seconds = int(time_s + 1e-6)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def _text_column(
    table: pd.DataFrame, column: str, default: str | npt.NDArray[np.str_]
) -> npt.NDArray[np.str_]:
    if column not in table:
        return np.full(len(table), default, dtype="<U12")
    return table[column].fillna("").to_numpy(dtype=str)


def _short_sleep(
    state: npt.NDArray[np.str_],
) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.str_]]:
    """Epochs of short bouts of sleep, and the state before each (after it, for the first)."""
    short = np.zeros(len(state), dtype=bool)
    around = np.full(len(state), "", dtype="<U12")
    for first, last in bout_borders(state):
        if state[first] in ("nrem", "rem") and last - first <= SHORT_EPOCHS:
            short[first:last] = True
            beside = state[first - 1] if first else (state[last] if last < len(state) else "")
            around[first:last] = "" if beside == "unclassified" else beside
    return short, around


def _reasons(reasons: dict[str, npt.NDArray[np.bool_]]) -> Sequence[str]:
    masks = np.column_stack(list(reasons.values()))
    words = list(reasons)
    return ["; ".join(words[i] for i in np.flatnonzero(row)) for row in masks]
