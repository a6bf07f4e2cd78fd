"""matmul: square f32 matrices, 1 to 256; scalar builds bit for bit, SIMD builds within the stated error."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING, Any

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, noise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Matrix = NDArray[np.float32]

__all__ = ["CASES", "factors", "product", "tolerance"]

SIZES = (1, 2, 3, 7, 16, 64, 100, 256)


@cache
def factors(n: int) -> tuple[Matrix, Matrix]:
    """Two n-by-n matrices of f32 in [-1, 1)."""
    import numpy as np

    data = noise(n, 2 * 4 * n * n)
    both = (np.frombuffer(data, "<i4").astype(np.float64) / 2**31).astype("<f4").reshape(2, n, n)
    return both[0], both[1]


@cache
def product(n: int) -> Matrix:
    """The product of `factors(n)`: each element summed for k = 0 … n-1, product and sum each rounded to f32."""
    import numpy as np

    a, b = factors(n)
    c = np.zeros((n, n), "<f4")
    for k in range(n):
        c += a[:, k, None] * b[k]
    return c


@cache
def tolerance(n: int) -> Matrix:
    """How far a sum in any other order may lie from `product(n)`, for each element: 2·n·eps·(|A||B|).

    Both sums are within n·u·(|A||B|) of the exact one to first order, u = eps/2 (Higham, Accuracy and Stability of
    Numerical Algorithms, section 3.5), so within 2·n·u of each other: the bound leaves the higher orders a factor of 2.
    """
    import numpy as np

    a, b = (np.abs(factor.astype(np.float64)) for factor in factors(n))
    return (2 * n * float(np.finfo(np.float32).eps) * (a @ b)).astype("<f4")


def _script(n: int, module: Module) -> Script:
    ask = Ask(module)
    a, b = (ask.put(factor.tobytes()) for factor in factors(n))
    c, values = ask.room(4 * n * n), product(n).tobytes()
    ask.call("matmul", a, b, c, n)
    expect: dict[str, Any] = {"bytes": values, "dtype": "<f4"}
    if module.variant == "simd":
        expect = {"close": {"dtype": "<f4", "values": values, "atol": tolerance(n).tobytes()}}
    ask.read(c, len(values), expect)
    return ask.commands


CASES = [
    Case(
        f"matmul/{n}",
        "matmul",
        partial(_script, n),
        f"the product of two {n}-by-{n} matrices of f32: bit for bit; SIMD within 2·n·eps·(|A||B|)",
    )
    for n in SIZES
]
