"""What `wasm-matrix check` shows: who agrees with whom on a module, and in what they differ."""

from __future__ import annotations

import string
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.table import Table
from rich.text import Text

from conformance.check import Group, Seen, ran, unprovided
from conformance.report.summary import printable
from modules.table import Module

__all__ = ["as_data", "show"]


def as_data(
    module: Module, seen: Sequence[Seen], groups: Sequence[Group], waiting: Mapping[str, str]
) -> dict[str, Any]:
    """The same for programs: `{"module", "agree", "groups", "targets", "not_ready"}`."""
    return {
        "module": {
            "sha256": module.sha256, "size": module.size, "features": list(module.features),
            "imports": dict(module.imports), "exports": dict(module.exports), "unprovided": unprovided(module),
        },
        "agree": len(groups) == 1,
        "groups": [[one.target for one in group.members] for group in groups],
        "targets": {
            one.target: {
                "seconds": one.seconds,
                "refusal": {"cause": one.refusal[0], "reason": one.refusal[1]} if one.refusal else None,
                "answers": [{"what": a.what, "say": a.say, "result": dict(a.result)} for a in one.answers],
            }
            for one in seen
        },
        "not_ready": dict(waiting),
    }  # fmt: skip


def _letter(place: int) -> str:
    return string.ascii_uppercase[place] if place < len(string.ascii_uppercase) else f"#{place + 1}"


def show(
    name: str, module: Module, seen: Sequence[Seen], groups: Sequence[Group], waiting: Mapping[str, str], *,
    exports: bool,
) -> None:  # fmt: skip
    """To the terminal: the module, each target's time and group, what each group saw. `waiting`: targets not ready."""
    console = Console(highlight=False, soft_wrap=True)
    needs = f", needs {', '.join(module.features)}" if module.features else ""
    console.print(Text(f"{name}: {module.size} bytes, sha256 {module.sha256[:12]}{needs}", "bold"))
    for imported, type_ in unprovided(module).items():
        console.print(Text(f"  no target provides its import {imported}: {printable(type_)}", "red"))
    if exports:
        _exports(console, module)
    console.print()
    console.print(_targets(seen, groups))
    for target, say in waiting.items():
        console.print(Text(f"{target} is not ready, so not asked: {say}", "dim"))
    total = sum(len(group.members) for group in groups)
    for place, group in enumerate(groups):
        console.print()
        say = f"{_letter(place)}  {len(group.members)} of {total}"
        if place:
            say += f": {', '.join(one.target for one in group.members)}"
        elif len(groups) > 1 and 2 * len(group.members) > total:
            say += ", the majority, which need not be right"
        console.print(Text(say, "bold yellow" if place else "bold"))
        console.print(_answers(groups[0] if place else None, group))
    console.print()
    if not ran(seen):
        console.print(Text("nothing could run", "bold red"))
    elif len(groups) > 1:
        console.print(Text(f"they disagree: {len(groups)} different outcomes", "bold red"))
    else:
        console.print(Text(f"all {total} agree" if total > 1 else "one target ran: nobody to disagree with", "green"))


def _exports(console: Console, module: Module) -> None:
    grid = Table.grid(padding=(0, 2))
    for name, type_ in module.exports.items():
        grid.add_row(Text("  exports"), Text(printable(name)), Text(type_))
    console.print(grid)
    if "_start" in module.exports:
        console.print("  it is a WASI program: --wasi runs it", style="dim")


def _targets(seen: Sequence[Seen], groups: Sequence[Group]) -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("target")
    table.add_column("time", justify="right")
    table.add_column("")
    home = {one.target: _letter(place) for place, group in enumerate(groups) for one in group.members}
    for one in seen:
        if one.refusal:
            cause, reason = one.refusal
            short = " ".join(printable(reason).split())
            table.add_row(one.target, "", Text(f"{cause}: {short[:160]}{' …' if len(short) > 160 else ''}", "cyan"))
        else:
            table.add_row(one.target, f"{one.seconds * 1000:.1f} ms", Text(home[one.target], "bold"))
    return table


def _answers(first: Group | None, group: Group) -> Table:
    """All answers of the first group; of another those that differ from it."""
    grid = Table.grid(padding=(0, 2))
    for place, answer in enumerate(group.answers):
        other = first.answers[place] if first and place < len(first.answers) else None
        silent = not answer.result and len(group.answers) > 1
        if not silent and (other is None or other.say != answer.say):
            grid.add_row("  ", Text(printable(answer.what)), Text(printable(answer.say)))
    if not grid.row_count:
        grid.add_row("  ", Text("instantiated"))
    return grid
