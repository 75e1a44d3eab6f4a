"""Sums for a filter that keeps one of eight samples, sixteen outputs at a time.

A compiler adds up the parts of a vector for each output anew, and loads each sample once per
output that needs it: that takes longer than the multiplications. Here the instructions are
laid out by hand in the compiler's own language, which knows no particular processor: a vector of
16 samples, loaded once, serves the two outputs that begin in it and the six before them, and
the parts of 16 outputs are added up together, in a tree.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from llvmlite import ir
from numba import types
from numba.extending import intrinsic

STEP = 8
TAPS = 64
OUTPUTS = 16
LANES = 16

Value = Any
"""A value of the compiler."""


def _sixteen_sums(_: Any, x: Any, taps: Any, y: Any) -> tuple[Any, Callable[..., Value]]:
    """Write y[n] = sum over i < 64 of taps[i] * x[8 n + i] for n < 16, all float32.

    Parameters
    ----------
    x, taps, y : unsigned integers
        Addresses of 184 samples, 64 taps and 16 outputs.
    """
    return types.void(types.uintp, types.uintp, types.uintp), _generate


sixteen_sums: Any = intrinsic(_sixteen_sums)
"""The compiled form; numba hands in the first argument, which its types do not know."""


def _generate(context: Any, builder: Any, _: Any, arguments: Any) -> Value:
    x, taps, y = arguments
    vector, eight = ir.VectorType(ir.FloatType(), LANES), ir.VectorType(ir.FloatType(), STEP)

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

    # eight taps stand in both halves of a vector, as two outputs are computed side by side
    twice = [*range(STEP), *range(STEP)]
    taps_at = [load(taps, STEP * m, eight) for m in range(TAPS // STEP)]
    taps_at = [shuffle(t, t, twice) for t in taps_at]
    pairs: list[Value] = [None] * (OUTPUTS // 2)
    for group in range(OUTPUTS + TAPS // STEP - 2):
        samples = load(x, STEP * group, vector)
        for pair in range(OUTPUTS // 2):
            m = group - 2 * pair
            if 0 <= m < TAPS // STEP:
                product = builder.fmul(samples, taps_at[m], flags=["contract"])
                sum_so_far = pairs[pair]
                pairs[pair] = (
                    product
                    if sum_so_far is None
                    else builder.fadd(sum_so_far, product, flags=["contract"])
                )
    while len(pairs) > 1:
        width = len(pairs) // 2
        pairs = [fold(a, b, width) for a, b in zip(pairs[::2], pairs[1::2], strict=True)]
    store = builder.store(pairs[0], builder.inttoptr(y, vector.as_pointer()))
    store.align = 4
    return context.get_dummy_value()


def _mask(n: int) -> Any:
    return ir.VectorType(ir.IntType(32), n)
