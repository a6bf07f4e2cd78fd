"""Builds the compiled set from its sources and compares it with `dist/`: `python -m modules.build --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path
from time import monotonic

from modules.binary import BinaryError, read_border
from modules.lock import LIMIT, Locked, LockError, digest, dist_size, write_module
from modules.table import HERE, Build, Table, TableError, did_you_mean, load
from modules.workshop import BuildError, Made, Missing, Workshop

__all__ = ["main"]

OK, FAILED, USAGE, NOTHING = range(4)

EPILOG = """exit code: 0 all that could be built is as in dist/; 1 a mismatch or a failed build;
2 wrong usage or a faulty table; 3 nothing could be built (no toolchain is there).
A toolchain that is not there is named, and does not stop the others."""


class UsageError(Exception):
    """The command line names what is not there."""


def main(argv: Sequence[str] | None = None, folder: Path = HERE) -> int:
    """The command line, for the table in `folder`; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m modules.build", description=__doc__, epilog=EPILOG)
    parser.add_argument("ids", nargs="*", metavar="ID", help="modules to build; patterns such as 'wat-*' too (all)")
    parser.add_argument("--update", action="store_true", help="write dist/ and its lock instead of comparing")
    parser.add_argument("--list", action="store_true", help="show each module and whether its toolchain is here")
    parser.add_argument("--keep-going", action="store_true", help="build the others after a failure")
    options = parser.parse_args(argv)
    try:
        table = load(folder)
        chosen = _choose(table, options.ids)
    except (TableError, LockError, UsageError) as error:
        _complain(str(error))
        return USAGE
    job = _Job(table, Workshop(folder), folder / "dist")
    if options.list:
        job.list(chosen)
        return OK
    return job.run(chosen, options.update, options.keep_going)


def _choose(table: Table, ids: Sequence[str]) -> list[Build]:
    """The rows that the patterns name, in the table's order."""
    for pattern in ids:
        if not any(fnmatchcase(key, pattern) for key in table.builds):
            raise UsageError(f"no module is named {pattern}{did_you_mean(pattern, table.builds)}")
    rows = table.builds.items()
    return [row for key, row in rows if not ids or any(fnmatchcase(key, pattern) for pattern in ids)]


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


