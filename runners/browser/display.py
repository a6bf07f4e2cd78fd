"""A display that nobody sees, for a browser that has no headless mode: Xvfb, for whom has its cookie alone."""

from __future__ import annotations

import contextlib
import os
import secrets
import select
import struct
import subprocess
from pathlib import Path

from runners.browser.product import StartError

__all__ = ["Display"]

_READY = 20.0  # seconds
_PATIENCE = 2.0  # seconds
_ANY_HOST = 0xFFFF  # FamilyWild of X11/Xauth.h
_PROTOCOL = b"MIT-MAGIC-COOKIE-1"


class Display:
    """Not yet started. It listens on no port; its files are in `scratch`, but for the socket's, which X deletes."""

    def __init__(self, scratch: Path) -> None:
        self._cookie = scratch / "cookie"
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> dict[str, str]:
        """The environment of who may use it. Takes about a second. Raises StartError."""
        key = secrets.token_bytes(16)
        fields = [b"", b"", _PROTOCOL, key]  # the host, the display's number (any), the protocol, the cookie
        self._cookie.write_bytes(
            struct.pack(">H", _ANY_HOST) + b"".join(struct.pack(">H", len(field)) + field for field in fields)
        )
        self._cookie.chmod(0o600)
        read, write = os.pipe()
        try:
            # A number that is free, whoever else asks for one: X looks for it, and tells.
            command = ["Xvfb", "-displayfd", str(write), "-auth", str(self._cookie), "-nolisten", "tcp"]
            self._process = subprocess.Popen(
                [*command, "-screen", "0", "1280x1024x24"], pass_fds=[write], stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            )  # fmt: skip
        except OSError as error:
            raise StartError(f"Xvfb: {error.strerror}") from error
        finally:
            os.close(write)
        with open(read, "rb") as told:  # noqa: PTH123 (a descriptor)
            number = told.readline() if select.select([told], [], [], _READY)[0] else b""
        if not number.strip():
            raise StartError("Xvfb gave no display")
        return {"DISPLAY": f":{int(number)}", "XAUTHORITY": str(self._cookie)}

    def stop(self) -> None:
        """It ends by itself, so that it takes its socket and its lock along; the last to be ended."""
        if self._process is None:
            return
        self._process.terminate()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(_PATIENCE)
