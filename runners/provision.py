"""Where runtimes are kept, and how a Python environment of their own is made: cached, locked, whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import signal
import subprocess
import sys
import venv
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import platformdirs
from filelock import FileLock

from runners.pythons import Interpreter
from runners.runtime import InstallError, Log

__all__ = ["Environment", "cache_folder", "execute", "launcher", "locked"]

_LAUNCH = Path(__file__).with_name("_launch.py")


def cache_folder(*parts: str) -> Path:
    """A folder in the suite's cache, made on demand; `WASM_MATRIX_CACHE` moves it."""
    root = os.environ.get("WASM_MATRIX_CACHE") or platformdirs.user_cache_dir("wasm-matrix", appauthor=False)
    folder = Path(root).expanduser().resolve().joinpath(*parts)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InstallError(
            f"cannot make the cache folder {folder}: {error.strerror}; set WASM_MATRIX_CACHE to another"
        ) from error
    return folder


@contextmanager
def locked(name: str) -> Iterator[None]:
    """One process at a time installs `name`; the others wait and then find it there."""
    with FileLock(cache_folder("locks") / f"{name}.lock"):
        yield


def execute(
    command: Sequence[str], log: Log, *, cwd: Path | None = None, environment: Mapping[str, str] | None = None
) -> None:
    """Runs a command of an installation, its output to `log` line by line. Raises InstallError with the last lines."""
    tail: list[str] = []
    try:
        process = subprocess.Popen(
            command, cwd=cwd, env={**os.environ, **(environment or {})}, stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, errors="replace", start_new_session=True,
        )  # fmt: skip
    except OSError as error:
        raise InstallError(f"{command[0]}: {error.strerror}") from error
    assert process.stdout
    try:
        for line in process.stdout:
            log(line.rstrip())
            tail = [*tail[-4:], line.strip()]
        code = process.wait()
    except BaseException:  # Ctrl-C, SIGTERM: a compiler's own children go, too
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if code:
        raise InstallError(f"`{' '.join(command)}` ended with {code}: {' | '.join(tail) or 'no output'}")


class Environment:
    """A virtual environment for one version of one binding, under the cache; its packages are locked by hash.

    The name of its folder holds the hash of its requirements: another lock is another environment. `interpreter` is
    the Python that it is made of, where that is not the suite's own.
    """

    def __init__(
        self,
        name: str,
        requirements: Path | None = None,
        *,
        wheels: Sequence[Path] = (),
        interpreter: Interpreter | None = None,
    ) -> None:
        self.name, self.requirements, self.wheels, self.interpreter = name, requirements, list(wheels), interpreter
        version = interpreter.version if interpreter else sys.version
        locked_text = requirements.read_bytes() if requirements else b""
        text = locked_text + b"".join(str(wheel).encode() for wheel in wheels) + version.encode()
        self.folder = cache_folder("environments") / f"{name}-{hashlib.sha256(text).hexdigest()[:12]}"

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def site(self) -> Path:
        return next(self.folder.glob("lib/python3*/site-packages"))

    @property
    def ready(self) -> bool:
        return (self.folder / "complete").exists()

    def install(self, log: Log) -> None:
        """Makes it, if it is not there. Raises InstallError; a half-made one is made anew."""
        with locked(self.name):
            if self.ready:
                return
            shutil.rmtree(self.folder, ignore_errors=True)
            if self.interpreter:
                execute([str(self.interpreter.path), "-I", "-m", "venv", str(self.folder)], log)
            else:
                venv.create(self.folder, with_pip=True, symlinks=True)
            pip = [str(self.python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"]
            if self.requirements:
                execute([*pip, "--require-hashes", "--only-binary", ":all:", "-r", str(self.requirements)], log)
            if self.wheels:
                execute([*pip, "--no-deps", *map(str, self.wheels)], log)
            (self.folder / "complete").touch()


def launcher(environment: Environment | None, family: str, *options: str) -> list[str]:
    """The command line of a runner of ours inside an environment (None: it needs no packages and runs in this Python).

    It is isolated from the user's Python settings."""
    return [str(environment.python if environment else sys.executable), "-I", "-B", str(_LAUNCH), family, *options]
