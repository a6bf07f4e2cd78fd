"""The build of Chicory's runner: what it needs, what it keeps, and that no jar is taken that the lock does not know."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from runners import jdk
from runners.chicory import build
from runners.provision import cache_folder
from runners.runtime import InstallError

HERE = Path(build.__file__).parent
PROGRAMS = {"java": "17.0.15", "javac": "17.0.15", "jar": "17.0.15", "mvn": "3.8.7"}


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    yield
    jdk._version.cache_clear()
    build._hash.cache_clear()


@pytest.fixture
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all of the PATH, with a JDK 17 and a Maven that say their versions and do nothing else."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name, version in PROGRAMS.items():
        _program(folder / name, f"echo '{name} {version}' >&2")
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("WASM_MATRIX_CACHE", str(tmp_path / "cache"))
    jdk._version.cache_clear()
    return folder


@pytest.fixture
def sources(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the sources, which `build` takes for the real ones."""
    copy = tmp_path / "chicory"
    shutil.copytree(HERE, copy, ignore=shutil.ignore_patterns("__pycache__"))
    monkeypatch.setattr(build, "_HERE", copy)
    monkeypatch.setattr(build, "_LOCK", copy / "jars.lock")
    build._hash.cache_clear()
    return copy


def _program(path: Path, does: str) -> None:
    path.write_text(f"#!/bin/sh\n{does}\n")
    path.chmod(0o755)


@pytest.mark.usefixtures("machine")
def test_nothing_is_needed_where_all_is_there() -> None:
    """With Java 17 and Maven it can be built."""
    assert jdk.needs_to_build() is None
    assert jdk.java_version() == "17.0.15"


@pytest.mark.parametrize("lacking", PROGRAMS)
def test_what_is_needed_is_said_in_one_line(machine: Path, lacking: str) -> None:
    """Each program is named when it alone is missing; to run what is built, only `java` is needed."""
    (machine / lacking).unlink()
    needs = jdk.needs_to_build()
    assert needs
    assert f"`{lacking}`" in needs
    assert "\n" not in needs
    assert (jdk.needs_to_run() is None) == (lacking != "java")
    with pytest.raises(InstallError, match=lacking):
        build.build(print)


@pytest.mark.parametrize("said", ["11.0.2", "1.8.0_412"])
def test_an_old_java_is_named(machine: Path, said: str) -> None:
    """A Java that is too old is told from none."""
    _program(machine / "java", f"echo 'openjdk version \"{said}\"' >&2")
    needs = jdk.needs_to_run()
    assert needs
    assert "`java` on PATH is" in needs


def test_what_java_says_first_is_no_version(machine: Path) -> None:
    """With JAVA_TOOL_OPTIONS in the environment Java says so, and then its version."""
    _program(machine / "java", "echo 'Picked up JAVA_TOOL_OPTIONS: -Xmx8g' >&2; echo 'openjdk version \"21.0.4\"' >&2")
    assert jdk.java_version() == "21.0.4"


def test_another_source_is_another_build(sources: Path) -> None:
    """What was built of other sources, another lock or another pom is not taken."""
    known = {build._hash()}
    for name in ("pom.xml", "jars.lock", "java/matrix/runner/Script.java", "java/matrix/chicory/Mode.java"):
        (sources / name).write_bytes((sources / name).read_bytes() + b"\n")
        build._hash.cache_clear()
        known.add(build._hash())
    assert len(known) == 5


@pytest.mark.parametrize("fault", ["other", "extra", "absent"])
def test_a_jar_that_the_lock_does_not_know_is_refused(machine: Path, sources: Path, fault: str) -> None:
    """Another content, one more, one less: nothing is built, nothing half-made is left, and the jar is named."""
    names = ["a.jar", "b.jar"]
    content = {name: name.encode() for name in names}
    lock = [f"{hashlib.sha256(content[name]).hexdigest()}  {name}" for name in names]
    (sources / "jars.lock").write_text("\n".join(lock) + "\n")
    if fault == "other":
        content["b.jar"] = b"not what it was"
    elif fault == "extra":
        (sources / "jars.lock").write_text(lock[0] + "\n")
    else:
        del content["b.jar"]
    writes = "; ".join(f"printf %s '{text.decode()}' >$out/{name}" for name, text in content.items())
    _program(
        machine / "mvn",
        "for each; do case $each in -DoutputDirectory=*) out=${each#*=};; -Dmaven.repo.local=*) repo=${each#*=};; "
        f"esac; done; /bin/mkdir -p $out $repo; {writes}",
    )
    with pytest.raises(InstallError, match=r"b\.jar from Maven Central"):
        build.build(print)
    assert build.built() is None
    assert not list(cache_folder("chicory").glob("build-*"))
