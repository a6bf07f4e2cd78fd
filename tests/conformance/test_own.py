"""The example of a matrix of one's own, as its user has it: a copy elsewhere, run by the command line."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from conformance.config import ConfigError, load_config
from conformance.settings import Matrix, Settings
from conformance.store import Store
from modules.table import HERE
from runners.targets import runtime_of
from tests.conftest import ready

pytestmark = pytest.mark.xdist_group("own")
CHECKOUT = Path(__file__).parents[2]
EXAMPLES = CHECKOUT / "examples"
DIST = HERE / "dist"


@pytest.fixture
def mine(tmp_path: Path) -> Path:
    """A copy of the example."""
    folder = tmp_path / "mine"
    shutil.copytree(EXAMPLES, folder, ignore=shutil.ignore_patterns(".wasm-matrix", "__pycache__"))
    return folder


def wasm_matrix(folder: Path, *arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command line in that folder, where `python3` has the package `wasmtime`."""
    target = ready("wasmtime-50")
    python = Path(runtime_of(target).command(target)[0])
    path = f"{python.parent}{os.pathsep}{os.environ['PATH']}"
    return subprocess.run(
        [sys.executable, "-m", "conformance.cli", *map(str, arguments)],
        cwd=folder, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "PYTHONPATH": str(CHECKOUT), "PATH": path, "COLUMNS": "200", **environment},
    )  # fmt: skip


@pytest.mark.parametrize("workers", [0, 2])
def test_the_example_runs_as_it_expects(mine: Path, workers: int) -> None:
    """Own modules, cases, a standard script and a runner, in one process as in several; nothing is unexpected."""
    ready("node-24")
    done = wasm_matrix(mine, "run", "-n", workers)
    assert done.returncode == 0, done.stdout + done.stderr
    run = Store(mine / ".wasm-matrix" / "store.sqlite", create=False).load()
    assert set(run.targets) == {"wasmtime-50", "node-24", "first", "mine"}
    assert run.targets["mine"]["runtime"] == "mine"
    ended = {record.id: record.status for record in run.records}
    assert ended["adder/divides[adder]@mine"] == "pass"
    assert ended["standard/sums@node-24"] == "pass"
    assert ended["greet/world[greet]@wasmtime-50"] == "pass"
    assert ended["greet/world[greet]@mine"] == "unsupported"
    assert ended["adder/divides[adder]@first"] == "pass"
    assert ended["adder/shouts[adder]@first"] == "unsupported"
    titles = {record.case: record.title for record in run.records}
    assert titles["standard/sums"] == "spec/sums.json: 16 commands, 1 in text left out"


def test_a_wrong_module_is_seen_by_all(mine: Path) -> None:
    """Every case of the example can fail: each on a module that does nothing of what its name says."""
    config = (mine / "matrix.yaml").read_text().replace("  - wasmtime-50\n", "")
    (mine / "matrix.yaml").write_text(config)
    for name, right, wrong in (
        ("adder", b"\x20\x00\x20\x01\x6a\x0b", b"\x20\x00\x20\x00\x6a\x0b"),
        ("adder", b"\x20\x00\x9f\x0b", b"\x20\x00\x99\x0b"),
        ("adder", b"\x6d\x0b", b"\x6e\x0b"),
        ("adder", b"\xdf\x01\x71", b"\xff\x01\x71"),
        ("greet", b"hello, ", b"hallo, "),
    ):
        file = mine / "modules" / f"{name}.wasm"
        wasm = file.read_bytes()
        assert wasm.count(right) == 1, (name, right)
        file.write_bytes(wasm.replace(right, wrong))
    script = json.loads((mine / "spec" / "sums.json").read_text())
    script["commands"][1]["expected"][0]["value"] = "54"
    (mine / "spec" / "sums.json").write_text(json.dumps(script))
    done = wasm_matrix(mine, "run", "-n", 0, "--target", "node-24", "-k", "not sha256")
    assert done.returncode == 1
    run = Store(mine / ".wasm-matrix" / "store.sqlite", create=False).load()
    assert {record.status for record in run.records} == {"fail"}
    (standard,) = (record for record in run.records if record.case == "standard/sums")
    assert "sums.wast:11" in standard.detail["expected"]


