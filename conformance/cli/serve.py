"""`wasm-matrix serve`: a folder of the user's with the headers of a profile."""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path

import click

from headers_server.folder import FolderError, serve_folder
from headers_server.origin import ListenError

__all__ = ["serve"]


@click.command()
@click.argument("folder", type=click.Path(path_type=Path), metavar="DIR")
@click.option(
    "--profile", default="isolated", show_default=True, metavar="P", help="Which headers: `none`, `isolated` …"
)
@click.option(
    "--host",
    default="localhost",
    show_default=True,
    help="Where to listen; other machines see only what you open here.",
)
@click.option("--port", default=8000, show_default=True, type=click.IntRange(0, 65535), help="0: a free one.")
def serve(folder: Path, profile: str, host: str, port: int) -> None:
    """Serve DIR with the headers of a profile.

    Over http on this machine, so that a page can be tried as it will be isolated.
    """
    try:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(serve_folder(folder, profile, host, port, say=click.echo))
    except (FolderError, ListenError) as error:
        raise click.UsageError(str(error)) from error
