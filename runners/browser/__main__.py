"""`python -m runners.browser --browser chromium --profile isolated`: the runner of PROTOCOL.md for browsers."""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from pathlib import Path

from headers_server.origin import ListenError
from headers_server.profiles import ProfileError, read, shipped
from runners.browser.processes import shepherd
from runners.browser.product import OFFLINE, Installed, Missing
from runners.browser.products import PRODUCTS
from runners.browser.runner import serve
from runners.browser.site import Site, reached
from runners.javascript.packages import PACKAGES

MISSING = 3
"""The exit code for a browser that is not installed; stderr says in one line what to install."""


def main(options: list[str]) -> int:
    """The exit code: of `serve`, or 2 for wrong usage, or MISSING."""
    parser = argparse.ArgumentParser(prog="python -m runners.browser", description=__doc__)
    parser.add_argument("--browser", choices=sorted(PRODUCTS), default="chromium")
    parser.add_argument("--profile", default="isolated", help=f"one of {', '.join(shipped())}, or one in JSON")
    parser.add_argument(
        "--packages", type=Path, help="the folder node_modules with the page's packages (default: the cache's)"
    )
    parser.add_argument(
        "--flag", action="append", default=[], metavar="FLAG", help="another flag of the browser's own; may be repeated"
    )
    parser.add_argument("--program", type=Path, metavar="FILE", help="the browser (default: as `setup` finds it)")
    parser.add_argument("--driver", type=Path, metavar="FILE", help="its WebDriver, where --program is given")
    parser.add_argument("--grid", metavar="URL", help="a browser of this Selenium Grid instead of this machine's own")
    parser.add_argument("--announce", metavar="ADDRESS", help="listen there, by https, for browsers of another machine")
    parser.add_argument("--headed", action="store_true", help="with a window")
    given = parser.parse_args(options)
    if (given.program is None) != (given.driver is None):
        parser.error("--program and --driver go together")
    shepherd()
    os.environ.update(OFFLINE)
    product = PRODUCTS[given.browser]
    try:
        profile = read(given.profile).seen_by(product.profile_name)
        site = Site(reached(profile, given.announce), given.packages or PACKAGES.modules, given.announce)
        flags = [*profile.flags.get(product.profile_name, ()), *given.flag]
        here = Installed(given.program, given.driver) if given.program else None
        code = asyncio.run(serve(product, given.grid or here or product.find(), site, headed=given.headed, flags=flags))
    except (ListenError, ProfileError) as error:
        print(error, file=sys.stderr)
        code = 2
    except Missing as error:
        print(error, file=sys.stderr)
        code = MISSING
    sys.stderr.flush()
    os._exit(code)  # at once: a thread may still read standard input, or wait for a driver that is no more


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