@dataclass(frozen=True)
class _Job:
    """One run of the command line. `states`: the toolchains that were already asked."""

    table: Table
    workshop: Workshop
    dist: Path
    states: dict[str, str | Missing] = field(default_factory=dict)

    def versions(self, build: Build) -> dict[str, str] | Missing:
        """The version of each toolchain that the module needs, or the first one that is not there."""
        versions = {}
        for name in build.toolchain:
            if name not in self.states:
                self.states[name] = self.workshop.probe(self.table.toolchains[name])
            state = self.states[name]
            if isinstance(state, Missing):
                return Missing(f"toolchain {name}: {state.reason}", state.install)
            versions[name] = state
        return versions

    def run(self, chosen: Iterable[Build], update: bool, keep_going: bool) -> int:
        """Makes the modules one after the other; the exit code."""
        built, failed = 0, False
        missing: dict[Missing, list[str]] = {}
        for build in chosen:
            versions = self.versions(build)
            if isinstance(versions, Missing):
                missing.setdefault(versions, []).append(build.id)
                continue
            start = monotonic()
            try:
                said = self.build(build, versions, update)
                built += 1
                _say(f"{build.id}: {said} ({monotonic() - start:.1f} s)")
            except BuildError as error:
                failed = True
                _complain(f"{build.id}: FAILED: {error}")
                if not keep_going:
                    break
        for what, ids in missing.items():
            _complain(f"not built: {', '.join(ids)}\n  {what.reason}\n  to install: {what.install.strip()}")
        if (size := dist_size(self.dist)) >= LIMIT:
            _complain(f"{self.dist} has {size:,} bytes; it must stay below {LIMIT:,}")
            failed = True
        if failed:
            return FAILED
        return OK if built or not missing else NOTHING

    def build(self, build: Build, versions: dict[str, str], update: bool) -> str:
        """Makes one module and compares or records it; what to say of it. Errors: `BuildError`."""
        source = self.workshop.source_hash(build)
        made = self.workshop.make(build, [self.table.toolchains[name] for name in build.toolchain])
        fresh = _entry(build, made, versions, source)
        locked = self.table.lock.get(build.id)
        if update:
            write_module(self.dist, build.id, made.wasm, fresh, made.beside)
            return f"{'unchanged' if locked == fresh else 'written'}, {fresh.size:,} bytes, {fresh.sha256[:16]}"
        if locked is None:
            raise BuildError("not in dist/lock.json yet: record it with --update")
        if (fresh.sha256, fresh.beside) != (locked.sha256, locked.beside):
            raise BuildError(_mismatch(fresh, locked))
        if (fresh.source_sha256, fresh.commands) != (locked.source_sha256, locked.commands):
            raise BuildError(
                "the same module, but of other sources or commands than the lock says: record them with --update"
            )
        for name, sha256 in {f"{build.id}.wasm": locked.sha256, **locked.beside}.items():
            file = self.dist / name
            if not file.is_file() or digest(file.read_bytes()) != sha256:
                raise BuildError(f"{file} is not what the lock describes: write it with --update")
        by = "" if versions == locked.toolchain else f" (built by {_by(locked)}, and now by {_by(fresh)})"
        return f"as in dist/{by}, {fresh.size:,} bytes, {fresh.sha256[:16]}"

    def list(self, chosen: Sequence[Build]) -> None:
        """One line a module, then how to install what is not there."""
        missing: dict[Missing, None] = {}
        width = max((len(build.id) for build in chosen), default=0)
        for build in chosen:
            versions = self.versions(build)
            if isinstance(versions, Missing):
                missing[versions] = None
                here = f"cannot be built: {versions.reason}"
            else:
                here = "; ".join(versions.values())
            _say(f"{build.id:{width}}  {self.state(build):14}  {' '.join(build.jobs) or build.variant}  [{here}]")
        for what in missing:
            _say(f"\n{what.reason}\n  to install: {what.install.strip()}")

    def state(self, build: Build) -> str:
        """How `dist/` stands to the sources, without building."""
        locked = self.table.lock.get(build.id)
        if locked is None:
            return "not in dist/"
        if (locked.source_sha256, locked.commands) != (self.workshop.source_hash(build), build.commands):
            return "sources differ"
        return "in dist/"


def _entry(build: Build, made: Made, versions: dict[str, str], source: str) -> Locked:
    try:
        border = read_border(made.wasm)
    except BinaryError as error:
        raise BuildError(f"what its commands wrote is no module: {error}") from None
    return Locked(
        sha256=digest(made.wasm),
        size=len(made.wasm),
        source_sha256=source,
        toolchain=versions,
        commands=build.commands,
        imports=border.imports,
        exports=border.exports,
        memory=border.memory,
        beside={name: digest(content) for name, content in made.beside.items()},
    )


def _by(entry: Locked) -> str:
    return "; ".join(entry.toolchain.values())


def _mismatch(fresh: Locked, locked: Locked) -> str:
    lines = ["not the module of dist/"]
    for name, entry in (("dist/", locked), ("built", fresh)):
        lines.append(f"    {name} {entry.sha256}, {entry.size:,} bytes, by {_by(entry)}")
    lines += [f"    {name} differs" for name in fresh.beside if fresh.beside[name] != locked.beside.get(name)]
    if fresh.source_sha256 != locked.source_sha256:
        lines.append("    the sources are not those that dist/ was built from")
    if fresh.commands != locked.commands:
        lines.append("    the commands are not those that dist/ was built by")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.exit(main())
