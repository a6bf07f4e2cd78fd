"""Features: the probe modules, and what their scripts tell of a runner."""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from modules.proposals import features_of
from runners.features import FEATURES, HERE, PROVIDER, load
from runners.observation import Observation
from runners.probing import ANSWER, EXECUTED, Finding, ask
from runners.session import Session
from tests.conftest import on_targets

ROOT = Path(__file__).parents[2]
PROBES = sorted(load().keys() - {PROVIDER})
STANDS = ("1.0", "2.0", "3.0", "phase 4", "phase 3", "phase 1", "legacy", "API")


def test_probes_are_made_from_their_texts(command_of: Callable[[str], list[str]]) -> None:
    """features.json, and the modules in api.js, are what their texts give."""
    python = command_of("wasmtime-50")[0]
    api = (ROOT / "runners" / "javascript" / "api.js").read_text()
    texts = re.findall(r"/\*\* (\(module .*\)) \*/\nconst \w+ = '(.*)';", api)
    assert len(texts) == 2
    programs = [
        "import runpy; runpy.run_module('runners.features', run_name='__main__')",
        f"from base64 import *; from wasmtime import *; assert all(wat2wasm(t) == b64decode(m) for t, m in {texts!r})",
    ]
    for program in programs:
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        seen = subprocess.run(
            [python, "-B", "-c", program], env=environment, capture_output=True, text=True, timeout=60
        )
        assert seen.returncode == 0, seen.stderr


def test_each_feature_has_its_probe() -> None:
    """A text and a module each; those of JavaScript's API are tried in api.js, by the same names."""
    asked = {name for name, feature in FEATURES.items() if not feature.api}
    assert asked == set(PROBES) == {file.stem for file in HERE.glob("*.wat")} - {PROVIDER}
    tries = (ROOT / "runners" / "javascript" / "api.js").read_text().split("const TRIES")[1].split("};")[0]
    names = re.findall(r"^  (?:async )?'?([a-z-]+)'?(?:\(\) \{|: \(\) =>)", tries, re.MULTILINE)
    assert set(names) == FEATURES.keys() - asked


@pytest.mark.parametrize("name", PROBES)
def test_a_probe_needs_its_feature_and_what_that_stands_on(name: str) -> None:
    """Nothing that came later: it would be refused for the want of something else."""
    needs = features_of(load()[name])
    if name != "branch-hinting":  # which a module never needs
        assert name in needs
    rank = STANDS.index(FEATURES[name].stands)
    assert all(STANDS.index(FEATURES[other].stands) <= rank for other in needs)


def test_the_table_of_the_documentation_is_that_of_the_features() -> None:
    """Each feature with its title and where it stands, in the same order."""
    text = (ROOT / "docs" / "features.md").read_text()
    rows = re.findall(r"^\| `([a-z0-9-]+)` \| (.+?) \| (.+?) \|", text, re.MULTILINE)
    assert rows == [(name, feature.title, feature.stands) for name, feature in FEATURES.items()]


def compiled(*after: dict[str, Any]) -> Observation:
    return Observation("done", [{}, *after])


def refused(phase: str) -> dict[str, Any]:
    return {"error": {"phase": phase, "name": "X", "message": "no  such\nthing"}}


