"""The modules that clauses ask of a runner, as text. `modules.json` (name → base64) is made from it by wasmtime:

python -m runners.check.texts            # compare modules.json with the text: exit code 1 where they differ
python -m runners.check.texts --write
"""

from __future__ import annotations

import base64
import json
import sys
from pathlib import Path

__all__ = ["TEXTS", "main"]

_THREADS = """(module
  (import "env" "memory" (memory 1 2 shared))
  (import "wasi" "thread-spawn" (func $spawn (param i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (export "memory" (memory 0))
  (global $own (mut i32) (i32.const 0))

  ;; 64: the threads' numbers one by one; 128: the sum of their arguments; 256: a line
  (func (export "_start")
    (i64.store (i32.const 256) (i64.const 0x0a64656e696f6a)) ;; joined
    (if (i32.le_s (call $spawn (i32.const 1)) (i32.const 0)) (then unreachable))
    (if (i32.le_s (call $spawn (i32.const 2)) (i32.const 0)) (then unreachable))
    (loop $again
      (drop (memory.atomic.wait32 (i32.const 192) (i32.const 0) (i64.const 1000000)))
      (br_if $again (i32.ne (i32.atomic.load (i32.const 128)) (i32.const 3))))
    (if (i32.eq (i32.load (i32.const 68)) (i32.load (i32.const 72))) (then unreachable))
    (if (global.get $own) (then unreachable))
    (i32.store (i32.const 0) (i32.const 256))
    (i32.store (i32.const 4) (i32.const 7))
    (if (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
    (call $proc_exit (i32.const 4)))

  (func (export "wasi_thread_start") (param $tid i32) (param $argument i32)
    (global.set $own (local.get $tid))
    (i32.store offset=64 (i32.mul (local.get $argument) (i32.const 4)) (local.get $tid))
    THREAD)
)"""
"""A program whose main thread starts two, with the arguments 1 and 2, and waits until both have added theirs."""

