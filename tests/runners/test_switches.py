"""Flags: what they turn on is asked of a runner that has them, once for each version."""

from __future__ import annotations

import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from runners import switches
from runners.probing import EXECUTED, Finding
from runners.runtime import Target
from runners.session import Session
from runners.switches import Switch, Switched, switched
from runners.targets import runtime_of, session_of
from tests.conftest import MEMORY_LIMIT, on_targets, ready

TOY = """
import json, sys
with open(sys.argv[1], "a") as log:
    print(*sys.argv[2:], file=log)
if "--unknown" in sys.argv:
    sys.exit("bad option: --unknown")
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "hello":
        state = {"state": "executed"} if "--jspi" in sys.argv else {"state": "refused", "message": "off"}
        hello = {"type": "hello", "protocol": 1, "runtime": "toy", "version": "1", "facts": {"flags": "none"}}
        print(json.dumps({**hello, "findings": {"jspi": state, "esm-integration": state}}), flush=True)
    elif message["type"] == "run":
        print(json.dumps({"type": "observation", "id": message["id"], "results": [], "seconds": 0}), flush=True)
    else:
        break
"""
TARGET = Target("toy-1", "toy", "1")


class Toy:
    """A runtime of which JSPI and ESM integration are off, and type reflection has a flag that it does not know."""

    death_signal = signal.SIGKILL

    def __init__(self, log: Path, *, all_on: bool = False) -> None:
        self.log, self.all_on = log, all_on

    def command(self, *flags: str) -> list[str]:
        return [sys.executable, "-c", TOY, str(self.log), *flags]

    def switches(self, target: Target) -> Mapping[str, Switch]:
        del target
        return {
            "jspi": Switch("--jspi", self.command("--jspi")),
            "esm-integration": Switch("--esm", self.command("--jspi")),
            "type-reflection": Switch("--unknown", self.command("--unknown")),
        }

    def defaults(self, target: Target) -> list[str] | None:
        del target
        return self.command("--bare") if self.all_on else None


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What is remembered stays in the test."""
    monkeypatch.setattr(switches, "cache_folder", lambda *_: tmp_path)
    return tmp_path


def ask(toy: Any, *flags: str) -> dict[str, Switched]:
    with Session(toy.command(*flags)) as session:
        return switched(toy, TARGET, session.hello())


def test_what_is_off_is_asked_with_its_flag_and_remembered(tmp_path: Path) -> None:
    """One runner for each command; a flag that it does not know is told in its own words; then none is started."""
    toy = Toy(tmp_path / "log")
    found = ask(toy)
    assert found["jspi"] == Switched("--jspi", EXECUTED)
    assert found["esm-integration"] == Switched("--esm", EXECUTED)
    words = "the runner ended before its hello with exit code 1; on its standard error: bad option: --unknown"
    assert found["type-reflection"] == Switched("--unknown", Finding("refused", words))
    assert sorted(toy.log.read_text().split("\n")) == ["", "", "--jspi", "--unknown"]
    assert ask(toy) == found
    assert len(toy.log.read_text().split("\n")) == 4 + 1


def test_what_is_on_is_not_asked(tmp_path: Path) -> None:
    """Nor shown as off by default."""
    assert set(ask(Toy(tmp_path / "log"), "--jspi")) == {"type-reflection"}


def test_what_is_on_by_our_own_flag_alone_is_off_by_default(tmp_path: Path) -> None:
    """The runtime's defaults count, not those of our command line."""
    found = ask(Toy(tmp_path / "log", all_on=True), "--jspi")
    assert found["jspi"] == Switched("--jspi", EXECUTED)


def test_another_version_is_asked_anew(tmp_path: Path) -> None:
    """What it says of itself is part of the key."""
    toy = Toy(tmp_path / "log")
    with Session(toy.command()) as session:
        hello = session.hello()
    switched(toy, TARGET, hello)  # type: ignore[arg-type]
    before = len(list(tmp_path.glob("*.json")))
    for other in ({"version": "2"}, {"facts": {"flags": "some"}}):
        switched(toy, TARGET, type(hello)(**{**vars(hello), **other}))  # type: ignore[arg-type]
    assert len(list(tmp_path.glob("*.json"))) == before + 2


def test_a_browser_is_asked_once_for_all_profiles() -> None:
    """A start takes seconds, and no flag hangs on the headers."""
    profiles = ("none", "isolated", "https")
    targets = [Target(f"firefox+{name}", "firefox", profile=name) for name in profiles]
    first, *others = [runtime_of(target).switches(target) for target in targets]  # type: ignore[attr-defined]
    assert first
    assert all(other == first for other in others)


def test_a_runtime_without_flags_has_none() -> None:
    """The seam costs others nothing."""
    assert switched(object(), TARGET, None) == {}  # type: ignore[arg-type]


@on_targets()
def test_a_flag_that_is_shown_works(target_name: str) -> None:
    """Of a real runtime: what is off by default is executed with its flag, or says why not."""
    target = ready(target_name)
    with session_of(target, MEMORY_LIMIT) as session:
        hello = session.hello()
    for name, found in switched(runtime_of(target), target, hello).items():
        assert (found.finding == EXECUTED) == (found.finding.message == ""), name
        if name in hello.features:  # by a flag of ours
            assert found.finding == EXECUTED, name


@pytest.mark.parametrize(
    ("target_name", "feature"),
    [
        ("wasmtime-50", "threads"),
        ("node-26", "half-precision"),
        ("node-24", "jspi"),
        ("deno-2.9", "stack-switching"),
        ("bun-1.4", "memory64"),
        ("chromium+none", "wide-arithmetic"),
    ],
)
def test_flags_that_are_known_to_work_do(target_name: str, feature: str) -> None:
    """Where this fails a new version has the feature on, or calls its flag otherwise: see the runtime's table."""
    target = ready(target_name)
    with session_of(target, MEMORY_LIMIT) as session:
        hello = session.hello()
    assert switched(runtime_of(target), target, hello)[feature].finding == EXECUTED
