"""An expectation lets the right result pass, and of a wrong one says what was expected and what was seen."""

from __future__ import annotations

import base64
import io
import struct
from typing import Any

import numpy as np
import pytest
from PIL import Image

from conformance.expect import Mismatch, at_fault, check
from conformance.result import show_ending

TRAP = {"trap": {"kinds": ["unreachable"], "message": "wasm trap: unreachable"}}
EXCEPTION = {"exception": {"message": "thrown"}}
EXIT = {"exit": 2}
ERROR = {"error": {"phase": "compile", "name": "TypeError", "message": "Incorrect response MIME type"}}
ENDINGS = [TRAP, EXCEPTION, EXIT, ERROR]


def value(type_: str, bits: int | str) -> dict[str, str]:
    return {"type": type_, "value": str(bits)}


def values(*seen: dict[str, str]) -> dict[str, Any]:
    return {"values": list(seen), "seconds": 0.1}


def read(data: bytes) -> dict[str, Any]:
    return {"bytes": base64.b64encode(data).decode()}


def mismatch(expect: dict[str, Any], result: dict[str, Any], results: list[dict[str, Any]] | None = None) -> Mismatch:
    found = check(expect, result, results or [])
    assert found is not None
    assert found.expected != found.seen
    return found


# ---- nothing expected


@pytest.mark.parametrize("result", [{}, {"values": []}, {"pages": 1}, {"bytes": ""}, {"workers": []}])
def test_without_an_expectation_any_answer_passes(result: dict[str, Any]) -> None:
    assert check({}, result) is None


@pytest.mark.parametrize("result", ENDINGS)
def test_without_an_expectation_no_bad_end_passes(result: dict[str, Any]) -> None:
    assert mismatch({}, result).kind == "ending"


@pytest.mark.parametrize("result", ENDINGS)
@pytest.mark.parametrize(
    "expect",
    [
        {"values": []},
        {"between": [0, 1]},
        {"same": 0},
        {"bytes": b""},
        {"close": {"dtype": "<f4", "values": b"", "atol": b""}},
        {"pages": 1},
        {"workers": {"values": []}},
        {"jpeg": {"width": 1, "height": 1, "rgb": b"abc", "psnr": 1.0, "length": 0}},
    ],
    ids=lambda expect: next(iter(expect)),
)
def test_a_bad_end_is_never_an_answer(expect: dict[str, Any], result: dict[str, Any]) -> None:
    found = mismatch(expect, result, [values(value("i32", 0))])
    assert found.kind == "ending"
    assert found.seen == show_ending(result)


def test_what_was_asked_stands_before_what_was_expected() -> None:
    assert mismatch({"pages": 1, "what": "after growth"}, {"pages": 2}) == ("after growth: 1 pages", "2 pages", "value")


# ---- values


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        (value("i32", 1), value("i32", 2)),
        (value("i32", 1), value("i64", 1)),
        (value("f32", 0), value("f32", 0x80000000)),
        (value("f64", 0x7FF8000000000000), value("f64", 0x7FF8000000000001)),
        (value("f32", "nan:canonical"), value("f32", 0x7FC00001)),
        (value("f32", "nan:arithmetic"), value("f32", 0x7F800001)),
        (value("f32", "nan:arithmetic"), value("f32", 0x7F800000)),
        (value("f64", "nan:canonical"), value("f64", 0x7FF0000000000000)),
        (value("f64", "nan:canonical"), value("f32", 0x7FC00000)),
        ({"any": [value("i32", 1), value("i32", 2)]}, value("i32", 3)),
    ],
)
def test_a_value_is_compared_by_type_and_bits(wanted: dict[str, Any], seen: dict[str, str]) -> None:
    assert mismatch({"values": [wanted]}, values(seen)).kind == "value"


@pytest.mark.parametrize(
    ("wanted", "seen"),
    [
        (value("i64", 2**64 - 1), value("i64", 2**64 - 1)),
        (value("f32", "nan:canonical"), value("f32", 0xFFC00000)),
        (value("f32", "nan:arithmetic"), value("f32", 0x7FC00001)),
        (value("f64", "nan:canonical"), value("f64", 0x7FF8000000000000)),
        (value("f64", "nan:arithmetic"), value("f64", 0xFFF8000000000000)),
        ({"any": [value("i32", 1), value("i32", 2)]}, value("i32", 2)),
    ],
)
def test_a_right_value_passes(wanted: dict[str, Any], seen: dict[str, str]) -> None:
    assert check({"values": [wanted]}, values(seen)) is None


def test_a_value_too_few_or_too_many_is_seen() -> None:
    one = value("i32", 1)
    assert mismatch({"values": [one]}, values()).seen == "no value"
    assert mismatch({"values": [one]}, values(one, one)).seen == "i32 1 (0x00000001), i32 1 (0x00000001)"