_WASI = """
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_read" (func $fd_read (param i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "proc_exit" (func $proc_exit (param i32)))
  (import "wasi_snapshot_preview1" "args_sizes_get" (func $args_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "args_get" (func $args_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_sizes_get" (func $environ_sizes_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "environ_get" (func $environ_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_get" (func $fd_prestat_get (param i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_prestat_dir_name"
    (func $fd_prestat_dir_name (param i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (memory (export "memory") 2)

  (func $write (param $fd i32) (param $at i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $at))
    (i32.store (i32.const 4) (local.get $length))
    (if (call $fd_write (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable)))

  ;; all of $fd to standard output
  (func $copy (param $fd i32)
    (loop $more
      (i32.store (i32.const 0) (i32.const 65536))
      (i32.store (i32.const 4) (i32.const 4096))
      (if (call $fd_read (local.get $fd) (i32.const 0) (i32.const 1) (i32.const 8)) (then unreachable))
      (if (i32.load (i32.const 8))
        (then (call $write (i32.const 1) (i32.const 65536) (i32.load (i32.const 8))) (br $more)))))

  ;; the first argument after the program's name: its address, and its length in $length
  (global $length (mut i32) (i32.const 0))
  (func $argument (result i32)
    (local $end i32)
    (if (call $args_get (i32.const 1024) (i32.const 2048)) (then unreachable))
    (local.set $end (i32.load (i32.const 1028)))
    (block $done (loop $next
      (br_if $done (i32.eqz (i32.load8_u (local.get $end))))
      (local.set $end (i32.add (local.get $end) (i32.const 1)))
      (br $next)))
    (global.set $length (i32.sub (local.get $end) (i32.load (i32.const 1028))))
    (i32.load (i32.const 1028)))

  ;; how much of $path a folder's name at 512 takes, a slash after it too; 0 where it is not in that folder
  (func $within (param $path i32) (param $name i32) (result i32)
    (local $at i32)
    (loop $next
      (if (i32.lt_u (local.get $at) (local.get $name)) (then
        (if (i32.ne (i32.load8_u offset=512 (local.get $at))
                    (i32.load8_u (i32.add (local.get $path) (local.get $at)))) (then (return (i32.const 0))))
        (local.set $at (i32.add (local.get $at) (i32.const 1)))
        (br $next))))
    (i32.add (local.get $at) (i32.eq (i32.load8_u (i32.add (local.get $path) (local.get $at))) (i32.const 47))))

  ;; opens the argument, a path as the guest names it, as a C library does: beneath the preopened folder (they are all
  ;; descriptors from 3 on) whose name it begins with; exits with the errno where none has it (76: notcapable)
  (func $open (param $flags i32) (param $rights i64) (result i32)
    (local $fd i32) (local $path i32) (local $name i32) (local $taken i32) (local $errno i32)
    (local.set $path (call $argument))
    (local.set $errno (i32.const 76))
    (local.set $fd (i32.const 3))
    (block $none (loop $next
      (br_if $none (call $fd_prestat_get (local.get $fd) (i32.const 500)))
      (drop (call $fd_prestat_dir_name (local.get $fd) (i32.const 512) (i32.load (i32.const 504))))
      ;; for a C library a NUL ends the name, and wasmer 1.1 counts it
      (local.set $name (i32.load (i32.const 504)))
      (if (i32.eqz (i32.load8_u offset=511 (local.get $name)))
        (then (local.set $name (i32.sub (local.get $name) (i32.const 1)))))
      (local.set $taken (call $within (local.get $path) (local.get $name)))
      (if (local.get $taken) (then
        (local.set $errno (call $path_open (local.get $fd) (i32.const 0)
          (i32.add (local.get $path) (local.get $taken)) (i32.sub (global.get $length) (local.get $taken))
          (local.get $flags) (local.get $rights) (i64.const 0) (i32.const 0) (i32.const 12)))
        (if (i32.eqz (local.get $errno)) (then (return (i32.load (i32.const 12)))))))
      (local.set $fd (i32.add (local.get $fd) (i32.const 1)))
      (br $next)))
    (call $proc_exit (local.get $errno))
    (i32.const -1))
"""

