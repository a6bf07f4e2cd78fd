"""Builds our Java program: its jars by Maven, each held against its hash; javac; an archive of its classes."""

from __future__ import annotations

import functools
import hashlib
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from runners.jdk import needs_to_build
from runners.maven import fetch
from runners.provision import cache_folder, execute, locked
from runners.runtime import InstallError, Log
from runners.session import RunnerFailed, Session

__all__ = ["MODES", "build", "built", "command"]

MODES = ("interpreter", "compiler")

_HERE = Path(__file__).parent
_LOCK = _HERE / "jars.lock"

_OPTIONS = (
    # Standard output is the protocol's: the JVM's own warnings go elsewhere.
    "-XX:+DisplayVMOutputToStderr", "-Xlog:disable", "-Xlog:all=warning:stderr",
    # No files of the JVM's own beside the scratch folder, no port or socket.
    "-XX:-UsePerfData", "-XX:+DisableAttachMechanism", "-XX:-CreateCoredumpOnCrash",
    # All of it below the 1 GiB that the suite's own tests give a runner.
    "-Xmx640m", "-XX:MaxMetaspaceSize=192m", "-XX:ReservedCodeCacheSize=96m",
    # Of the collectors the one that takes least memory and time to start.
    "-XX:+UseSerialGC", "-Xmn48m", "-Xms96m",
    # The JVM compiles no method of more than 8000 bytes: a large function of a module would stay interpreted bytecode
    # (SHA-256 of 8 MiB by Rust: 3.8 s with that limit, 1.0 s without).
    "-XX:-DontCompileHugeMethods",
    "-Dfile.encoding=UTF-8", "-Dsun.jnu.encoding=UTF-8",
)  # fmt: skip


@functools.cache
def _hash() -> str:
    digest = hashlib.sha256()
    for path in [_HERE / "pom.xml", _LOCK, *sorted(_HERE.glob("java/**/*.java"))]:
        digest.update(f"{path.relative_to(_HERE)}\0{path.stat().st_size}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:12]


def built() -> Path | None:
    """The folder that `build` has made of these sources."""
    folder = cache_folder("chicory") / _hash()
    return folder if (folder / "runner.jar").exists() else None


def build(log: Log) -> None:
    """Makes it where it is not there yet: whole, or not at all. Raises InstallError."""
    with locked("chicory"):
        if built():
            return
        if needs := needs_to_build():
            raise InstallError(needs)
        fresh = Path(tempfile.mkdtemp(dir=cache_folder("chicory"), prefix="build-"))
        try:
            fetch(_HERE / "pom.xml", _LOCK, fresh / "jars", log)
            _compile(fresh, log)
            place = cache_folder("chicory") / _hash()
            shutil.rmtree(place, ignore_errors=True)
            fresh.rename(place)
        finally:
            shutil.rmtree(fresh, ignore_errors=True)
        for mode in MODES:
            _archive(mode, log)


def _compile(folder: Path, log: Log) -> None:
    classes = folder / "classes"
    sources = sorted(str(path) for path in _HERE.glob("java/**/*.java"))
    execute(
        ["javac", "--release", "17", "-encoding", "UTF-8", "-nowarn",
         "-cp", str(folder / "jars" / "*"), "-d", str(classes), *sources],
        log,
    )  # fmt: skip
    execute(["jar", "--create", "--file", str(folder / "runner.jar"), "-C", str(classes), "."], log)
    shutil.rmtree(classes)


def command(mode: str, *, options: Sequence[str] | None = None) -> list[str]:
    """The command line of the runner that is built."""
    folder = built()
    assert folder
    path = ":".join(map(str, [folder / "runner.jar", *sorted(folder.glob("jars/*.jar"))]))
    # An archive that is not there, or another Java's, is not used, and nothing is said of it.
    chosen = [f"-XX:SharedArchiveFile={folder / mode}.jsa"] if options is None else options
    return ["java", *_OPTIONS, *chosen, "-cp", path, "matrix.chicory.Main", mode]


def _archive(mode: str, log: Log) -> None:
    """What a first session loads, as the JVM would have it in memory: it halves the time to the first script."""
    folder = built()
    assert folder
    fresh = folder / f"{mode}.part"
    try:
        with Session(command(mode, options=[f"-XX:ArchiveClassesAtExit={fresh}"]), grace=60.0) as session:
            session.hello()
        fresh.replace(folder / f"{mode}.jsa")
    except (RunnerFailed, OSError) as failure:  # it can do without; a run will tell why it does not start
        log(f"no archive of classes for {mode}: {failure}")
