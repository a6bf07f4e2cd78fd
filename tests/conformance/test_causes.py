"""Each cause of isolation, and threads that are none, has its page in docs/causes: what to send, and the standard."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from conformance.causes import CAUSES

DOCS = Path(__file__).parents[2] / "docs" / "causes"
CODES = {code.partition("/")[2]: code for code in CAUSES if code.startswith(("isolation/", "fallback/"))}
PARTS = ["Symptom", "Why", "What to send", "The standard", "See it"]


@pytest.mark.parametrize("name", CODES)
def test_a_cause_has_its_page(name: str) -> None:
    text = (DOCS / f"{name}.md").read_text(encoding="utf-8")
    assert text.startswith(f"# {CODES[name]}\n\n")
    assert CAUSES[CODES[name]][1:] in text
    assert re.findall("^## (.+)$", text, re.MULTILINE) == PARTS
    assert all(part.strip() for part in re.split("^## .+$", text, flags=re.MULTILINE))
    assert re.search("^    wasm-matrix run ", text, re.MULTILINE)


def test_no_page_is_of_a_cause_that_is_no_more_and_the_list_has_all() -> None:
    pages = {path.stem for path in DOCS.glob("*.md")} - {"README"}
    assert pages == set(CODES)
    assert re.findall(r"\]\(([a-z-]+)\.md\)", (DOCS / "README.md").read_text(encoding="utf-8")) == list(CODES)
