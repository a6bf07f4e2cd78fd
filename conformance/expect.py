"""Compares one result of a runner with what its command expects (`conformance/case.py`, `Expect`). Pure functions.

A mismatch is evidence that a person can read: the first place that differs, both values as numbers and as bits.
"""

from __future__ import annotations

import base64
import io
import math
import re
import struct
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from conformance.case import Expect

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = [
    "CHECKS",
    "Mismatch",
    "Result",
    "at_fault",
    "check",
    "late",
    "outcomes",
    "refusal",
    "show_ending",
    "show_value",
    "speed",
    "speedup",
]

Result = Mapping[str, Any]
"""An entry of an observation's `results` (PROTOCOL.md)."""

Value = Mapping[str, Any]

_OK, _BAD_GATEWAY = 200, 502

_CLOCK = 0.001
"""Seconds that a runner's clock may be off: browsers blur theirs by up to a tenth of it, and jitter."""


class Mismatch(NamedTuple):
    """What was expected and what was seen, in words.

    `kind`: `value` (it answered, wrongly), `ending` (it ended in a way that it should not have, or went on where it
    should have ended), `escaped` (a program had what it must be refused), `allowed` (it went on where it must
    be refused, and had nothing of it).
    """

    expected: str
    seen: str
    kind: Literal["value", "ending", "escaped", "allowed"] = "value"


def check(expect: Expect, result: Result, results: Sequence[Result] = ()) -> Mismatch | None:
    """None when `result` is what `expect` demands; without a demand, it must only not have ended badly.

    `results` are all of the script's, for the expectations that speak of another command by its index.
    """
    key = next((key for key in CHECKS if key in expect), None)
    if key is None:
        ended = show_ending(result)
        mismatch = Mismatch("no trap, exception, exit or error", ended, "ending") if ended else None
    else:
        mismatch = CHECKS[key](expect[key], expect, result, results) or _too_short(expect, result)
    if mismatch and "what" in expect and expect["what"]:
        return mismatch._replace(expected=f"{expect['what']}: {mismatch.expected}")
    return mismatch


def speedup(expect: Expect, results: Sequence[Result]) -> float | None:
    """How much faster one command was than another, where `expect` asks for it and both were timed."""
    pair = expect.get("speedup")
    if pair is None or not all(
        pair[key] < len(results) and results[pair[key]].get("seconds") for key in ("of", "over")
    ):
        return None
    return float(results[pair["over"]]["seconds"] / results[pair["of"]]["seconds"])


def speed(expect: Expect, result: Result, script_seconds: float) -> dict[str, Any] | None:
    """How many a second, and of what, where `expect` asks for it and it was timed: `{"value", "unit"}`."""
    wanted = expect.get("speed")
    if wanted is None:
        return None
    seconds = script_seconds if wanted["of"] == "script" else result.get("seconds")
    return {"value": float(f"{wanted['count'] / seconds:.4g}"), "unit": wanted["unit"]} if seconds else None


def outcomes(expect: Expect, result: Result) -> dict[str, int] | None:
    """How often each named outcome came, those that came at all; None where `expect` asks for no outcomes."""
    wanted = expect.get("outcomes")
    if wanted is None or "bytes" not in result:
        return None
    counts = struct.iter_unpack("<I", _decoded(result))
    return {name: count for name, (count,) in zip(wanted["names"], counts, strict=True) if count}


def refusal(expect: Expect, result: Result) -> str | None:
    """How the runtime said no where it may; None where it did not, or where it has no such thing at all."""
    error = result.get("error", {})
    if not error or error.get("name") == "unsupported" or error.get("phase") != expect.get("refusal"):
        return None
    return ": ".join(word for word in (error.get("name"), error.get("message")) if word)


def late(expect: Expect, result: Result) -> float | None:
    """How much longer than it must (s) a command took that has to last; below 0 when it was too short."""
    return float(result["seconds"]) - expect["lasts"] if "lasts" in expect and "seconds" in result else None


def _too_short(expect: Expect, result: Result) -> Mismatch | None:
    over = late(expect, result)
    if over is None or over >= -_CLOCK:
        return None
    return Mismatch(f"{expect['lasts']} s at the least", f"{result['seconds']:.6f} s")


