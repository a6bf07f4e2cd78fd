"""The modes of wasmtime: another compiler, other options of it, or a bound on what a script may take."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import wasmtime
import wasmtime._ffi as ffi

from runners.engine import EngineError
from runners.wasmtime._bridge import switch

__all__ = ["MODES", "Mode"]

FUEL_PER_SECOND = 300_000_000
"""Units of fuel (about one an instruction) for each second of a script's deadline. Generous: compiled code uses
1e9 a second at most, and a loop without end is still ended by the engine and not by the host."""

WINCH = 2
"""Of `wasmtime_strategy_t`; the binding's `Config.strategy` does not know it."""


class Mode:
    """Nothing but what `set_up` makes of the configuration.

    `lacks` are proposals that this compiler has not: asked for one of them, the engine aborts.
    """

    def __init__(self, set_up: Callable[[wasmtime.Config], Any] | None = None, lacks: Sequence[str] = ()) -> None:
        self._set_up, self.lacks = set_up, lacks

    def configure(self, config: wasmtime.Config) -> None:
        if self._set_up:
            self._set_up(config)

    @contextmanager
    def limit(self, native: wasmtime.Engine, seconds: float) -> Iterator[None]:  # noqa: ARG002
        """Around a script that may take so many seconds."""
        yield

    def grant(self, context: Any) -> None:
        """What a new store gets."""


class Fuel(Mode):
    """Every store of a script has a budget that grows with the script's deadline."""

    _units = 0

    def configure(self, config: wasmtime.Config) -> None:
        config.consume_fuel = True

    @contextmanager
    def limit(self, native: wasmtime.Engine, seconds: float) -> Iterator[None]:  # noqa: ARG002
        self._units = int(seconds * FUEL_PER_SECOND)
        yield

    def grant(self, context: Any) -> None:
        error = ffi.wasmtime_context_set_fuel(context, self._units)
        if error:
            raise EngineError("instantiate", str(wasmtime.WasmtimeError._from_ptr(error)))  # noqa: SLF001


class Epochs(Mode):
    """The engine's epoch passes when the deadline of a script does, and with it whatever runs in its stores."""

    def configure(self, config: wasmtime.Config) -> None:
        config.epoch_interruption = True

    @contextmanager
    def limit(self, native: wasmtime.Engine, seconds: float) -> Iterator[None]:
        timer = threading.Timer(seconds, native.increment_epoch)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def grant(self, context: Any) -> None:
        ffi.wasmtime_context_set_epoch_deadline(context, 1)


def _opt(level: str) -> Callable[[], Mode]:
    return lambda: Mode(lambda config: setattr(config, "cranelift_opt_level", level))


def _winch() -> Mode:
    lacks = ("wasm_relaxed_simd", "wasm_tail_call", "wasm_exceptions", "wasm_function_references", "wasm_gc")
    return Mode(lambda config: ffi.wasmtime_config_strategy_set(config.ptr(), WINCH), lacks)


def _pulley() -> Mode:
    return Mode(lambda config: setattr(config, "target", "pulley64"), ("wasm_threads", "shared_memory"))


MODES: Mapping[str | None, Callable[[], Mode]] = {
    None: Mode,
    "opt-none": _opt("none"),
    "opt-size": _opt("speed_and_size"),
    "winch": _winch,
    "pulley": _pulley,
    "nan-canonical": lambda: Mode(lambda config: switch(config, "cranelift_nan_canonicalization")),
    "fuel": Fuel,
    "epochs": Epochs,
}
"""By what follows the `+` of a target's name. `runtime.py`, which is not inside the environment, says since when."""
