"""Animals made of windows, not of signals: what state, hour and clusters do, and a ramp or none.

Everything that could fool a forecast is in it: features follow the state, the hour, slow noise of
hours and drift over days; seizures prefer a state and an hour, come in series on some days and in
clusters, and leave traces afterwards; recordings have gaps, and windows artefacts.
"""

from datetime import datetime, timedelta

import numpy as np
import pandas as pd

from vigil.cohort.early.clock import Recorded

REGIONS = ("CA1", "DG", "EC", "M1")
BANDS = ("delta", "theta", "beta", "low_gamma", "high_gamma")
OF_REGION = (*(f"log_power_{b}" for b in BANDS), *(f"share_{b}" for b in BANDS),
             "log_line_length", "exponent", "entropy", "spikes_per_min")  # fmt: skip
MOVES = ("CA1.spikes_per_min", "CA1.log_power_theta", "CA1.log_line_length")
WINDOW_S = 60.0
STATES = np.array(["wake", "nrem", "rem"])


def feature_names():
    names = [f"{r}.{f}" for r in REGIONS for f in OF_REGION]
    return [*names, "CA1~EC.coherence_theta", "CA1~EC.coherence_low_gamma", "emg.log_rms",
            "movement.speed"]  # fmt: skip


def hypnogram(rng, n, hour):
    """States of the windows: bouts of minutes, more sleep by day."""
    states = np.zeros(n, int)
    i, state = 0, 0
    while i < n:
        light = np.cos((hour[i] - 12) / 24 * 2 * np.pi) > 0
        mean = {0: 8 if light else 25, 1: 9 if light else 6, 2: 2}[state]
        length = 1 + rng.geometric(1 / mean)
        states[i : i + length] = state
        i += length
        state = 1 if state != 1 else (2 if rng.random() < 0.35 else 0)
    return states


def slow(rng, n, tau, columns):
    """Noise that forgets over `tau` windows, of unit spread."""
    keep = np.exp(-1 / tau)
    kicks = rng.standard_normal((n, columns)) * np.sqrt(1 - keep**2)
    kicks[0] /= np.sqrt(1 - keep**2)
    from scipy.signal import lfilter

    return lfilter([1], [1, -keep], kicks, axis=0)


def onsets(rng, states, hour, days, wanted, least_gap=121):
    """Onsets in windows: a state, an hour and some days are preferred; clusters follow."""
    n = len(states)
    day = (np.arange(n) * WINDOW_S / 86400).astype(int)
    rate = np.array([0.4, 2.0, 1.0])[states] * (1.3 + np.cos((hour - 15) / 24 * 2 * np.pi))
    rate = rate * rng.gamma(2, 0.5, days + 1)[day] * np.exp(0.7 * slow(rng, n, 240, 1)[:, 0])
    found = []
    rate[:190] = 0
    while len(found) < wanted and rate.sum() > 0:
        at = rng.choice(n, p=rate / rate.sum())
        found.append(at + rng.random())
        rate[max(0, at - least_gap) : at + least_gap + 30] = 0
    leads = np.sort(found)
    followers = [t + rng.uniform(8, 90) for t in leads for _ in range(rng.poisson(0.6))]
    return leads, np.sort([*leads, *(t for t in followers if t < n - 1)])


def animal(seed, name="a", days=4, seizures=10, ramp_min=0.0, strength=2.0, own=None):
    """Recordings of one animal, as `join` takes them.

    `ramp_min` minutes before each lead seizure the features of MOVES begin to rise in a straight
    line to `strength` of their spread from window to window.
    """
    rng = np.random.default_rng([seed, sum(name.encode()), 7])
    n = int(days * 86400 / WINDOW_S)
    names = feature_names()
    p = len(names)
    start = datetime(2026, 3, 1, 9, 30) + timedelta(minutes=int(rng.integers(600)))
    hour = (start.hour + start.minute / 60 + np.arange(n) / 60) % 24
    states = hypnogram(rng, n, hour)
    leads, every = onsets(rng, states, hour, days, seizures)
    mixing = rng.standard_normal((5, p)) * 0.5
    phase = rng.uniform(0, 2 * np.pi, p)
    x = 1.5 * rng.standard_normal((3, p))[states]
    x += 0.5 * np.cos(2 * np.pi * hour[:, None] / 24 + phase) + 0.5 * np.cos(
        4 * np.pi * hour[:, None] / 24 + 2 * phase)  # fmt: skip
    x += np.linspace(0, 1, n)[:, None] * rng.normal(0, 0.4 * days, p)
    x += slow(rng, n, 180, 5) @ mixing + 0.5 * slow(rng, n, 120, p)
    x += 0.6 * slow(rng, n, 10, p) + 0.7 * rng.standard_t(5, (n, p))
    # the state is not all: within a bout features go on changing
    bout = np.arange(n) - np.maximum.accumulate(np.where(np.r_[True, np.diff(states) != 0],
                                                         np.arange(n), 0))  # fmt: skip
    x += 0.4 * rng.standard_normal(p) * np.exp(-bout / 4)[:, None]
    after = rng.normal(0, 1.5, p)
    minute = np.arange(n, dtype=float)
    for t in every:
        late = minute - t
        x += np.where(late >= 0, np.exp(-np.maximum(late, 0) / 20), 0)[:, None] * after
    if ramp_min:
        columns = [names.index(f) for f in MOVES]
        for t in leads:
            left = t - minute - 1
            part = np.where((left >= 0) & (left < ramp_min), 1 - left / ramp_min, 0)
            x[:, columns] += strength * part[:, None]
    valid = rng.random(n) > 0.02
    for at in rng.integers(0, n, 6 * days):
        valid[at : at + rng.integers(1, 15)] = False
    odd = rng.random(n) < 0.003
    x[odd] += rng.normal(0, 20, (odd.sum(), p))
    x[~valid] = np.nan
    table = pd.DataFrame(x.astype(np.float32), columns=names)
    table.insert(0, "start_s", minute * WINDOW_S)
    table.insert(1, "duration_s", WINDOW_S)
    table.insert(2, "valid", valid)
    table.insert(3, "state", STATES[states])
    # recordings of about a day, with pauses between them
    borders, at = [], 0
    while at < n:
        length = int(rng.integers(900, 1800))
        borders.append((at, min(n, at + length)))
        at += length + int(rng.integers(5, 60))
    recordings = []
    for k, (a, b) in enumerate(borders):
        part = table.iloc[a:b].copy()
        part["start_s"] -= a * WINDOW_S
        mine = every[(every >= a) & (every < b)]
        recordings.append(
            Recorded(
                f"{name}_{k + 1}",
                name,
                start + timedelta(seconds=a * WINDOW_S),
                part.reset_index(drop=True),
                (mine - a) * WINDOW_S,
                (mine - a) * WINDOW_S + 40,
            )
        )
    return recordings


def cohort(seed, counts=(6, 10, 16), days=4, **kinds):
    """Animals with different numbers of seizures."""
    return [animal(seed, chr(97 + k), days, c, **kinds) for k, c in enumerate(counts)]
