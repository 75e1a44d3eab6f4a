"""Tasks of the benchmark of sleep, in a process of their own: time and memory are its own."""

from __future__ import annotations

import ctypes
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

BEGAN = time.perf_counter()

# what a process pays before it scores is timed, too
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import sleep_made  # noqa: E402
from sleep_peers import PEERS  # noqa: E402
from stage_worker import peak_mb  # noqa: E402
from worker import serve  # noqa: E402

from vigil.folds import EVERYTHING, Fold, write_folds  # noqa: E402
from vigil.recording import SCORED  # noqa: E402
from vigil.sleep import model, run, trees  # noqa: E402
from vigil.sleep.calibration import Calibration  # noqa: E402
from vigil.sleep.comparison import score_held  # noqa: E402
from vigil.sleep.folds import LabelledRecording  # noqa: E402
from vigil.sleep.predictors import make_predictors  # noqa: E402
from vigil.sleep.settings import Settings  # noqa: E402
from vigil.sleep.train import LEARNERS, examples_of, features_of, learn  # noqa: E402
from vigil.stage import Job  # noqa: E402

IMPORTS_S = time.perf_counter() - BEGAN

STEPS = {
    "reading features": [(run, "read_features")],
    "reading movement": [(run, "read_kinematics")],
    "movement of epochs": [(run, "movement_of_epochs")],
    "thresholds": [(run, "score_by_thresholds")],
    "normalising": [(run, "normalise_features")],
    "loading the model": [(model.SleepModel, "load")],
    "context": [(model, "make_predictors")],
    "learner": [(trees.Trees, "probabilities"), (model.Logistic, "probabilities")],
    "smoothing": [(model, "smooth")],
    "rules": [(run, "apply_rules")],
    "statistics": [(run, name) for name in
                   ("summarise", "sleep_statistics", "transition_table", "hourly_table")],
    "writing": [(pd.DataFrame, "to_parquet"), (pd.DataFrame.__mro__[1], "to_csv")],
}  # fmt: skip
OUTPUTS = {n: f"{n}.tsv" for n in ("summary", "statistics", "transitions", "hours")} | {
    "hypnogram": "hypnogram.parquet", "csv": "hypnogram.csv"}  # fmt: skip


def imports() -> float:
    """Seconds that the imports took when this process began."""
    return IMPORTS_S


def import_yasa() -> float:
    """Seconds that YASA takes to import."""
    began = time.perf_counter()
    import yasa  # noqa: F401

    return time.perf_counter() - began


def write(folder: str, hours: float) -> None:
    """Write a recording to score, of an animal that one of the folds leaves out."""
    sleep_made.write_recording(Path(folder), hours)


def train(folder: str, hours: float, settings: dict[str, int]) -> dict[str, float]:
    """Train on other recordings and write a model of each learner; sizes of the files, MB."""
    recordings = sleep_made.labelled([hours] * 3)
    learnt = learn(recordings, EVERYTHING, Settings(**settings), 1)
    sizes = {}
    for name in LEARNERS:
        place = Path(folder) / name
        place.mkdir()
        whole = learnt.model(name, "hmm", Calibration(1.1))
        whole.save(place / "model.json")
        folds = [Fold("m1", "m1", {"m1-1": (0, 1)})]
        write_folds(place / "folds", place / "folds.json", folds, {"m1": whole})
        sizes[name] = (place / "model.json").stat().st_size / 1e6
    return sizes


def score(folder: str, scorer: str) -> dict[str, float | str]:
    """Score a recording: seconds of the whole stage and of each step."""
    place = Path(folder)
    files = {"features": "features.parquet", "lfp": "lfp.zarr", "kinematics": "kinematics.parquet"}
    if scorer != "threshold":
        files |= {"model": f"{scorer}/model.json", "folds": f"{scorer}/folds",
                  "folds_list": f"{scorer}/folds.json"}  # fmt: skip
    job = Job(
        stage="sleep",
        method_version="",
        recording="m1-1",
        inputs={name: str(place / file) for name, file in files.items()},
        outputs={name: str(place / file) for name, file in OUTPUTS.items()},
        settings={},
        row={"recording": "m1-1", "animal": "m1", "lights_on": "07:00"},
    )
    with timed() as of_step:
        cpu_s, began = time.process_time(), time.perf_counter()
        run.run(job)
        whole = {"whole": time.perf_counter() - began, "cpu": time.process_time() - cpu_s}
    return {**whole, **of_step, "peak_mb": peak_mb(), "scorer": job.decided["scorer"]}


