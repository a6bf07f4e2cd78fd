"""`wasm-matrix serve`: a folder of the user's with the headers of a profile."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import click

from conformance.cli._options import matrix_option
from conformance.config import load_config
from headers_server.describe import catalogue
from headers_server.folder import FolderError, serve_folder
from headers_server.origin import ListenError
from headers_server.profiles import shipped

__all__ = ["serve"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR", required=False)
@click.option("--profile", default="isolated", show_default=True, metavar="P", help="Which headers; see --list.")
@click.option("--list", "listed", is_flag=True, help="List the profiles, each with why it is there and its headers.")
@matrix_option
@click.option(
    "--host",
    default="localhost",
    show_default=True,
    help="Where to listen; other machines see only what you open here.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
def serve(folder: Path | None, profile: str, listed: bool, matrix: Path, host: str, port: int) -> None:
    """Serve DIR with the headers of a profile.

    Over http on this machine, so that a page can be tried as it will be isolated. A profile is one of the suite's or of
    the matrix's own.
    """
    profiles = shipped() if profile in shipped() and not listed else load_config(matrix).known_profiles
    if listed:
        click.echo(catalogue(profiles.values()))
        return
    if folder is None:
        raise click.UsageError("which folder? DIR is wanted, or --list")
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve_folder(folder, profile, host, port, click.echo, profiles))
    except (FolderError, ListenError) as error:
        raise click.UsageError(str(error)) from error
