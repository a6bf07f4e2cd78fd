"""nbody: the Computer Language Benchmarks Game's five bodies, in f64, bit for bit against a reference in Python."""

from __future__ import annotations

import struct
from functools import cache
from math import sqrt

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask

__all__ = ["CASES", "simulate"]

PI = 3.141592653589793
SOLAR_MASS = 4 * PI * PI
DAYS = 365.24

# Sun, Jupiter, Saturn, Uranus, Neptune: x, y, z, velocities in AU a day, mass in suns.
BODIES = (
    (0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0),
    (
        4.84143144246472090e00,
        -1.16032004402742839e00,
        -1.03622044471123109e-01,
        1.66007664274403694e-03,
        7.69901118419740425e-03,
        -6.90460016972063023e-05,
        9.54791938424326609e-04,
    ),
    (
        8.34336671824457987e00,
        4.12479856412430479e00,
        -4.03523417114321381e-01,
        -2.76742510726862411e-03,
        4.99852801234917238e-03,
        2.30417297573763929e-05,
        2.85885980666130812e-04,
    ),
    (
        1.28943695621391310e01,
        -1.51111514016986312e01,
        -2.23307578892655734e-01,
        2.96460137564761618e-03,
        2.37847173959480950e-03,
        -2.96589568540237556e-05,
        4.36624404335156298e-05,
    ),
    (
        1.53796971148509165e01,
        -2.59193146099879641e01,
        1.79258772950371181e-01,
        2.68067772490389322e-03,
        1.62824170038242295e-03,
        -9.51592254519715870e-05,
        5.15138902046611451e-05,
    ),
)


def _start() -> list[list[float]]:
    bodies = [[x, y, z, vx * DAYS, vy * DAYS, vz * DAYS, m * SOLAR_MASS] for x, y, z, vx, vy, vz, m in BODIES]
    for axis in (3, 4, 5):
        momentum = 0.0
        for body in bodies:
            momentum = momentum + body[axis] * body[6]
        bodies[0][axis] = -momentum / SOLAR_MASS
    return bodies


def _energy(bodies: list[list[float]]) -> float:
    energy = 0.0
    for i, (xi, yi, zi, vx, vy, vz, mi) in enumerate(bodies):
        energy += 0.5 * mi * (vx * vx + vy * vy + vz * vz)
        for xj, yj, zj, _, _, _, mj in bodies[i + 1 :]:
            dx, dy, dz = xi - xj, yi - yj, zi - zj
            energy -= (mi * mj) / sqrt(dx * dx + dy * dy + dz * dz)
    return energy


@cache
def simulate(steps: int) -> tuple[float, ...]:
    """Five times (x, y, z, vx, vy, vz) after so many steps of 0.01 days, then the energy.

    The operations are in the order of modules/README.md.
    Python's float is IEEE 754 double and never fuses a product into a sum, so that this is exact.
    """
    bodies, dt = _start(), 0.01
    pairs = [(a, b) for i, a in enumerate(bodies) for b in bodies[i + 1 :]]
    for _ in range(steps):
        for a, b in pairs:
            dx, dy, dz = a[0] - b[0], a[1] - b[1], a[2] - b[2]
            d2 = dx * dx + dy * dy + dz * dz
            mag = dt / (d2 * sqrt(d2))
            ma, mb = a[6], b[6]
            a[3] -= dx * mb * mag
            a[4] -= dy * mb * mag
            a[5] -= dz * mb * mag
            b[3] += dx * ma * mag
            b[4] += dy * ma * mag
            b[5] += dz * ma * mag
        for body in bodies:
            body[0] += dt * body[3]
            body[1] += dt * body[4]
            body[2] += dt * body[5]
    return (*(value for body in bodies for value in body[:6]), _energy(bodies))


def _script(module: Module, steps: int) -> Script:
    ask = Ask(module)
    out = ask.room(31 * 8)
    ask.call("nbody", steps, out)
    ask.read(out, 31 * 8, {"bytes": struct.pack("<31d", *simulate(steps)), "dtype": "<f8"})
    return ask.commands


CASES = [
    Case("nbody/0-steps", "nbody", lambda m: _script(m, 0), "the start: momentum offset, energy"),
    Case("nbody/1-step", "nbody", lambda m: _script(m, 1), "one step, bit for bit"),
    Case("nbody/50000-steps", "nbody", lambda m: _script(m, 50_000), "50,000 steps, bit for bit"),
]
