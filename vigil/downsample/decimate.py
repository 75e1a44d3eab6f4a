"""Linear-phase resampling of long signals by a rational ratio, the same for any piece.

Two Kaiser-windowed FIR low-passes in a row (Kaiser 1974; multistage decimation: Crochiere and
Rabiner, Multirate Digital Signal Processing, 1983): a coarse one that keeps one of several
samples, and a fine one, in polyphase form, that brings the wanted rate. Both are symmetric and
their delay is taken out exactly: row 0 lies on sample 0.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

import numpy as np
import numpy.typing as npt

from vigil.downsample.kernel import (
    Float32,
    Int16,
    coarse,
    fine,
    fine_each,
    round_to_int16,
)
from vigil.downsample.scratch import scratch
from vigil.downsample.sums import OUTPUTS

MARGIN_DB = 3.0
"""The window method and the second filter each cost a little of the attenuation asked for."""
VECTOR = 16
"""float32 numbers in a vector of the processor, which loads best from its multiples."""
LANES = 4 * VECTOR
"""Filters are filled with zeros to a multiple of it: what a loop works on at a time."""
RATE_SLACKS = (1e-6, 1e-5, 1e-4)
"""How far the rows' rate may lie from the one asked for where no simple ratio gives it."""
MOST_SAMPLES = 32768
"""Greatest denominator of a ratio of rates that counts as simple."""
MOST_PHASES = 4096
"""Greatest number of phases where a ratio is chosen; each has taps of its own in memory."""
FEW_PHASES = 32
"""Up to so many, rounds of all phases are computed at a time."""


