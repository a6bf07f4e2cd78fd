"""All commands, and what each makes of an error that a user can mend."""

from __future__ import annotations

from typing import Any

import click

from conformance.cli.check import check
from conformance.cli.features import features
from conformance.cli.grid import grid
from conformance.cli.headers import headers
from conformance.cli.list import list_
from conformance.cli.report import report
from conformance.cli.run import run
from conformance.cli.serve import serve
from conformance.cli.setup import setup
from conformance.cli.versions import versions
from conformance.config import ConfigError
from conformance.store import StoreError
from headers_server.profiles import ProfileError
from modules.lock import LockError
from modules.table import TableError
from runners.runtime import InstallError
from runners.targets import UnknownTarget

__all__ = ["commands"]

_WRONG_USAGE = (ConfigError, InstallError, LockError, ProfileError, StoreError, TableError, UnknownTarget)


class _Group(click.Group):
    """Turns the errors that a user can mend into one line and exit code 2; Ctrl-C, which click makes 1 of, into 130."""

    def invoke(self, context: click.Context) -> Any:
        try:
            return super().invoke(context)
        except _WRONG_USAGE as error:
            raise click.UsageError(str(error)) from error
        except KeyboardInterrupt:
            click.echo("interrupted", err=True)
            context.exit(130)


@click.group(cls=_Group, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(package_name="wasm-matrix")
def commands() -> None:
    """Runs one set of WebAssembly modules on many runtimes; cell by cell, what is right, how fast, and why not."""


for _command in (setup, list_, versions, features, run, report, check, serve, headers, grid):
    commands.add_command(_command)
