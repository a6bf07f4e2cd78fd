"""The report for a pull request, an issue or a wiki."""

from __future__ import annotations

from conformance.causes import explain
from conformance.report.summary import LETTERS, again, counts, groups, short_counts, targets
from conformance.store import Run

__all__ = ["render"]


def render(run: Run) -> str:
    """A table of cases and targets, then what is unexpected, then what is known."""
    columns = targets(run)
    lines = [f"# Matrix {run.id}", "", ", ".join(f"{count} {status}" for status, count in counts(run.records).items()) + ".", ""]
    lines += [f"| | {' | '.join(columns)} |", "| --- |" + " ---: |" * len(columns)]
    for row, members in groups(run.records).items():
        cells = (short_counts([record for record in members if record.target == name]) for name in columns)
        lines.append(f"| {row} | " + " | ".join(" ".join(_mark(*part) for part in parts) or "–" for parts in cells) + " |")
    letters = ", ".join(f"{letter} {status}" for status, letter in LETTERS.items() if letter)
    lines += ["", f"Number of cells that passed; {letters}; **bold**: unexpected.", ""]
    unexpected = [record for record in run.records if record.unexpected]
    if unexpected:
        lines += ["## Unexpected", ""]
        for record in unexpected:
            cause = f"`{record.cause}`: {explain(record.cause)}" if record.cause else f"expected otherwise: {record.reason}"
            lines.append(f"- **{record.status}** `{record.id}` {cause}. Again: `{again(record)}`")
        lines.append("")
    known: dict[tuple[str, str, str | None], int] = {}
    for record in run.records:
        if record.expected and record.status != "pass":
            key = (record.reason or "", record.cause or record.status, record.link)
            known[key] = known.get(key, 0) + 1
    if known:
        lines += ["## Known", ""]
        for (reason, cause, link), count in sorted(known.items()):
            lines.append(f"- {count} × `{cause}`: {reason}" + (f" ([link]({link}))" if link else ""))
        lines.append("")
    if run.notes:
        lines += ["## Notes", "", *(f"- {note}" for note in run.notes), ""]
    for name in columns:
        hello = run.targets.get(name)
        lines.append(f"- {name}: {hello['runtime']} {hello['version']}" if hello else f"- {name}: did not run")
    return "\n".join(lines) + "\n"


def _mark(text: str, shade: str) -> str:
    return f"**{text}**" if shade == "unexpected" else text
