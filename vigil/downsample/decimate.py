"""Linear-phase rational resampling of long signals, piece by piece, the same for any piece.

A Kaiser-windowed FIR low-pass (Kaiser 1974; Oppenheim and Schafer, Discrete-Time Signal
Processing) is applied by polyphase evaluation, so that only the samples that are kept
are computed. The filter is symmetric and its delay is taken out exactly: output 0 lies
on input 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt
from scipy import signal


@dataclass(frozen=True)
class Decimator:
    """A resampling by `up / down` with its filter.

    Parameters
    ----------
    up, down : int
        Output samples per `down` input samples.
    taps : ndarray, float64
        Symmetric low-pass at `up` times the input rate, with gain `up`.
    """

    up: int
    down: int
    taps: npt.NDArray[np.float64]

    @property
    def half(self) -> int:
        """Delay of the filter in samples of the raised rate."""
        return len(self.taps) // 2

    def n_out(self, n_in: int) -> int:
        """Number of outputs whose time lies inside `n_in` input samples."""
        return -(-n_in * self.up // self.down)

    def input_range(self, first: int, last: int) -> tuple[int, int]:
        """Input samples that outputs [first, last) depend on; may lie outside the signal."""
        lo = -((self.half - first * self.down) // self.up)
        hi = ((last - 1) * self.down + self.half) // self.up + 1
        return lo, hi

    def apply(
        self, x: npt.NDArray[np.float32], x_first: int, first: int, last: int
    ) -> npt.NDArray[np.float32]:
        """Outputs [first, last) from the input samples that begin at number `x_first`.

        Parameters
        ----------
        x : ndarray, float32
            The samples of `input_range(first, last)`, the signal's first or last value where
            it has none.
        x_first : int
            Number of the first of them.
        """
        # pad the filter so that the wanted outputs fall on whole steps of `down`
        pad = (x_first * self.up - self.half) % self.down
        taps = np.concatenate([np.zeros(pad), self.taps]).astype(np.float32)
        shift = (self.half + pad - x_first * self.up) // self.down
        y = signal.upfirdn(taps, x, self.up, self.down)
        return np.asarray(y[first + shift : last + shift], dtype=np.float32)


def design_decimator(
    rate_in_hz: float, rate_out_hz: float, passband: float = 0.8, stopband_db: float = 84.0
) -> Decimator:
    """Resampling from one rate to another.

    Parameters
    ----------
    rate_in_hz, rate_out_hz : float
        Rates; a source that is not faster than `rate_out_hz` is passed through.
    passband : float
        Share of the new Nyquist frequency up to which the response is flat.
    stopband_db : float
        Attenuation from the new Nyquist frequency on.
    """
    if rate_in_hz <= rate_out_hz:
        return Decimator(1, 1, np.ones(1))
    ratio = Fraction(rate_out_hz / rate_in_hz).limit_denominator(32768)
    raised_hz = rate_in_hz * ratio.numerator
    nyquist_hz = rate_in_hz * float(ratio) / 2
    width = (1 - passband) * nyquist_hz / (raised_hz / 2)
    length, beta = signal.kaiserord(stopband_db, width)
    taps = signal.firwin(
        length | 1, (1 + passband) / 2 * nyquist_hz, window=("kaiser", beta), fs=raised_hz
    )
    return Decimator(ratio.numerator, ratio.denominator, taps * ratio.numerator)
