"""wazero's runner beyond the protocol: how its host is built, what it says, and the host's own tests."""

from __future__ import annotations

import base64
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from modules.table import load
from runners.check import Bench
from runners.registries import newest
from runners.runtime import InstallError
from runners.targets import parse_target
from runners.wazero import build
from runners.wazero.runtime import WAZERO
from tests.conftest import absent

MODULES = load().modules
COMPILER = parse_target("wazero-1.12+compiler", [])


@pytest.fixture
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty cache."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache" / "wazero"


@pytest.fixture
def go(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    """Puts a `go` on the PATH, alone there, that runs these lines of shell; empty: none."""
    folder = tmp_path / "bin"
    folder.mkdir()

    def be(script: str) -> None:
        if script:
            (folder / "go").write_text(f"#!/bin/sh\n{script}\n", "utf-8")
            (folder / "go").chmod(0o755)
        build._go_version.cache_clear()

    monkeypatch.setenv("PATH", str(folder))
    be("")
    yield be
    build._go_version.cache_clear()


@pytest.fixture(scope="module", params=["compiler", "interpreter"])
def bench(request: pytest.FixtureRequest, command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with the runner in each of its modes."""
    with Bench(command_of(f"wazero-1.12+{request.param}")) as bench:
        yield bench


def test_it_says_what_it_is(bench: Bench) -> None:
    """The release that is pinned, how it runs modules, and the Go that built it."""
    hello = bench.hello
    assert (hello.runtime, hello.version) == ("wazero", WAZERO.versions["1.12"])
    assert hello.facts["engine"] == bench.command[-1]
    assert hello.facts["go"] in build._go_version()


def test_what_is_experimental_is_on(bench: Bench) -> None:
    """All that this release has behind flags, asked by probes; wazero as it comes has none of it."""
    target = parse_target(f"wazero-1.12+{bench.command[-1]}", [])
    experimental = set(WAZERO.switches(target))
    assert experimental <= bench.hello.features
    with Bench(WAZERO.defaults(target)) as plain:
        assert not experimental & plain.hello.features


def test_clocks_and_random_numbers_are_real(bench: Bench) -> None:
    """wazero's own are the same in each run."""
    file = bench.file(MODULES["rust-wasi"].path.read_bytes())

    def output() -> bytes:
        (seen,) = bench.run({"type": "wasi", **file, "args": ["program", "random"]})
        assert seen["exit"] == 0, seen
        return base64.b64decode(seen["stdout"])

    assert output() != output()


def test_what_a_link_leads_out_of_is_deleted_with_the_script(bench: Bench) -> None:
    """wazero follows it, to beside the preopened folder; nothing of that stays."""
    file = bench.file(MODULES["rust-wasi"].path.read_bytes())
    link = {"path": "link", "symlink": "../escaped.txt"}
    grant = {"args": ["program", "write", "/data/link", "x"], "preopens": [{"guest": "/data", "entries": [link]}]}
    (seen,) = bench.run({"type": "wasi", **file, **grant})
    assert seen["exit"] == 0
    pid = bench.session.pid
    scratch = dict(
        entry.split("=", 1) for entry in Path(f"/proc/{pid}/environ").read_text().split("\0") if "=" in entry
    )
    assert [path for path in Path(scratch["TMPDIR"]).rglob("*") if not path.name.startswith("runner-")] == []


def test_the_hosts_own_tests_pass(command_of: Callable[[str], list[str]]) -> None:
    """In Go, of what only wazero has."""
    command_of(COMPILER.name)  # it has been built here, so what it imports is here
    if not shutil.which("go"):
        absent("there is no Go on PATH")
    done = subprocess.run(
        ["go", "test", "./..."], cwd=build.HOST, capture_output=True, text=True, check=False, timeout=300,
        env={**os.environ, "GOFLAGS": "-mod=readonly", "GOWORK": "off", "CGO_ENABLED": "0"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_is_built_once(command_of: Callable[[str], list[str]]) -> None:
    """A second build gives the first one's program, and asks Go for nothing."""
    command = command_of(COMPILER.name)
    said: list[str] = []
    assert str(build.build(build.HOST, said.append)) == command[0]
    assert said == []


@pytest.mark.usefixtures("cache")
def test_another_lock_is_another_program(tmp_path: Path) -> None:
    """So is a host with a changed source."""
    lock = tmp_path / "lock"
    lock.mkdir()
    for name in ("go.mod", "go.sum"):
        shutil.copyfile(build.HOST / name, lock / name)
    assert build._sources(lock) == build._sources(build.HOST)
    with (lock / "go.sum").open("a") as file:
        file.write("more\n")
    assert build._sources(lock) != build._sources(build.HOST)


@pytest.mark.usefixtures("cache")
@pytest.mark.parametrize(
    ("script", "said"),
    [("", "install Go 1.25 or newer"), ("echo go version go1.22.4 linux/amd64", "(this is 1.22)"), ("exit 1", "1.25")],
)
def test_without_a_go_that_is_new_enough_it_is_missing(go: Callable[[str], None], script: str, said: str) -> None:
    """In one line that says what to install; setup says the same."""
    go(script)
    state = WAZERO.state(COMPILER)
    assert state.kind == "missing"
    assert said in state.say
    with pytest.raises(InstallError, match="install Go"):
        WAZERO.install(COMPILER, print)


def test_a_build_that_fails_leaves_nothing(go: Callable[[str], None], cache: Path) -> None:
    """The error has Go's own words; the target can still be installed."""
    go('[ "$1" = version ] && echo go version go1.30.0 linux/amd64 || { echo no space left; exit 1; }')
    with pytest.raises(InstallError, match="no space left"):
        WAZERO.install(COMPILER, lambda _: None)
    assert list(cache.iterdir()) == []
    assert WAZERO.state(COMPILER).kind == "installable"


@pytest.mark.parametrize("version", ["1.7", "1.7.3", "0.9"])
def test_what_is_too_old_says_so(version: str) -> None:
    """The oldest that can be had is named, by setup too."""
    target = parse_target(f"wazero-{version}+compiler", [])
    assert WAZERO.state(target).kind == "missing"
    with pytest.raises(InstallError, match=r"oldest .* is 1\.8"):
        WAZERO.install(target, print)


def test_another_release_is_built_from_a_lock_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, command_of: Callable[[str], list[str]]
) -> None:
    """With the same host, which says the release; Go is asked once what `1.8` stands for."""
    command_of(COMPILER.name)
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "a cache"))
    target = parse_target("wazero-1.8+interpreter", [])
    assert WAZERO.state(target).kind == "installable"
    try:
        newest(WAZERO.sources[0], "1.8")
    except InstallError as error:
        absent(f"the Go proxy cannot be asked: {error}")
    WAZERO.install(target, lambda _: None)
    with Bench(WAZERO.command(target)) as old:
        assert old.hello.version.startswith("1.8.")
        assert f"wazero {old.hello.version} (interpreter)" in WAZERO.state(target).say
