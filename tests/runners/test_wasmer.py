"""wasmer's runner beyond the protocol: what is wasmer's own, and what its README says of it."""

from __future__ import annotations

import base64
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from modules.table import load
from runners.check import Bench
from runners.targets import parse_target
from runners.wasmer.runtime import WASMER

ROOT = Path(__file__).parents[2]
MODULES = load().modules
COMPILERS = ("cranelift", "singlepass", "llvm")


def command(*body: int) -> bytes:
    """A WASI command whose `_start` (function 1) is these instructions; function 0 is `proc_exit`. It has a memory."""

    def section(number: int, *items: bytes) -> bytes:
        content = bytes([len(items)]) + b"".join(items)
        return bytes([number, len(content)]) + content

    def name(text: str) -> bytes:
        return bytes([len(text)]) + text.encode()

    code = bytes([0, *body, 0x0B])
    return b"\0asm\1\0\0\0" + b"".join(
        [
            section(1, b"\x60\0\0", b"\x60\1\x7f\0"),
            section(2, name("wasi_snapshot_preview1") + name("proc_exit") + b"\0\1"),
            section(3, b"\0"),
            section(5, b"\0\1"),
            section(7, name("memory") + b"\2\0", name("_start") + b"\0\1"),
            section(10, bytes([len(code)]) + code),
        ]
    )


EXIT_45 = command(0x41, 0x2D, 0x10, 0)
UNREACHABLE = command(0x00)
RECURSION = command(0x10, 1)


@pytest.fixture(scope="module", params=COMPILERS)
def bench(request: pytest.FixtureRequest, command_of: Callable[[str], list[str]]) -> Iterator[Bench]:
    """A bench with wasmer's runner in each of its modes."""
    with Bench(_command(request.param, command_of)) as bench:
        yield bench


def _command(compiler: str, command_of: Callable[[str], list[str]]) -> list[str]:
    """The command line of the runner. Without LLVM, which no machine must have, the test ends here."""
    name = f"wasmer-7.4+{compiler}"
    state = WASMER.state(parse_target(name, []))
    if compiler == "llvm" and state.kind != "ready":
        pytest.skip(f"{name} is not set up: {state.say}")
    return command_of(name)


def run(bench: Bench, wasm: bytes | Path, *args: str, **grant: Any) -> dict[str, Any]:
    """How that command ends, its output decoded."""
    file = bench.file(wasm if isinstance(wasm, bytes) else wasm.read_bytes())
    (seen,) = bench.run({"type": "wasi", **file, "args": ["program", *args], **grant})
    return {**seen, **{key: base64.b64decode(seen[key]) for key in ("stdout", "stderr") if key in seen}}


def rust(bench: Bench, *args: str, **grant: Any) -> dict[str, Any]:
    """How our Rust WASI module ends, asked for a verb."""
    return run(bench, MODULES["rust-wasi"].path, *args, **grant)


def test_it_says_what_it_is(bench: Bench) -> None:
    """The release of wasmer and of its WASI, and the compiler, are among the facts."""
    hello = bench.hello
    assert (hello.runtime, hello.version) == ("wasmer", "7.4.2")
    assert hello.facts["compiler"] in bench.command
    assert hello.facts["wasi"].startswith("wasmer-wasix 0.")


def test_singlepass_has_no_v128(bench: Bench) -> None:
    """A feature is one that the compiler compiles: singlepass only validates v128; llvm alone has tail calls."""
    compiler = bench.hello.facts["compiler"]
    assert ("simd" in bench.hello.features) == (compiler != "singlepass")
    assert ("tail-call" in bench.hello.features) == (compiler == "llvm")


def test_a_trap_is_told_from_exit_45(bench: Bench) -> None:
    """wasmer's own runner reports a trapped command as one that exited with 45: here each is what it is."""
    assert run(bench, EXIT_45)["exit"] == 45
    assert run(bench, UNREACHABLE)["trap"]["kinds"] == ["unreachable"]
    assert run(bench, RECURSION)["trap"]["kinds"] == ["call stack exhausted"]
    assert run(bench, EXIT_45)["exit"] == 45


def test_what_is_no_command_is_an_error(bench: Bench) -> None:
    """A module without `_start`, and one whose import nobody has, are errors and no exit codes."""
    started = UNREACHABLE.replace(b"_start", b"_other")
    lacking = UNREACHABLE.replace(b"proc_exit", b"proc_exot")
    for wasm, phase in ((started, "call"), (lacking, "link")):
        (seen,) = bench.observe([{"type": "wasi", **bench.file(wasm), "args": ["program"]}]).results
        assert seen["error"]["phase"] == phase