@dataclass(frozen=True)
class Decimator:
    """A resampling by `up / down` with its two filters.

    Parameters
    ----------
    up, down : int
        Rows per `down` samples.
    step : int
        Samples per output of the coarse filter; divides `down`.
    coarse_taps : ndarray, float64
        Symmetric low-pass at the samples' rate, odd length.
    fine_taps : ndarray, float64
        Symmetric low-pass at `up / step` times the samples' rate, odd length, with gain `up`.
    """

    up: int
    down: int
    step: int
    coarse_taps: npt.NDArray[np.float64]
    fine_taps: npt.NDArray[np.float64]

    def __post_init__(self) -> None:
        middle, fine_step = len(self.fine_taps) // 2, self.down // self.step
        lowest = [-((middle - r * fine_step) // self.up) for r in range(self.up)]
        # phases begin on whole vectors of the first one, with zeros before their first tap
        first = [lowest[0] + (lo - lowest[0]) // VECTOR * VECTOR for lo in lowest]
        phases = []
        for r, (lo, start) in enumerate(zip(lowest, first, strict=True)):
            at = r * fine_step + middle - lo * self.up
            phases.append(np.concatenate([np.zeros(lo - start), self.fine_taps[at :: -self.up]]))
        bank = np.zeros((self.up, _whole(max(map(len, phases)))), np.float32)
        for r, taps in enumerate(phases):
            bank[r, : len(taps)] = taps
        held = np.zeros(_whole(len(self.coarse_taps)), np.float32)
        held[: len(self.coarse_taps)] = self.coarse_taps
        # plain attributes of a frozen dataclass; derived once, as every piece needs them
        object.__setattr__(self, "_bank", bank)
        object.__setattr__(self, "_starts", np.array(first, np.int64))
        object.__setattr__(self, "_held", held)

    def n_rows(self, n_samples: int) -> int:
        """Rows whose time lies inside `n_samples` samples."""
        return -(-n_samples * self.up // self.down)

    def first_sample(self, row: int) -> int:
        """The first sample that is not before a row."""
        return -(-row * self.down // self.up)

    def equivalent_taps(self) -> npt.NDArray[np.float64]:
        """The one filter at `up` times the samples' rate that both together are, with gain `up`."""
        from scipy.signal import convolve  # 60 MB that only who looks at the filter needs

        spread = np.zeros((len(self.coarse_taps) - 1) * self.up + 1)
        spread[:: self.up] = self.coarse_taps
        wide = np.zeros((len(self.fine_taps) - 1) * self.step + 1)
        wide[:: self.step] = self.fine_taps
        return np.asarray(convolve(spread, wide))

    def sample_range(self, first: int, last: int) -> tuple[int, int]:
        """Samples that rows [first, last) are computed from; may lie outside the signal."""
        (_, _), (y_first, y_last) = self._ranges(first, last)
        middle = len(self.coarse_taps) // 2
        return y_first * self.step - middle, (y_last - 1) * self.step - middle + self._held.size

    def apply(self, x: Int16, first: int, last: int) -> Float32:
        """Rows [first, last) from the samples of `sample_range(first, last)`.

        Parameters
        ----------
        x : ndarray, int16
            The samples; outside of a signal its first or last value is meant to stand.

        Returns
        -------
        ndarray, float32
            The thread's own array, which its next call overwrites.
        """
        (b_first, b_last), (y_first, y_last) = self._ranges(first, last)
        fine_step = self.down // self.step
        y = scratch("coarse", y_last - y_first, np.float32)
        coarse(x, self._held, self.step, y)
        starts = self._starts + (b_first * fine_step - y_first)
        skipped = first - b_first * self.up
        if self.up > FEW_PHASES:
            rows = scratch("fine", last - first, np.float32)
            fine_each(y, self._bank, starts, fine_step, skipped, rows)
            return rows
        rows = scratch("fine", (b_last - b_first) * self.up, np.float32)
        fine(y, self._bank, starts, fine_step, rows)
        return rows[skipped : skipped + last - first]

    def reduce(self, x: Int16, first: int = 0, last: int | None = None) -> Int16:
        """Rows [first, last) of a whole signal, rounded to its own steps.

        Outside the signal its first and last value stand, so that an offset of the amplifier
        is no step.
        """
        last = self.n_rows(len(x)) if last is None else last
        lo, hi = self.sample_range(first, last)
        a, b = max(lo, 0), min(hi, len(x))
        piece = x[a:b] if (a, b) == (lo, hi) else hold_ends(x[a:b], a - lo, hi - b)
        rows = np.empty(last - first, np.int16)
        round_to_int16(self.apply(np.ascontiguousarray(piece), first, last), rows)
        return rows

    def _ranges(self, first: int, last: int) -> tuple[tuple[int, int], tuple[int, int]]:
        """Rounds of the fine filter, and outputs of the coarse one, for rows [first, last)."""
        fine_step = self.down // self.step
        if self.up > FEW_PHASES:
            # of the first and the last round only what is needed
            rounds = first // self.up, -(-last // self.up)
            lo = rounds[0] * fine_step + int(self._starts[first % self.up])
            hi = (last - 1) // self.up * fine_step + int(self._starts[(last - 1) % self.up])
        else:
            rounds = (
                first // self.up // OUTPUTS * OUTPUTS,
                -(-last // (self.up * OUTPUTS)) * OUTPUTS,
            )
            lo = rounds[0] * fine_step + int(self._starts[0])
            hi = (rounds[1] - 1) * fine_step + int(self._starts[-1])
        n = hi + self._bank.shape[1] - lo
        # outputs of the coarse filter come in groups on a grid that does not depend on the piece
        if self.up > FEW_PHASES:
            lo, n = lo // OUTPUTS * OUTPUTS, n + lo % OUTPUTS
        return rounds, (lo, lo + -(-n // OUTPUTS) * OUTPUTS)

    _bank: Float32 = None  # type: ignore[assignment]  # set in __post_init__
    _starts: npt.NDArray[np.int64] = None  # type: ignore[assignment]
    _held: Float32 = None  # type: ignore[assignment]


def hold_ends(x: Int16, before: int, after: int) -> Int16:
    """The first and last value of x repeated before and after it."""
    held = np.empty(before + len(x) + after, np.int16)
    held[:before], held[before : before + len(x)], held[before + len(x) :] = x[0], x, x[-1]
    return held


def design_decimator(
    rate_in_hz: float, rate_out_hz: float, passband: float = 0.8, stopband_db: float = 84.0
) -> Decimator:
    """Resampling from one rate to another.

    Parameters
    ----------
    rate_in_hz, rate_out_hz : float
        Rates; a source that is not faster than `rate_out_hz`, by more than
        0.01 %, is passed through.
    passband : float
        Share of the new Nyquist frequency up to which the response is flat.
    stopband_db : float
        Attenuation from the new Nyquist frequency on.
    """
    if rate_in_hz <= rate_out_hz * (1 + RATE_SLACKS[-1]):
        return Decimator(1, 1, 1, np.ones(1), np.ones(1))
    ratio = choose_ratio(rate_out_hz / rate_in_hz, passband, stopband_db)
    up, down = ratio.numerator, ratio.denominator
    step = _cheapest(up, down, passband, stopband_db)[1]
    nyquist = up / down / 2  # of the rows, in cycles per sample
    fine_length = _length(stopband_db, (1 - passband) * nyquist * step / up)
    fine_cutoff = (1 + passband) / 2 * nyquist * step / up
    return Decimator(
        up,
        down,
        step,
        _low_pass(
            _coarse_length(step, nyquist, passband, stopband_db),
            stopband_db,
            (1 / step - (1 - passband) * nyquist) / 2,
        ),
        up * _low_pass(fine_length, stopband_db, fine_cutoff),
    )


def choose_ratio(value: float, passband: float, stopband_db: float) -> Fraction:
    """The ratio that a value is, or the one near it that costs least.

    Nominal rates give exact ratios of a denominator up to MOST_SAMPLES. A rate measured by a
    clock has none; of the ratios within RATE_SLACKS, the first of them that holds any, the one
    with the fewest multiplications is taken.
    """
    exact = Fraction(value).limit_denominator(MOST_SAMPLES)
    if abs(float(exact) / value - 1) < 1e-12:
        return exact
    down = np.arange(1, 2 * MOST_SAMPLES + 1)
    up = np.rint(down * value)
    for slack in RATE_SLACKS:
        near = (np.abs(up / down / value - 1) <= slack) & (up >= 1) & (up <= MOST_PHASES)
        if near.any():
            ratios = {Fraction(int(u), int(d)) for u, d in zip(up[near], down[near], strict=True)}
            return min(
                ratios,
                key=lambda r: (
                    _cheapest(r.numerator, r.denominator, passband, stopband_db)[0],
                    r.denominator,
                ),
            )
    return exact


def _cheapest(up: int, down: int, passband: float, stopband_db: float) -> tuple[float, int]:
    """Multiplications per sample with the best step of the coarse filter, and that step."""
    nyquist = up / down / 2

    def cost(step: int) -> float:
        coarse_taps = _whole(_coarse_length(step, nyquist, passband, stopband_db))
        fine_length = _length(stopband_db, (1 - passband) * nyquist * step / up)
        return coarse_taps / step + _whole(fine_length // up + 1) * up / down

    return min((cost(step), step) for step in range(1, down // up + 1) if down % step == 0)


def _coarse_length(step: int, nyquist: float, passband: float, stopband_db: float) -> int:
    # only what would fold onto the rows' own band has to go
    return _length(stopband_db, 1 / step - (1 + passband) * nyquist) if step > 1 else 1


def _length(stopband_db: float, width: float) -> int:
    """Odd length of a Kaiser low-pass whose transition is `width` cycles per sample wide."""
    return int(np.ceil((stopband_db + MARGIN_DB - 7.95) / (14.36 * width) + 1)) | 1


def _low_pass(length: int, stopband_db: float, cutoff: float) -> npt.NDArray[np.float64]:
    """Kaiser low-pass with gain 1 at 0; `cutoff` in cycles per sample."""
    beta = 0.1102 * (stopband_db + MARGIN_DB - 8.7)
    taps = np.sinc(2 * cutoff * (np.arange(length) - length // 2)) * np.kaiser(length, beta)
    return np.asarray(taps / taps.sum())


def _whole(length: int) -> int:
    return -(-length // LANES) * LANES