TEXTS: dict[str, str] = {
    "values": """(module
      (func (export "i32") (param i32) (result i32) (local.get 0))
      (func (export "i64") (param i64) (result i64) (local.get 0))
      (func (export "f32") (param f32) (result f32) (local.get 0))
      (func (export "f64") (param f64) (result f64) (local.get 0))
      (func (export "f32_bits") (param f32) (result i32) (i32.reinterpret_f32 (local.get 0)))
      (func (export "f64_bits") (param f64) (result i64) (i64.reinterpret_f64 (local.get 0)))
      (global (export "answer") i32 (i32.const 42))
      (global (export "snan") f32 (f32.const nan:0x200001))
      (global (export "low") i64 (i64.const -9223372036854775808)))""",
    "several": """(module
      (func (export "nothing"))
      (func (export "swap") (param i32 i64) (result i64 i32) (local.get 1) (local.get 0)))""",
    "v128": """(module
      (func (export "v128") (param v128) (result v128) (local.get 0))
      (func (export "high") (param v128) (result i64) (i64x2.extract_lane 1 (local.get 0))))""",
    "references": """(module
      (table 1 funcref) (elem (i32.const 0) $f)
      (func $f)
      (func (export "externref") (param externref) (result externref) (local.get 0))
      (func (export "is_null") (param externref) (result i32) (ref.is_null (local.get 0)))
      (func (export "funcref") (param funcref) (result funcref) (local.get 0))
      (func (export "function") (result funcref) (table.get (i32.const 0))))""",
    "calls": """(module
      (memory (export "memory") 1)
      (global $count (mut i32) (i32.const 0))
      (func (export "count") (result i32)
        (global.set $count (i32.add (global.get $count) (i32.const 1))) (global.get $count))
      (func (export "alloc") (param i32) (result i32) (i32.const 1024))
      (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "add") (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
      (func (export "größe → 🦀") (result i32) (i32.const 7)))""",
    "importer": """(module
      (import "lib" "add" (func $add (param i32 i32) (result i32)))
      (func (export "twice") (param i32) (result i32) (call $add (local.get 0) (local.get 0))))""",
    "importer-of-other-type": '(module (import "lib" "add" (func (param i64) (result i32))))',
    "importer-of-nothing": '(module (import "nowhere" "nothing" (func)))',
    "traps": """(module
      (type $none (func)) (type $one (func (param i32)))
      (memory 1) (table 3 funcref) (elem (i32.const 1) $none) (func $none)
      (func (export "unreachable") (unreachable))
      (func (export "integer divide by zero") (drop (i32.div_s (i32.const 1) (i32.const 0))))
      (func (export "integer overflow") (drop (i32.div_s (i32.const 0x80000000) (i32.const -1))))
      (func (export "invalid conversion to integer") (drop (i32.trunc_f32_s (f32.const nan))))
      (func (export "out of bounds memory access") (drop (i32.load (i32.const 65536))))
      (func (export "undefined element") (call_indirect (type $none) (i32.const 3)))
      (func (export "uninitialized element") (call_indirect (type $none) (i32.const 0)))
      (func (export "indirect call type mismatch") (call_indirect (type $one) (i32.const 0) (i32.const 1)))
      (func $deep (export "call stack exhausted") (call $deep))
      (func (export "fine") (result i32) (i32.const 1)))""",
    "trap-table": """(module (table 1 externref)
      (func (export "out of bounds table access") (drop (table.get (i32.const 1)))))""",
    "trap-atomic": """(module (memory 1 1 shared)
      (func (export "unaligned atomic") (drop (i32.atomic.load (i32.const 1)))))""",
    "trap-wait": """(module (memory 1 1)
      (func (export "expected shared memory")
        (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const 0)))))""",
    "trap-null": """(module (type $f (func))
      (func (export "null reference") (call_ref $f (ref.null $f))))""",
    "trap-at-start": "(module (func $f (unreachable)) (start $f))",
    "exception": """(module (tag $t (param i32))
      (func (export "throw") (throw $t (i32.const 1)))
      (func (export "caught") (result i32)
        (block $h (result i32) (try_table (catch $t $h) (throw $t (i32.const 5))) (i32.const 0)))
      (func (export "fine") (result i32) (i32.const 1)))""",
    "exception-legacy": """(module (tag $t (param i32))
      (func (export "throw") (throw $t (i32.const 1)))
      (func (export "caught") (result i32) try (result i32) i32.const 5 throw $t catch $t end)
      (func (export "fine") (result i32) (i32.const 1)))""",
    "memory": """(module
      (memory (export "memory") 1 3)
      (data (i32.const 8) "hello")
      (func (export "grow") (param i32) (result i32) (memory.grow (local.get 0)))
      (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0))))""",
    "memory-imported": """(module
      (import "env" "memory" (memory 1 2))
      (func (export "load") (param i32) (result i32) (i32.load8_u (local.get 0)))
      (func (export "store") (param i32 i32) (i32.store8 (local.get 0) (local.get 1))))""",
    "memory-other-name": '(module (memory (export "heap") 1) (data (i32.const 0) "heap"))',
    "threads": """(module
      (import "env" "memory" (memory 1 16 shared))
      (global $sp (export "__stack_pointer") (mut i32) (i32.const 0))
      (global (export "__tls_size") i32 (i32.const 16))
      (global $tls (mut i32) (i32.const -1))
      (func (export "__wasm_init_tls") (param i32) (global.set $tls (local.get 0)))

      ;; how many instances there are, at address 0
      (func $born (drop (i32.atomic.rmw.add (i32.const 0) (i32.const 1))))
      (start $born)

      ;; to arg + 16 * tid: tid, stack pointer, TLS, instances
      (func (export "thread_entry") (param $tid i32) (param $arg i32) (result i32)
        (local $at i32)
        (local.set $at (i32.add (local.get $arg) (i32.mul (local.get $tid) (i32.const 16))))
        (i32.store (local.get $at) (local.get $tid))
        (i32.store offset=4 (local.get $at) (global.get $sp))
        (i32.store offset=8 (local.get $at) (global.get $tls))
        (i32.store offset=12 (local.get $at) (i32.atomic.load (i32.const 0)))
        (i32.add (i32.mul (local.get $tid) (i32.const 10)) (i32.const 7)))

      ;; returns when as many are here as the word at arg + 4 says, how many at arg: on one thread, never
      (func (export "meet") (param $tid i32) (param $arg i32) (result i32)
        (local $here i32)
        (local.set $here (i32.add (i32.atomic.rmw.add (local.get $arg) (i32.const 1)) (i32.const 1)))
        (block $all (loop $wait
          (br_if $all (i32.ge_s (local.get $here) (i32.load offset=4 (local.get $arg))))
          (drop (memory.atomic.wait32 (local.get $arg) (local.get $here) (i64.const -1)))
          (local.set $here (i32.atomic.load (local.get $arg)))
          (br $wait)))
        (drop (memory.atomic.notify (local.get $arg) (i32.const -1)))
        (i32.const 1))

      (func (export "count") (param $tid i32) (param $arg i32) (result i32)
        (local $left i32)
        (local.set $left (i32.const 20000))
        (loop $more
          (drop (i32.atomic.rmw.add (local.get $arg) (i32.const 1)))
          (br_if $more (local.tee $left (i32.sub (local.get $left) (i32.const 1)))))
        (i32.const 20000))

      (func (export "second_traps") (param $tid i32) (param $arg i32) (result i32)
        (if (i32.eq (local.get $tid) (i32.const 1)) (then (unreachable)))
        (local.get $tid)))""",
    "threads-library": """(module
      (import "env" "memory" (memory 1 16 shared))
      (global $calls (mut i32) (i32.const 0))
      (func (export "_initialize") (global.set $calls (i32.const 10)))
      (func (export "put") (param $at i32) (param $value i32) (result i32)
        (i32.atomic.store (local.get $at) (local.get $value))
        (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
        (global.get $calls)))""",
    "threads-own-memory": """(module
      (import "lib" "put" (func $put (param i32 i32) (result i32)))
      (memory (export "memory") 1)
      (func (export "_initialize") (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 40))))

      ;; counts in its own memory, from what `_initialize` left there; to arg + 4 * tid: the number
      (func (export "thread_entry") (param $tid i32) (param $arg i32) (result i32)
        (i32.store (i32.const 0) (i32.add (i32.load (i32.const 0)) (i32.const 1)))
        (call $put
          (i32.add (local.get $arg) (i32.mul (local.get $tid) (i32.const 4)))
          (i32.load (i32.const 0)))))""",
    "wasi-threads": _THREADS.replace(  # neither ends before the other has begun: a number may be given again
        "THREAD",
        "(drop (i32.atomic.rmw.add (i32.const 128) (local.get $argument)))"
        " (loop $both (br_if $both (i32.ne (i32.atomic.load (i32.const 128)) (i32.const 3))))",
    ),
    "wasi-threads-trap": _THREADS.replace(
        "THREAD", "(if (i32.eq (local.get $argument) (i32.const 2)) (then unreachable))"
    ),
    "wasi-threads-exit": _THREADS.replace(
        "THREAD", "(if (i32.eq (local.get $argument) (i32.const 2)) (then (call $proc_exit (i32.const 9))))"
    ),
    "wasi-threads-waiting": _THREADS.replace(
        "THREAD",
        "(drop (i32.atomic.rmw.add (i32.const 128) (local.get $argument)))"
        " (drop (memory.atomic.wait32 (i32.const 192) (i32.const 0) (i64.const -1)))",
    ),
    "wasi-hello": f"""(module {_WASI}
      (data (i32.const 100) "to stdout\\n") (data (i32.const 120) "to stderr\\n")
      (func (export "_start")
        (call $write (i32.const 1) (i32.const 100) (i32.const 10))
        (call $write (i32.const 2) (i32.const 120) (i32.const 10))
        (call $proc_exit (i32.const 3))))""",
    # arguments and environment, each with its NUL, as WASI lays them out; then standard input
    "wasi-echo": f"""(module {_WASI}
      (func (export "_start")
        (drop (call $args_sizes_get (i32.const 16) (i32.const 20)))
        (drop (call $args_get (i32.const 1024) (i32.const 2048)))
        (call $write (i32.const 1) (i32.const 2048) (i32.load (i32.const 20)))
        (drop (call $environ_sizes_get (i32.const 16) (i32.const 20)))
        (drop (call $environ_get (i32.const 1024) (i32.const 2048)))
        (call $write (i32.const 1) (i32.const 2048) (i32.load (i32.const 20)))
        (call $copy (i32.const 0))))""",
    "wasi-read": f"""(module {_WASI}
      (func (export "_start") (call $copy (call $open (i32.const 0) (i64.const 2)))))""",
    "wasi-write": f"""(module {_WASI}
      (data (i32.const 100) "made by the module")
      (func (export "_start")
        (call $write (call $open (i32.const 9) (i64.const 64)) (i32.const 100) (i32.const 18))))""",
    "wasi-trap": f"""(module {_WASI}
      (data (i32.const 100) "before")
      (func (export "_start") (call $write (i32.const 1) (i32.const 100) (i32.const 6)) (unreachable)))""",
    "wasi-reactor": f"""(module {_WASI}
      (data (i32.const 100) "{{\\"type\\":\\"bye\\"}}\\n")
      (func (export "say") (call $write (i32.const 1) (i32.const 100) (i32.const 15)))
      (func (export "leave") (param i32) (call $proc_exit (local.get 0)))
      (func (export "arguments") (result i32)
        (drop (call $args_sizes_get (i32.const 16) (i32.const 20))) (i32.load (i32.const 16)))
      (func (export "variables") (result i32)
        (drop (call $environ_sizes_get (i32.const 16) (i32.const 20))) (i32.load (i32.const 16)))
      (func (export "input") (result i32)
        (i32.store (i32.const 0) (i32.const 65536))
        (i32.store (i32.const 4) (i32.const 4096))
        (i32.store (i32.const 8) (i32.const -1))
        (drop (call $fd_read (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))
        (i32.load (i32.const 8))))""",
    "loop": '(module (func (export "forever") (loop $l (br $l))))',
}

INVALID = {
    "invalid": b"\0asm\1\0\0\0\x01\x05\x01\x60\0\x01\x7f\x03\x02\x01\0\x0a\x04\x01\x02\0\x0b",
    "malformed": b"\0asm\1\0\0\0\xff\xff\xff",
}
"""No text says them: a function that leaves no result though its type has one; a section of no kind."""


def build() -> dict[str, str]:
    """The modules in base64, by name. Errors: ImportError without wasmtime."""
    from wasmtime import wat2wasm

    built = {name: bytes(wat2wasm(text)) for name, text in TEXTS.items()}
    return {name: base64.b64encode(wasm).decode() for name, wasm in {**built, **INVALID}.items()}


def main(arguments: list[str]) -> int:
    """Writes modules.json, or tells whether it is as the text says."""
    path = Path(__file__).parent / "modules.json"
    text = json.dumps(build(), indent=2) + "\n"
    if arguments == ["--write"]:
        path.write_text(text, "utf-8")
        return 0
    if path.read_text("utf-8") != text:
        sys.stderr.write("modules.json is not what its text gives: python -m runners.check.texts --write\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
