"""Vigil's decimation kernel beside others, in one process: input samples per CPU second.

Runs in the environment of the peers and prints JSON. The peers get float32, the faster of what
they take; Vigil's kernel starts from int16 and rounds back to it, which counts against it.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import soxr
from harness import interleaved, versions_of
from scipy import signal

from vigil.downsample.decimate import design_decimator

RATE_IN_HZ, RATE_OUT_HZ = 32000, 1250
PACKAGES = ("numba", "numpy", "scipy", "soxr")
VIGIL = "Vigil"
PEERS = {
    "scipy.signal.decimate(25, ftype='fir')": 10.0,
    "resample_poly with equal taps": 25.0,
    "soxr HQ, one stream per channel": 2.0,
}
"""Each peer, and how many times as fast Vigil's kernel is to be."""


def methods(
    samples: npt.NDArray[np.int16],
) -> dict[str, Callable[[], list[npt.NDArray[np.generic]]]]:
    """Every way to bring (channel, sample) to the new rate; all work channel by channel."""
    decimator = design_decimator(RATE_IN_HZ, RATE_OUT_HZ)
    # resample_poly multiplies what it is given by `up`
    window = (decimator.equivalent_taps() / decimator.up).astype(np.float32)
    up, down = decimator.up, decimator.down
    floats = samples.astype(np.float32)
    decimate, poly, hq = PEERS
    return {
        VIGIL: lambda: [decimator.reduce(x) for x in samples],
        decimate: lambda: [signal.decimate(x, 25, ftype="fir") for x in floats],
        poly: lambda: [signal.resample_poly(x, up, down, window=window) for x in floats],
        hq: lambda: [soxr.resample(x, RATE_IN_HZ, RATE_OUT_HZ, quality="HQ") for x in floats],
    }


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process, all threads, for one call."""
    started = time.process_time()
    work()
    return time.process_time() - started


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--channels", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--repeats", type=int, default=7)
    asked = parser.parse_args()
    rng = np.random.default_rng(1)
    shape = (asked.channels, round(asked.seconds * RATE_IN_HZ))
    samples = (rng.standard_normal(shape, np.float32) * 1600).astype(np.int16)
    work = methods(samples)
    # a round beforehand: compiles the kernel, or loads it, and plans the filters
    rows = {name: len(method()[0]) for name, method in work.items()}
    # times of different work cannot be compared; decimate knows whole factors only: 1280 Hz
    assert max(rows.values()) < 1.03 * min(rows.values()), rows
    runs = interleaved({n: lambda m=m: cpu_seconds(m) for n, m in work.items()}, asked.repeats)
    rates = {n: [samples.size / 1e6 / s for s in seconds] for n, seconds in runs.items()}
    print(
        json.dumps(
            {
                "megasamples_per_cpu_s": rates,
                "aims": PEERS,
                "versions": versions_of(PACKAGES),
            }
        )
    )


if __name__ == "__main__":
    main()
