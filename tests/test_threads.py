"""A job keeps to the threads that it was given, on a machine that shows it 64 cores."""

import json
import subprocess
import sys
import textwrap

import pytest

ON_64_CORES = """
import json, os, sys, threading
os.cpu_count = lambda: 64
os.sched_getaffinity = lambda process: set(range(64))
for name in [n for n in os.environ if n.endswith("NUM_THREADS")]:
    del os.environ[name]
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
    "video": (
        """
        import cv2, numpy as np
        from pathlib import Path
        from vigil.pose.video import Film, open_videos
        path = Path(sys.argv[1] + ".mp4")
        film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"mp4v"), 30, (320, 240))
        for i in range(90):
            film.write(np.full((240, 320, 3), i, np.uint8))
        film.release()
        """,
        """
        assert len(list(Film(open_videos([path]), threads={threads}).frames())) == 90
        """,
    ),
}


def threads_started(tmp_path, library, threads):
    """Threads that a piece of work starts beyond those that were there after the imports."""
    imports, work = map(textwrap.dedent, WORK[library])
    work = work.replace("{threads}", str(threads))
    program = ON_64_CORES.format(imports=imports, work=work, threads=threads)
    done = subprocess.run(
        [sys.executable, "-c", program, str(tmp_path / "file")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(done.stdout)


@pytest.mark.parametrize("library", WORK)
@pytest.mark.parametrize("threads", [1, 3])
def test_work_starts_no_more_threads_than_the_job_was_given(tmp_path, library, threads):
    # beside those that work there are some that wait: for work (zarr) or for files (pyarrow)
    most = {"zarr": threads + 1, "pyarrow": 2 * threads, "video": 2 * threads - 1}
    assert threads_started(tmp_path, library, threads) <= most.get(library, threads)


def test_every_library_of_a_stage_is_told():
    program = """
    import json, os
    os.environ.update(dict.fromkeys(["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS"], "2"))
    import cv2, pyarrow, threadpoolctl, xgboost, zarr
    import vigil.downsample.run, vigil.kinematics.run, vigil.report.run, vigil.seizures.run
    import vigil.sleep.run, vigil.spectra.run
    from vigil.threads import keep_to

    keep_to(2)
    pools = threadpoolctl.threadpool_info()
    told = {
        "blas": max(p["num_threads"] for p in pools if p["user_api"] == "blas"),
        "openmp": max(p["num_threads"] for p in pools if p["user_api"] == "openmp"),
        "cv2": cv2.getNumThreads(),
        "pyarrow": pyarrow.cpu_count(),
        "files": pyarrow.io_thread_count(),
        "xgboost": xgboost.get_config()["nthread"],
        "zarr": zarr.config.get("threading.max_workers"),
    }
    print(json.dumps(told))
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(program)], capture_output=True, text=True, check=True
    )
    told = json.loads(done.stdout)
    assert told.pop("blas") == 1
    assert set(told.values()) == {2}, told
