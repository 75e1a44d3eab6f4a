"""Sums for a filter that keeps one of 8 or of 16 samples, sixteen outputs at a time.

A compiler adds up the parts of a vector for each output anew, and loads each sample once per
output that needs it: that takes longer than the multiplications. Here the instructions are
laid out by hand in the compiler's own language, which knows no particular processor: a vector of
16 samples, loaded once, serves all outputs that need it, and the parts of 16 outputs are added
up together, in a tree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

TAPS = 64
OUTPUTS = 16
LANES = 16

Value = Any
"""A value of the compiler."""


def _sums(step: int) -> Any:
    """Instructions that add to y[n], for n < 16, the sum over i < 64 of taps[i] * x[step n + i].

    Parameters
    ----------
    step : int
        8 or 16.

    Returns
    -------
    callable
        For compiled functions; takes the addresses of (15 step + 64) samples, of 64 taps and of
        16 outputs, all float32, as unsigned integers.
    """

    def sums(_: Any, x: Any, taps: Any, y: Any) -> tuple[Any, Callable[..., Value]]:
        # numba hands in the first argument, which its types do not know
        return types.void(types.uintp, types.uintp, types.uintp), generate

    def generate(context: Any, builder: Any, _: Any, addresses: Any) -> Value:
        _sixteen(builder, step, *addresses)
        return context.get_dummy_value()

    return intrinsic(sums)


def _sixteen(builder: Any, step: int, x: Value, taps: Value, y: Value) -> None:
    vector, part = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.FloatType(), step)

    def load(base: Value, at: int, kind: Any) -> Value:
        address = builder.add(base, ir.Constant(base.type, 4 * at))
        loaded = builder.load(builder.inttoptr(address, kind.as_pointer()))
        loaded.align = 4
        return loaded

    def shuffle(a: Value, b: Value, lanes: list[int]) -> Value:
        return builder.shuffle_vector(a, b, ir.Constant(_mask(len(lanes)), lanes))

    def fold(a: Value, b: Value, width: int) -> Value:
        """Add each block of `width` lanes of a and b to the block after it."""
        even = [i + k for i in range(0, 2 * LANES, 2 * width) for k in range(width)]
        return builder.fadd(shuffle(a, b, even), shuffle(a, b, [i + width for i in even]))

    # with a step of 8 the taps stand in both halves of a vector: it serves two outputs at once
    together = LANES // step
    taps_at = [load(taps, step * m, part) for m in range(TAPS // step)]
    taps_at = [shuffle(t, t, [*range(step)] * together) for t in taps_at]
    totals: list[Value] = [None] * (OUTPUTS // together)
    for group in range(OUTPUTS + TAPS // step - together):
        samples = load(x, step * group, vector)
        for n, total in enumerate(totals):
            m = group - together * n
            if 0 <= m < TAPS // step:
                product = builder.fmul(samples, taps_at[m], flags=["contract"])
                totals[n] = (
                    product if total is None else builder.fadd(total, product, flags=["contract"])
                )
    while len(totals) > 1:
        width = len(totals) // 2
        totals = [fold(a, b, width) for a, b in zip(totals[::2], totals[1::2], strict=True)]
    total = builder.fadd(load(y, 0, vector), totals[0])
    store = builder.store(total, builder.inttoptr(y, vector.as_pointer()))
    store.align = 4


def _mask(n: int) -> Any:
    return ir.VectorType(ir.IntType(32), n)


sums_of_eight, sums_of_sixteen = _sums(8), _sums(16)
