"""`wasm-matrix versions`: where runtimes come from, and which versions of one there are."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass

import click
from rich.console import Console
from rich.table import Table

from headers_server.suggestions import meant
from runners.pins import written
from runners.registries import REGISTRIES, releases
from runners.runtime import Runtime, Target
from runners.targets import RUNTIMES

__all__ = ["versions"]


@dataclass(frozen=True)
class _Row:
    """A release; `target` is what to write for it (None: it cannot be asked), `state` whether it is pinned and here."""

    registry: str
    release: str
    date: str | None
    target: str | None
    state: str
    chief: bool
    """It is pinned, here, or the newest of its line: what is shown without --all."""


@click.command()
@click.argument("name", required=False, metavar="[RUNTIME]")
@click.option("--all", "whole", is_flag=True, help="Every release, not the newest of each line alone.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, every release.")
def versions(name: str | None, whole: bool, as_json: bool) -> None:
    """List where runtimes come from, or the releases of RUNTIME.

    Asks the registries through this machine's own tool: pip, npm, cargo, go, mvn, apt-cache.
    """
    if name is None:
        _show_runtimes(as_json)
        return
    runtime = RUNTIMES.get(name)
    if runtime is None:
        raise click.UsageError(f"unknown runtime {name!r}{meant(name, RUNTIMES, 'known', cutoff=0.4)}")
    if not runtime.sources:
        raise click.UsageError(f"{name} is the machine's own: there is no registry to ask")
    rows = _rows(runtime)
    if as_json:
        shown = [{key: value for key, value in asdict(row).items() if key != "chief"} for row in rows]
        click.echo(json.dumps({"runtime": name, "sources": _sources(runtime), "releases": shown}, indent=2))
        return
    listed = [row for row in rows if whole or row.chief]
    for source in runtime.sources:
        lists = " ".join([REGISTRIES[source.registry].lists, *filter(None, [source.python])])
        click.echo(f"{source.package} of {source.registry}, releases {lists}:\n")
        here = [row for row in listed if row.registry == source.registry]
        _print(["release", "date", "target", "state"], [[row.release, row.date, row.target, row.state] for row in here])
        click.echo()
    if len(listed) < len(rows):
        click.echo(f"{len(rows) - len(listed)} more with --all.")
    if runtime.open_versions:
        click.echo(f"Any of them may be asked by name: `{name}-VERSION`, with as much of its version as tells it.")


def _sources(runtime: Runtime) -> list[dict[str, str]]:
    return [{"registry": source.registry, "package": source.package} for source in runtime.sources]


def _show_runtimes(as_json: bool) -> None:
    if as_json:
        rows = [
            {
                "runtime": runtime.name, "sources": _sources(runtime),
                "pinned": dict(runtime.versions), "open": runtime.open_versions,
            }
            for runtime in RUNTIMES.values()
        ]  # fmt: skip
        click.echo(json.dumps(rows, indent=2))
        return
    table = []
    for runtime in RUNTIMES.values():
        registries = ", ".join(source.registry for source in runtime.sources) or "the machine"
        packages = ", ".join(dict.fromkeys(source.package for source in runtime.sources))
        pinned = ", ".join(runtime.versions.values()) or "the machine's own"
        table.append([runtime.name, registries, packages, pinned, "yes" if runtime.open_versions else "no"])
    _print(["runtime", "registry", "package", "pinned", "others by name"], table)


def _rows(runtime: Runtime) -> list[_Row]:
    """All releases, by source, newest first."""
    found = [(source.registry, release) for source in runtime.sources for release in releases(source)]
    known = {**written(runtime.name), **runtime.versions}
    pinned = {release: version for version, release in runtime.versions.items()}
    places = max((version.count(".") + 1 for version in runtime.versions), default=1)
    rows: list[_Row] = []
    lines: set[str] = set()
    for registry, release in found:
        line = ".".join(release.version.split(".")[:places])
        version = pinned.get(release.version)
        if version is None and runtime.open_versions:
            # What is not pinned or written down yet, the name of a line means the newest of.
            means = known.get(line, None if line in lines else release.version)
            version = line if means == release.version else release.version
        target = _target(runtime, version) if version else None
        state = runtime.state(target) if target else None
        here = "cannot be asked" if state is None else {"ready": "installed", "missing": state.say}.get(state.kind, "")
        said = ", ".join(part for part in ("pinned" if release.version in pinned else "", here) if part)
        newest = line not in lines and (state is None or state.kind != "missing")
        chief = newest or release.version in known.values()
        rows.append(_Row(registry, release.version, release.date, target.name if target else None, said, chief))
        lines.add(line)
    return rows


def _target(runtime: Runtime, version: str) -> Target:
    mode = next(iter(runtime.modes), "")
    return Target(f"{runtime.name}-{version}" + (f"+{mode}" if mode else ""), runtime.name, version, mode or None)


def _print(headings: Sequence[str], rows: Sequence[Sequence[str | None]]) -> None:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(cell or "" for cell in row))
    Console(soft_wrap=True).print(table)
