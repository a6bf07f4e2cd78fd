"""wasmtime from PyPI: any two versions side by side, each in an environment of its own."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.provision import Environment, cache_folder, launcher
from runners.runtime import Log, Source, State, Target
from runners.switches import Switch

__all__ = ["WASMTIME"]

_HERE = Path(__file__).parent


_SWITCHES: Mapping[str, str] = {
    "tail-call": "wasm_tail_call",
    "function-references": "wasm_function_references",
    "gc": "wasm_gc wasm_function_references",
    "multi-memory": "wasm_multi_memory",
    "simd": "wasm_simd",
    "relaxed-simd": "wasm_relaxed_simd",
    "exceptions": "wasm_exceptions wasm_gc",
    "memory64": "wasm_memory64",
    "table64": "wasm_memory64",
    "threads": "wasm_threads shared_memory",
    "wide-arithmetic": "wasm_wide_arithmetic",
    "stack-switching": "wasm_stack_switching wasm_function_references wasm_exceptions",
    "custom-page-sizes": "wasm_custom_page_sizes",
}
"""By feature, what of the engine's Config turns it on. All but stack switching are on in our runner."""


class _Wasmtime:
    name = "wasmtime"
    # 46: the last major before `wasi-threads` left wasmtime.
    versions: ClassVar[Mapping[str, str]] = {"50": "50.0.1", "46": "46.0.1"}
    source = Source("PyPI", "wasmtime")
    open_versions = False
    modes: tuple[str, ...] = ()
    is_browser = False
    death_signal = signal.SIGKILL

    def _environment(self, target: Target) -> Environment:
        return Environment(target.name, _HERE / f"requirements-{target.version}.txt")

    def state(self, target: Target) -> State:
        release = self.versions[target.version or ""]
        if self._environment(target).ready:
            return State("ready", f"wasmtime {release} from PyPI")
        return State("installable", f"install wasmtime {release} from PyPI into an environment of its own")

    def install(self, target: Target, log: Log) -> None:
        self._environment(target).install(log)

    def switches(self, target: Target) -> dict[str, Switch]:
        return {
            feature: Switch(
                " ".join(f"Config.{name}" for name in names.split()), [*self.command(target), "--switches", names]
            )
            for feature, names in _SWITCHES.items()
        }

    def defaults(self, target: Target) -> list[str]:
        return [*self.command(target), "--switches", ""]

    def command(self, target: Target) -> list[str]:
        return launcher(self._environment(target), "wasmtime", "--cache", str(cache_folder("compiled", target.name)))


WASMTIME = _Wasmtime()
