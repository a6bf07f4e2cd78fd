"""wasmtime from PyPI: any number of versions side by side, each in an environment of its own."""

from __future__ import annotations

import signal
from collections.abc import Mapping
from pathlib import Path
from typing import ClassVar

from runners.pins import Pin, lock_wheel, too_old
from runners.provision import Environment, cache_folder, launcher
from runners.runtime import InstallError, Log, Source, State, Target
from runners.switches import Switch

__all__ = ["WASMTIME"]

_HERE = Path(__file__).parent
OLDEST = "21"
"""The first major whose C interface counts references as `_binding.py` has it (values are rooted in their store)."""

_SINCE = {"opt-none": 0, "opt-size": 0, "nan-canonical": 0, "fuel": 0, "epochs": 0, "winch": 45, "pulley": 45}
"""The modes, and the first major whose binding can be asked for each."""

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
    # The newest, the one before it, and the last that is supported for two years: every twelfth is.
    versions: ClassVar[Mapping[str, str]] = {"50": "50.0.1", "49": "49.0.0", "48": "48.0.0"}
    sources = (Source("PyPI", "wasmtime"),)
    open_versions = True
    modes = ("", *_SINCE)
    is_browser = False
    death_signal = signal.SIGKILL

    def _pin(self, version: str) -> Pin:
        return Pin(self.name, version, self.sources[0], lock_wheel)

    def _release(self, version: str) -> str | None:
        """The exact release; None where it is not known yet."""
        return self.versions.get(version) or self._pin(version).release

    def _environment(self, version: str) -> Environment:
        if version in self.versions:
            return Environment(f"wasmtime-{version}", _HERE / f"requirements-{version}.txt")
        pin = self._pin(version)
        return Environment(f"wasmtime-{pin.release}", pin.folder / "requirements.txt")

    def state(self, target: Target) -> State:
        version = target.version or ""
        if reason := _lacks(version, target.mode):
            return State("missing", reason)
        release = self._release(version)
        if release and self._environment(version).ready:
            mode = f", {target.mode}" if target.mode else ""
            return State("ready", f"wasmtime {release} from PyPI{mode}")
        which = release or f"{version} (its newest release)"
        return State("installable", f"install wasmtime {which} from PyPI into an environment of its own")

    def install(self, target: Target, log: Log) -> None:
        version = target.version or ""
        if reason := _lacks(version, target.mode):
            raise InstallError(reason)
        if version not in self.versions:
            self._pin(version).write(log)
        self._environment(version).install(log)

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
        options = ["--mode", target.mode] if target.mode else []
        cache = str(cache_folder("compiled", target.name))
        return launcher(self._environment(target.version or ""), "wasmtime", "--cache", cache, *options)


def _lacks(version: str, mode: str | None) -> str | None:
    """Why this version cannot be had, or not in this mode, in one line; None where it can."""
    if old := too_old("wasmtime", version, OLDEST):
        return old
    major = int(version.split(".")[0])
    if mode and major < _SINCE[mode]:
        return f"wasmtime {version}: its binding has no `{mode}`, which came with {_SINCE[mode]}"
    return None


WASMTIME = _Wasmtime()
