"""`wasm-matrix versions`: the name to write for each release, and what of them is pinned or here."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from conformance.cli._commands import commands
from runners.pins import Pin
from runners.registries import REGISTRIES, Registry, Release
from runners.runtime import Log, Source
from runners.targets import RUNTIMES

RELEASES = ["50.0.2", "50.0.1", "44.0.1", "44.0.0", "43.0.1", "43.0.0", "20.0.0"]


def ask(*arguments: str) -> str:
    """What the command prints; it ends well."""
    done = CliRunner().invoke(commands, ["versions", *arguments])
    assert done.exit_code == 0, done.output
    return done.output


def lock(folder: Path, package: str, release: str, _log: Log) -> None:
    (folder / "requirements.txt").write_text(f"{package}=={release}\n")


@pytest.fixture
def listed(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A cache of its own, where 43 was written down when 43.0.0 was its newest; then the registry has RELEASES."""
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path))
    found = [Release("43.0.0", "2026-01-02")]
    monkeypatch.setitem(REGISTRIES, "PyPI", Registry("for a test", lambda _: found))
    Pin("wasmtime", "43", Source("PyPI", "wasmtime"), lock).write(print)
    found[:] = [Release(version, "2026-01-02") for version in RELEASES]


@pytest.mark.usefixtures("listed")
def test_each_release_has_the_name_that_means_it() -> None:
    """The shortest that does: a pinned or written version keeps its release, whatever is newer."""
    rows: list[dict[str, Any]] = json.loads(ask("wasmtime", "--json"))["releases"]
    assert [(row["release"], row["target"]) for row in rows] == [
        ("50.0.2", "wasmtime-50.0.2"),
        ("50.0.1", "wasmtime-50"),
        ("44.0.1", "wasmtime-44"),
        ("44.0.0", "wasmtime-44.0.0"),
        ("43.0.1", "wasmtime-43.0.1"),
        ("43.0.0", "wasmtime-43"),
        ("20.0.0", "wasmtime-20"),
    ]
    states = {row["release"]: row["state"] for row in rows}
    assert (states["50.0.1"], states["44.0.1"]) == ("pinned", "")
    assert states["20.0.0"] == "wasmtime 20: the oldest that our runner can drive is 21"
    assert {row["date"] for row in rows} == {"2026-01-02"}


@pytest.mark.usefixtures("listed")
def test_the_table_leaves_out_what_is_between() -> None:
    """Pinned, written down, the newest of each line; what cannot be driven, and the rest, with --all."""
    shown, whole = ask("wasmtime"), ask("wasmtime", "--all")
    assert "wasmtime-43 " in shown
    assert "2 more with --all" in shown
    for hidden in ("44.0.0", "20.0.0"):
        assert hidden not in shown
        assert hidden in whole


def test_a_runtime_of_two_registries_is_listed_by_both(monkeypatch: pytest.MonkeyPatch) -> None:
    """wasmer's newest come as source, the one that `pip install wasmer` gives as wheels for an old Python."""
    asked: list[Source] = []

    def found(versions: list[str], source: Source) -> list[Release]:
        asked.append(source)
        return [Release(version) for version in versions]

    for registry, versions in (("crates.io", ["7.4.2", "1.0.2"]), ("PyPI", ["1.1.0", "1.0.0"])):
        monkeypatch.setitem(REGISTRIES, registry, Registry("of a test", partial(found, versions)))
    rows = json.loads(ask("wasmer", "--json"))["releases"]
    assert [(row["registry"], row["release"], row["target"]) for row in rows] == [
        ("crates.io", "7.4.2", "wasmer-7.4+cranelift"),
        ("crates.io", "1.0.2", None),
        ("PyPI", "1.1.0", "wasmer-1.1+cranelift"),
        ("PyPI", "1.0.0", None),
    ]
    assert {(source.registry, source.python) for source in asked} == {("crates.io", None), ("PyPI", "3.10")}
    assert "wasmer of PyPI, releases of a test 3.10:" in ask("wasmer")


def test_every_runtime_says_where_it_comes_from() -> None:
    """Without asking anybody."""
    rows = {row["runtime"]: row for row in json.loads(ask("--json"))}
    assert list(rows) == list(RUNTIMES)
    assert rows["wasmtime"]["sources"] == [{"registry": "PyPI", "package": "wasmtime"}]
    assert rows["wasmtime"]["open"]
    assert rows["wasmtime"]["pinned"] == RUNTIMES["wasmtime"].versions
    assert all(name in ask() for name in RUNTIMES)


def test_a_runtime_that_there_is_not_is_told() -> None:
    """With the nearest, and exit code 2."""
    done = CliRunner().invoke(commands, ["versions", "wasmtim"])
    assert done.exit_code == 2
    assert "unknown runtime 'wasmtim'; did you mean 'wasmtime'?" in done.output
