"""`wasm-matrix run`: the matrix. A thin line over pytest; cells go into the store as they finish."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

import click
import pytest
from _pytest.mark.expression import Expression

from conformance.cli._options import matrix_option, store_option, write
from conformance.plan import unmatched
from conformance.progress import Reporter
from conformance.report import render
from conformance.report.text import summary
from conformance.settings import Matrix, Settings
from conformance.store import Run, Store, StoreError, cores
from runners.browser import grid
from runners.installation import Progress
from runners.processes import guarded, sweep_scratch
from runners.runtime import Target
from runners.stress import KINDS, busy, lacking
from runners.targets import runtime_of

__all__ = ["run"]

_INI = Path(__file__).with_name("pytest.ini")
_MANY = 1000  # repeats of --until-fail
_RANK = {"ready": 0, "unsupported": 0, "installable": 1, "missing": 2}


@click.command()
@click.option(
    "-k", "expression", metavar="EXPR", help="Only cells whose id matches, as in pytest: 'barrier and not chromium'."
)
@click.option("--target", "targets", multiple=True, metavar="T", help="Only this target; may be repeated.")
@click.option(
    "--profile", "profiles", multiple=True, metavar="P",
    help="Only browsers, under the profiles of this pattern ('*': all that there are); may be repeated.",
)  # fmt: skip
@click.option(
    "--case", "cases", multiple=True, metavar="C", help="Only cases of this pattern: 'sha256/*'; may be repeated."
)
@click.option(
    "-n",
    "workers",
    type=click.IntRange(min=0),
    metavar="N",
    help="Processes side by side; 0: this one.  [default: one a core]",
)
@click.option(
    "--repeat", type=click.IntRange(min=1), metavar="N", help="Ask each cell N times.  [default: as its case says]"
)
@click.option(
    "--until-fail",
    is_flag=True,
    help=f"Ask each cell until it does not pass, at most N times.  [default: {_MANY}]",
)
@click.option("--stress", multiple=True, type=click.Choice(list(KINDS)), help="Disturb the timing; may be repeated.")
@click.option("-x", "stop", is_flag=True, help="Stop at the first unexpected cell.")
@click.option(
    "--lf",
    "last_failed",
    is_flag=True,
    help="Only cells that were unexpected when they last ran; all when none was.",
)
@click.option(
    "--setup",
    "do_setup",
    is_flag=True,
    help="Install what targets need beside the matrix; their cells join as it is ready.",
)
@click.option("--grid", "grid_url", metavar="URL", help="Ask the browsers of this Selenium Grid, not this machine's.")
@click.option(
    "--announce",
    metavar="ADDRESS",
    help="Where browsers of a Grid elsewhere reach this machine: pages are served there, by https, during the run.",
)
@click.option("--require-all", is_flag=True, help="A target that could not run makes the exit code 1.")
@click.option(
    "--html",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the HTML report goes.  [default: beside the store]",
)
@matrix_option
@store_option
def run(
    expression: str | None, targets: tuple[str, ...], profiles: tuple[str, ...], cases: tuple[str, ...],
    workers: int | None,
    repeat: int | None, until_fail: bool, stress: tuple[str, ...], stop: bool, last_failed: bool, do_setup: bool,
    grid_url: str | None, announce: str | None, require_all: bool, html: Path | None, matrix: Path, store: Path,
) -> None:  # fmt: skip
    """Run the matrix.

    Live progress, then a table of cases and targets, and where the report is.
    """
    if expression:
        _parsed(expression)
    if stress and (why := lacking()):
        raise click.UsageError(f"--stress: {why}")
    _on_grid(grid_url, announce)
    loaded = Matrix(matrix)
    chosen = loaded.config.chosen(targets, profiles)
    if profiles and not chosen:
        known = ", ".join(loaded.config.known_profiles)
        raise click.UsageError(
            f"no browser among the targets has a profile {' or '.join(profiles)}; there are: {known}"
        )
    order = sorted(chosen, key=_rank)
    settings = Settings(
        tuple(target.name for target in order), cases, files=loaded.files,
        repeat=repeat or (_MANY if until_fail else None), until_fail=until_fail, stress=stress,
    )  # fmt: skip
    if not loaded.cells(settings):
        raise click.UsageError(f"no cell of {matrix} is chosen; `wasm-matrix list cells` shows all")
    notes = [
        f"{matrix}:{known.line}: this expectation matches no cell; delete it or mend its patterns ({known.reason})"
        for known in unmatched(loaded.config.expectations, loaded.cells(Settings()))
    ]
    sweep_scratch()
    opened = Store(store)
    if html is not None:
        write(html)
    installer: subprocess.Popen[bytes] | None = None
    with tempfile.TemporaryDirectory(prefix="wasm-matrix-run-") as folder:
        try:
            waiting = [target for target in order if runtime_of(target).state(target).kind == "installable"]
            if do_setup and waiting:
                settings, installer = _install_beside(settings, waiting, matrix, Path(folder))
            run_id = opened.begin(
                shlex.join(["wasm-matrix", *sys.argv[1:]]), str(matrix), [target.name for target in chosen]
            )
            reporter = Reporter(opened, run_id)
            if workers is None:
                workers = min(cores(), len(order))
            selection = ["-k", expression] if expression else []
            selection += ["--lf"] if last_failed else []
            selection += ["--maxfail=1"] if stop else []
            with busy() if "busy" in stress else nullcontext():
                code = pytest.main([*_arguments(matrix, store, settings, workers), *selection], plugins=[reporter])
        finally:
            if installer is not None and installer.poll() is None:
                installer.terminate()
                installer.wait()
    try:
        result = opened.finish(run_id, notes)
    except StoreError as error:  # a full disk
        result = replace(opened.load(run_id), notes=tuple(notes))
        reporter.trouble = reporter.trouble or str(error)
    if not result.records:
        opened.forget(run_id)
        if code in (pytest.ExitCode.NO_TESTS_COLLECTED, pytest.ExitCode.OK):
            hint = "`wasm-matrix list cells` shows all"
            raise click.UsageError(f"no cell of {matrix} is chosen by -k {expression!r}; {hint}")
        click.echo(reporter.trouble or "no cell was finished", err=True)
        sys.exit(130 if code == pytest.ExitCode.INTERRUPTED else 2)
    opened.close()
    summary(result)
    _page(result, html or store.parent / f"{run_id}.html", store)
    if reporter.trouble:
        click.echo(reporter.trouble, err=True)
    sys.exit(_exit_code(code, result, reporter.trouble, stop=stop, require_all=require_all))


def _parsed(expression: str) -> None:
    """Raises click.UsageError: pytest would say so in each of its workers, which none of them survives."""
    try:
        Expression.compile(expression)
    except SyntaxError as error:
        raise click.UsageError(f"-k {expression!r}: {error.msg}") from error


def _on_grid(url: str | None, address: str | None) -> None:
    """For this process and those that it starts. A Grid's browsers reach the loopback only where it is here, too."""
    if url is None:
        if address is not None:
            raise click.UsageError("--announce is for browsers of a Grid: --grid URL")
        return
    if not grid.is_here(url) and address is None:
        raise click.UsageError(
            f"--grid {url}: its browsers do not reach this machine's loopback; name an address of this machine that"
            " they reach: --announce ADDRESS"
        )
    try:
        grid.browsers_of(url)
    except grid.GridError as error:
        raise click.UsageError(str(error)) from error
    os.environ[grid.URL] = url
    if address is not None:
        os.environ[grid.ADDRESS] = address


