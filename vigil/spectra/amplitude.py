"""What is read off the trace of an epoch: Hjorth's parameters, line length, amplitudes."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from vigil.compiled import compiled

QUANTILES = (0.05, 0.25, 0.75, 0.95)
"""Shares of the samples that lie below the amplitudes of `amplitude_features`."""

FloatArray = npt.NDArray[np.float64]
Float32 = npt.NDArray[np.float32]


@compiled(nogil=True, fastmath=True)
def _moments(x: Float32, mean: FloatArray, moments: FloatArray) -> None:
    """Fill moments[:, epoch] with sums of v^2, v^4, dv^2, (ddv)^2 and |dv| of v = x - mean."""
    n = x.shape[1]
    for epoch in range(x.shape[0]):
        row, centre = x[epoch], mean[epoch]
        square = fourth = slope = curvature = length = 0.0
        for i in range(n - 2):
            v, after = row[i] - centre, row[i + 1] - centre
            step = after - v
            turn = row[i + 2] - centre - after - step
            v2 = v * v
            square += v2
            fourth += v2 * v2
            slope += step * step
            length += abs(step)
            curvature += turn * turn
        for i in range(n - 2, n):
            v2 = (row[i] - centre) ** 2
            square += v2
            fourth += v2 * v2
        step = np.float64(row[n - 1]) - row[n - 2]
        moments[0, epoch] = square
        moments[1, epoch] = fourth
        moments[2, epoch] = slope + step * step
        moments[3, epoch] = curvature
        moments[4, epoch] = length + abs(step)


def amplitude_features(x: Float32, rate_hz: float) -> dict[str, FloatArray]:
    """Features that are read off the trace.

    Activity, mobility and complexity after Hjorth 1970 (variance; rms of the derivative over
    rms; mobility of the derivative over mobility), line length after Esteller et al. 2001.
    Derivatives are differences of neighbouring samples. All are NaN where the trace is constant.

    Parameters
    ----------
    x : ndarray, float32, (epoch, sample)
        Microvolts; at least three samples.
    rate_hz : float
        Rate of the samples.

    Returns
    -------
    dict of ndarray, (epoch,)
    """
    n = x.shape[1]
    mean = x.mean(axis=1, dtype=np.float64)
    moments = np.empty((5, len(x)))
    _moments(x, mean, moments)
    # the compiled loop does not promise to pass NaN on; a constant trace has no shape
    moments[:, ~(np.isfinite(mean) & (np.ptp(x, axis=1) > 0))] = np.nan
    activity, fourth = moments[0] / n, moments[1] / n
    slope = moments[2] / (n - 1) * rate_hz**2
    curvature = moments[3] / (n - 2) * rate_hz**4
    mobility = np.sqrt(slope / activity)
    features = {
        "log_activity": np.log10(activity),
        "mobility": mobility,
        "complexity": np.sqrt(curvature / slope) / mobility,
        "log_line_length": np.log10(moments[4] / (n - 1) * rate_hz),
        "kurtosis": fourth / activity**2 - 3.0,
    }
    ordered = np.sort(x, axis=1)
    for share in QUANTILES:
        at = share * (n - 1)
        low = int(at)
        below = ordered[:, low].astype(np.float64)
        value = below + (at - low) * (ordered[:, min(low + 1, n - 1)] - below) - mean
        value[np.isnan(activity)] = np.nan
        features[f"quantile_{round(100 * share):02d}"] = value
    return features
