"""The runner of workerd: each script goes, with the files that it names, as one request to the worker of main.js."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from runners import blobs
from runners.engine import EngineError
from runners.workerd.handler import Handler
from runners.workerd.process import Ended, Process, die_like

__all__ = ["Workerd"]

_CONFIG = Path(__file__).with_name("config.capnp")

_SCRIPTS = 1_000
"""Scripts that one process of workerd takes: of each worker that it loads something stays (docs/findings.md)."""


class Workerd:
    """A runner (runners/protocol.py). `packages` is the folder `node_modules` with the WASI shim of pages."""

    def __init__(self, binary: Path, packages: Path, scratch: Path) -> None:
        os.chdir(scratch)
        self._binary = binary
        self._process = Process(
            [str(binary), "serve", "--experimental", "-I", str(packages), "--socket-fd", "main={fd}", str(_CONFIG)],
            scratch,
            "scripts",
        )
        self._asked = 0
        self._handler = Handler(binary, scratch)

    def hello(self) -> dict[str, Any]:
        said = subprocess.run([self._binary, "--version"], capture_output=True, text=True, check=True).stdout
        found = re.search(r'date :Text = "(.+)"', _CONFIG.read_text("utf-8"))
        assert found
        facts = {"compatibility date": found[1], "compatibility flags": "", "clock": "steps of 1 ms"}
        return {
            "runtime": "workerd",
            "version": said.split()[-1],
            "findings": json.loads(self._worker().ask("GET")),
            "facts": {"python": sys.version.split()[0], **facts},
        }

    def _worker(self) -> Process:
        if self._asked % _SCRIPTS == 0:
            self._process.start()
        self._asked += 1
        return self._process

    def run(self, script: Any, deadline: float) -> list[dict[str, Any]]:  # noqa: ARG002 (the host holds it)
        try:
            if isinstance(script, list) and any(_asks(command) for command in script):
                return self._handler.run(script)
            results: list[dict[str, Any]] = json.loads(self._worker().ask("POST", _request(script)))
        except Ended as ended:
            sys.stderr.write(f"workerd: {ended}\n")
            die_like(1 if ended.code is None else ended.code)
            raise
        return results


def _asks(command: Any) -> bool:
    return isinstance(command, dict) and command.get("type") == "request"


def _request(script: Any) -> bytes:
    """What request.js unpacks."""
    files: list[dict[str, Any]] = []
    contents: list[bytes] = []
    for sha256, path in dict(_files(script)).items():
        try:
            content = blobs.read(sha256, path)
        except EngineError as error:
            files.append({"sha256": sha256, "error": {"name": error.name, "message": str(error)}})
        else:
            files.append({"sha256": sha256, "size": len(content)})
            contents.append(content)
    return b"".join([json.dumps({"script": script, "files": files}).encode(), b"\n", *contents])


def _files(part: Any) -> Iterator[tuple[str, str]]:
    """(sha256, path) of each file that a script names, wherever it does: as a module, as data, in a grant."""
    if isinstance(part, dict):
        if isinstance(sha256 := part.get("sha256"), str) and isinstance(path := part.get("path"), str):
            yield sha256, path
        part = list(part.values())
    if isinstance(part, list):
        for item in part:
            yield from _files(item)
