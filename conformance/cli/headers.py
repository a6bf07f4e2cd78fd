"""`wasm-matrix headers`: the headers of a profile, to be copied into the settings of a server."""

from __future__ import annotations

from pathlib import Path

import click

from conformance.cli._options import matrix_option
from conformance.config import load_config
from headers_server.describe import header_lines
from headers_server.profiles import find, shipped
from headers_server.snippets import SERVERS, SnippetError, snippet

__all__ = ["headers"]


@click.command()
@click.argument("profile", default="isolated", metavar="[PROFILE]")
@click.option("--for", "server", type=click.Choice(list(SERVERS)), help="In the words of this server or host.")
@matrix_option
def headers(profile: str, server: str | None, matrix: Path) -> None:
    """Show the headers of PROFILE (isolated) so that they can be copied.

    What a profile is for, and which there are: wasm-matrix serve --list. Where the text goes is said on standard error.
    """
    found = find(profile, shipped() if profile in shipped() else load_config(matrix).known_profiles)
    if server is None:
        click.echo("\n".join(header_lines(found)))
        return
    try:
        text = snippet(found, server)
    except SnippetError as error:
        raise click.UsageError(str(error)) from error
    click.echo(f"{SERVERS[server].title}: {SERVERS[server].place} ({SERVERS[server].source})", err=True)
    click.echo(text)
