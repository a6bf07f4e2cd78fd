"""Jars of Maven Central, each held against its hash."""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path

from runners.provision import execute
from runners.runtime import InstallError, Log

__all__ = ["fetch"]

_COPY = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies"


def fetch(pom: Path, lock: Path, jars: Path, log: Log) -> None:
    """What a pom needs to run into the new folder `jars`: what `lock` names (as sha256sum writes it), and no more.

    Raises InstallError.
    """
    with tempfile.TemporaryDirectory(dir=jars.parent, prefix="repository-") as repository:
        execute(
            ["mvn", "-B", "-q", "-C", "-f", str(pom), f"-Dmaven.repo.local={repository}", _COPY,
             "-DincludeScope=runtime", f"-DoutputDirectory={jars}"],
            log,
        )  # fmt: skip
    wanted = {name: sha256 for sha256, name in map(str.split, lock.read_text().splitlines())}
    found = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in jars.iterdir()}
    for name in sorted(wanted.keys() | found.keys()):
        if wanted.get(name) != found.get(name):
            raise InstallError(f"{name} from Maven Central has the hash {found.get(name)}, not {wanted.get(name)}")
