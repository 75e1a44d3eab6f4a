"""What coupling.tsv says, in sentences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from vigil.page.words import duration_words, list_words, number, percent
from vigil.recording import SCORED

MOST_P = 0.05
STATE_WORDS = {"wake": "wake", "nrem": "NREM", "rem": "REM"}


def coupling_sentences(coupling: pd.DataFrame) -> list[str]:
    """One sentence each on states, on changes of state and on the hour, each with its n."""
    by_name = {str(r["what"]): r for _, r in coupling.iterrows()}
    said = []
    if "states" in by_name:
        said += [_states(by_name), _change(by_name)]
    if "zeitgeber_weighted" in by_name:
        said.append(_hour(by_name))
    return said


def _states(rows: dict[str, pd.Series]) -> str:
    overall = rows["states"]
    n = int(overall["n"])
    size = f"n = {_many(n, 'seizure')} with a known state"
    if not n:
        return "By vigilance state: no seizure with a known state before it (n = 0)."
    rates = [(s, rows[f"rate_{s}"]) for s in SCORED if np.isfinite(rows[f"rate_{s}"]["value"])]
    parts = [f"{number(float(r['value']), 2)} in {STATE_WORDS[s]}" for s, r in rates]
    lead = f"Seizures per hour by the state before them: {list_words(parts)} ({size})"
    if np.isnan(overall["p"]):
        return f"{lead}; too few to test."
    p = f"p = {number(float(overall['p']), 2)} by shifted onsets"
    if overall["p"] >= MOST_P:
        return f"{lead}; no different from chance ({p})."
    apart = [s for s, r in rates if r["p"] < MOST_P]
    more = [
        STATE_WORDS[s] for s in apart if rows[f"rate_{s}"]["value"] > rows[f"rate_{s}"]["chance"]
    ]
    fewer = [
        STATE_WORDS[s] for s in apart if rows[f"rate_{s}"]["value"] < rows[f"rate_{s}"]["chance"]
    ]
    which = [f"more than by chance in {list_words(more)}"] * bool(more)
    which += [f"fewer in {list_words(fewer)}"] * bool(fewer)
    return f"{lead}; {' and '.join(which) or 'not spread as by chance'} ({p}{_once(rows, apart)})."


def _once(rows: dict[str, pd.Series], states: list[str]) -> str:
    """What remains where each animal counts once."""
    parts = []
    for state in states:
        row = rows[f"ratio_{state}"]
        p = "too few to test" if np.isnan(row["p"]) else f"p = {number(float(row['p']), 2)}"
        parts.append(f"{STATE_WORDS[state]} {number(float(row['value']), 2)} times chance, {p}")
    if not parts:
        return ""
    n = int(rows[f"ratio_{states[0]}"]["n"])
    return f"; each animal once, n = {_many(n, 'animal')}: {'; '.join(parts)}"


def _change(rows: dict[str, pd.Series]) -> str:
    middle, soon = rows["state_for_s"], rows["soon_after_change"]
    n = int(middle["n"])
    if not n:
        return "By the time since a change of state: it was seen before no seizure (n = 0)."
    times = [duration_words(float(middle[c])) for c in ("value", "chance")]
    shares = [percent(float(soon[c])) for c in ("value", "chance")]
    lead = (
        f"Seizures came {times[0]} after a change of state in the median ({times[1]} by chance), "
        f"{shares[0]} soon after one ({shares[1]} by chance; n = {_many(n, 'seizure')})"
    )
    if np.isnan(middle["p"]):
        return f"{lead}; too few to test."
    p = (
        f"p = {number(float(middle['p']), 2)} for the time and "
        f"{number(float(soon['p']), 2)} for the share, by shifted onsets"
    )
    unlike = min(middle["p"], soon["p"]) < MOST_P / 2  # of two tests of one question
    return f"{lead}; {'unlike' if unlike else 'no different from'} chance ({p})."


def _hour(rows: dict[str, pd.Series]) -> str:
    fair, once, ratio = (
        rows["zeitgeber_weighted"],
        rows["zeitgeber_animals"],
        rows["dark_over_light"],
    )
    n = int(fair["n"])
    if not n or np.isnan(fair["value"]):
        return "By the hour: no seizure with a known zeitgeber hour (n = 0)."
    lead = f"By the hour (n = {_many(n, 'seizure')})"
    if np.isnan(fair["p"]):
        return f"{lead}: too few to test."
    p = f"p = {number(float(fair['p']), 2)} by shifted onsets"
    tail = f"; each animal once (n = {_many(int(once['n']), 'animal')}): " + (
        "too few to test" if np.isnan(once["p"]) else f"p = {number(float(once['p']), 2)}"
    )
    if np.isfinite(ratio["value"]):
        tail += (
            f"; {number(float(ratio['value']), 2)} times as many per hour in the dark as in the "
            f"light ({number(float(ratio['low']), 2)} to {number(float(ratio['high']), 2)})"
        )
    if fair["p"] >= MOST_P:
        return f"{lead} seizures are spread as by chance ({p}{tail})."
    at = float(rows["zeitgeber_weighted_h"]["value"])
    return f"{lead} seizures gather around zeitgeber hour {at:.1f} ({p}{tail})."


def _many(n: int, one: str) -> str:
    """`0 seizures`, `1 seizure`: a number of samples is a number."""
    return f"{n} {one}" if n == 1 else f"{n} {one}s"
