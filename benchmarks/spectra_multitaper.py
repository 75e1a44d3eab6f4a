"""Vigil's multitaper spectra beside others, in one process: samples per CPU second.

All are given windows in memory in the precision that they compute in, and asked for the density
up to the highest frequency that the features use; what comes out is compared before it is timed.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass

import mne
import numpy as np
import numpy.typing as npt
from harness import Bench, interleaved
from scipy import fft

from vigil.spectra.multitaper import Tapers, make_tapers, multitaper_density

RATE_HZ = 1250.0
HIGHEST_HZ = 200.0
AT_ONCE = 8
"""Windows that scipy is given at once: what it needs for them stays in the cache, and it is not
called more often than it must be. One at a time and 64 are up to twice as slow."""
VIGIL = "Vigil"
PEERS = {
    "mne psd_array_multitaper": ">= 4",
    "scipy rfft in float64": ">= 2.5",
    "scipy rfft in float32": None,
}
"""Each peer, and how many times as fast Vigil is to be."""
BANDS_HZ = ((1, 4), (6, 9), (10, 15), (15, 30), (30, 55), (65, 100), (120, 180))

Floats = npt.NDArray[np.floating]


@dataclass(frozen=True)
class Sizes:
    """How much is measured."""

    channels: int = 64
    seconds: float = 120.0
    repeats: int = 7


def epochs(bench: Bench, sizes: Sizes) -> None:
    """Epochs of 4 s, as the features take them."""
    _windows(bench, sizes, "epochs", 5000, 4.0)


def spectrogram(bench: Bench, sizes: Sizes) -> None:
    """Windows of 2 s, as the spectrogram takes them."""
    _windows(bench, sizes, "spectrogram", 2500, 2.0)


def _windows(bench: Bench, sizes: Sizes, name: str, n: int, nw: float) -> None:
    tapers = make_tapers(n, RATE_HZ, nw)
    x = signals(sizes.channels * max(1, round(sizes.seconds * RATE_HZ / n)), n)
    work = methods(x, tapers)
    # the round beforehand compiles the kernel, or loads it, and plans the transforms
    found = {method: bands(density(), tapers) for method, density in work.items()}
    mne_name, *_ = PEERS
    runs = interleaved(
        {m: lambda density=d: cpu_seconds(density) for m, d in work.items()}, sizes.repeats
    )
    for method, seconds in runs.items():
        bench.add_rate(f"{name}: {method}", x.size / 1e6, seconds, "MS/s")
    for peer, aim in PEERS.items():
        bench.add_ratio(f"{name}: against {peer}", runs[peer], runs[VIGIL], aim)
    apart = float(np.abs(found[VIGIL] / found[mne_name] - 1).max())
    bench.add(f"{name}: band powers, largest difference to mne", apart, "1", "<= 1e-5")


def signals(n_windows: int, n: int) -> npt.NDArray[np.float32]:
    """Windows of noise whose power falls with the frequency, and of white noise, in uV."""
    rng = np.random.default_rng(1)
    walk = np.cumsum(rng.normal(0, 5, (n_windows, n)), axis=1)
    return (walk + rng.normal(0, 10, (n_windows, n))).astype(np.float32)


def methods(x: npt.NDArray[np.float32], tapers: Tapers) -> dict[str, Callable[[], Floats]]:
    """Every way to the density (window, frequency) of windows."""
    n = x.shape[1]
    n_frequencies = int((tapers.frequency_hz <= HIGHEST_HZ).sum())
    doubles = x.astype(np.float64)
    nw = (len(tapers.values) + 1) / 2

    def by_mne() -> Floats:
        density, _ = mne.time_frequency.psd_array_multitaper(
            doubles, RATE_HZ, fmax=HIGHEST_HZ, bandwidth=2 * nw * RATE_HZ / n,
            low_bias=True, normalization="full", n_jobs=1, verbose="error",
        )  # fmt: skip
        return density

    by = (by_mne, lambda: by_scipy(doubles, tapers), lambda: by_scipy(x, tapers))
    return {
        VIGIL: lambda: multitaper_density(x, tapers, n_frequencies),
        **dict(zip(PEERS, by, strict=True)),
    }


def by_scipy(x: Floats, tapers: Tapers) -> Floats:
    """The density as one would write it with scipy, in the precision of x."""
    n_frequencies = int((tapers.frequency_hz <= HIGHEST_HZ).sum())
    weighted = tapers.values * np.sqrt(2 * tapers.weights / tapers.rate_hz)[:, None]
    weighted = weighted.astype(x.dtype)
    density = np.empty((len(x), n_frequencies), x.dtype)
    for first in range(0, len(x), AT_ONCE):
        part = x[first : first + AT_ONCE]
        centred = part - part.mean(axis=1, keepdims=True)
        z = fft.rfft(centred[:, None] * weighted, overwrite_x=True)[..., :n_frequencies]
        density[first : first + AT_ONCE] = (z.real**2 + z.imag**2).sum(1)
    density[:, 0] /= 2
    return density


def bands(density: Floats, tapers: Tapers) -> npt.NDArray[np.float64]:
    """Mean density in each band, (window, band)."""
    f = tapers.frequency_hz[: density.shape[1]]
    inside = [np.flatnonzero((f >= low) & (f < high)) for low, high in BANDS_HZ]
    return np.stack([density[:, k].mean(1, dtype=np.float64) for k in inside], axis=1)


def cpu_seconds(work: Callable[[], object]) -> float:
    """CPU seconds of this process, all threads, for one call."""
    started = time.process_time()
    work()
    return time.process_time() - started