@contextmanager
def timed() -> Iterator[Counter[str]]:
    """Seconds of each step while the stage runs; steps do not call each other."""
    of_step: Counter[str] = Counter(dict.fromkeys(STEPS, 0))
    kept = {(o, n): vars(o)[n] for group in STEPS.values() for o, n in group}

    def counted(step: str, function: Any) -> Any:
        inner = function.__func__ if isinstance(function, staticmethod) else function

        def call(*a: Any, **k: Any) -> Any:
            began = time.perf_counter()
            try:
                return inner(*a, **k)
            finally:
                of_step[step] += time.perf_counter() - began

        return staticmethod(call) if isinstance(function, staticmethod) else call

    try:
        for step, members in STEPS.items():
            for owner, name in members:
                setattr(owner, name, counted(step, kept[owner, name]))
        yield of_step
    finally:
        for (owner, name), function in kept.items():
            setattr(owner, name, function)


def learn_once(hours: float, learner: str, threads: int, settings: dict[str, int]) -> float:
    """CPU seconds of `learn` of one learner, on one fold's recordings."""
    recordings = _recordings(hours)
    began = time.process_time()
    learn(recordings, EVERYTHING, Settings(**settings), threads, [learner])
    return time.process_time() - began


def learn_peer(
    hours: float, learner: str, threads: int, settings: dict[str, int]
) -> dict[str, float]:
    """CPU seconds of a learner alone, from predictors in memory, and how right it is elsewhere."""
    kept, how = _recordings(hours), Settings(**settings)
    names = features_of(kept)
    seen = {r.recording: EVERYTHING.learns_from(r) for r in kept}
    parts = list(examples_of(kept, seen, names, how))
    x, y = (np.concatenate(p) for p in zip(*parts, strict=True))
    columns = tuple(make_predictors(kept[0].normal.iloc[:9], names).columns)
    other = sleep_made.labelled([4.0], seed=1)[0]
    unseen = make_predictors(other.normal, names).to_numpy()
    began = time.process_time()
    probability = PEERS[learner](columns, x, y, how, threads)
    cpu_s = time.process_time() - began
    right = np.asarray(SCORED)[probability(unseen).argmax(axis=1)] == other.labels
    return {"cpu_s": cpu_s, "right": float(right.mean())}


def peaks(hours: float, threads: int, settings: dict[str, int]) -> dict[str, float]:
    """The most memory that each part of training holds, MB, of recordings of a day each.

    What is hidden and scored are the recordings of one animal of three.
    """
    how = Settings(**settings)
    found, taken = {"imports": peak_mb()}, {}
    recordings = _recordings(hours)
    found["recordings"] = _now_mb()
    fold = Fold("a0", "a0", {r.recording: (0, len(r.labels)) for r in recordings[::3]})
    for part, which in (("logistic", ["logistic"]), ("trees", ["forest", "xgboost"])):
        _forget_peak()
        began = time.process_time()
        learnt = learn(recordings, EVERYTHING, how, threads, which)
        taken[f"{part}, CPU s"] = time.process_time() - began
        found[part] = peak_mb()
    _forget_peak()
    for hidden in ([], sleep_made.REGIONS[:1]):
        score_held(recordings, fold, learnt, hidden)
    found["scoring what is held out"] = peak_mb()
    return found | taken


def _forget_peak() -> None:
    """Let the most memory begin anew at what is held now."""
    ctypes.CDLL(None).malloc_trim(0)
    Path("/proc/self/clear_refs").write_text("5")


def _now_mb() -> float:
    _forget_peak()
    return peak_mb()


_KEPT: dict[float, list[LabelledRecording]] = {}


def _recordings(hours: float) -> list[LabelledRecording]:
    """Recordings of together so many hours, each of at most a day; made once."""
    if hours not in _KEPT:
        _KEPT.clear()
        rest = [hours % 24] if hours % 24 else []
        _KEPT[hours] = sleep_made.labelled([24.0] * int(hours // 24) + rest)
    return _KEPT[hours]


if __name__ == "__main__":
    tasks = (imports, import_yasa, write, train, score, learn_once, learn_peer, peaks)
    serve({t.__name__: t for t in tasks})
