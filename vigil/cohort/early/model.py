"""A linear forecast that can be learnt anew for thousands of sets of onsets.

Fisher's discriminant with a covariance that is drawn towards independence (Friedman 1989,
J Am Stat Assoc 84:165): for classes of one covariance it is what a regularised logistic
regression tends to. Only the mean before the training seizures depends on the onsets; the
covariance is that of all stretches, whatever followed them. So the same procedure, with its
choice of how much to regularise, is done for the real onsets and for each surrogate.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vigil.cohort.early.clock import FloatArray

Float32 = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
TINY = 1e-12


@dataclass(frozen=True)
class Basis:
    """Axes of a covariance, and the weight of each axis for every shrinkage.

    Parameters
    ----------
    centre : ndarray, (predictor,)
    axes : ndarray, (predictor, axis)
    variance : ndarray, (axis,)
    weight : ndarray, (shrinkage, axis)
        1 over the shrunk variance.
    """

    centre: FloatArray
    axes: FloatArray
    variance: FloatArray
    weight: FloatArray

    def turn(self, x: Float32) -> Float32:
        """Rows along the axes, (row, axis)."""
        return np.asarray((x - self.centre.astype(np.float32)) @ self.axes.astype(np.float32))


def basis(x: Float32, shrinkage: tuple[float, ...]) -> Basis:
    """Basis of the covariance of some stretches, (row, predictor)."""
    centre = x.mean(axis=0, dtype=float)
    covariance = np.cov(x.T.astype(float)) if len(x) > 1 else np.zeros((x.shape[1],) * 2)
    covariance = np.atleast_2d(covariance)
    variance, axes = np.linalg.eigh(covariance)
    variance = np.maximum(variance, 0)
    mean = max(float(variance.mean()), TINY)
    share = np.asarray(shrinkage)[:, None]
    return Basis(centre, axes, variance, 1 / ((1 - share) * variance + share * mean + TINY * mean))


@dataclass(frozen=True)
class Lesson:
    """Rows that a model may learn from, and rows that it is for.

    Parameters
    ----------
    rows : ndarray, (set, seizure, axis)
        What is learnt from each seizure, 0 where there is nothing.
    there : ndarray, (set, seizure)
    own : ndarray, (set, seizure, axis)
        Rows that the model is for, 0 where there are none.
    of : Basis
    """

    rows: Float32
    there: Bools
    own: Float32
    of: Basis


def left_out(learnt: Lesson, train: Bools) -> Float32:
    """Score of each training seizure by a model of the other ones, in spreads between seizures.

    Parameters
    ----------
    train : ndarray, (set, seizure)

    Returns
    -------
    ndarray, (shrinkage, set, seizure)
    """
    train = train & learnt.there
    rows = learnt.rows * train[:, :, None]
    # what the others teach; pairs of seizures would need memory as the square of their number
    others = rows.sum(axis=1, keepdims=True) - rows
    of = learnt.of
    score = (learnt.own * others) @ of.weight.T.astype(np.float32)
    spread = others**2 @ (of.variance * of.weight**2).T.astype(np.float32)
    left = score / np.sqrt(np.maximum(spread, TINY)) * train[:, :, None]
    return np.asarray(left.transpose(2, 0, 1))


def choose(
    lessons: Sequence[Lesson], train: Bools, asked: Bools
) -> tuple[npt.NDArray[np.int64], FloatArray]:
    """The lesson and shrinkage that tell left-out training seizures best, and how well, (set,).

    How well is the mean score of the left-out seizures less its standard error, in spreads
    between seizures: forecasts of few seizures are not to be too sure of themselves.

    Parameters
    ----------
    train, asked : ndarray, (set, seizure)
        Seizures that are learnt from, and those of them that have a row of their own.
    """
    n = np.maximum(asked.sum(axis=1), 1)
    scores = np.concatenate([left_out(one, train) for one in lessons]) * asked
    mean = scores.sum(axis=2) / n
    best = np.argmax(mean, axis=0)
    sets = np.arange(mean.shape[1])
    error = np.sqrt((((scores[best, sets] - mean[best, sets][:, None]) * asked) ** 2).sum(axis=1))
    return best, np.asarray(mean[best, sets] - error / n, dtype=float)


def weights(
    lessons: Sequence[Lesson], train: Bools, best: npt.NDArray[np.int64], of: Basis
) -> Float32:
    """The model of each set, (set, axis), whose scores have a spread of 1 between seizures."""
    sums = np.stack([(one.rows * train[:, :, None]).sum(axis=1) for one in lessons])
    which, shrinkage = np.divmod(best, len(of.weight))
    w = sums[which, np.arange(len(best))] * of.weight[shrinkage].astype(np.float32)
    spread = np.sqrt(np.maximum((w**2 * of.variance.astype(np.float32)).sum(axis=1), TINY))
    return np.asarray(w / spread[:, None], dtype=np.float32)