def test_a_number_in_a_range_is_read_as_signed() -> None:
    assert check({"between": [-1, 1]}, values(value("i32", 0xFFFFFFFF))) is None
    assert mismatch({"between": [1, 9]}, values(value("i32", 0xFFFFFFFF))) == ("a number from 1 to 9", "-1", "value")
    assert mismatch({"between": [0, 0]}, values(value("i32", 7))) == ("0", "7", "value")
    assert mismatch({"between": [0, 1]}, values(value("f32", 0))).seen == "it went on and gave f32 0.0 (0x00000000)"


def test_a_result_can_be_held_against_an_earlier_one() -> None:
    results = [values(value("i32", 17)), {"pages": 18}]
    assert check({"same": 0, "plus": 1}, results[1], results) is None
    assert check({"same": 0}, values(value("i32", 17)), results) is None
    assert mismatch({"same": 0}, results[1], results) == ("17 (the 17 of command 0, plus 0)", "18", "value")
    assert "gave no number" in mismatch({"same": 0}, {"pages": 1}, [TRAP]).seen


# ---- ways to end


def test_a_trap_must_be_of_the_kind() -> None:
    both = {"trap": {"kinds": ["undefined element", "out of bounds table access"], "message": "table out of bounds"}}
    assert check({"trap": "undefined element"}, both) is None
    assert check({"trap": ["unreachable", "out of bounds table access"]}, both) is None
    found = mismatch({"trap": "integer overflow"}, TRAP)
    assert found == ("a trap: integer overflow", "a trap: unreachable (wasm trap: unreachable)", "ending")


def test_a_trap_that_did_not_come_is_seen() -> None:
    found = mismatch({"trap": "integer overflow"}, values(value("i32", 5)))
    assert found.seen == "it went on and gave i32 5 (0x00000005)"
    assert (
        mismatch({"trap": "integer overflow"}, {"trap": {"kinds": [], "message": "?"}}).seen
        == "a trap: of no known kind (?)"
    )


def test_a_failure_may_have_several_forms() -> None:
    expect = {"failure": [{"trap": "unreachable"}, {"exit": 2}, {"exception": True}]}
    for result in (TRAP, EXIT, EXCEPTION):
        assert check(expect, result) is None
    for result in ({"exit": 0}, ERROR, {"trap": {"kinds": ["integer overflow"], "message": ""}}, values()):
        assert mismatch(expect, result).expected == "a trap: unreachable or the exit code 2 or an exception"


def test_an_error_must_be_of_its_phase_and_message() -> None:
    assert check({"error": "compile"}, ERROR) is None
    assert check({"error": "compile", "matches": "TypeError.*MIME"}, ERROR) is None
    assert mismatch({"error": "link"}, ERROR).kind == "ending"
    assert mismatch({"error": "compile", "matches": "CORS"}, ERROR).kind == "ending"
    assert mismatch({"error": "compile"}, {}).seen == "it went on"


# ---- bytes


def test_bytes_differ_at_the_first_byte() -> None:
    assert check({"bytes": b"abc"}, read(b"abc")) is None
    found = mismatch({"bytes": bytes([1, 2, 3])}, read(bytes([1, 255, 4])))
    assert found == ("byte 1 = 2 (0x02)", "byte 1 = 255 (0xff); 2 of 3 differ", "value")
    assert mismatch({"bytes": b"abc"}, read(b"ab")) == ("3 bytes", "2 bytes", "value")


def test_elements_differ_by_bits() -> None:
    """NaN equals itself, and minus zero is not zero."""
    wanted = struct.pack("<3d", 1.0, float("nan"), 0.0)
    assert check({"bytes": wanted, "dtype": "<f8"}, read(wanted)) is None
    found = mismatch({"bytes": wanted, "dtype": "<f8"}, read(struct.pack("<3d", 1.0, float("nan"), -0.0)))
    assert found.expected == "element 2 = 0.0 (0x0000000000000000)"
    assert found.seen == "element 2 = -0.0 (0x8000000000000000); 1 of 3 differ"


def test_pixels_differ_at_a_place_and_channel() -> None:
    wanted = bytes(4 * 3 * 2)
    seen = bytearray(wanted)
    seen[4 * 4 + 2] = 9
    found = mismatch({"bytes": wanted, "width": 3}, read(bytes(seen)))
    assert found == ("pixel (1, 1) B = 0 (0x00)", "pixel (1, 1) B = 9 (0x09); 1 of 24 differ", "value")


def test_fields_of_a_record_are_named() -> None:
    dtype = [["objects", "<u4"], ["sum", "<f8"]]
    found = mismatch({"bytes": struct.pack("<Id", 3, 0.5), "dtype": dtype}, read(struct.pack("<Id", 3, 0.25)))
    assert found == ("sum = 0.5 (0x3fe0000000000000)", "sum = 0.25 (0x3fd0000000000000)", "value")


