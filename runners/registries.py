"""The registries that versions of runtimes come from, each asked through the machine's own tool.

So the mirrors, proxies and credentials of the user's configuration hold, and no registry's address is in the project.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from bisect import bisect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from runners.provision import cache_folder
from runners.runtime import InstallError, Source

__all__ = ["REGISTRIES", "Registry", "Release", "ask", "newest", "pip", "releases"]

_RELEASE = re.compile(r"v?(\d+(?:\.\d+)*)")
_TIMEOUT = 180.0  # seconds; Maven fetches a plug-in of its own the first time


@dataclass(frozen=True)
class Release:
    """`version` is digits and dots (but for apt's own form); `date` is YYYY-MM-DD where the tool tells."""

    version: str
    date: str | None = None


@dataclass(frozen=True)
class Registry:
    """`lists` says which releases its tool shows; `releases` gives a package's, in any order. Raises InstallError."""

    lists: str
    releases: Callable[[Source], list[Release]]


def releases(source: Source) -> list[Release]:
    """A package's releases, newest first, without pre-releases. Raises InstallError, in one line."""
    found = REGISTRIES[source.registry].releases(source)
    if not found:
        raise InstallError(f"{source.registry} has no release of {source.package} for this machine")
    if source.registry == "apt":  # which has sorted them, by rules of its own
        return found
    return sorted(found, key=lambda release: _key(release.version), reverse=True)


def newest(source: Source, version: str) -> str:
    """The newest release that is `version` or begins with it: of `44` 44.0.0, of `27.0` 27.0.2.

    Raises InstallError, which names the nearest where there is none.
    """
    found = [release.version for release in releases(source)]
    for release in found:
        if release == version or release.startswith(f"{version}."):
            return release
    rising = found[::-1]
    place = bisect([_key(release) for release in rising], _key(version))
    near = " and ".join(rising[max(place - 1, 0) : place + 1])
    raise InstallError(
        f"{source.registry} has no release {version} of {source.package} for this machine; nearest: {near}"
    )


def pip() -> list[str]:
    """The command of pip for this Python, or else the one on PATH. Raises InstallError."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return [_tool("pip", "install it with `python -m ensurepip`"), "--disable-pip-version-check", "--no-input"]


def ask(command: Sequence[str], what: str, *, environment: Mapping[str, str] | None = None) -> str:
    """What a registry's tool prints, asked in an empty folder. Raises InstallError: `what`, and the tool's words."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            done = subprocess.run(
                command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=_TIMEOUT, check=False,
                env={**os.environ, "NO_COLOR": "1", **(environment or {})}, stdin=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise InstallError(f"{command[0]}: {error.strerror}") from error
        except subprocess.TimeoutExpired:
            raise InstallError(f"{what}: `{command[0]}` gave no answer within {_TIMEOUT:g} s") from None
    if done.returncode:
        said = [line.strip() for line in done.stderr.splitlines() if line.strip()] or ["no output"]
        faults = [line for line in said if re.match(r"(npm )?error|\[?ERROR|go:|E:", line, re.IGNORECASE)] or said
        raise InstallError(f"{what}: {' | '.join(faults[:2])}")
    return done.stdout


def _tool(name: str, hint: str) -> str:
    path = shutil.which(name)
    if path is None:
        raise InstallError(f"no `{name}` on PATH: {hint}")
    return path


def _key(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))


def _release(version: str, time: str | None = None) -> list[Release]:
    """A list of the one release; empty for a pre-release, which no target's name can say."""
    match = _RELEASE.fullmatch(version)
    return [Release(match[1], time[:10] if time else None)] if match else []


def _pypi(source: Source) -> list[Release]:
    python = ["--python-version", source.python] if source.python else []
    command = [*pip(), "index", "versions", "--only-binary", ":all:", *python, source.package]
    said = ask(command, f"PyPI, {source.package}")
    _, _, listed = said.partition("Available versions:")
    return [release for version in listed.partition("\n")[0].split(",") for release in _release(version.strip())]