def test_one_target_of_ones_own(mine: Path) -> None:
    """Listed, chosen by name, and said what is wrong with it."""
    listed = wasm_matrix(mine, "setup", "--list")
    assert "your own runner: python3 my_runner.py" in listed.stdout
    done = wasm_matrix(mine, "run", "--target", "mine", "--case", "adder/*")
    assert done.returncode == 0, done.stdout
    assert "4 of 4 cells" in done.stdout
    misspelt = wasm_matrix(mine, "run", "--target", "mien")
    assert misspelt.returncode == 2
    assert "did you mean 'mine'?" in misspelt.stderr


def test_a_program_that_is_not_there_is_missing(mine: Path) -> None:
    """Its cells say so, and the others go on."""
    text = (mine / "matrix.yaml").read_text().replace("python3 my_runner.py", "./no-such-runner")
    (mine / "matrix.yaml").write_text(text)
    done = wasm_matrix(mine, "run", "--case", "adder/adds", "-n", 0)
    assert done.returncode == 0, done.stdout
    run = Store(mine / ".wasm-matrix" / "store.sqlite", create=False).load()
    (cell,) = (record for record in run.records if record.target == "mine")
    assert (cell.status, cell.cause) == ("missing", "missing/runtime")
    assert "'./no-such-runner' is not in" in cell.detail["reason"]


def test_a_rebuild_in_the_middle_of_a_run_does_not_mix_in(mine: Path) -> None:
    """What a run's processes read is what there was when it began."""
    before = Matrix(mine / "matrix.yaml")
    (mine / "modules" / "adder.wasm").write_bytes((mine / "modules" / "greet.wasm").read_bytes())
    after = Matrix(mine / "matrix.yaml", Settings.of(Settings(files=before.files).text()).files)
    assert after.table.modules["adder"].sha256 == before.table.modules["adder"].sha256
    with pytest.raises(ConfigError, match="exports no 'add'"):
        Matrix(mine / "matrix.yaml")


def test_only_own_cases_listed_only_they_run(mine: Path) -> None:
    """Without a pattern none of the suite's; without `cases` all of them."""

    def cases(text: str) -> set[str]:
        (mine / "matrix.yaml").write_text("targets: [node-24]\n" + text)
        return {cell.case.id for cell in Matrix(mine / "matrix.yaml").cells(Settings())}

    own = "cases:\n  - {id: standard/sums, script: spec/sums.json}\n"
    assert cases(own) == {"standard/sums"}
    assert cases(own + "  - sha256/e*\n") == {"standard/sums", "sha256/empty"}
    assert len(cases("")) > 50


def test_one_case_for_several_modules(mine: Path) -> None:
    """The same question for each; an expectation tells them apart by name."""
    (mine / "matrix.yaml").write_text(
        "targets: [node-24]\nmodules: {a: {path: modules/adder.wasm}, b: {path: modules/adder.wasm, language: rust}}\n"
        "cases:\n  - {id: x/y, module: [a, b], script: [{invoke: add, args: [1, 2], returns: 3}]}\n"
    )
    cells = Matrix(mine / "matrix.yaml").cells(Settings())
    assert [(cell.id, cell.language) for cell in cells] == [("x/y[a]@node-24", "own"), ("x/y[b]@node-24", "rust")]