def close(*numbers: float) -> dict[str, Any]:
    atol = struct.pack("<2f", 0.5, 0.0)
    return {"close": {"dtype": "<f4", "values": struct.pack("<2f", *numbers), "atol": atol}}


def test_each_element_has_its_own_tolerance() -> None:
    assert check(close(1.0, 2.0), read(struct.pack("<2f", 1.5, 2.0))) is None
    found = mismatch(close(1.0, 2.0), read(struct.pack("<2f", 1.0, 2.0000002)))
    assert found.expected.startswith("element 1 = 2.0 (0x40000000)")
    assert found.seen.endswith("1 of 2 are too far away")
    assert mismatch(close(1.0, 2.0), read(b"")).seen == "0 bytes"


@pytest.mark.parametrize("number", [float("nan"), float("inf"), -float("inf")])
def test_what_is_no_number_is_never_close(number: float) -> None:
    assert check(close(1.0, 2.0), read(struct.pack("<2f", number, 2.0))) is not None


# ---- pictures


@pytest.fixture(scope="module")
def picture() -> np.ndarray[Any, np.dtype[np.uint8]]:
    y, x = np.mgrid[0:24, 0:40]
    return np.stack([x * 6, y * 10, x + y], axis=-1).astype(np.uint8)


def encode(pixels: Any, form: str = "JPEG") -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, form, **({"quality": 95} if form == "JPEG" else {}))
    return buffer.getvalue()


def jpeg_check(data: bytes, pixels: Any, length: int | None = None, width: int = 40) -> Mismatch | None:
    expect = {"jpeg": {"width": width, "height": 24, "rgb": pixels.tobytes(), "psnr": 35.0, "length": 0}}
    results = [values(value("i32", len(data) if length is None else length)), read(data + bytes(100))]
    return check(expect, results[1], results)


def test_a_jpeg_of_the_picture_passes(picture: Any) -> None:
    assert jpeg_check(encode(picture), picture) is None


def test_a_jpeg_of_another_picture_or_size_is_seen(picture: Any) -> None:
    found = jpeg_check(encode(picture[::-1]), picture)
    assert found is not None
    assert found.expected == "a PSNR of 35.0 dB or better"
    assert "dB" in found.seen
    found = jpeg_check(encode(picture[:20]), picture)
    assert found is not None
    assert found.seen == "a JPEG of 40 by 20 pixels"


def test_what_is_no_jpeg_or_cut_off_is_seen(picture: Any) -> None:
    data = encode(picture)
    for wrong, length in ((encode(picture, "PNG"), None), (data, len(data) - 1), (data, len(data) + 1), (b"", 0)):
        assert jpeg_check(wrong, picture, length) is not None
    middle = len(data) - 200
    broken = jpeg_check(data[:middle] + b"\xff\xd9", picture)
    assert broken is not None
    assert jpeg_check(b"\xff\xd8\xff\xd9", picture) is not None


# ---- workers


def test_each_worker_is_compared() -> None:
    expect = {"workers": {"values": [[value("i32", 5)], [value("i32", 6)]]}}
    good = {"workers": [values(value("i32", 5)), values(value("i32", 6))], "seconds": 1.0}
    assert check(expect, good) is None
    wrong = {"workers": [values(value("i32", 5)), values(value("i32", 7))]}
    assert mismatch(expect, wrong).seen == "worker 1 of 2: i32 7 (0x00000007)"
    assert mismatch(expect, {"workers": [values(value("i32", 5)), TRAP]}).kind == "ending"
    assert mismatch(expect, {"workers": [values(value("i32", 5))]}) == ("2 workers", "1 workers", "value")


def test_each_worker_may_have_to_end_in_its_own_way() -> None:
    """One by a trap of a kind, one with a value; who did not is named."""
    expect = {"workers": {"each": [{"trap": "unreachable"}, {"values": [value("i32", 6)]}]}}
    good = [TRAP, values(value("i32", 6))]
    assert check(expect, {"workers": good}) is None
    assert mismatch(expect, {"workers": good[::-1]}).seen == "worker 0 of 2: it went on and gave i32 6 (0x00000006)"
    assert at_fault(expect, {"workers": [TRAP, TRAP]}) == ({"values": [value("i32", 6)]}, TRAP)


# ---- commands of WASI


def ran(
    exit_: int = 0, stdout: bytes = b"", stderr: bytes = b"", files: dict[str, bytes | None] | None = None
) -> dict[str, Any]:
    encoded = {path: None if data is None else base64.b64encode(data).decode() for path, data in (files or {}).items()}
    streams = {"stdout": base64.b64encode(stdout).decode(), "stderr": base64.b64encode(stderr).decode()}
    return {"exit": exit_, **streams, "files": encoded, "seconds": 0.1}