def _exit_code(code: int, run: Run, trouble: str, *, stop: bool, require_all: bool) -> int:
    """0 as expected, 1 unexpected, 2 pytest or the suite could not work, 3 no runtime could be asked, 130 Ctrl-C."""
    unexpected = any(record.unexpected for record in run.records)
    if code == pytest.ExitCode.INTERRUPTED and stop and unexpected:
        code = pytest.ExitCode.TESTS_FAILED  # pytest-xdist stops by an interruption
    if code == pytest.ExitCode.INTERRUPTED:
        return 130
    if trouble or code not in (pytest.ExitCode.OK, pytest.ExitCode.TESTS_FAILED):
        return 2
    if not run.targets:
        return 3
    missing = require_all and any(record.status == "missing" for record in run.records)
    return int(missing or bool(run.notes) or unexpected)


def _page(run: Run, page: Path, store: Path) -> None:
    """The HTML report and where it is, or why it could not be written: that takes nothing away from the run."""
    try:
        write(page, render(run, "html"))
        click.echo(f"report: {page}")
    except click.UsageError as error:
        stored = f"the run is stored: wasm-matrix report --store {store} --format html -o FILE"
        click.echo(f"{error.message}; {stored}", err=True)


def _rank(target: Target) -> tuple[int, int]:
    """What is ready runs first, what must be installed later, what is built for long last."""
    state = runtime_of(target).state(target)
    return _RANK[state.kind], state.minutes


def _install_beside(
    settings: Settings, targets: list[Target], matrix: Path, folder: Path
) -> tuple[Settings, subprocess.Popen[bytes]]:
    """Starts `wasm-matrix setup` in a process of its own; the cells of its targets wait for it."""
    progress = Progress(folder / "progress.json")
    names = [target.name for target in targets]
    with (folder / "setup.log").open("wb") as log:
        installer = subprocess.Popen(
            [
                *guarded(signal.SIGTERM), sys.executable, "-m", "conformance.cli", "setup", "--matrix", str(matrix),
                "--progress", str(progress.path), *names,
            ],
            stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
        )  # fmt: skip
    if not progress.path.exists():  # it takes a moment to write its own
        progress.write(dict.fromkeys(names, "waiting"), installer.pid)
    return replace(settings, progress=str(progress.path)), installer


def _arguments(matrix: Path, store: Path, settings: Settings, workers: int) -> list[str]:
    cache = store.resolve().parent / "pytest"
    # The matrix is named from here: in a path pytest takes `[` and `::` for its own, in the user's folder, too.
    return [
        "-c", str(_INI), "--rootdir", str(matrix.resolve().parent), "-o", f"cache_dir={cache}", "-qq", "--no-header",
        "--no-summary", "--tb=no", "--disable-plugin-autoload", "-p", "xdist", "-p", "conformance.plugin",
        "--matrix-settings", settings.text(), "-n", str(workers), os.path.relpath(matrix.resolve()),
    ]  # fmt: skip
