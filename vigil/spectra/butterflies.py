"""Fourier transforms of a few numbers, in the compiler's own language.

A vector holds the same number of LANES windows, so that one instruction serves all of them. From
loops the compiler would have to find that out, and often finds something else. What is written
here knows no particular processor, but for LANES.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
from llvmlite import binding, ir
from numba import types
from numba.extending import intrinsic

LANES = 16 if binding.get_host_cpu_features().get("avx512f") else 8
"""Windows side by side: what a vector of this processor holds."""
ROW = 8 * LANES
"""Bytes of a row: one complex number of each window, the real parts first."""
RADICES = (10, 8, 7, 5, 4, 3, 2)
"""Lengths of the transforms that are written out."""

Value = Any
"""A value of the compiler."""


class _Writer:
    """Writes instructions for vectors of LANES numbers, and for pairs of them: complex numbers."""

    def __init__(self, builder: Any) -> None:
        self.builder = builder
        self.vector = ir.VectorType(ir.FloatType(), LANES)

    def load(self, at: Value, offset: int = 0) -> Value:
        """A vector."""
        return self._load(at, offset, self.vector)

    def spread(self, at: Value, offset: int = 0) -> Value:
        """One number in all lanes."""
        number = self._load(at, offset, ir.FloatType())
        none = ir.Constant(self.vector, ir.Undefined)
        one = self.builder.insert_element(none, number, ir.Constant(ir.IntType(32), 0))
        return self.shuffle(one, none, [0] * LANES)

    def store(self, value: Value, at: Value, offset: int = 0) -> None:
        self.builder.store(value, self._address(at, offset, self.vector)).align = 4

    def step(self, at: Value, steps: int, step: Value) -> Value:
        """The address `steps` times `step` bytes further on."""
        return self.builder.add(at, self.builder.mul(step, ir.Constant(step.type, steps)))

    def constant(self, value: float) -> Value:
        return ir.Constant(self.vector, [float(np.float32(value))] * LANES)

    def add(self, a: Value, b: Value) -> Value:
        return self.builder.fadd(a, b, flags=["contract"])

    def subtract(self, a: Value, b: Value) -> Value:
        return self.builder.fsub(a, b, flags=["contract"])

    def multiply(self, a: Value, b: Value) -> Value:
        return self.builder.fmul(a, b, flags=["contract"])

    def turn(self, z: Any, c: Value, s: Value) -> Any:
        """Z times c + i s."""
        real = self.subtract(self.multiply(z[0], c), self.multiply(z[1], s))
        return real, self.add(self.multiply(z[0], s), self.multiply(z[1], c))

    def tapered(self, samples: Value, taper: Value) -> Any:
        """Samples times two tapers, as the parts of complex numbers."""
        x = self.load(samples)
        return self.multiply(x, self.spread(taper)), self.multiply(x, self.spread(taper, 4))

    def transposed(self, rows: list[Value]) -> list[Value]:
        """LANES vectors, the first of which holds the first number of each that is given."""
        # each round brings the lower halves of two rows side by side, and the upper ones
        half = LANES // 2
        for _ in range(LANES.bit_length() - 1):
            pairs = list(zip(rows[:half], rows[half:], strict=True))
            rows = [
                self.shuffle(*pair, [part + i // 2 + i % 2 * LANES for i in range(LANES)])
                for pair in pairs
                for part in (0, half)
            ]
        return rows

    def shuffle(self, a: Value, b: Value, lanes: list[int]) -> Value:
        """Numbers of two vectors."""
        mask = ir.Constant(ir.VectorType(ir.IntType(32), LANES), lanes)
        return self.builder.shuffle_vector(a, b, mask)

    def both(self, operation: Callable[[Value, Value], Value], a: Any, b: Any) -> Any:
        return operation(a[0], b[0]), operation(a[1], b[1])

    def transform(self, z: list[Any]) -> list[Any]:
        """Fourier transform of a few complex numbers."""
        n = len(z)
        if n == 1:
            return z
        if n % 2 == 0:
            even, odd = self.transform(z[::2]), self.transform(z[1::2])
            odd = [self._turn_by(v, k, n) for k, v in enumerate(odd)]
            pairs = list(zip(even, odd, strict=True))
            return [self.both(self.add, *p) for p in pairs] + [
                self.both(self.subtract, *p) for p in pairs
            ]
        half = range(1, n // 2 + 1)
        sums = [self.both(self.add, z[i], z[n - i]) for i in half]
        differences = [self.both(self.subtract, z[i], z[n - i]) for i in half]
        out = [self._weighted([1.0] * len(half), sums, z[0])] * n
        for k in half:
            angles = [2 * math.pi * i * k / n for i in half]
            even = self._weighted([math.cos(angle) for angle in angles], sums, z[0])
            odd = self._weighted([math.sin(angle) for angle in angles], differences)
            out[k] = self.add(even[0], odd[1]), self.subtract(even[1], odd[0])
            out[n - k] = self.subtract(even[0], odd[1]), self.add(even[1], odd[0])
        return out

    def _weighted(self, weights: list[float], z: list[Any], start: Any = None) -> Any:
        """Sum of complex numbers times real weights, and of where to start."""
        for weight, value in zip(weights, z, strict=True):
            w = self.constant(weight)
            term = value if weight == 1 else [self.multiply(w, part) for part in value]
            start = self.both(self.add, start, term) if start else term
        return start

    def _turn_by(self, z: Any, k: int, n: int) -> Any:
        if k == 0:
            return z
        if 4 * k == n:
            return z[1], self.builder.fneg(z[0])
        angle = 2 * math.pi * k / n
        return self.turn(z, self.constant(math.cos(angle)), self.constant(-math.sin(angle)))

    def _load(self, at: Value, offset: int, kind: Any) -> Value:
        loaded = self.builder.load(self._address(at, offset, kind))
        loaded.align = 4
        return loaded

    def _address(self, at: Value, offset: int, kind: Any) -> Value:
        at = self.builder.add(at, ir.Constant(at.type, offset)) if offset else at
        return self.builder.inttoptr(at, kind.as_pointer())


def _butterfly(*, tapered: bool = False, turned_from: int | None = None) -> Any:
    """Instructions that transform a few rows.

    Parameters
    ----------
    tapered : bool
        Whether the rows are made from samples and two tapers.
    turned_from : int, optional
        The first of the outputs that are multiplied by factors; none are without it.

    Returns
    -------
    callable
        For compiled functions; takes the radix, the address of the first row and the bytes from
        one to the next, the same of the tapers, of the rows that are written, and of the factors.
    """

    def butterfly(_: Any, radix: Any, x: Any, x_step: Any, taper: Any, taper_step: Any, y: Any,
                  y_step: Any, turn: Any, turn_step: Any) -> tuple[Any, Any]:  # fmt: skip
        # numba hands in the first argument, which its types do not know
        return types.void(*[types.intp] * 9), generate

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Value:
        radix, x, x_step, taper, taper_step, y, y_step, turn, turn_step = arguments
        after = builder.append_basic_block("after")
        switch = builder.switch(radix, after)
        w = _Writer(builder)
        for r in RADICES:
            block = builder.append_basic_block(f"radix_{r}")
            switch.add_case(ir.Constant(radix.type, r), block)
            builder.position_at_end(block)
            rows = [w.step(x, i, x_step) for i in range(r)]
            if tapered:
                of = [w.step(taper, i, taper_step) for i in range(r)]
                z = [w.tapered(*at) for at in zip(rows, of, strict=True)]
            else:
                z = [(w.load(at), w.load(at, ROW // 2)) for at in rows]
            for i, out in enumerate(w.transform(z)):
                if turned_from is not None and i >= turned_from:
                    of_out = w.step(turn, i, turn_step)
                    out = w.turn(out, w.spread(of_out), w.spread(of_out, 4))
                at = w.step(y, i, y_step)
                w.store(out[0], at)
                w.store(out[1], at, ROW // 2)
            builder.branch(after)
        builder.position_at_end(after)
        return context.get_dummy_value()

    return intrinsic(butterfly)


def _add_power(_: Any, row: Any, power: Any) -> tuple[Any, Any]:
    """Instructions that add the power of a row to that at another address."""

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Value:
        w, (row, power) = _Writer(builder), arguments
        real, imaginary = w.load(row), w.load(row, ROW // 2)
        total = w.add(w.load(power), w.multiply(real, real))
        w.store(w.add(total, w.multiply(imaginary, imaginary)), power)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp), generate


def _side_by_side(_: Any, x: Any, step: Any, means: Any, y: Any) -> tuple[Any, Any]:
    """Instructions that put LANES samples of LANES windows side by side, less the means.

    They take the address of the first window's samples, the bytes from one window to the next,
    the addresses of the means and of the LANES vectors that are written.
    """

    def generate(context: Any, builder: Any, _: Any, arguments: Any) -> Value:
        w, (x, step, means, y) = _Writer(builder), arguments
        mean = w.load(means)
        of_windows = [w.load(w.step(x, i, step)) for i in range(LANES)]
        for i, samples in enumerate(w.transposed(of_windows)):
            w.store(w.subtract(samples, mean), y, i * ROW // 2)
        return context.get_dummy_value()

    return types.void(types.intp, types.intp, types.intp, types.intp), generate


butterfly_of_samples = _butterfly(tapered=True, turned_from=1)
butterfly_turned = _butterfly(turned_from=1)
butterfly_all_turned = _butterfly(turned_from=0)
butterfly_plain = _butterfly()
add_power: Any = intrinsic(_add_power)
side_by_side: Any = intrinsic(_side_by_side)
