"""A small results folder of one recording with known numbers, made from the file contracts."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from vigil.cohort.files import write_seizures
from vigil.cohort.seizures import describe_seizures
from vigil.cohort.settings import Settings
from vigil.downsample.files import create_lfp
from vigil.provenance import hash_path
from vigil.recording import Montage, Segments, parse_time
from vigil.seizures import files
from vigil.seizures.files import SeizureEvent
from vigil.sleep.hours import hourly_table
from vigil.sleep.statistics import sleep_statistics, summarise
from vigil.sleep.transitions import transition_table
from vigil.spectra.levels import Bands, Grid
from vigil.spectra.pyramid import create_spectrogram
from vigil.spectra.settings import Settings as SpectraSettings
from vigil.stage import Job

REGIONS = ("CTX", "CA1", "THAL")
BANDS = Bands(SpectraSettings().bands, 50.0, 1.0)
START = "2026-03-02T09:30:00+01:00"
EPOCH_S = 4.0


def states_of(duration_s, rng):
    """Cycles of wake, nrem and rem, with a few epochs that nobody could score."""
    n = int(duration_s // EPOCH_S)
    state = []
    while len(state) < n:
        for name, low, high in (("wake", 10, 40), ("nrem", 15, 45), ("rem", 5, 15)):
            state += [name] * int(rng.integers(low, high))
    return np.array(state[:n], dtype="U16")


def power_of(state_per_column, frequency, rng):
    base = 3e3 / (1 + (frequency / 2) ** 2)
    bumps = {
        "wake": 0.5 * base + 30 * np.exp(-0.5 * ((frequency - 8) / 1.5) ** 2),
        "nrem": 2.5 * base + 60 * np.exp(-0.5 * ((frequency - 12) / 2) ** 2),
        "rem": 0.4 * base + 250 * np.exp(-0.5 * ((frequency - 7.5) / 0.8) ** 2),
        "unclassified": base,
    }
    mean = np.stack([bumps[s] for s in state_per_column])
    return (mean * rng.gamma(6, 1 / 6, mean.shape)).astype(np.float32)


def make_results(
    folder, duration_s=480.0, rate_hz=250.0, gap=(300.0, 320.0), seizures=(200.0,), seed=3
):
    """Write the results of a recording into `folder` and give the inputs of a report job."""
    rng = np.random.default_rng(seed)
    folder = Path(folder)
    for stage in (
        "transfer", "downsample", "spectra", "pose", "kinematics", "sleep", "seizures", "cohort",
    ):  # fmt: skip
        (folder / stage).mkdir(parents=True, exist_ok=True)
    segments = _segments(duration_s, rate_hz, gap)
    state = states_of(duration_s, rng)
    start = np.arange(len(state)) * EPOCH_S
    touched = np.zeros(len(state), bool)
    if gap:
        touched |= (start < gap[1]) & (start + EPOCH_S > gap[0])
    for onset in seizures:
        touched |= (start < onset + 30) & (start + EPOCH_S > onset)
    state[touched] = "unclassified"
    _lfp(folder / "downsample", segments, seizures, rng)
    _spectra(folder / "spectra", duration_s, state, gap, rng)
    _sleep(folder / "sleep", start, state, rng)
    _movement(folder, duration_s, start, state, rng)
    _seizures(folder / "seizures", duration_s, seizures)
    _described(folder, duration_s)
    pd.DataFrame(
        {
            "path": [f"raw/{folder.name}/CSC{i}.ncs" for i in range(1, 8)],
            "bytes": 123456,
            "hash": "xxh3:00ff",
        }
    ).to_csv(folder / "transfer" / "manifest.tsv", sep="\t", index=False)
    inputs = {
        "lfp": "downsample/lfp.zarr",
        "quality": "downsample/quality.tsv",
        "spectrogram": "spectra/spectrogram.zarr",
        "features": "spectra/features.parquet",
        "kinematics": "kinematics/kinematics.parquet",
        "turns": "kinematics/turns.tsv",
        "bouts": "kinematics/bouts.tsv",
        "clock": "kinematics/clock.json",
        "pose_quality": "pose/quality.tsv",
        "pose_verdict": "pose/verdict.json",
        "hypnogram": "sleep/hypnogram.parquet",
        "sleep_summary": "sleep/summary.tsv",
        "sleep_statistics": "sleep/statistics.tsv",
        "sleep_transitions": "sleep/transitions.tsv",
        "sleep_hours": "sleep/hours.tsv",
        "events": "seizures/events.tsv",
        "onset": "seizures/onset.tsv",
        "consensus": "seizures/consensus.tsv",
        "spread": "seizures/spread.tsv",
        "postictal": "seizures/postictal.tsv",
        "disturbances": "seizures/disturbances.tsv",
        "rates": "seizures/rates.tsv",
        "described": "cohort/seizures.tsv",
        "evidence": "seizures/evidence.parquet",
        "manifest": "transfer/manifest.tsv",
    }
    inputs = {k: str(folder / v) for k, v in inputs.items()}
    inputs["provenances"] = [str(p) for p in _provenances(folder, inputs)]
    return inputs


def _segments(duration_s, rate_hz, gap):
    if not gap:
        return Segments((0.0,), (duration_s,), (round(duration_s * rate_hz),), rate_hz)
    rows = (round(gap[0] * rate_hz), round((duration_s - gap[1]) * rate_hz))
    return Segments((0.0, gap[1]), (gap[0], duration_s), rows, rate_hz)


def _lfp(folder, segments, seizures, rng):
    names = tuple(f"CSC{i}" for i in range(1, 8))
    region = (*[r for r in REGIONS for _ in (0, 1)], "neck")
    montage = Montage(names, region, ("left",) * 7, (*["lfp"] * 6, "emg"))
    scale = 0.25
    array = create_lfp(folder / "lfp.zarr", montage, segments, [scale] * 7, START)
    for first in range(0, segments.n_rows, 1_000_000):
        last = min(segments.n_rows, first + 1_000_000)
        time = segments.time_s(np.arange(first, last))
        x = rng.normal(0, 40, (last - first, 7))
        x += 60 * np.sin(2 * np.pi * 7 * time)[:, None]
        for onset in seizures:
            for channel in range(6):
                t = time - onset - DELAY_S[REGIONS[channel // 2]]
                on = (t > 0) & (t < 28)
                x[on, channel] += 700 * np.sign(np.sin(2 * np.pi * (6 - t[on] / 10) * t[on]))
        array[first:last] = np.clip(x / scale, -32000, 32000).astype(np.int16)
    quality = pd.DataFrame(
        {
            "channel": names,
            "region": region,
            "kind": montage.kind,
            "rms_uv": [55.0, 2.0, 60.0, 52.0, 48.0, 50.0, 20.0],
            "flat_share": [0.0, 0.95, *[0.0] * 5],
            "drop_outs": 0,
            "dropped_s": 0.0,
            "saturated_share": 0.0,
            "mains_hz": 50.0,
            "mains_db": 3.0,
            "mains_share": [0.01, 0.0, 0.01, 0.62, 0.02, 0.01, 0.05],
            "noise_floor_uv2_hz": [0.02, np.nan, 0.02, 0.03, 0.02, 0.01, 0.05],
            "correlation": [0.9, np.nan, 0.8, 0.8, 0.7, 0.7, np.nan],
            "neighbour": ["CSC2", "", "CSC4", "CSC3", "CSC6", "CSC5", ""],
            "verdict": ["ok", "bad", "ok", "warn", *["ok"] * 3],
            "reason": [
                "",
                "flat during 95 % of its time: check the connector",
                "",
                "62 % of its power is 50 Hz mains hum: check ground and cable",
                *[""] * 3,
            ],
        }
    )
    quality.to_csv(folder / "quality.tsv", sep="\t", index=False)


DELAY_S = {"CA1": 0.0, "CTX": 3.0, "THAL": 6.5}


def _spectra(folder, duration_s, state, gap, rng):
    time = np.arange(1.0, duration_s - 1, 1.0)
    frequency = np.arange(0, 100.5, 0.5)
    per_column = state[np.minimum((time // EPOCH_S).astype(int), len(state) - 1)]
    power = np.stack([power_of(per_column, frequency, rng) for _ in REGIONS])
    if gap:
        power[:, (time > gap[0] - 1) & (time < gap[1] + 1)] = np.nan
    grid = Grid(time, frequency, step_s=1.0, window_s=2.0, half_width_hz=1.0)
    with create_spectrogram(folder / "spectrogram.zarr", REGIONS, [], grid, BANDS, "none") as store:
        store.write(power, power[:0])
    start = np.arange(len(state)) * EPOCH_S
    valid = np.ones(len(state))
    if gap:
        valid[(start < gap[1]) & (start + EPOCH_S > gap[0])] = 0.0
    tone = pd.Series(state).map({"wake": 1.9, "nrem": 1.1, "rem": 0.8, "unclassified": 1.5})
    emg = np.where(valid == 1, tone + rng.normal(0, 0.1, len(state)), np.nan)
    pd.DataFrame(
        {
            "start_s": start,
            "duration_s": EPOCH_S,
            "valid": valid,
            "CTX.log_delta": 1.0,
            "emg.log_rms": emg,
            "emg.from_lfp": np.nan,
        }
    ).to_parquet(folder / "features.parquet")


LABELLED = 50
"""Epochs at the start that an expert labelled; the scorer is wrong in the first five."""


def _sleep(folder, start, state, rng):
    sure = rng.beta(20, 1.5, len(state))
    p = {s: np.where(state == s, sure, (1 - sure) / 2) for s in ("wake", "nrem", "rem")}
    label = np.where((np.arange(len(state)) < LABELLED) & (state != "unclassified"), state, "")
    table = pd.DataFrame(
        {"start_s": start, "duration_s": EPOCH_S, "state": state}
        | {f"p_{s}": v for s, v in p.items()}
        | {"confidence": np.where(state == "unclassified", np.nan, sure)}
        | {"scored": np.where(np.arange(len(state)) < 5, "nrem", state), "label": label}
    )
    write_sleep(folder, table)


def write_sleep(folder, table, start=START, lights_on=7.0):
    """What sleep leaves of a hypnogram; gives the inputs of a report."""
    paths = {
        "hypnogram": folder / "hypnogram.parquet",
        "sleep_summary": folder / "summary.tsv",
        "sleep_statistics": folder / "statistics.tsv",
        "sleep_transitions": folder / "transitions.tsv",
        "sleep_hours": folder / "hours.tsv",
    }
    table.to_parquet(paths["hypnogram"])
    tables = (
        summarise(table),
        sleep_statistics(table, 3),
        transition_table(table),
        hourly_table(table, parse_time(start), lights_on),
    )
    for path, content in zip(list(paths.values())[1:], tables, strict=True):
        content.to_csv(path, sep="\t", index=False, float_format="%.4f")
    return {name: str(path) for name, path in paths.items()}


def _movement(folder, duration_s, start, state, rng):
    time = np.arange(0.01, duration_s, 1 / 30)
    awake = np.isin(
        state[np.minimum((time // EPOCH_S).astype(int), len(state) - 1)], ["wake", "unclassified"]
    )
    phase = np.cumsum(np.where(awake, 0.02, 0.0)) + 0.6 * np.sin(time / 7)
    turn = 0.9 * np.sin(2 * np.pi * time / 9) * awake
    direction = np.angle(np.exp(1j * (phase + turn)))
    speed = np.where(
        awake, 8 * np.abs(np.sin(time / 3)) + np.abs(rng.normal(0, 0.6, len(time))), 0.05
    )
    turning = np.gradient(np.unwrap(direction), 1 / 30)
    pd.DataFrame(
        {
            "time_s": time,
            "x_cm": 20 + 13 * np.cos(phase) + rng.normal(0, 1, len(time)),
            "y_cm": 20 + 13 * np.sin(1.3 * phase) + rng.normal(0, 1, len(time)),
            "head_direction_rad": direction,
            "speed_cm_s": speed,
            "velocity_x_cm_s": speed,
            "velocity_y_cm_s": 0.0,
            "acceleration_cm_s2": np.gradient(speed, 1 / 30),
            "jerk_cm_s3": np.gradient(np.gradient(speed, 1 / 30), 1 / 30),
            "angular_velocity_rad_s": turning,
            "angular_acceleration_rad_s2": np.gradient(turning, 1 / 30),
            "valid": True,
        }
    ).to_parquet(folder / "kinematics" / "kinematics.parquet")
    at = np.arange(3.0, duration_s - 5, 4.5)
    at = at[np.isin(state[(at // EPOCH_S).astype(int)], ["wake"])]
    way = np.where(np.arange(len(at)) % 2 == 0, "ccw", "cw")
    pd.DataFrame(
        {
            "start_s": at,
            "duration_s": 1.5,
            "direction": way,
            "angle_rad": np.where(way == "ccw", 1.7, -1.7),
        }
    ).to_csv(folder / "kinematics" / "turns.tsv", sep="\t", index=False)
    bout_s = np.arange(0.0, duration_s - 6, 6.0)
    pd.DataFrame(
        {
            "start_s": bout_s,
            "duration_s": 5.0,
            "kind": np.where(np.arange(len(bout_s)) % 3 == 0, "immobile", "moving"),
            "mean_speed_cm_s": 6.0,
            "peak_speed_cm_s": 14.0,
            "distance_cm": 30.0,
        }
    ).to_csv(folder / "kinematics" / "bouts.tsv", sep="\t", index=False)
    (folder / "kinematics" / "clock.json").write_text(
        json.dumps(
            {
                "offset_s": 0.51,
                "drift_ppm": 12.3,
                "residual_ms": 1.7,
                "dropped_frames": 3,
                "source": "pulses",
            }
        )
    )
    pd.DataFrame(
        {
            "part": ["left_ear", "right_ear", "snout"],
            "share_over_threshold": [0.99, 0.98, 0.71],
            "median_likelihood": 0.97,
        }
    ).to_csv(folder / "pose" / "quality.tsv", sep="\t", index=False)
    reasons = ["The model is unsure of snout in 29 % of the frames (warn above 10 %)."]
    (folder / "pose" / "verdict.json").write_text(
        json.dumps({"verdict": "warn", "reasons": reasons, "measures": {}})
    )


def _described(folder, duration_s):
    """What cohort keeps of each seizure."""
    table = describe_seizures(
        files.read_events(folder / "seizures/events.tsv"),
        None,
        None,
        pd.read_parquet(folder / "sleep/hypnogram.parquet"),
        None,
        None,
        duration_s,
        None,
        None,
        None,
        Settings(),
    )
    write_seizures(folder / "cohort/seizures.tsv", table)


METHODS = {"epileptogenicity_index": 0.3, "line_length": 0.0, "fast_activity": np.nan}


def _seizures(folder, duration_s, seizures):
    found = [SeizureEvent(onset, 28.0, 0.9, ("CSC1", "CSC3")) for onset in seizures]
    files.write_events(folder / "events.tsv", found, duration_s, START)
    rows = []
    for i in range(1, len(seizures) + 1):
        for region, delay in DELAY_S.items():
            contacts = [f"CSC{2 * REGIONS.index(region) + k}" for k in (1, 2)]
            for method, late in METHODS.items():
                rows += [(i, region, c, method, delay + late, np.nan) for c in contacts]
                rows.append((i, region, files.ALL_CONTACTS, method, delay + late, np.nan))
            rank = list(DELAY_S).index(region) + 1
            rows.append((i, region, files.ALL_CONTACTS, files.ALL_METHODS, delay + 0.15, rank))
    files.write_table(folder / "onset.tsv", rows, files.ONSET_COLUMNS)
    numbers = range(1, len(seizures) + 1)
    resolved = [(i, "CA1", 0.93, 0.9, "resolved", "") for i in numbers]
    files.write_table(folder / "consensus.tsv", resolved, files.CONSENSUS_COLUMNS)
    spread = [
        (i, region, order, delay, 2, 2, np.nan, np.nan, np.nan)
        for i in numbers
        for order, (region, delay) in enumerate(DELAY_S.items(), 1)
    ]
    files.write_table(folder / "spread.tsv", spread, files.SPREAD_COLUMNS)
    quiet = [(i, "all", 22.5, i < len(seizures)) for i in numbers]
    quiet += [(i, "CA1", 12.5, True) for i in numbers]
    files.write_table(folder / "postictal.tsv", quiet, files.POSTICTAL_COLUMNS)
    no_seizures = [(100.0, 20.0, "movement"), (150.0, 12.0, "movement"), (200.0, 5.0, "mains")]
    files.write_table(folder / "disturbances.tsv", no_seizures, files.DISTURBANCE_COLUMNS)
    rates = [("CSC1", "CA1", 0.1, 2.5, 0.31, np.nan), ("CSC3", "CTX", 0.1, 0.0, 0.0, np.nan)]
    files.write_table(folder / "rates.tsv", rates, files.RATES_COLUMNS)
    time = np.arange(0, duration_s, 0.5)
    z = np.abs(np.sin(time / 50))
    for onset in seizures:
        z[(time > onset) & (time < onset + 28)] += 12
    evidence = pd.DataFrame({"time_s": time, "line_length_z": z})
    files.write_evidence(folder / "evidence.parquet", evidence)


SETTINGS = {
    "transfer": {"mode": "copy", "hash": "xxh3"},
    "downsample": {"rate_hz": 1250.0, "passband": 0.8, "stopband_db": 84.0},
    "spectra": {"epoch_s": 4.0, "nw": 4.0, "mains_hz": 50.0},
    "pose": {},
    "kinematics": {},
    "sleep": {},
    "seizures": {"enter_z": 5.0, "min_duration_s": 10.0},
}


def _provenances(folder, inputs):
    for stage, settings in SETTINGS.items():
        outputs = {
            k: {"path": v, "hash": hash_path(v)} for k, v in inputs.items() if f"/{stage}/" in v
        }
        record = {
            "program": "vigil",
            "program_version": "0.1.0", "git_revision": "abc123",
            "stage": stage, "method_version": "1",
            "recording": folder.name, "settings": settings, "row": {},
            "inputs": {}, "outputs": outputs, "missing": {}, "python": "3.11.2",
            "finished": "2026-03-03T10:00:00+00:00", "seconds": 1.5,
        }  # fmt: skip
        path = folder / stage / "provenance.json"
        path.write_text(json.dumps(record))
        yield path


ROW = {
    "animal": "m1",
    "group": "Scn1a",
    "start": START,
    "lights_on": "07:00",
    "died": None,
    "px_per_cm": 8.0,
}


def make_job(folder, inputs, row=ROW, settings=None, recording="m1_day1"):
    """The job of a report, writing to `folder`."""
    names = {
        "page": "index.html",
        "methods": "methods.md",
        "figures": "figures",
        "provenance": "provenance.json",
    }
    return Job(
        stage="report",
        method_version="1",
        recording=recording,
        inputs=dict(inputs),
        outputs={k: str(Path(folder) / v) for k, v in names.items()},
        settings=settings or {"dpi": 60},
        row=dict(row),
        optional=frozenset(inputs),
    )


@pytest.fixture(scope="session")
def results(tmp_path_factory):
    """Inputs of the report of an eight-minute recording with a gap and one seizure."""
    return make_results(tmp_path_factory.mktemp("results") / "m1_day1")


@pytest.fixture(scope="session")
def report_job():
    return make_job


@pytest.fixture(scope="session")
def sleep_results():
    return write_sleep


@pytest.fixture(scope="session")
def long_sleep(tmp_path_factory):
    """Inputs of 49 hours of scores: nrem, wake and some rem in the light, awake in the dark.

    It begins half an hour before the lights go on, and nothing is known of ZT 5 of any day.
    """
    start = np.arange(49 * 900) * EPOCH_S
    zt = (start / 3600 - 0.5) % 24
    state = np.where(zt < 12, "nrem", "wake").astype("U16")
    state[(zt < 12) & (start % 1200 < 120)] = "rem"
    state[(zt < 12) & (start % 1200 >= 1080)] = "wake"
    state[(zt >= 5) & (zt < 6)] = "unclassified"
    table = pd.DataFrame({"start_s": start, "duration_s": EPOCH_S, "state": state})
    table = table.assign(p_wake=np.nan, p_nrem=np.nan, p_rem=np.nan, confidence=np.nan)
    table = table.assign(scored=state, label="")
    folder = tmp_path_factory.mktemp("long")
    return write_sleep(folder, table, "2026-03-02T06:30:00+01:00")