# ---- ways to end


def show_ending(result: Result) -> str | None:
    """How a command ended, in words: trap, exception, exit of a reactor, error; None when it gave an answer."""
    if "trap" in result:
        trap = result["trap"]
        return f"a trap: {' or '.join(trap.get('kinds', ())) or 'of no known kind'} ({_short(trap.get('message', ''))})"
    if "exception" in result:
        return f"an uncaught exception ({_short(result['exception'].get('message', ''))})"
    if "error" in result:
        error = result["error"]
        name = f" {error['name']}" if error.get("name") else ""
        return f"an error in phase {error.get('phase')}:{name} ({_short(error.get('message', ''))})"
    if "exit" in result and "stdout" not in result:
        return f"the exit code {result['exit']}"
    if "thrown" in result:
        thrown = result["thrown"]
        return f"{thrown.get('name')}, thrown by JavaScript ({_short(thrown.get('message', ''))})"
    return None


def _short(text: str, limit: int = 200) -> str:
    line = " ".join(str(text).split())
    return line if len(line) <= limit else line[:limit] + " …"


def _answered(result: Result, key: str, expected: str) -> Mismatch | None:
    """A mismatch where the result has no `key`."""
    if key in result:
        return None
    return Mismatch(expected, show_ending(result) or f"no {key} in the result {_short(str(dict(result)))}", "ending")


def _answer(result: Result) -> str:
    """What a command that did not end badly gave, in words."""
    if "string" in result:
        return f"it went on and gave {result['string']!r}"
    return f"it went on and gave {_values(result['values'])}" if "values" in result else "it went on"


