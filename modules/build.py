"""Builds the compiled set from its sources and compares it with `dist/`: `python -m modules.build --help`."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from fnmatch import fnmatchcase
from time import monotonic

from modules.binary import BinaryError, read_border
from modules.lock import LIMIT, Locked, LockError, digest, dist_size, write_module
from modules.table import HERE, Build, Table, TableError, load
from modules.workshop import BuildError, Missing, compile_module, probe, source_files, source_hash

__all__ = ["main"]

OK, FAILED, USAGE, NOTHING = range(4)
DIST = HERE / "dist"

EPILOG = """exit code: 0 all that could be built is as in dist/; 1 a mismatch or a failed build;
2 wrong usage or a faulty table; 3 nothing could be built (no toolchain is there).
A toolchain that is not there is named, and does not stop the others."""


class UsageError(Exception):
    """The command line names what is not there."""


def main(argv: Sequence[str] | None = None) -> int:
    """The command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m modules.build", description=__doc__, epilog=EPILOG)
    parser.add_argument("ids", nargs="*", metavar="ID", help="modules to build; patterns such as 'wat-*' too (all)")
    parser.add_argument("--update", action="store_true", help="write dist/ and its lock instead of comparing")
    parser.add_argument("--list", action="store_true", help="show each module and whether its toolchain is here")
    parser.add_argument("--keep-going", action="store_true", help="build the others after a failure")
    options = parser.parse_args(argv)
    try:
        table = load()
        chosen = _choose(table, options.ids)
    except (TableError, LockError, UsageError) as error:
        print(error, file=sys.stderr)
        return USAGE
    if options.list:
        _list(table, chosen)
        return OK
    return _build_all(table, chosen, options.update, options.keep_going)


def _choose(table: Table, ids: Sequence[str]) -> list[Build]:
    """The rows that the patterns name, in the table's order."""
    for pattern in ids:
        if not any(fnmatchcase(key, pattern) for key in table.builds):
            close = get_close_matches(pattern, table.builds, n=1)
            raise UsageError(f"no module is named {pattern}" + (f" (did you mean {close[0]}?)" if close else ""))
    rows = table.builds.items()
    return [row for key, row in rows if not ids or any(fnmatchcase(key, pattern) for pattern in ids)]


def _versions(table: Table, build: Build) -> dict[str, str] | Missing:
    """The version of each toolchain that the module needs, or the first one that is not there."""
    versions = {}
    for name in build.toolchain:
        state = probe(table.toolchains[name])
        if isinstance(state, Missing):
            return Missing(f"toolchain {name}: {state.reason}", state.install)
        versions[name] = state
    return versions


def _build_all(table: Table, chosen: Iterable[Build], update: bool, keep_going: bool) -> int:
    built, failed = 0, False
    missing: dict[Missing, list[str]] = {}
    for build in chosen:
        versions = _versions(table, build)
        if isinstance(versions, Missing):
            missing.setdefault(versions, []).append(build.id)
            continue
        start = monotonic()
        try:
            said = _build(table, build, versions, update)
            built += 1
            print(f"{build.id}: {said} ({monotonic() - start:.1f} s)", flush=True)
        except BuildError as error:
            failed = True
            print(f"{build.id}: FAILED: {error}", file=sys.stderr, flush=True)
            if not keep_going:
                break
    for what, ids in missing.items():
        print(f"not built: {', '.join(ids)}\n  {what.reason}\n  to install: {what.install.strip()}", file=sys.stderr)
    if (size := dist_size(DIST)) >= LIMIT:
        print(f"dist/ has {size:,} bytes; it must stay below {LIMIT:,}", file=sys.stderr)
        failed = True
    if failed:
        return FAILED
    return OK if built or not missing else NOTHING


def _build(table: Table, build: Build, versions: dict[str, str], update: bool) -> str:
    """Makes one module and compares or records it; what to say of it. Errors: `BuildError`."""
    source = source_hash(build)
    wasm = compile_module(build, [table.toolchains[name] for name in build.toolchain])
    fresh = _entry(build, wasm, versions, source)
    locked = table.lock.get(build.id)
    if update:
        write_module(DIST, build.id, wasm, fresh)
        return f"{'unchanged' if locked == fresh else 'written'}, {fresh.size:,} bytes, {fresh.sha256[:16]}"
    if locked is None:
        raise BuildError("not in dist/lock.json yet: record it with --update")
    if fresh.sha256 != locked.sha256:
        raise BuildError(_mismatch(fresh, locked))
    if (fresh.source_sha256, fresh.commands) != (locked.source_sha256, locked.commands):
        raise BuildError(
            "the same module, but its sources or commands are not those of the lock: record them with --update"
        )
    file = DIST / f"{build.id}.wasm"
    if not file.is_file() or digest(file.read_bytes()) != locked.sha256:
        raise BuildError(f"{file} is not the module that the lock describes: write it with --update")
    by = "" if versions == locked.toolchain else f", though dist/ was built by {'; '.join(locked.toolchain.values())}"
    return f"as in dist/{by}, {fresh.size:,} bytes, {fresh.sha256[:16]}"


def _entry(build: Build, wasm: bytes, versions: dict[str, str], source: str) -> Locked:
    try:
        border = read_border(wasm)
    except BinaryError as error:
        raise BuildError(f"what its commands wrote is no module: {error}") from None
    return Locked(
        sha256=digest(wasm),
        size=len(wasm),
        source_sha256=source,
        toolchain=versions,
        commands=build.commands,
        imports=border.imports,
        exports=border.exports,
        memory=border.memory,
    )


def _mismatch(fresh: Locked, locked: Locked) -> str:
    def show(entry: Locked) -> str:
        return f"{entry.sha256}, {entry.size:,} bytes, by {'; '.join(entry.toolchain.values())}"

    lines = ["not the module of dist/", f"    dist/ {show(locked)}", f"    built {show(fresh)}"]
    if fresh.source_sha256 != locked.source_sha256:
        lines.append("    the sources are not those that dist/ was built from")
    if fresh.commands != locked.commands:
        lines.append("    the commands are not those that dist/ was built by")
    return "\n".join(lines)


def _list(table: Table, chosen: Sequence[Build]) -> None:
    """One line a module, then how to install what is not there."""
    missing: dict[Missing, None] = {}
    width = max((len(build.id) for build in chosen), default=0)
    for build in chosen:
        versions = _versions(table, build)
        if isinstance(versions, Missing):
            missing[versions] = None
            here = f"cannot be built: {versions.reason}"
        else:
            here = "; ".join(versions.values())
        print(f"{build.id:{width}}  {_state(table, build):14}  {' '.join(build.jobs) or build.variant}  [{here}]")
    for what in missing:
        print(f"\n{what.reason}\n  to install: {what.install.strip()}")


def _state(table: Table, build: Build) -> str:
    """How `dist/` stands to the sources, without building."""
    locked = table.lock.get(build.id)
    if locked is None:
        return "not in dist/"
    if not source_files(build):
        return "in dist/"
    if (locked.source_sha256, locked.commands) != (source_hash(build), build.commands):
        return "sources newer"
    return "in dist/"


if __name__ == "__main__":
    sys.exit(main())
