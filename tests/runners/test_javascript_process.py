"""The process of a JavaScript runner ends as the protocol wants, and does not outlive its host."""

from __future__ import annotations

import json
import signal
import subprocess
import time

import pytest

from tests.runners.javascript_commands import TARGETS, Json, call, command_line, memory, module

HELLO = {"type": "hello", "protocol": 1}
ENDLESS = [memory(minimum=32, maximum=256), module("wat-hostile-threads"), call("wait_forever")]


def start(name: str, *messages: Json) -> subprocess.Popen[str]:
    process = subprocess.Popen(command_line(name), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    assert process.stdin
    for message in messages:
        process.stdin.write(json.dumps(message) + "\n")
    process.stdin.flush()
    return process


@pytest.mark.parametrize("name", TARGETS)
def test_bye_and_the_end_of_input_end_it_with_0(name: str) -> None:
    """What was asked before is answered."""
    for last in ([{"type": "bye"}], []):
        process = start(name, HELLO, {"type": "run", "id": 1, "script": []}, *last)
        out, _ = process.communicate(timeout=10)
        assert process.returncode == 0
        assert [json.loads(line)["type"] for line in out.splitlines()] == ["hello", "observation"]


@pytest.mark.parametrize("name", TARGETS)
def test_sigterm_ends_it_while_it_is_busy(name: str) -> None:
    """Within a second, though the main thread is in a module that never comes back and others wait."""
    process = start(name, HELLO, {"type": "run", "id": 1, "script": ENDLESS})
    assert process.stdout
    process.stdout.readline()
    time.sleep(0.3)
    began = time.monotonic()
    process.terminate()
    assert process.wait(10) == -signal.SIGTERM
    assert time.monotonic() - began < 1
    process.communicate()


@pytest.mark.parametrize("name", TARGETS[1:])
def test_it_does_not_outlive_its_host(name: str) -> None:
    """The end of input is seen while the main thread is in a module that never comes back: it ends after its grace."""
    process = start(name, HELLO, {"type": "run", "id": 1, "script": ENDLESS})
    process.communicate(timeout=30)
    assert process.returncode == -signal.SIGKILL