@pytest.mark.parametrize("target", ["wasmtime-50", "node-24"])
def test_the_same_steps_ask_modules_with_shared_memory_and_instances_without(mine: Path, target: str) -> None:
    """A module whose workers have memories of their own gets the functions by which it reaches the shared one."""
    ready(target)
    for name in ("rust-threads", "go-threads", "wrong-go-threads"):
        shutil.copy(DIST / f"{name}.wasm", mine / "modules")
    (mine / "matrix.yaml").write_text(
        f"targets: [{target}]\n"
        "modules:\n"
        "  memory: {path: modules/rust-threads.wasm}\n"
        "  instances: {path: modules/go-threads.wasm}\n"
        "  wrong: {path: modules/wrong-go-threads.wasm}\n"
        "cases:\n"
        "  - id: mine/counts\n"
        "    module: [memory, instances, wrong]\n"
        "    script:\n"
        "      - {memory: env.memory, minimum: 48, maximum: 256, shared: true}\n"
        "      - {write: 0x200000, data: {hex: 01000000 03000000 e8030000}}\n"
        "      - {spawn: thread_entry, workers: 3, arg: 0x200000,\n"
        "         stack: {address: 0x210000, size: 65536}, tls: {address: 0x290000, size: 4096}}\n"
        "      - {join: 1000}\n"
        "      - {read: 0x200014, holds: {hex: b80b0000}}\n"
    )
    wasm_matrix(mine, "run", "-n", 0)
    run = Store(mine / ".wasm-matrix" / "store.sqlite", create=False).load()
    ended = {record.label: (record.status, record.cause) for record in run.records}
    assert ended == {"memory": ("pass", None), "instances": ("pass", None), "wrong": ("fail", "engine/wrong-value")}


def test_a_case_needs_what_its_modules_need(mine: Path) -> None:
    """Those too that only its steps name, the suite's among them."""
    (mine / "matrix.yaml").write_text(
        "targets: [node-24]\nmodules: {a: {path: modules/adder.wasm, features: [threads]}}\n"
        "cases:\n  - {id: x/y, script: [{module: wat-vectors}, {module: a}, {pages: 1}]}\n"
    )
    (cell,) = Matrix(mine / "matrix.yaml").cells(Settings())
    assert cell.id == "x/y@node-24"
    assert set(cell.case.features) == {"simd", "threads"}