def _trap(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    kinds = [wanted] if isinstance(wanted, str) else list(wanted)
    return _failure([{"trap": kind} for kind in kinds], _expect, result, _results)


def _ended_as(way: Mapping[str, Any], result: Result) -> bool:
    if "trap" in way:
        return "trap" in result and (way["trap"] is True or way["trap"] in result["trap"].get("kinds", ()))
    if "exit" in way:
        return "stdout" not in result and result.get("exit") == way["exit"]
    return "exception" in result


def _failure(ways: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if any(_ended_as(way, result) for way in ways):
        return None
    words = [
        ("a trap" if way["trap"] is True else f"a trap: {way['trap']}")
        if "trap" in way
        else f"the exit code {way['exit']}"
        if "exit" in way
        else "an exception"
        for way in ways
    ]
    return Mismatch(" or ".join(words), show_ending(result) or _answer(result), "ending")


def _error(wanted: Any, expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    phases = [wanted] if isinstance(wanted, str) else list(wanted)
    pattern = expect.get("matches")
    expected = f"an error in phase {' or '.join(phases)}" + (
        f" whose name and message match {pattern!r}" if pattern else ""
    )
    if "error" not in result:
        return Mismatch(expected, show_ending(result) or _answer(result), "ending")
    error = result["error"]
    text = f"{error.get('name', '')}: {error.get('message', '')}"
    if error.get("phase") in phases and (pattern is None or re.search(pattern, text)):
        return None
    return Mismatch(expected, show_ending(result) or "", "ending")


def _thrown(wanted: str, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if result.get("thrown", {}).get("name") == wanted:
        return None
    return Mismatch(f"{wanted}, thrown by JavaScript", show_ending(result) or _answer(result), "ending")


# ---- values


def _string(wanted: str, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := _answered(result, "string", repr(wanted)):
        return mismatch
    return None if result["string"] == wanted else Mismatch(repr(wanted), repr(result["string"]))


_FLOATS = {"f32": ("<f", 4, 8, 23), "f64": ("<d", 8, 11, 52)}
"""Type → struct's format, bytes, bits of exponent, bits of significand."""


def _is_nan(type_: str, bits: int, kind: str) -> bool:
    """Whether `bits` are a NaN: `canonical` has the top bit of its significand alone, `arithmetic` has it too."""
    _, _, exponent, significand = _FLOATS[type_]
    quiet = 1 << (significand - 1)
    mantissa = bits & ((1 << significand) - 1)
    if (bits >> significand) & ((1 << exponent) - 1) != (1 << exponent) - 1:
        return False
    return mantissa == quiet if kind == "canonical" else bool(mantissa & quiet)


def _fits(wanted: Value, seen: Value) -> bool:
    if "any" in wanted:
        return any(_fits(choice, seen) for choice in wanted["any"])
    if wanted["type"] == "refnull":
        return seen.get("value") == "null"
    if "value" not in wanted:  # of what type is seen from the function's, which may be a supertype
        return str(seen.get("type")).endswith("ref") and seen.get("value") != "null"
    if wanted["type"] != seen.get("type"):
        return False
    if wanted["type"] == "v128":
        return _lanes_fit(wanted, seen)
    if str(wanted["value"]).startswith("nan:"):
        return _is_nan(wanted["type"], int(seen["value"]), wanted["value"][4:])
    return bool(wanted["value"] == seen["value"])


def _lanes_fit(wanted: Value, seen: Value) -> bool:
    """Lane by lane as `wanted` divides it; a lane of floats may ask for a kind of NaN."""
    lanes = wanted["value"]
    width = 128 // len(lanes)
    whole = sum(int(half) << 64 * place for place, half in enumerate(seen["value"]))
    parts = [
        {"type": wanted["lane_type"], "value": str(whole >> width * k & (1 << width) - 1)} for k in range(len(lanes))
    ]
    return all(
        _fits({"type": wanted["lane_type"], "value": lane}, part) for lane, part in zip(lanes, parts, strict=True)
    )


def show_value(value: Value) -> str:
    """A value as a number and as bits: `i32 -1 (0xffffffff)`, `f64 0.1 (0x3fb999999999999a)`, `f32 nan:canonical`."""
    if "any" in value:
        return " or ".join(show_value(choice) for choice in value["any"])
    type_, text = value["type"], value.get("value", "not null")
    if type_ == "v128":
        return f"v128 {value.get('lane_type')} {' '.join(map(str, text))}"
    if not str(text).isdigit() or type_ not in ("i32", "i64", "f32", "f64"):
        return f"{type_} {text}"
    bits, width = int(text), int(type_[1:])
    number = repr(_float(type_, bits)) if type_ in _FLOATS else str(_signed(bits, width))
    return f"{type_} {number} (0x{bits:0{width // 4}x})"


def _float(type_: str, bits: int) -> float:
    form, size, _, _ = _FLOATS[type_]
    return float(struct.unpack(form, bits.to_bytes(size, "little"))[0])


def _values(values: Sequence[Value]) -> str:
    return ", ".join(map(show_value, values)) if values else "no value"


def _compare_values(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    # What is right is not put into words first: a script makes thousands of calls.
    seen = result.get("values")
    if seen is not None and len(seen) == len(wanted) and all(map(_fits, wanted, seen)):
        return None
    return _answered(result, "values", _values(wanted)) or Mismatch(_values(wanted), _values(result["values"]))


def _integer(result: Result) -> int | None:
    """The single integer that a result is, signed: an i32 or i64, or a number of pages."""
    if "pages" in result:
        return int(result["pages"])
    values = result.get("values", ())
    if len(values) != 1 or values[0].get("type") not in ("i32", "i64"):
        return None
    return _signed(int(values[0]["value"]), int(values[0]["type"][1:]))


def _signed(bits: int, width: int) -> int:
    return bits - (1 << width) if bits >> (width - 1) else bits


def _compare_integer(result: Result, expected: str, low: int, high: int) -> Mismatch | None:
    number = _integer(result)
    if number is not None and low <= number <= high:
        return None
    return Mismatch(
        expected, show_ending(result) or (str(number) if number is not None else _answer(result)), _kind(result)
    )


def _kind(result: Result) -> Literal["value", "ending"]:
    return "ending" if show_ending(result) else "value"


def _between(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    low, high = wanted
    return _compare_integer(result, str(low) if low == high else f"a number from {low} to {high}", low, high)


def _same(index: int, expect: Expect, result: Result, results: Sequence[Result]) -> Mismatch | None:
    base, plus = _integer(results[index]) if index < len(results) else None, expect.get("plus", 0)
    if base is None:
        return Mismatch(f"the number that command {index} gave, plus {plus}", f"command {index} gave no number")
    return _compare_integer(
        result, f"{base + plus} (the {base} of command {index}, plus {plus})", base + plus, base + plus
    )


def _pages(wanted: int, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := _answered(result, "pages", f"{wanted} pages"):
        return mismatch
    seen = result["pages"]
    return None if seen == wanted else Mismatch(f"{wanted} pages", f"{seen} pages")


def _workers(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := _answered(result, "workers", "the workers' results"):
        return mismatch
    expects, workers = _of_each(wanted), result["workers"]
    if len(workers) != len(expects):
        return Mismatch(f"{len(expects)} workers", f"{len(workers)} workers")
    for number, (expect, worker) in enumerate(zip(expects, workers, strict=True)):
        if mismatch := check(expect, worker):
            at = f"worker {number} of {len(workers)}: "
            return Mismatch(at + mismatch.expected, at + mismatch.seen, mismatch.kind)
    return None


def _of_each(wanted: Mapping[str, Any]) -> Sequence[Expect]:
    return [{"values": values} for values in wanted["values"]] if "values" in wanted else wanted["each"]


def at_fault(expect: Expect, result: Result) -> tuple[Expect, Result]:
    """Of a result that is not what it must be, the part that is not: the first such worker of a join, or all of it."""
    pairs = zip(_of_each(expect["workers"]), result.get("workers", ()), strict=False) if "workers" in expect else ()
    return next((pair for pair in pairs if check(*pair)), (expect, result))


# ---- bytes


def _decoded(result: Result, key: str = "bytes") -> bytes:
    return base64.b64decode(result.get(key) or "")


def _compare_bytes(wanted: bytes, expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := _answered(result, "bytes", f"{len(wanted)} bytes"):
        return mismatch
    seen = _decoded(result)
    if seen == wanted:
        return None
    if len(seen) != len(wanted):
        return Mismatch(f"{len(wanted)} bytes", f"{len(seen)} bytes")
    return _first_difference(wanted, seen, expect)


def _first_difference(wanted: bytes, seen: bytes, expect: Expect) -> Mismatch:
    import numpy as np

    dtype, width = expect.get("dtype", "u1"), expect.get("width")
    if not isinstance(dtype, str):
        return _first_field(wanted, seen, np.dtype([tuple(field) for field in dtype]))
    bits = f"<u{np.dtype(dtype).itemsize}"  # by bits: NaN differs from itself, and -0.0 equals 0.0
    differ = np.flatnonzero(np.frombuffer(wanted, bits) != np.frombuffer(seen, bits))
    index, total = int(differ[0]), len(wanted) // np.dtype(dtype).itemsize
    if width:
        pixel, channel = divmod(index, 4)
        y, x = divmod(pixel, width)
        at = f"pixel ({x}, {y}) {'RGBA'[channel]}"
    else:
        at = f"{'byte' if dtype == 'u1' else 'element'} {index}"
    pair = [_show_element(np.frombuffer(data, dtype)[index]) for data in (wanted, seen)]
    return Mismatch(f"{at} = {pair[0]}", f"{at} = {pair[1]}; {len(differ)} of {total} differ")


def _first_field(wanted: bytes, seen: bytes, record: np.dtype[Any]) -> Mismatch:
    import numpy as np

    ours, theirs = np.frombuffer(wanted, record)[0], np.frombuffer(seen, record)[0]
    differ = [name for name in record.names or () if ours[name].tobytes() != theirs[name].tobytes()]
    expected, found = ("; ".join(f"{name} = {_show_element(row[name])}" for name in differ) for row in (ours, theirs))
    return Mismatch(expected, found)


def _show_element(element: Any) -> str:
    """A numpy scalar as a number and as bits."""
    bits = int.from_bytes(element.astype(element.dtype.newbyteorder("<")).tobytes(), "little")
    return f"{element.item()!r} (0x{bits:0{2 * element.dtype.itemsize}x})"


def _close(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    import numpy as np

    dtype = wanted["dtype"]
    values, atol = np.frombuffer(wanted["values"], dtype), np.frombuffer(wanted["atol"], dtype)
    if mismatch := _answered(result, "bytes", f"{len(values)} values"):
        return mismatch
    data = _decoded(result)
    if len(data) != values.nbytes:
        return Mismatch(f"{values.nbytes} bytes", f"{len(data)} bytes")
    seen = np.frombuffer(data, dtype)
    distance = np.abs(seen.astype(np.float64) - values.astype(np.float64))
    far = np.flatnonzero(~(distance <= atol))  # not `distance > atol`: a NaN is far from everything
    if not len(far):
        return None
    index = int(far[0])
    return Mismatch(
        f"element {index} = {_show_element(values[index])} ± {atol[index]!s}",
        f"element {index} = {_show_element(seen[index])}; {len(far)} of {len(values)} are too far away",
    )


def _jpeg(wanted: Any, _expect: Expect, result: Result, results: Sequence[Result]) -> Mismatch | None:
    expected = f"a JPEG of {wanted['width']} by {wanted['height']} pixels"
    if mismatch := _answered(result, "bytes", expected):
        return mismatch
    length = _integer(results[wanted["length"]])
    data = _decoded(result)[: length or 0]
    if not (data.startswith(b"\xff\xd8") and data.endswith(b"\xff\xd9")):
        ends = f"{data[:2].hex(' ')} … {data[-2:].hex(' ')}"
        return Mismatch(f"{expected}, from ff d8 to ff d9", f"{len(data)} bytes, {ends}" if data else "no bytes")
    return _compare_picture(data, wanted, expected)


def _compare_picture(data: bytes, wanted: Mapping[str, Any], expected: str) -> Mismatch | None:
    import numpy as np
    from PIL import Image

    try:
        with Image.open(io.BytesIO(data), formats=["JPEG"]) as picture:
            size, pixels = picture.size, np.asarray(picture.convert("RGB"), np.float64)
    except (OSError, SyntaxError, ValueError) as error:  # what Pillow raises for broken pictures
        return Mismatch(expected, f"{len(data)} bytes that Pillow does not decode: {_short(str(error))}")
    if size != (wanted["width"], wanted["height"]):
        return Mismatch(expected, f"a JPEG of {size[0]} by {size[1]} pixels")
    decibels = _psnr(pixels, np.frombuffer(wanted["rgb"], np.uint8).reshape(pixels.shape).astype(np.float64))
    if decibels >= wanted["psnr"]:
        return None
    return Mismatch(f"a PSNR of {wanted['psnr']} dB or better", f"{decibels:.2f} dB")


def _psnr(a: NDArray[np.float64], b: NDArray[np.float64]) -> float:
    """Peak signal-to-noise ratio of two pictures of 8 bits, in dB."""
    error = float(((a - b) ** 2).mean())
    return math.inf if error == 0 else 10 * math.log10(255**2 / error)


def _compare_outcomes(wanted: Any, expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := _answered(result, "bytes", "counts of outcomes"):
        return mismatch
    seen = outcomes(expect, result) or {}
    for name in wanted["forbidden"]:
        if name in seen:
            return Mismatch(f"{name}: never", f"{name}: {seen[name]:,} times in {wanted['total']:,}")
    if (total := sum(seen.values())) != wanted["total"]:
        return Mismatch(f"{wanted['total']:,} outcomes", f"{total:,}")
    return None


# ---- commands of WASI


def _wasi(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := _answered(result, "exit", f"the exit code {wanted.get('exit', 2)}"):
        return mismatch
    return _refused(wanted, result) if wanted.get("refused") else _ran(wanted, result)


def _program(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    return _answered(result, "exit", f"the exit code {wanted['exit']}") or _ran(wanted, result)


def _refused(wanted: Mapping[str, Any], result: Result) -> Mismatch | None:
    streams = {name: _decoded(result, name) for name in ("stdout", "stderr")}
    for name, data in streams.items():
        if wanted.get("secret") and wanted["secret"] in data:
            # Not the bytes themselves: a report is public, and they are the host's.
            return Mismatch("a refusal", f"what it must not read, on {name} ({len(data)} bytes)", "escaped")
    if result["exit"] == 0:
        return Mismatch("a refusal: the exit code 2", f"the exit code 0{_said(streams)}", "allowed")
    if result["exit"] != 2:
        return Mismatch("a refusal: the exit code 2", f"the exit code {result['exit']}{_said(streams)}")
    if streams["stdout"]:
        return Mismatch("nothing on stdout", _excerpt(streams["stdout"], 0))
    return None


def _ran(wanted: Mapping[str, Any], result: Result) -> Mismatch | None:
    streams = {name: _decoded(result, name) for name in ("stdout", "stderr")}
    if "exit" in wanted and result["exit"] != wanted["exit"]:
        return Mismatch(f"the exit code {wanted['exit']}", f"the exit code {result['exit']}{_said(streams)}")
    for name, data in streams.items():
        if name in wanted and (mismatch := _stream(name, wanted[name], data)):
            return mismatch
    files = result.get("files", {})
    for path, content in wanted.get("files", {}).items():
        seen = None if files.get(path) is None else base64.b64decode(files[path])
        if seen != content:
            absent = "no such file"
            at = 0 if seen is None or content is None else _differs_at(content, seen)
            shown = [absent if data is None else f"{len(data)} bytes, {_excerpt(data, at)}" for data in (content, seen)]
            return Mismatch(f"{path}: {shown[0]}", f"{path}: {shown[1]}")
    return None


def _said(streams: Mapping[str, bytes]) -> str:
    return "".join(f"; {name} {_excerpt(data, 0)}" for name, data in streams.items() if data)


def _stream(name: str, wanted: Any, seen: bytes) -> Mismatch | None:
    if isinstance(wanted, Mapping):
        if re.fullmatch(wanted["matches"], seen.decode(errors="replace")):
            return None
        return Mismatch(f"{name} that matches {wanted['matches']!r}", f"{name}: {_excerpt(seen, 0)}")
    if seen == wanted:
        return None
    at = _differs_at(wanted, seen)
    place = f"{name}, from byte {at} on"
    return Mismatch(
        f"{place}: {_excerpt(wanted, at)} ({len(wanted)} bytes in all)",
        f"{place}: {_excerpt(seen, at)} ({len(seen)} bytes in all)",
    )


def _differs_at(a: bytes, b: bytes) -> int:
    """The index of the first byte that differs; the shorter one's length where one begins with the other."""
    low, high = 0, min(len(a), len(b))
    while low < high:  # the longest common prefix, by halves: slices compare fast, and a mebibyte may be long
        middle = (low + high + 1) // 2
        if a[low:middle] == b[low:middle]:
            low = middle
        else:
            high = middle - 1
    return low


def _excerpt(data: bytes, at: int, length: int = 60) -> str:
    part = data[at : at + length]
    more = " …" if at + length < len(data) else ""
    return ascii(part.decode()) + more if part.isascii() else f"{part!r}{more}"


def _response(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := _answered(result, "status", "an answer"):
        return mismatch
    seen = _decoded(result, "body")
    if wanted.get("refused"):
        expected = "a refusal: the status 502"
        if result["status"] == _BAD_GATEWAY:
            return None
        reached = result["status"] == _OK
        shown = f"the status {result['status']}, {_excerpt(seen, 0)}"
        return Mismatch(expected, shown, "escaped" if reached else "value")
    if result["status"] != wanted["status"]:
        return Mismatch(f"the status {wanted['status']}", f"the status {result['status']}, {_excerpt(seen, 0)}")
    for name, value in wanted.get("headers", {}).items():
        if result["headers"].get(name) != value:
            return Mismatch(f"{name}: {value}", f"{name}: {result['headers'].get(name)}")
    if "body" in wanted and seen != wanted["body"]:
        at = _differs_at(wanted["body"], seen)
        return Mismatch(
            f"a body of {len(wanted['body'])} bytes, from byte {at} on {_excerpt(wanted['body'], at)}",
            f"{len(seen)} bytes, {_excerpt(seen, at)}",
        )
    return None


CHECKS: Mapping[str, Callable[[Any, Expect, Result, Sequence[Result]], Mismatch | None]] = {
    "values": _compare_values,
    "between": _between,
    "same": _same,
    "trap": _trap,
    "failure": _failure,
    "bytes": _compare_bytes,
    "close": _close,
    "jpeg": _jpeg,
    "outcomes": _compare_outcomes,
    "pages": _pages,
    "error": _error,
    "string": _string,
    "thrown": _thrown,
    "workers": _workers,
    "wasi": _wasi,
    "program": _program,
    "response": _response,
}
"""The keys of `Expect` that say what must be; each expectation has at most one."""
