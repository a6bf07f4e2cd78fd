"""The documentation: its links lead somewhere, and its commands are commands with these options."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import click
import pytest

from conformance.cli._commands import commands

ROOT = Path(__file__).parents[1]
FOLDERS = ("docs", "examples", "modules", "runners")
PAGES = [
    *ROOT.glob("*.md"),
    *(page for name in FOLDERS for page in (ROOT / name).rglob("*.md") if "node_modules" not in page.parts),
]
COMMAND = re.compile(r"(?:^ +(?:\$ )?|`)wasm-matrix ([a-z]+)([^`\n]*)", re.MULTILINE)


def headings(page: Path) -> list[str]:
    """Those of its text, without the comments of its code."""
    text = re.sub(r"^```.*?^```", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    return re.findall(r"^#+ (.*)", text, re.MULTILINE)


def anchor(heading: str) -> str:
    """As GitHub makes it: letters, digits, hyphens and underscores stay, spaces become hyphens."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


def by_path(page: Path) -> str:
    return str(page.relative_to(ROOT))


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_its_links_lead_somewhere(page: Path) -> None:
    """To a file that there is, and a heading of it."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
    for link in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
        path, _, section = link.partition("#")
        linked = (page.parent / path).resolve() if path else page
        assert linked.exists(), link
        if section:
            assert section in {anchor(heading) for heading in headings(linked)}, link


@pytest.mark.parametrize("page", PAGES, ids=by_path)
def test_its_commands_are_there(page: Path) -> None:
    """With the options that they are written with."""
    for name, rest in COMMAND.findall(page.read_text(encoding="utf-8")):
        command = commands.commands[name]
        arguments = [word for word in shlex.split(rest, comments=True) if word != "…"]
        command.make_parser(click.Context(command)).parse_args(arguments)


def test_each_finding_is_in_the_table_at_the_top() -> None:
    page = ROOT / "docs" / "findings.md"
    rows = set(re.findall(r"^\| .*?\]\(#([^)]+)\)", page.read_text(encoding="utf-8"), re.MULTILINE))
    assert {anchor(heading) for heading in headings(page)} - rows == {"findings"}