@pytest.mark.parametrize(
    ("wasi", "result"),
    [
        ({"exit": 0}, ran(0, b"anything", b"at all")),
        ({"exit": 42, "stdout": b""}, ran(42)),
        ({"stdout": b"a\n"}, ran(7, b"a\n")),
        ({"stdout": {"matches": r"\d+\n"}, "stderr": b""}, ran(0, b"12\n")),
        ({"files": {"/data/a": b"x", "/data/b": None}}, ran(files={"/data/a": b"x", "/data/b": None})),
        ({"refused": True, "secret": b"root:"}, ran(2, b"", b"permission denied")),
    ],
)
def test_a_right_run_passes(wasi: dict[str, Any], result: dict[str, Any]) -> None:
    assert check({"wasi": wasi}, result) is None


@pytest.mark.parametrize(
    ("wasi", "result", "kind"),
    [
        ({"exit": 0}, ran(1, b"", b"no such file"), "value"),
        ({"stdout": b"abc"}, ran(0, b"abd"), "value"),
        ({"stdout": b"abc"}, ran(0, b"ab"), "value"),
        ({"stderr": b""}, ran(0, b"", b"oops"), "value"),
        ({"stdout": {"matches": r"\d+"}}, ran(0, b"12\n"), "value"),
        ({"files": {"/data/a": b"x"}}, ran(files={"/data/a": None}), "value"),
        ({"files": {"/data/a": None}}, ran(files={"/data/a": b""}), "value"),
        ({"files": {"/data/a": b"x"}}, ran(), "value"),
        ({"exit": 0}, {**TRAP, "stdout": "", "stderr": ""}, "ending"),
        ({"refused": True, "secret": b"root:"}, {**TRAP, "stdout": "", "stderr": ""}, "ending"),
        ({"refused": True, "secret": b"root:"}, ran(0), "allowed"),
        ({"refused": True, "secret": b"root:"}, ran(2, b"root:x:0"), "escaped"),
        ({"refused": True, "secret": b"root:"}, ran(2, b"", b"cannot read root:x:0"), "escaped"),
        ({"refused": True, "secret": b"root:"}, ran(64), "value"),
        ({"refused": True, "secret": b"root:"}, ran(2, b"harmless"), "value"),
    ],
)
def test_a_wrong_run_is_seen(wasi: dict[str, Any], result: dict[str, Any], kind: str) -> None:
    assert mismatch({"wasi": wasi}, result).kind == kind


def test_long_output_is_shown_where_it_differs() -> None:
    wanted = b"x" * 500_000 + b"right" + b"y" * 500_000
    found = mismatch({"wasi": {"stdout": wanted}}, ran(0, wanted.replace(b"right", b"wrong")))
    assert found.expected.startswith("stdout, from byte 500000 on: 'right")
    assert found.seen.startswith("stdout, from byte 500000 on: 'wrong")
    assert len(found.seen) < 200


def test_an_unexpected_exit_code_brings_what_the_program_said() -> None:
    assert mismatch({"wasi": {"exit": 0}}, ran(2, b"", b"denied\n")).seen == "the exit code 2; stderr 'denied\\n'"


# ---- timing


def test_a_call_that_must_last_may_be_late_and_not_early() -> None:
    """But for what a runner's clock may be off."""
    expect = {"values": [value("i32", 2)], "lasts": 0.02, "what": "a wait"}
    for seconds in (0.0195, 0.02, 5.0):
        assert check(expect, {"values": [value("i32", 2)], "seconds": seconds}) is None
    early = mismatch(expect, {"values": [value("i32", 2)], "seconds": 0.018})
    assert (early.expected, early.seen) == ("a wait: 0.02 s at the least", "0.018000 s")
    assert mismatch(expect, {"values": [value("i32", 1)], "seconds": 0.5}).seen.startswith("i32 1")


def counts(*numbers: int) -> dict[str, Any]:
    return read(struct.pack(f"<{len(numbers)}I", *numbers))


def test_a_forbidden_outcome_is_seen_with_its_count() -> None:
    """What is not forbidden is information; each round has an outcome."""
    names = ["y=0 x=0", "y=1 x=0", "y=0 x=1", "y=1 x=1"]
    expect = {"outcomes": {"names": names, "forbidden": ["y=1 x=0"], "total": 1000}}
    assert check(expect, counts(10, 0, 990, 0)) is None
    assert mismatch(expect, counts(10, 3, 987, 0))[:2] == ("y=1 x=0: never", "y=1 x=0: 3 times in 1,000")
    assert mismatch(expect, counts(10, 0, 989, 0))[:2] == ("1,000 outcomes", "999")
    assert mismatch(expect, TRAP).seen.startswith("a trap")
