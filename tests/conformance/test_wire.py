"""What is sent to a runner."""

from __future__ import annotations

import base64
import hashlib
from pathlib import Path

import pytest

from conformance.case import Script
from conformance.wire import resolve
from modules.table import load

TABLE = load()


def test_what_the_runner_reads_holds_no_answer(tmp_path: Path) -> None:
    """No expectation; modules by hash and path; small data inline, large data by file, each the bytes of the case."""
    large = bytes(range(256)) * 64
    script: Script = [
        {"type": "module", "module": "$module", "expect": {"error": "compile"}},
        {"type": "write", "address": 0, "data": b"small"},
        {"type": "write", "address": 0, "data": large},
        {
            "type": "wasi",
            "module": "rust-wasi",
            "preopens": [{"guest": "/d", "entries": [{"path": "a", "data": b"\x00"}]}],
        },
    ]
    first, second, third, fourth = resolve(script, TABLE.modules["rust"], TABLE.modules, tmp_path)
    assert first == {"type": "module", "sha256": TABLE.modules["rust"].sha256, "path": str(TABLE.modules["rust"].path)}
    assert base64.b64decode(second["data"]["base64"]) == b"small"
    assert Path(third["data"]["path"]).read_bytes() == large
    assert third["data"]["sha256"] == hashlib.sha256(large).hexdigest()
    assert fourth["sha256"] == TABLE.modules["rust-wasi"].sha256
    assert fourth["preopens"][0]["entries"][0]["data"] == {"base64": "AA=="}
    with pytest.raises(KeyError):
        resolve([{"type": "module", "module": "nobody"}], None, TABLE.modules, tmp_path)
