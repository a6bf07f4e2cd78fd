"""A case's script as a runner reads it."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from conformance.case import Script
from conformance.snapshot import keep
from modules.table import Module

__all__ = ["resolve"]

_INLINE = 4096  # bytes of data that travel inside a script; more goes by file


def resolve(script: Script, module: Module | None, modules: Mapping[str, Module], blobs: Path) -> Script:
    """What the runner reads: modules by hash and path, data inline or by file, nothing of what is expected.

    Raises KeyError for a module that the compiled set does not have.
    """
    wire = []
    for command in script:
        sent = {key: _data(value, blobs) for key, value in command.items() if key not in ("expect", "module")}
        if "module" in command:
            named = module if command["module"] == "$module" else modules[command["module"]]
            assert named is not None, "the case is asked without a module"
            sent |= _program(named) if command["type"] == "program" else _ref(named.sha256, named.path)
        wire.append(sent)
    return wire


def _ref(sha256: str, path: Path) -> dict[str, str]:
    return {"sha256": sha256, "path": str(path)}


def _program(module: Module) -> dict[str, Any]:
    beside = {name: _ref(sha256, module.path.with_name(name)) for name, sha256 in module.beside.items()}
    return {"main": next(iter(beside)), "files": {**beside, module.path.name: _ref(module.sha256, module.path)}}


def _data(value: Any, blobs: Path) -> Any:
    if isinstance(value, bytes):
        if len(value) <= _INLINE:
            return {"base64": base64.b64encode(value).decode()}
        path, digest = keep(value, blobs)
        return {"sha256": digest, "path": str(path)}
    if isinstance(value, Mapping):
        return {key: _data(item, blobs) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_data(item, blobs) for item in value]
    return value
