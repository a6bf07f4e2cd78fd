"""`python -m headers_server DIR`: serve a folder with the headers of a profile."""

from __future__ import annotations

import argparse
import asyncio
import sys
from pathlib import Path

from headers_server.describe import catalogue
from headers_server.folder import FolderError, serve_folder
from headers_server.origin import ListenError
from headers_server.profiles import ProfileError, shipped


def main() -> int:
    """0 when interrupted, 2 with one line on stderr when it cannot serve."""
    parser = argparse.ArgumentParser(prog="python -m headers_server", description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--list", action="store_true", help="list the profiles, each with its headers")
    parser.add_argument("--profile", default="isolated")
    parser.add_argument("--host", default="localhost")
    parser.add_argument("--port", type=int, default=8000, help="0: a free one")
    given = parser.parse_args()
    if given.list:
        print(catalogue(shipped().values()))
        return 0
    if given.folder is None:
        parser.error("which folder? (or --list)")
    try:
        asyncio.run(serve_folder(given.folder, given.profile, given.host, given.port))
    except KeyboardInterrupt:
        pass
    except (FolderError, ListenError, ProfileError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
