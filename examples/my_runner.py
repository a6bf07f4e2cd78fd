"""A runner of one's own: what the protocol page asks, over the Python package `wasmtime` and nothing else.

It has no WASI, no threads and no vectors, and says so: the cells that need them are `unsupported`.
"""

import base64
import hashlib
import importlib.metadata
import json
import sys
import time
from pathlib import Path

import wasmtime as wt

KINDS = ("unreachable", "integer divide by zero", "integer overflow", "invalid conversion to integer",
         "out of bounds memory access", "out of bounds table access", "undefined element", "uninitialized element",
         "indirect call type mismatch", "call stack exhausted")  # fmt: skip
MALFORMED = (KeyError, IndexError, TypeError, ValueError, AttributeError)
JUDGED = ("assert_invalid", "assert_malformed", "assert_unlinkable", "assert_uninstantiable")
WORD = {"i32": "i32", "i64": "i64", "f32": "i32", "f64": "i64", "funcref": "funcref", "externref": "externref"}


class Failed(Exception):
    """It could not be done: the protocol's phase and name for it, and a message."""


def bytes_of(data):
    """A file or what is inline; a file is what its hash says, or not used."""
    if "base64" in data:
        return base64.b64decode(data["base64"], validate=True)
    try:
        content = Path(data["path"]).read_bytes()
    except OSError as error:
        raise Failed("fetch", type(error).__name__, str(error)) from error
    if hashlib.sha256(content).hexdigest() != data["sha256"]:
        raise Failed("fetch", "hash", data["path"])
    return content


def in_words(imported, use, params, results):
    """The text of a module that passes floats as integers: Python's floats would lose bits of a signalling NaN."""
    given = [f"({k}.reinterpret_{WORD[k]} (local.get {n}))" if k in ("f32", "f64") else f"(local.get {n})"
             for n, k in enumerate(params)]  # fmt: skip
    given_back = [f"({WORD[k]}.reinterpret_{k} (local.get $r{n}))" if k in ("f32", "f64") else f"(local.get $r{n})"
                  for n, k in enumerate(results)]  # fmt: skip
    return f"""(module (import "" "" {imported}) (func (export "it") (param {" ".join(WORD[k] for k in params)})
        (result {" ".join(WORD[k] for k in results)}) {"".join(f"(local $r{n} {k})" for n, k in enumerate(results))}
        ({use} {" ".join(given)}) {"".join(f"(local.set $r{n})" for n in reversed(range(len(results))))}
        {" ".join(given_back)}))"""


