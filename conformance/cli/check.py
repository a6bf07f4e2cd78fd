"""`wasm-matrix check`: a module of the user's own on every target there is, and where they disagree."""

from __future__ import annotations

import json
import shlex
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from conformance.case import Script
from conformance.check import Seen, ask, entries_of, grouped, ran, unprovided
from conformance.cli._options import chosen_targets, matrix_option
from conformance.config import load_steps
from conformance.own import module_of, wasm_fault
from conformance.report.agreement import as_data, show
from conformance.scene import Scene, StepFault, written
from conformance.snapshot import FileFault, Snapshot, keep
from conformance.steps import Invoke
from modules.binary import BinaryError
from modules.table import SHARED, Module
from modules.table import load as load_table
from runners.processes import sweep_scratch
from runners.provision import cache_folder
from runners.runtime import Target
from runners.targets import runtime_of

__all__ = ["check"]


@click.command()
@click.argument("file", type=click.Path(path_type=Path), metavar="MODULE.wasm")
@click.argument("arguments", nargs=-1, metavar="[-- ARGS…]")
@click.option("--target", "targets", multiple=True, metavar="T", help="Only this target; may be repeated.")
@click.option("--call", "calls", multiple=True, metavar="C", help="Call an export: 'add 2 3'; may be repeated.")
@click.option("--wasi", is_flag=True, help="Run it as a WASI program, with ARGS.")
@click.option("--stdin", type=click.Path(path_type=Path, dir_okay=False), metavar="F", help="Its standard input.")
@click.option("--dir", "folders", multiple=True, metavar="HOST::GUEST", help="A copy of a folder for it; repeatable.")
@click.option("--collect", "collected", multiple=True, metavar="PATH", help="A file that it makes, to be compared.")
@click.option("--env", "variables", multiple=True, metavar="K=V", help="A variable of its environment; repeatable.")
@click.option("--script", type=click.Path(path_type=Path), metavar="F", help="Steps to be carried out, in YAML.")
@click.option("--deadline", type=click.FloatRange(0.1, 3600), default=10.0, show_default=True, help="Seconds a target.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@matrix_option
def check(
    file: Path, arguments: tuple[str, ...], targets: tuple[str, ...], calls: tuple[str, ...], wasi: bool,
    stdin: Path | None, folders: tuple[str, ...], collected: tuple[str, ...], variables: tuple[str, ...],
    script: Path | None, deadline: float, as_json: bool, matrix: Path,
) -> None:  # fmt: skip
    """Run a module of your own on every target that is ready, and show where they disagree.

    No answer is expected: targets are compared with each other. Without --call, --wasi or --script it is compiled and
    instantiated. Exit codes: 0 all agree, 1 they disagree, 2 wrong usage, 3 nothing could run.
    """
    if sum((bool(calls), wasi, script is not None)) > 1:
        raise click.UsageError("one of --call, --wasi and --script is enough")
    if arguments and not wasi:
        raise click.UsageError(
            f"arguments ({shlex.join(arguments)}) are for --wasi; a call has its own: --call 'add 2 3'"
        )
    module = _load(file)
    modules = {module.id: module}
    if module.abi == "instances":
        modules |= {SHARED: load_table().modules[SHARED]}
    grant = _grant(stdin, folders, variables)
    commands = _wasi(module, arguments, grant, collected) if wasi else _commands(module, modules, calls, script, grant)
    config, chosen = chosen_targets(matrix, targets)
    states = {target: runtime_of(target).state(target) for target in chosen}
    ready = [target for target, state in states.items() if state.kind == "ready"]
    sweep_scratch()
    seen = _ask_all(ready, commands, module, modules, deadline, config.memory_limit << 20)
    groups = grouped(seen)
    waiting = {target.name: state.say for target, state in states.items() if state.kind != "ready"}
    if as_json:
        click.echo(json.dumps(as_data(module, seen, groups, waiting), indent=1))
    else:
        show(str(file), module, seen, groups, waiting, exports=not (calls or wasi or script))
    sys.exit(3 if not ran(seen) else int(len(groups) > 1))


# ---- what is asked


def _load(file: Path) -> Module:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise click.UsageError(f"{file}: {error.strerror}") from error
    if fault := wasm_fault(content):
        raise click.UsageError(f"{file} {fault}")
    try:
        path, digest = keep(content, cache_folder("data"))
        return module_of(file.stem, content, path, digest)
    except (BinaryError, FileFault) as error:
        raise click.UsageError(f"{file}: {error}") from error


def _grant(stdin: Path | None, folders: Sequence[str], variables: Sequence[str]) -> dict[str, Any]:
    grant: dict[str, Any] = {"env": {}, "preopens": []}
    for variable in variables:
        name, equals, value = variable.partition("=")
        if not name or not equals:
            raise click.UsageError(f"--env {variable}: NAME=VALUE is wanted")
        grant["env"][name] = value
    for folder in folders:
        host, colons, guest = folder.partition("::")
        if not colons or not guest.startswith("/"):
            raise click.UsageError(f"--dir {folder}: HOST::GUEST is wanted, such as .::/data")
        if not Path(host).is_dir():
            raise click.UsageError(f"--dir {folder}: no such folder: {host}")
        entries, files, left_out = entries_of(Path(host))
        if left_out:
            click.echo(f"--dir {folder}: symbolic links are left out: {', '.join(left_out)}", err=True)
        grant["preopens"].append({"guest": guest.rstrip("/") or "/", "entries": entries, "files": files})
    if stdin:
        try:
            grant["stdin"] = stdin.read_bytes()
        except OSError as error:
            raise click.UsageError(f"--stdin {stdin}: {error.strerror}") from error
    return grant


def _sent(grant: dict[str, Any]) -> dict[str, Any]:
    folders = [{"guest": one["guest"], "entries": one["entries"]} for one in grant["preopens"]]
    return {**grant, "preopens": folders}


def _wasi(module: Module, arguments: Sequence[str], grant: dict[str, Any], collected: Sequence[str]) -> Script:
    if "_start" not in module.exports:
        raise click.UsageError(f"{module.id} is no WASI program: it exports no '_start'; --call calls an export")
    copied = [f"{one['guest'].rstrip('/')}/{name}" for one in grant["preopens"] for name in one["files"]]
    return [
        {"type": "wasi", "module": module.id, "args": [f"{module.id}.wasm", *arguments], **_sent(grant),
         "collect": [*copied, *collected]}
    ]  # fmt: skip


def _commands(
    module: Module, modules: Mapping[str, Module], calls: Sequence[str], script: Path | None, grant: dict[str, Any]
) -> Script:
    """An instance, with the memory that it imports and WASI's grant, and what is asked of it."""
    memories = []
    for name, type_ in (imported for one in modules.values() for imported in one.imports.items()):
        if type_.startswith("memory ") and name not in unprovided(module):
            low, _, high = type_.removeprefix("memory ").removesuffix(" shared").partition("..")
            limits = {"minimum": int(low), "maximum": int(high) if high else None, "shared": type_.endswith("shared")}
            memories.append({"type": "memory", "as": name.split(".", 1), **limits})
    if script:
        steps: Sequence[Any] = load_steps(script)
        folder = script.resolve().parent
    else:
        steps, folder = [_call(call) for call in calls], Path()
    try:
        commands = written(steps, Scene(module, modules, Snapshot(folder).read))
    except StepFault as error:
        where = f"{script}: step {error.index}" if script else f"--call {calls[error.index]!r}"
        raise click.UsageError(f"{where}: {error}") from error
    for command in commands:
        if command["type"] == "module" and "wasi" not in command:
            command["wasi"] = {"args": [f"{module.id}.wasm"], **_sent(grant)}
    made = [command["as"] for command in commands if command["type"] == "memory"]
    return [*(memory for memory in memories if memory["as"] not in made), *commands]


def _call(call: str) -> Invoke:
    try:
        words = shlex.split(call)
    except ValueError as error:
        raise click.UsageError(f"--call {call!r}: {error}") from error
    if not words:
        raise click.UsageError("--call: the name of an export is wanted, and its arguments: 'add 2 3'")
    return Invoke(invoke=words[0], args=tuple(words[1:]))


def _ask_all(
    ready: Sequence[Target], commands: Script, module: Module, modules: Mapping[str, Module], deadline: float,
    limit: int,
) -> list[Seen]:  # fmt: skip
    """One after the other: side by side their times would be each other's."""
    seen = []
    with Console(stderr=True).status("") as status:
        for target in ready:
            status.update(f"asking {target.name}")
            seen.append(ask(target, commands, module, modules, deadline, limit))
    return seen
