"""What a trained detector sees of each step: the evidence, whatever channels there are, in time."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt

from vigil.recording import RecordingError
from vigil.seizures.evidence import ARTEFACTS, MOVEMENT, Evidence
from vigil.seizures.measures import OK

FloatMatrix = npt.NDArray[np.float32]

CONTEXT_S = (2.0, 10.0, 30.0)
"""Times before and after a step over which each predictor is averaged as well."""
MANY = (1.0, 0.9, 0.75, 0.5, 0.25)
FEW = (1.0, 0.75, 0.5)
ORDERS = {
    "line_length_z": MANY,
    "power_ratio_z": FEW,
    "spikes_z": FEW,
    "low_z": FEW,
    "line_length_ln": FEW,
    "frequency_hz": FEW,
}
"""Which quantiles over the channels are taken: they mean the same for 4 channels and for 64."""
WHOLE = ("common_band", "common_fast", "fast_rise", "emg_rise")
"""What is known of a step without its channels."""
DISTURBANCES = (*dict.fromkeys([*ARTEFACTS.values(), MOVEMENT]),)
LARGEST = 1000.0
"""What is not finite, or larger, counts as this."""


def columns() -> list[str]:
    """Names of the predictors: `@-10s` is the mean over the 10 s before, `@+10s` after."""
    own = _own_columns()
    windows = [f"@{sign}{length_s:g}s" for length_s in CONTEXT_S for sign in "-+"]
    slopes = [f"slope_{length_s:g}s" for length_s in CONTEXT_S]
    return [*own, *(f"{c}{w}" for w in windows for c in own), *slopes]


def context_steps(step_s: float) -> int:
    """Steps before and after a step that its predictors reach over."""
    return round(max(CONTEXT_S) / step_s)


def make_predictors(
    evidence: Evidence, step_s: float, keep_z: float, enter_z: float
) -> FloatMatrix:
    """Predictors of each step, (step, predictor); NaN is missing.

    Parameters
    ----------
    evidence : Evidence
    step_s : float
    keep_z, enter_z : float
        As of the settings; the shares of channels above them are predictors.
    """
    own = _own(evidence, keep_z, enter_z)
    at = _own_columns().index("line_length_ln.q50")
    parts, slopes = [own], []
    mean = _averages(own)
    for length_s in CONTEXT_S:
        n = max(1, round(length_s / step_s))
        before, after = mean(-n, 0), mean(1, n + 1)
        parts += [before, after]
        slopes.append(after[:, at] - before[:, at])
    return np.concatenate([*parts, np.stack(slopes, axis=1)], axis=1)


def quantiles(values: FloatMatrix, orders: tuple[float, ...]) -> FloatMatrix:
    """Quantiles over the channels of each step without the NaN, (step, order).

    Parameters
    ----------
    values : ndarray, (step, channel)
    orders : tuple of float
        0 is the least, 1 the greatest; between channels the quantile is interpolated.
    """
    ordered = np.sort(values, axis=1)  # NaN come last
    known = np.isfinite(values).sum(axis=1)
    rows = np.arange(len(values))
    out = np.full((len(values), len(orders)), np.nan, dtype=np.float32)
    if not values.shape[1]:
        return out
    for i, q in enumerate(orders):
        place = q * np.maximum(known - 1, 0)
        lower = np.floor(place).astype(np.int64)
        upper = np.minimum(lower + 1, np.maximum(known - 1, 0))
        a, b = ordered[rows, lower], ordered[rows, upper]
        out[:, i] = np.where(known > 0, a + (b - a) * (place - lower), np.nan)
    return out


def empty(predictors: FloatMatrix) -> npt.NDArray[np.bool_]:
    """Steps of whose line length nothing is known, (step,): no data, or no usable channel."""
    return np.asarray(np.isnan(predictors[:, 0]))


def _own_columns() -> list[str]:
    orders = [f"{c}.q{round(100 * q)}" for c, qs in ORDERS.items() for q in qs]
    flags = [f"is {name}" for name in ("disturbed", *DISTURBANCES)]
    shares = ["share_keep", "share_enter", "share_speaking", "loud_frequency_hz", "share_faulty"]
    return [*orders, *shares, *WHOLE, "suppressed", *flags]


def _own(evidence: Evidence, keep_z: float, enter_z: float) -> FloatMatrix:
    """Predictors without context, (step, predictor), in the order of `_own_columns`."""
    n = len(evidence.artefact)
    z = {name: _finite(getattr(evidence, name)) for name in ORDERS}
    parts: list[npt.NDArray[Any]] = [quantiles(z[name], orders) for name, orders in ORDERS.items()]
    line = z["line_length_z"]
    added = np.clip(np.nan_to_num(np.fmax(z["power_ratio_z"], z["spikes_z"])), 0, enter_z) / 2
    known = np.isfinite(line).sum(axis=1)
    with np.errstate(invalid="ignore"):
        keeps = line >= keep_z
        speaks = keeps & (line + added >= enter_z)
        masks = (keeps, line >= enter_z, speaks)
    for mask in masks:
        share = mask.sum(axis=1) / np.maximum(known, 1)
        parts.append(np.where(known > 0, share, np.nan)[:, None])
    parts.append(quantiles(np.where(keeps, z["frequency_hz"], np.float32(np.nan)), (0.5,)))
    parts.append((evidence.fault != OK).mean(axis=1, keepdims=True))
    for name in WHOLE:
        values = np.asarray(getattr(evidence, name))
        if values.shape != (n,):
            raise RecordingError(
                f"The evidence holds {name} of shape {values.shape} for {n} steps; make it anew."
            )
        parts.append(_finite(values)[:, None])
    parts.append(evidence.suppressed[:, None])
    parts.append((evidence.artefact != "")[:, None])
    parts += [(evidence.artefact == name)[:, None] for name in DISTURBANCES]
    return np.concatenate([p.astype(np.float32) for p in parts], axis=1)


def _finite(values: npt.NDArray[np.floating]) -> FloatMatrix:
    """As float32 inside +-LARGEST; NaN stays (half floats overflow to infinity)."""
    return np.clip(np.asarray(values, dtype=np.float32), -LARGEST, LARGEST)


def _averages(own: FloatMatrix) -> Callable[[int, int], FloatMatrix]:
    """Gives the mean over the steps [k + first, k + last) around each step k, without the NaN."""
    known = np.isfinite(own)
    nothing = np.zeros((1, own.shape[1]))
    total = np.concatenate([nothing, np.cumsum(np.where(known, own, 0.0), axis=0, dtype=float)])
    count = np.concatenate([nothing, np.cumsum(known, axis=0, dtype=float)])
    at = np.arange(len(own))

    def mean(first: int, last: int) -> FloatMatrix:
        lo, hi = (np.clip(at + k, 0, len(own)) for k in (first, last))
        n = count[hi] - count[lo]
        with np.errstate(invalid="ignore"):
            return np.asarray((total[hi] - total[lo]) / np.where(n > 0, n, np.nan), np.float32)

    return mean
