"""A job keeps to the threads that it was given, where every library would take 8 or more."""

import itertools
import json
import os
import subprocess
import sys
import textwrap
from types import SimpleNamespace

import pytest

from vigil.pose import run
from vigil.pose.settings import Settings

UNTOLD = "8"
"""Threads that libraries take which nobody tells, as on a machine of so many cores."""

WATCHED = """
import json, os, sys, threading
os.cpu_count = lambda: 64
os.sched_getaffinity = lambda process: set(range(64))
{imports}
from vigil.threads import keep_to

keep_to({threads})
before = len(os.listdir("/proc/self/task"))
most, stop = before, threading.Event()

def watch():
    global most
    while not stop.wait(0.001):
        most = max(most, len(os.listdir("/proc/self/task")) - 1)

watcher = threading.Thread(target=watch)
watcher.start()
{work}
stop.set()
watcher.join()
print(json.dumps(most - before))
"""

WORK = {
    "zarr": (
        "import numpy as np, zarr",
        """
        x = np.random.default_rng(0).integers(0, 9, (64, 200_000), dtype="i2")
        store = zarr.create_array(sys.argv[1], shape=x.shape, chunks=(1, 200_000), dtype="i2")
        store[:] = x
        assert (store[:] == x).all()
        """,
    ),
    "pyarrow": (
        "import numpy as np, pandas as pd, pyarrow",
        """
        x = np.random.default_rng(0).normal(size=(50_000, 64))
        pd.DataFrame(x, columns=[f"c{i}" for i in range(64)]).to_parquet(sys.argv[1])
        assert len(pd.read_parquet(sys.argv[1])) == len(x)
        """,
    ),
    "xgboost": (
        "import numpy as np, xgboost as xgb",
        """
        x = np.random.default_rng(0).normal(size=(20_000, 30))
        model = xgb.train({"objective": "binary:logistic"}, xgb.DMatrix(x, x[:, 0] > 0), 5)
        model.save_model(sys.argv[1] + ".json")
        xgb.Booster(model_file=sys.argv[1] + ".json").inplace_predict(x)
        """,
    ),
    "cv2": (
        "import cv2, numpy as np",
        """
        x = np.random.default_rng(0).integers(0, 255, (2000, 2000, 3), np.uint8)
        for _ in range(5):
            cv2.GaussianBlur(cv2.cvtColor(x, cv2.COLOR_BGR2RGB), (9, 9), 0)
        """,
    ),
}


def said_by(program, *words):
    """What a program says that is run where libraries take 8 threads and BLAS 5."""
    told = [n for n in os.environ if n.endswith("NUM_THREADS") or n.startswith(("ZARR_", "ARROW_"))]
    environment = {k: v for k, v in os.environ.items() if k not in told}
    environment |= dict.fromkeys(["OMP_NUM_THREADS", "OPENCV_FOR_THREADS_NUM"], UNTOLD)
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**environment, "OPENBLAS_NUM_THREADS": "5"},
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


# XGBoost takes no more threads than there are cores, so that three may be no limit to it
@pytest.mark.parametrize(
    ("library", "threads"),
    [("xgboost", 1), *itertools.product(["zarr", "pyarrow", "cv2"], [1, 3])],
)
def test_work_starts_no_more_threads_than_the_job_was_given(tmp_path, library, threads):
    imports, work = map(textwrap.dedent, WORK[library])
    program = WATCHED.format(imports=imports, work=work, threads=threads)
    # the caller works too (xgboost, cv2), or there are some that wait: for work (zarr) or for
    # files (pyarrow)
    most = {"zarr": threads + 1, "pyarrow": 2 * threads}
    assert said_by(program, str(tmp_path / "file")) <= most.get(library, threads - 1)


NUMBERS = """
import json
{before}
from vigil.threads import keep_to

keep_to(3)
{after}
import cv2, numpy, pyarrow, threadpoolctl, xgboost, zarr

pools = threadpoolctl.threadpool_info()
told = {{
    "blas": max(p["num_threads"] for p in pools if p["user_api"] == "blas"),
    "openmp": max(p["num_threads"] for p in pools if p["user_api"] == "openmp"),
    "cv2": cv2.getNumThreads(),
    "pyarrow": pyarrow.cpu_count(),
    "files": pyarrow.io_thread_count(),
    "xgboost": xgboost.get_config()["nthread"],
    "zarr": zarr.config.get("threading.max_workers"),
    "zarr at once": zarr.config.get("async.concurrency"),
}}
print(json.dumps(told))
"""
STAGES = "\n".join(
    f"import vigil.{stage}.run"
    for stage in ("downsample", "kinematics", "report", "seizures", "sleep", "spectra")
)
TOLD = dict.fromkeys(
    ["openmp", "cv2", "pyarrow", "files", "xgboost", "zarr", "zarr at once"], 3
) | {"blas": 1}


def test_every_library_of_a_stage_is_told():
    libraries = "import cv2, pyarrow, xgboost, zarr\n"
    assert said_by(NUMBERS.format(before=libraries + STAGES, after="")) == TOLD


def test_what_is_loaded_later_finds_the_number_in_the_environment():
    # XGBoost has no number of its own then: it takes that of OpenMP
    assert said_by(NUMBERS.format(before="", after=STAGES)) == TOLD | {"xgboost": 0}


@pytest.mark.parametrize(("threads", "of_network"), [(1, 1), (2, 1), (4, 3)])
def test_pose_leaves_one_of_its_threads_to_the_decoder(monkeypatch, threads, of_network):
    asked = []

    class Chosen(Exception):
        pass

    def load(batch_size, threads):
        asked.append(threads)
        raise Chosen

    monkeypatch.setattr("vigil.pose.shipped.load_shipped", load)
    with pytest.raises(Chosen):
        run.track_videos(Settings(), [SimpleNamespace(frames=1)], threads, {})
    assert asked == [of_network]


def test_a_video_is_decoded_without_further_threads(tmp_path):
    program = """
    import json, os, sys
    from pathlib import Path
    import cv2, numpy as np
    from vigil.pose import video

    path = Path(sys.argv[1])
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (320, 240))
    for i in range(90):
        film.write(np.full((240, 320, 3), i, np.uint8))
    film.release()

    def threads():
        return len(os.listdir("/proc/self/task"))

    before, found = threads(), []
    for opened in (video._decoder, cv2.VideoCapture):
        capture = opened(str(path))
        assert capture.read()[0]
        found.append(threads() - before)
        capture.release()
    print(json.dumps(found))
    """
    ours, untold = said_by(program, str(tmp_path / "film.mp4"))
    assert ours == 0
    # on one core there is nothing to keep to
    assert untold > 0 or os.cpu_count() == 1