def test_the_guests_root_is_in_memory(bench: Bench) -> None:
    """What a command writes beside its preopens is neither there for the next one nor on the machine."""
    path = "/wasm-matrix-was-here"
    assert rust(bench, "write", path, "x")["exit"] == 0
    assert rust(bench, "read", path)["exit"] == 2
    assert not Path(path).exists()
    assert set(rust(bench, "list", "/")["stdout"].split()) >= {b"bin", b"dev", b"etc", b"tmp"}


def test_links_stay_within_the_guests_root(bench: Bench, tmp_path: Path) -> None:
    """A link out of a preopen leads nowhere, absolute or by `..`, nor does `..` alone; a link within is followed."""
    secret = tmp_path / "secret"
    secret.write_bytes(b"the machine's own")
    links = {"absolute": str(secret), "folder": str(tmp_path), "up": "../" * 20 + str(secret)[1:], "within": "a.txt"}
    entries: list[dict[str, Any]] = [{"path": path, "symlink": to} for path, to in links.items()]
    entries.append({"path": "a.txt", "data": {"base64": base64.b64encode(b"granted").decode()}})
    preopens = [{"guest": "/data", "entries": entries}]
    for path in ("absolute", "folder/secret", "up", "../" * 20 + str(secret)[1:]):
        seen = rust(bench, "read", f"/data/{path}", preopens=preopens)
        assert (seen["exit"], seen["stdout"]) == (2, b""), path
    assert rust(bench, "read", "/data/within", preopens=preopens)["stdout"] == b"granted"


def test_no_output_is_lost(bench: Bench) -> None:
    """A mebibyte in, a mebibyte out, and what was written to a file is on the disk when the command has ended."""
    data = bytes(range(256)) * 4096
    assert rust(bench, "cat", stdin=bench.file(data))["stdout"] == data
    text = "x" * 100_000
    preopens = [{"guest": "/data", "entries": []}]
    seen = rust(bench, "write", "/data/out", text, preopens=preopens, collect=["/data/out"])
    assert base64.b64decode(seen["files"]["/data/out"]) == text.encode()


def test_commands_leave_no_threads_or_files_behind(bench: Bench) -> None:
    """Each command's executor and threads end with it."""
    rust(bench, "args", "a")
    before = {kind: _count(bench, kind) for kind in ("task", "fd")}
    for _ in range(30):
        rust(bench, "args", "a")
    for kind, count in before.items():
        assert _count(bench, kind) <= count + 5, kind


def _count(bench: Bench, kind: str) -> int:
    return len(list(Path(f"/proc/{bench.session.pid}/{kind}").iterdir()))


@pytest.mark.parametrize("compiler", COMPILERS)
def test_compiled_modules_are_kept(compiler: str, tmp_path: Path, command_of: Callable[[str], list[str]]) -> None:
    """A module is compiled once; a damaged file is compiled again and mended; a small module has no file."""
    python, module = _command(compiler, command_of)[0], MODULES["rust-wasi"].path
    program = f"""if True:
        import sys
        sys.path.insert(0, {str(ROOT)!r})
        from pathlib import Path
        from runners.engine import Grant
        from runners.wasmer.adapter import Wasmer

        cache, wasm = Path({str(tmp_path)!r}), Path({str(module)!r}).read_bytes()
        def runs():
            engine = Wasmer({compiler!r}, cache)
            engine.compile(bytes.fromhex("0061736d01000000"))
            outcome = engine.run_command(engine.compile(wasm), Grant(["program", "args", "a"]), cache)
            assert (outcome.exit, outcome.stdout) == (0, b"a\\n"), outcome
            (file,) = (path for path in cache.rglob("*") if path.is_file())
            return file
        file = runs()
        first = file.stat()
        assert runs().stat().st_ino == first.st_ino, "compiled twice"
        code = file.read_bytes()
        for damaged in (b"", code[: len(code) // 2], b"not a module" + code):
            file.unlink()
            file.write_bytes(damaged)
            assert runs().read_bytes()[:64] == code[:64], "not mended"
    """
    done = subprocess.run([python, "-I", "-B", "-c", program], capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