class Script:
    """One script: its store, its instances, its bound values."""

    def __init__(self):
        self.store, self.imports, self.named, self.bound, self.functions = wt.Store(ENGINE), {}, {}, {}, []
        self.current = self.made = None

    def run(self, commands):
        results = []
        for command in commands:
            judged = isinstance(command, dict) and command.get("type") in JUDGED
            try:
                results.append(self.ask(command, judged))
            except wt.Trap as trap:
                cause = trap.message.rpartition("wasm trap: ")[2]
                kinds = [kind for kind in KINDS if kind in cause]
                results.append({"trap": {"kinds": kinds, "message": trap.message}})
            except (Failed, wt.WasmtimeError, *MALFORMED) as error:
                other = "call" if isinstance(error, wt.WasmtimeError) else "script"
                phase, name, message = error.args if isinstance(error, Failed) else (other, "", repr(error))
                results.append({"error": {"phase": phase, "name": name, "message": message}})
                if not judged or phase in ("fetch", "script"):
                    break
        return results

    def ask(self, command, judged):
        kind = "module" if judged else command["type"]
        method = getattr(self, f"do_{'action' if kind.startswith('assert_') else kind}", None)
        if method is None:
            raise Failed("script", "", f"not a type of command: {kind!r}")
        return method(command)

    def do_module(self, command):
        if command["type"] == "module":
            self.current = None  # what comes after a module that fails must not speak to the one before it
        wasm = bytes_of(command)
        try:
            if not wasm.startswith(b"\0asm"):
                raise wt.WasmtimeError("no binary; the binding would take text, too")
            module = wt.Module(ENGINE, wasm)
        except wt.WasmtimeError as error:
            raise Failed("compile", "", str(error)) from error
        wanted = [(one.module, one.name) for one in module.imports]
        if any(space == "wasi_snapshot_preview1" for space, _ in wanted):
            raise Failed("wasi", "unsupported", "this runner has no WASI")
        if missing := [pair for pair in wanted if pair not in self.imports]:
            raise Failed("link", "", f"nobody provides {'.'.join(missing[0])}")
        try:
            instance = wt.Instance(self.store, module, [self.imports[pair] for pair in wanted])
        except wt.WasmtimeError as error:
            raise Failed("link" if "incompatible import" in str(error) else "instantiate", "", str(error)) from error
        if command["type"] == "module":
            self.current = self.named[command.get("name")] = instance
        return {}

    def instance(self, name):
        found = self.current if name is None else self.named.get(name)
        if found is None:
            raise Failed("call", "", f"no module {name or 'yet'}")
        return found.exports(self.store)

    def do_register(self, command):
        space = command["as"]
        for name, item in self.instance(command.get("name")).items():
            self.imports[space, name] = item
        return {}

    def do_memory(self, command):
        if command.get("shared"):
            raise Failed("memory", "unsupported", "this runner has no shared memory")
        limits = wt.Limits(command["minimum"], command.get("maximum"))
        self.made = self.imports[tuple(command["as"])] = wt.Memory(self.store, wt.MemoryType(limits))
        return {}

    def number(self, data):
        return self.bound[data["bound"]] + data.get("plus", 0) if "bound" in data else int(data["value"])

    def do_action(self, command):
        action, repeat = command["action"], command.get("repeat", 1)
        if action["type"] not in ("invoke", "get"):
            raise ValueError(f"not a type of action: {action['type']}")
        words = [self.given(one) for one in action.get("args", [])]
        item = self.instance(action.get("module")).get(action["field"])
        if not isinstance(item, wt.Func if action["type"] == "invoke" else wt.Global):
            raise Failed("call", "no-export", f"no such export: {action['field']}")
        params, results = [one["type"] for one in action.get("args", [])], command.get("results", [])
        if unknown := {*params, *results} - {*WORD}:
            raise Failed("call", "unsupported", f"this runner carries no {' '.join(unknown)}")
        if isinstance(item, wt.Func):
            it, use = f"(func $it (param {' '.join(params)}) (result {' '.join(results)}))", "call $it"
        else:
            mutable = item.type(self.store).mutable
            it, use = f"(global $it {f'(mut {results[0]})' if mutable else results[0]})", "global.get $it"
        text = in_words(it, use, params, results)
        call = wt.Instance(self.store, wt.Module(ENGINE, text), [item]).exports(self.store)["it"]
        times = []
        for _ in range(repeat):
            start = time.perf_counter()
            values = call(self.store, *words)
            times.append(time.perf_counter() - start)
        values = [values] if len(results) == 1 else values or []
        shown = [self.shown(kind, value) for kind, value in zip(results, values, strict=True)]
        if "bind" in command:
            self.bound[command["bind"]] = self.number(shown[0])
        timed = {"times": times} if "repeat" in command else {"seconds": times[0]}
        return {"values": shown, **timed}

    def given(self, value):
        if value.get("value") == "null":
            return None
        if value["type"] == "v128" and len(value["value"]) * int(value["lane_type"][1:]) == 128:
            raise Failed("call", "unsupported", "this runner carries no v128")
        number = self.number(value)
        if value["type"] in ("funcref", "externref"):
            return self.functions[number] if value["type"] == "funcref" else number
        width = int(WORD[value["type"]][1:])
        if "bound" not in value and not (value["value"].isdecimal() and number < 1 << width):
            raise ValueError(f"not the bits of a value: {value}")
        number &= (1 << width) - 1
        return number - (1 << width) if number >> (width - 1) else number

    def shown(self, kind, value):
        if isinstance(value, wt.Func):
            self.functions.append(value)
            value = len(self.functions) - 1
        elif kind in ("i32", "i64", "f32", "f64"):
            value &= (1 << int(kind[1:])) - 1
        return {"type": kind, "value": "null" if value is None else str(value)}

    def memory(self):
        exported = self.instance(None) if self.current else {}
        memories = {name: item for name, item in exported.items() if isinstance(item, wt.Memory)}
        found = memories.get("memory", next(iter(memories.values()), self.made))
        if found is None:
            raise Failed("memory", "", "there is no memory")
        return found

    def span(self, command, length):
        start = command["address"] if isinstance(command["address"], int) else self.number(command["address"])
        if start < 0 or start + length > self.memory().data_len(self.store):
            raise Failed("memory", "range", f"{length} bytes at {start} are outside of the memory")
        return start

    def do_read(self, command):
        start = self.span(command, command["length"])
        return {"bytes": base64.b64encode(self.memory().read(self.store, start, start + command["length"])).decode()}

    def do_write(self, command):
        data = bytes_of(command["data"])
        start = self.span(command, len(data))
        if data:
            self.memory().write(self.store, data, start)
        return {}

    def do_pages(self, _command):
        return {"pages": self.memory().size(self.store)}

    def do_spawn(self, _command):
        raise Failed("spawn", "unsupported", "this runner has no threads")

    def do_wasi(self, _command):
        raise Failed("wasi", "unsupported", "this runner has no WASI")

    def do_program(self, _command):
        raise Failed("program", "unsupported", "this runner has no JavaScript")

    def do_request(self, _command):
        raise Failed("request", "unsupported", "this runner serves no HTTP")

    def do_probe(self, _command):
        raise Failed("probe", "unsupported", "this runner is no browser")


config = wt.Config()
for switch in ("wasm_threads", "wasm_relaxed_simd", "wasm_simd", "wasm_gc", "wasm_exceptions"):
    setattr(config, switch, False)
ENGINE = wt.Engine(config)
for line in sys.stdin:
    message = json.loads(line)
    if message["type"] == "bye":
        break
    if message["type"] == "hello":
        answer = {"type": "hello", "protocol": 1, "runtime": "mine", "version": importlib.metadata.version("wasmtime")}
    else:
        start = time.perf_counter()
        results = Script().run(message["script"])
        answer = {
            "type": "observation",
            "id": message["id"],
            "results": results,
            "seconds": time.perf_counter() - start,
        }
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()