START = "targets: [node-24]\nmodules: {adder: {path: modules/adder.wasm}}\n"
CASE = START + "cases:\n  - id: a/b\n    module: adder\n    script:\n      - "
MISTAKES: list[tuple[str, int, list[str]]] = [
    (CASE + "{invok: add}\n", 7, ["cases.0.script.0: a step has one of these keys", "did you mean 'invoke'?"]),
    (CASE + "{invoke: ad, args: [1, 2]}\n", 7, ["exports no 'ad'; did you mean 'add'?"]),
    (CASE + "{invoke: add, args: [1, 2], retruns: 3}\n", 7, ["script.0.retruns: unknown key; did you mean 'returns'?"]),
    (CASE + "{pages: 1}\n      - {invoke: add, args: [1, i64 2]}\n", 8, ["an i32 is wanted here"]),
    (
        CASE + "{invoke: div, args: [1, 0], traps: integer divide by zer}\n",
        7,
        ["did you mean 'integer divide by zero'?"],
    ),
    (CASE + "{invoke: add, args: [1, 2], returns: 3, traps: true}\n", 7, ["ends in one way"]),
    (CASE + "{read: 16, holds: {hexx: 00}}\n", 7, ["holds.hexx: unknown key; did you mean 'hex'?"]),
    (CASE + "{read: here, holds: a}\n", 7, ["'here' is no address"]),
    (CASE + "{run: [], files: {a.txt: x}}\n", 7, ["a guest's path is absolute"]),
    (CASE + "{run: [], files: {/a.txt: x}}\n", 7, ["a file is in a folder, which is granted: /data/a.txt"]),
    (CASE + "{type: actoin}\n", 7, ["did you mean 'action'?"]),
    (CASE + "{type: pages, expect: {page: 1}}\n", 7, ["one of these keys is wanted"]),
    (CASE + "{write: 1, data: {file: ../x}}\n", 7, ["stays in its folder"]),
    (
        START + "cases:\n  - {id: a/b, module: addr, script: [{pages: 1}]}\n",
        4,
        ["no module 'addr'", "did you mean 'adder'?"],
    ),
    (START + "cases:\n  - {id: a/b, module: adder, script: []}\n", 4, ["asks at least one thing"]),
    (START + "cases:\n  - {id: a/b, script: 5}\n", 4, ["a list of steps is wanted"]),
    (START + "cases:\n  - {id: ab, script: x.json}\n", 4, ["'ab' is no id"]),
    (START + "cases:\n  - {id: a/b, script: modules/adder.wat}\n", 4, ["not what wast2json writes"]),
    (START + "cases:\n  - {id: sha256/empty, module: adder, script: [{pages: 1}]}\n", 4, ["the suite has a case"]),
    (
        START + "cases:\n  - {id: a/b, script: spec/sums.json}\n  - {id: a/b, script: spec/sums.json}\n",
        4,
        ["two cases"],
    ),
    ("targets: [node-24, {name: node-24, command: x}]\n", 1, ["the suite has a target 'node-24'"]),
    ("targets: [{name: chromium, command: x}]\n", 1, ["the suite has a target 'chromium'"]),
    ("targets: [{name: mine, comand: x}]\n", 1, ["comand: unknown key; did you mean 'command'?"]),
    ("targets: [{name: mine}]\n", 1, ["targets.0.command: this key is required"]),
    ('targets: [{name: mine, command: "a \'b"}]\n', 1, ["not a command line"]),
    ("targets: [mine, {name: mine, command: x}]\n", 1, ["is in the list already"]),
    ("targets: [node-24]\nmodules: {adder: {path: modules/addr.wasm}}\n", 2, ["modules/addr.wasm: no such file"]),
    ("targets: [node-24]\nmodules: {adder: {path: /etc/passwd}}\n", 2, ["stays in its folder"]),
    ("targets: [node-24]\nmodules: {adder: {path: modules/adder.wat}}\n", 2, ["is WebAssembly text; assemble it"]),
    ("targets: [node-24]\nmodules: {adder: {path: my_runner.py}}\n", 2, ["is no WebAssembly module"]),
    ("targets: [node-24]\nmodules: {rust: {path: modules/adder.wasm}}\n", 2, ["the suite has a module of that name"]),
    ("targets: [node-24]\nmodules: {a: {path: modules/adder.wasm, features: [smd]}}\n", 2, ["did you mean 'simd'?"]),
    ("targets: [node-24]\nmodules: {a: {path: modules/adder.wasm, language: ruts}}\n", 2, ["did you mean 'rust'?"]),
]


@pytest.mark.parametrize(("text", "line", "words"), MISTAKES)
def test_a_mistake_is_named_on_its_line(mine: Path, text: str, line: int, words: list[str]) -> None:
    """File, line, key, what is wrong, what was perhaps meant: before anything is run."""
    path = mine / "matrix.yaml"
    path.write_text(text)
    with pytest.raises(ConfigError) as caught:
        Matrix(path)
    (message, *more) = [one for one in str(caught.value).splitlines() if words[0] in one]
    assert message.startswith(f"{path}:{line}: ")
    assert not more
    for word in words:
        assert word in message


def test_the_examples_modules_are_what_their_text_says() -> None:
    """A reader of the text is not misled. The assembler is that of wasmtime's binding, in its own environment."""
    target = ready("wasmtime-50")
    python = runtime_of(target).command(target)[0]
    assemble = "import sys, wasmtime; sys.stdout.buffer.write(wasmtime.wat2wasm(sys.stdin.read()))"
    for text in (EXAMPLES / "modules").glob("*.wat"):
        done = subprocess.run([python, "-c", assemble], input=text.read_bytes(), capture_output=True, check=True)
        assert done.stdout == text.with_suffix(".wasm").read_bytes(), text.name


def test_own_targets_keep_the_order_of_the_file(mine: Path) -> None:
    """A report's columns are theirs."""
    config = load_config(mine / "matrix.yaml")
    assert config.target_names() == ["wasmtime-50", "node-24", "first", "mine"]
    (target,) = config.chosen(["mine"])
    assert target.own is not None
    assert target.own.folder == mine.resolve()
