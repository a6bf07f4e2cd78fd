"""`wasm-matrix grid`: a Selenium Grid of this machine's browsers, for `wasm-matrix run --grid`."""

from __future__ import annotations

import signal
import sys

import click

from headers_server.origin import ListenError
from runners.browser.grid import GridError, install, serving
from runners.browser.products import PRODUCTS
from runners.runtime import InstallError

__all__ = ["grid"]


@click.command()
@click.option("--port", type=click.IntRange(1, 65535), default=4444, show_default=True)
def grid(port: int) -> None:
    """Run a Selenium Grid on this machine's loopback.

    It offers the browsers that are here, until Ctrl-C. Its jars come from Maven Central, once, locked by hash. Exit
    codes: 2 wrong usage, a port that is taken, 3 it cannot be here: no JDK, no browser.
    """
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # as Ctrl-C: its browsers are ended, too
    try:
        install(lambda line: click.echo(line, err=True))
        with serving(list(PRODUCTS.values()), port) as url:
            click.echo(f"ready: wasm-matrix run --grid {url} --target chromium --target firefox")
            signal.pause()
    except KeyboardInterrupt:
        pass
    except ListenError as error:
        raise click.UsageError(str(error)) from error
    except (GridError, InstallError) as error:
        click.echo(f"Error: {error}", err=True)
        sys.exit(3)
