"""Parts of the JavaScript interpreter that browsers alone use."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ready
from tests.runners.javascript_commands import NODES, command_line


def evaluate(node: str, name: str, program: str, *arguments: str) -> Any:
    """What a program says that imports `runners/javascript/NAME` as `it`, and nothing of node."""
    file = Path(__file__).parents[2] / "runners" / "javascript" / name
    program = f"const it = await import({json.dumps(file.as_uri())}); console.log(JSON.stringify({program}));"
    command = [command_line(node)[0], "--input-type=module", "-e", program, *arguments]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@pytest.mark.parametrize(
    ("message", "kinds"),
    [
        ("null function", ["uninitialized element"]),  # Chromium 156
        ("unreachable executed", ["unreachable"]),  # Firefox
        ("indirect call to null", ["uninitialized element"]),
        ("atomic wait on non-shared memory", ["expected shared memory"]),
        ("Out of bounds call_indirect (evaluating 'f(1)')", ["undefined element"]),  # WebKit
        ("Division by zero (evaluating 'f(1)')", ["integer divide by zero"]),
        ("it went wrong", []),
    ],
)
def test_other_engines_messages_have_their_names(message: str, kinds: list[str]) -> None:
    """The table of traps."""
    node = next(filter(ready, NODES), NODES[0])
    assert evaluate(node, "traps.js", "it.trapKinds(process.argv[1])", message) == kinds


@pytest.mark.parametrize("node_name", NODES)
def test_base64_without_buffer(node_name: str) -> None:
    """There and back by what browsers have, for more bytes than a call has arguments."""
    program = """(() => {
        const bytes = Uint8Array.from({ length: 300_001 }, (_, nth) => (nth * 7) % 256);
        const wanted = Buffer.from(bytes).toString('base64');
        delete globalThis.Buffer;
        return [it.encode(bytes) === wanted, it.decode(wanted).every((byte, nth) => byte === bytes[nth])];
    })()"""
    assert evaluate(node_name, "base64.js", program) == [True, True]