@pytest.mark.parametrize(
    ("observation", "finding"),
    [
        (compiled({"values": [ANSWER]}), EXECUTED),
        (compiled({"values": [{"type": "i32", "value": "41"}]}), Finding("instantiated", "gives ['41'], not 42")),
        (compiled({"trap": {"kinds": [], "message": "oh"}}), Finding("instantiated", "trap: oh")),
        (compiled(refused("call")), Finding("instantiated", "no such thing")),
        (Observation("done", [refused("compile")]), Finding("refused", "no such thing")),
        (Observation("done", [refused("link")]), Finding("validated", "no such thing")),
        (Observation("done", [{"trap": {"kinds": [], "message": "oh"}}]), Finding("validated", "trap: oh")),
        (Observation("done", []), Finding("validated", "no answer")),
        (Observation("crash", code=-6, stderr="panic\nat 3\n0: f\n"), Finding("crashed", "signal SIGABRT: panic at 3")),
        (Observation("crash", code=3), Finding("crashed", "exit code 3")),
        (Observation("deadline", seconds=11.0), Finding("crashed", "no answer within 11 s")),
        (Observation("done", [refused("deadline")], 10.0), Finding("crashed", "no such thing")),
        (Observation("memory"), Finding("crashed", "ended by the host at its memory limit")),
    ],
)
def test_how_far_a_probe_came(observation: Observation, finding: Finding, tmp_path: Path) -> None:
    """The known answer alone is `executed`; all else says why not, in a line."""
    found = ask(lambda *_: observation, tmp_path)
    assert next(iter(found.values())) == finding
    if finding.state != "crashed":
        del found["compact-import-section"]  # its script has two commands more, before its own
        assert set(found.values()) == {finding}


def test_a_runner_that_survives_nothing_is_not_asked_all(tmp_path: Path) -> None:
    """Each probe would cost it a start, or the deadline."""
    asked = []
    found = ask(lambda script, _: asked.append(script) or Observation("crash", code=1), tmp_path)  # type: ignore[func-returns-value]
    assert len(asked) == 5
    assert {finding.state for finding in found.values()} == {"crashed"}
    assert list(found.values())[-1].message == "not asked: 5 probes before it never came back"


def test_a_message_is_cut(tmp_path: Path) -> None:
    """wasmer 1's for a stack overflow has ten million characters."""
    result = {"error": {"phase": "compile", "message": "x" * 10_000_000}}
    found = ask(lambda *_: Observation("done", [result]), tmp_path)
    assert max(len(finding.message) for finding in found.values()) < 400


DYING = """
import json, os, sys
count = open(os.environ["COUNT"], "a")
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "hello":
        print(json.dumps({"type": "hello", "protocol": 1, "runtime": "toy", "version": "1"}), flush=True)
    elif message["type"] == "run":
        if len(message["script"]) == 2:
            print("x", file=count, flush=True)
        if message["script"] and message["script"][0].get("sha256", "").startswith(os.environ["DEADLY"]):
            os.abort()
        print(json.dumps({"type": "observation", "id": message["id"], "results": [], "seconds": 0}), flush=True)
    else:
        break
"""


def test_a_probe_that_kills_is_asked_once(tmp_path: Path) -> None:
    """The runner is started again for the next probe, and for no other reason; later deaths bring no more probes."""
    deadly = hashlib.sha256(load()["memory64"]).hexdigest()
    count = tmp_path / "count"
    count.touch()
    environment = {"DEADLY": deadly, "COUNT": str(count)}
    with Session([sys.executable, "-c", DYING], environment=environment) as session:
        findings = session.hello().findings
        assert findings["memory64"] == Finding("crashed", "signal SIGABRT")
        assert {finding.state for name, finding in findings.items() if name != "memory64"} == {"validated"}
        assert session.starts == 2
        asked = count.read_text()
        for _ in range(3):
            assert session.run([{"sha256": deadly}], 5).end == "crash"
            assert session.hello().findings == findings
        assert count.read_text() == asked
        assert len(asked.split()) == len(PROBES) - 1  # all but the one whose script is longer


@on_targets()
def test_what_every_runtime_has_and_none_lacks(target_name: str, command_of: Callable[[str], list[str]]) -> None:
    """The first version of the standard; and each finding that is not the answer says why."""
    with Session(command_of(target_name)) as session:
        hello = session.hello()
    assert "mutable-globals" in hello.features
    assert hello.findings.keys() >= set(PROBES)
    for name, finding in hello.findings.items():
        assert (name in hello.features) == (finding.state == "executed") == (finding.message == ""), (name, finding)
