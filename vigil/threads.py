"""A job keeps to the threads that it was given, also on a machine with many more cores."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from types import ModuleType

from threadpoolctl import threadpool_limits

VARIABLES = (
    "OMP_NUM_THREADS",
    "OPENCV_FOR_THREADS_NUM",
    "ZARR_THREADING__MAX_WORKERS",
    "ZARR_ASYNC__CONCURRENCY",
    "ARROW_IO_THREADS",
)
"""What a library reads when it is loaded; OpenMP, PyTorch and pyarrow read the first."""


def _video(cv2: ModuleType, threads: int) -> None:
    cv2.setNumThreads(threads)


def _stores(zarr: ModuleType, threads: int) -> None:
    # each of its threads keeps memory of its own, too
    zarr.config.set({"threading.max_workers": threads, "async.concurrency": threads})


def _tables(pyarrow: ModuleType, threads: int) -> None:
    pyarrow.set_cpu_count(threads)
    pyarrow.set_io_thread_count(threads)


def _trees(xgboost: ModuleType, threads: int) -> None:
    # a model that was read from its file has forgotten with how many it was fitted
    xgboost.set_config(nthread=threads)


def _network(torch: ModuleType, threads: int) -> None:
    torch.set_num_threads(threads)


LIMITS: Mapping[str, Callable[[ModuleType, int], None]] = {
    "cv2": _video,
    "zarr": _stores,
    "pyarrow": _tables,
    "xgboost": _trees,
    "torch": _network,
}
"""How each library is told, which by itself takes as many threads as there are cores."""


def keep_to(threads: int) -> None:
    """Tell each library how many threads it may use from now on.

    One that is loaded is told by a call, one that is loaded later by the variable of the
    environment that it reads then; what this process starts inherits these. BLAS keeps one thread:
    stages that use several run them side by side themselves, and on small matrices more are slower
    than one. Numba's kernels are not parallel.

    The numbers of XGBoost and OpenMP hold for the thread that calls this; another thread has those
    of the environment with which the libraries were loaded (of Snakemake: as many as the job has).
    """
    os.environ.update(dict.fromkeys(VARIABLES, str(threads)))
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    for name, limit in LIMITS.items():
        module = sys.modules.get(name)
        if module is not None:
            limit(module, threads)
    # last, as cv2 sets those of OpenMP
    threadpool_limits(threads, "openmp")
    threadpool_limits(1, "blas")