def _npm(source: Source) -> list[Release]:
    package = source.package
    npm = _tool("npm", "install Node.js, which brings it")
    said = json.loads(ask([npm, "view", package, "versions", "time", "--json"], f"npm, {package}"))
    versions = said["versions"] if isinstance(said["versions"], list) else [said["versions"]]
    return [release for version in versions for release in _release(version, said["time"].get(version))]


def _crates(source: Source) -> list[Release]:
    package = source.package
    cargo = _tool("cargo", "install Rust")
    ask([cargo, "info", "--quiet", package], f"crates.io, {package}")
    # cargo shows the newest release alone, but keeps what it has read of the index: rows of JSON between zeros.
    home = Path(os.environ.get("CARGO_HOME") or Path.home() / ".cargo")
    files = [path for path in home.glob(f"registry/index/*/.cache/**/{package.lower()}") if path.is_file()]
    if not files:
        raise InstallError(f"crates.io, {package}: cargo keeps no index of it below {home}")
    newest_file = max(files, key=lambda path: path.stat().st_mtime)
    rows = [json.loads(row) for row in newest_file.read_bytes().split(b"\0") if row.startswith(b"{")]
    return [release for row in rows if not row["yanked"] for release in _release(row["vers"], row.get("pubtime"))]


def _go(source: Source) -> list[Release]:
    package = source.package
    command = [_tool("go", "install Go"), "list", "-m", "-json"]
    what, plain = f"Go proxy, {package}", {"GOFLAGS": "-mod=mod", "GOWORK": "off"}
    said = ask([*command, "-versions", package], what, environment=plain)
    found = [version for version in json.loads(said).get("Versions", []) if _release(version)]
    if not found:
        return []
    dated = ask([*command, *(f"{package}@{version}" for version in found)], what, environment=plain)
    rows, decoder = [], json.JSONDecoder()
    while dated := dated.lstrip():
        row, end = decoder.raw_decode(dated)
        rows.append(row)
        dated = dated[end:]
    return [release for row in rows for release in _release(row["Version"], row.get("Time"))]


def _maven(source: Source) -> list[Release]:
    package = source.package
    group, _, artifact = package.partition(":")
    # Maven shows no list, but keeps the registry's own of what it was asked for the latest of: in a folder of ours.
    repository = cache_folder("maven")
    command = [_tool("mvn", "install Apache Maven"), "--quiet", "--batch-mode", "--update-snapshots"]
    command += [f"-Dmaven.repo.local={repository}", f"-Dartifact={package}:LATEST:pom", "-Dtransitive=false"]
    ask([*command, "dependency:get"], f"Maven Central, {package}")
    folder = repository.joinpath(*group.split("."), artifact)
    listed = max(folder.glob("maven-metadata-*.xml"), key=lambda path: path.stat().st_mtime, default=None)
    if listed is None:
        raise InstallError(f"Maven Central, {package}: mvn keeps no list of versions in {folder}")
    found = ElementTree.parse(listed).iter("version")  # noqa: S314 (of the registry that jars are run from)
    return [release for version in found for release in _release(version.text or "")]


def _apt(source: Source) -> list[Release]:
    package = source.package
    said = ask([_tool("apt-cache", "this is no Debian"), "madison", package], f"apt, {package}")
    rows = [line.split("|") for line in said.splitlines()]
    return [Release(version) for version in dict.fromkeys(row[1].strip() for row in rows if len(row) > 1)]


REGISTRIES: dict[str, Registry] = {
    "PyPI": Registry("with a wheel for this machine and Python", _pypi),
    "npm": Registry("of the package for this machine", _npm),
    "crates.io": Registry("not yanked, as source", _crates),
    "Go proxy": Registry("as source", _go),
    "Maven Central": Registry("for any machine", _maven),
    "apt": Registry("that apt offers on this machine", _apt),
}
"""By the names that `Source.registry` has."""
