"""The oracles agree with vectors and definitions that are not theirs."""

from __future__ import annotations

import itertools
import json as python_json
import math
import random
import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from conformance.case import Case
from conformance.cases import CASES, _atomics, image, json, matmul, nbody, programs, sort, text, threads
from conformance.cases._instructions import INSTRUCTIONS
from conformance.cases._script import noise
from modules import table as modules
from tests.conformance.test_cases import module_of


def script(case_id: str, variant: str = "single") -> list[dict[str, Any]]:
    """The script of a case for a module of Rust."""
    case: Case = next(case for case in CASES if case.id == case_id)
    return case.build(module_of(case, "rust", variant))


def expected(case_id: str, variant: str = "single") -> list[bytes]:
    """All bytes that the case expects to read."""
    return [c["expect"]["bytes"] for c in script(case_id, variant) if "bytes" in c.get("expect", {})]


def test_sha256_of_nothing_is_that_of_fips_180() -> None:
    """NIST's example of the empty message."""
    digest = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert expected("sha256/empty") == [bytes.fromhex(digest)]


def test_sha256_asks_for_the_lengths_around_a_block() -> None:
    lengths = [c["action"]["args"][1]["value"] for c in script("sha256/block-borders") if _calls(c, "sha256")]
    assert lengths == ["55", "56", "57", "63", "64", "65", "119", "120"]
    assert [len(c["data"]) for c in script("sha256/8-mib") if c["type"] == "write"] == [8 * 1024 * 1024]


def _calls(command: dict[str, Any], field: str) -> bool:
    return bool(command.get("action", {}).get("field") == field)


@pytest.mark.parametrize(("steps", "energy"), [(0, "-0.169075164"), (1_000, "-0.169087605"), (50_000, "-0.169078071")])
def test_nbody_has_the_published_energies(steps: int, energy: str) -> None:
    """The Computer Language Benchmarks Game's output for 1,000 and 50,000 steps."""
    assert f"{nbody.simulate(steps)[-1]:.9f}" == energy


def test_nbody_stands_still_as_a_whole() -> None:
    """The offset leaves no momentum, to the last bits."""
    values, masses = nbody.simulate(0), [body[6] * nbody.SOLAR_MASS for body in nbody.BODIES]
    for axis in (3, 4, 5):
        assert abs(math.fsum(values[6 * i + axis] * mass for i, mass in enumerate(masses))) < 1e-17


def plain_blur(pixels: np.ndarray[Any, Any], radius: int, x: int, y: int, channel: int) -> int:
    """modules/README.md, word for word."""
    height, width, _ = pixels.shape
    window = range(-radius, radius + 1)
    at = [(min(max(y + j, 0), height - 1), min(max(x + i, 0), width - 1)) for j in window for i in window]
    n = (2 * radius + 1) ** 2
    return (sum(int(pixels[j, i, channel]) for j, i in at) + n // 2) // n


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (7, 5)])
@pytest.mark.parametrize("radius", [0, 1, 5])
def test_blur_is_the_definition(size: tuple[int, int], radius: int) -> None:
    pixels = image.grain(*size)
    blurred = image.blur(pixels, radius)
    for (y, x, channel), value in np.ndenumerate(blurred):
        assert value == plain_blur(pixels, radius, x, y, channel)


def plain_resize(pixels: np.ndarray[Any, Any], dw: int, dh: int, x: int, y: int, channel: int) -> int:
    """modules/README.md, word for word."""
    h, w, _ = pixels.shape

    def axis(t: int, size: int, target: int) -> tuple[int, int, int]:
        f = math.floor(((2 * t + 1) * size * 65536) / (2 * target)) - 32768
        f = min(max(f, 0), (size - 1) * 65536)
        return f >> 16, min((f >> 16) + 1, size - 1), (f & 65535) >> 8

    (x0, x1, wx), (y0, y1, wy) = axis(x, w, dw), axis(y, h, dh)

    def p(i: int, j: int) -> int:
        return int(pixels[j, i, channel])

    upper = p(x0, y0) * (256 - wx) * (256 - wy) + p(x1, y0) * wx * (256 - wy)
    return (upper + p(x0, y1) * (256 - wx) * wy + p(x1, y1) * wx * wy + 32768) >> 16


@pytest.mark.parametrize(("old", "new"), [((7, 5), (13, 11)), ((13, 11), (7, 5)), ((1, 1), (3, 2)), ((9, 4), (1, 1))])
def test_resize_is_the_definition(old: tuple[int, int], new: tuple[int, int]) -> None:
    pixels = image.grain(*old)
    resized = image.resize(pixels, *new)
    assert resized.shape == (new[1], new[0], 4)
    for (y, x, channel), value in np.ndenumerate(resized):
        assert value == plain_resize(pixels, *new, x, y, channel)


def test_the_picture_for_jpeg_is_one_that_pillow_itself_encodes_well() -> None:
    """35 dB at quality 90 is a fair demand: a third encoder meets it with room to spare."""
    import io

    from PIL import Image

    for old, new in image.PHOTOS:
        pixels = image.resize(image.smooth(*old), *new)[:, :, :3]
        buffer = io.BytesIO()
        Image.fromarray(pixels).save(buffer, "JPEG", quality=image.QUALITY)
        decoded = np.asarray(Image.open(buffer), np.float64)
        error = ((decoded - pixels) ** 2).mean()
        assert 10 * math.log10(255**2 / error) > 37


@pytest.mark.parametrize("n", [1, 2, 7, 16])
def test_matmul_rounds_each_product_and_each_sum(n: int) -> None:
    """Against a loop in Python that rounds to f32 by struct."""

    def f32(number: float) -> float:
        return float(struct.unpack("<f", struct.pack("<f", number))[0])

    a, b = matmul.factors(n)
    c = matmul.product(n)
    for i in range(n):
        for j in range(n):
            total = 0.0
            for k in range(n):
                total = f32(total + f32(float(a[i, k]) * float(b[k, j])))
            assert struct.pack("<f", total) == c[i, j].tobytes()


@pytest.mark.parametrize("n", matmul.SIZES)
def test_matmul_in_another_order_stays_within_the_tolerance_and_a_wrong_term_does_not(n: int) -> None:
    a, b = matmul.factors(n)
    backward = np.zeros((n, n), np.float32)
    for k in reversed(range(n)):
        backward += a[:, k, None] * b[k]
    assert (np.abs(backward - matmul.product(n)) <= matmul.tolerance(n)).all()
    without_last = matmul.product(n) - a[:, n - 1, None] * b[n - 1]
    assert not (np.abs(without_last - matmul.product(n)) <= matmul.tolerance(n)).all()


def test_sort_asks_for_a_million_and_guards_what_stands_behind() -> None:
    (data,) = expected("sort/i32-1000000")
    numbers = np.frombuffer(data[: -len(sort.BEYOND)], "<i4")
    assert len(numbers) == 1_000_000
    assert (np.diff(numbers.astype(np.int64)) >= 0).all()
    assert data.endswith(sort.BEYOND)


# ---- json


def test_json_statistics_of_a_document_counted_by_hand() -> None:
    document = r'{"a": [1, -2, 2.5, "x\ud83d\ude00", null, [true, false, {}]], "é": "", "n": 1e2}'
    record = struct.unpack("<8IQqd", json.statistics(document))
    # objects, arrays, strings, numbers, trues, falses, nulls, nesting; code points: a é n, x and an emoji; sums
    assert record == (2, 2, 2, 4, 1, 1, 1, 4, 5, -1, 102.5)


def test_json_sums_wrap_and_keep_document_order() -> None:
    record = struct.unpack("<8IQqd", json.statistics("[9223372036854775807, 1, 1e16, 1.0, -1e16]"))
    assert record[-2] == -(2**63)
    assert record[-1] == (1e16 + 1.0) - 1e16  # 0.0 or 2.0 by rounding, not the exact 1.0
    assert record[-1] != 1.0


@pytest.mark.parametrize("text_", [document for documents in json.BAD.values() for document in documents])
def test_bad_json_is_bad_for_python_too(text_: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 (json raises it plain for NaN)
        json.statistics(text_)


@pytest.mark.parametrize("name", json.GOOD)
def test_good_json_leaves_nothing_to_opinion(name: str) -> None:
    """No lone surrogate, no integer beyond i64, no float that overflows, no key twice: RFC 8259 leaves those open."""

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        if name != "document":  # its keys are random words, and may meet: parsers that count see each
            assert len({key for key, _ in pairs}) == len(pairs)
        for key, _ in pairs:
            key.encode()
        return dict(pairs)

    def integer(digits: str) -> int:
        assert -(2**63) <= int(digits) < 2**63
        return 0

    def number(digits: str) -> float:
        assert math.isfinite(float(digits))
        return 0.0

    for document in json.GOOD[name][1]().values():
        tree = python_json.loads(document, object_pairs_hook=unique, parse_int=integer, parse_float=number)
        python_json.dumps(tree, ensure_ascii=False).encode()


def test_the_json_document_is_real_sized_nested_and_escaped() -> None:
    document = json.document(1_000_000)
    assert 1_000_000 <= len(document.encode()) < 1_010_000
    record = dict(
        zip((name for name, _ in json.FIELDS), struct.unpack("<8IQqd", json.statistics(document)), strict=True)
    )
    assert all(record[name] > 100 for name in ("objects", "arrays", "strings", "numbers", "trues", "falses", "nulls"))
    assert record["nesting"] >= 6
    assert math.isfinite(record["float sum"])
    for escape in (r"\n", r"\"", r"\\", r"\u00e9", r"\ud83d\ude00"):
        assert escape in document


# ---- text


@pytest.mark.parametrize("digits", [digits for strings in text.INVALID.values() for digits in strings])
def test_invalid_text_is_invalid_for_python_too(digits: str) -> None:
    with pytest.raises(UnicodeDecodeError):
        bytes.fromhex(digits).decode()


def test_text_is_reversed_by_code_points() -> None:
    call, read = script("text/combining")[-2:]
    assert call["expect"]["values"] == [{"type": "i32", "value": "1"}]
    assert read["expect"]["bytes"] == "\u0301".encode() + text.GUARD
    assert expected("text/astral")[1] == b"b\xf0\x9f\x98\x80a" + text.GUARD


# ---- threads


@pytest.mark.parametrize("passes", [1, 2, 7, 64, 100])
def test_the_sum_of_reduce_is_that_of_a_plain_loop(passes: int) -> None:
    values = np.frombuffer(noise("test", 4 * 501), "<i4")
    assert threads.total(values, passes) == sum(int(value) ^ p for value in values for p in range(passes))


def test_regions_of_threads_do_not_overlap() -> None:
    """The control block, stacks, TLS areas and data lie one after the other within the memory that the host makes."""
    assert threads.CONTROL >> 20 == 2
    ends = [
        (threads.CONTROL, 64 + 4 * max(threads.WORKERS)),
        (threads.STACKS, threads.STACK * max(threads.WORKERS)),
        (threads.TLS, threads.TLS_SIZE * max(threads.WORKERS)),
        (threads.DATA, 4 * threads.LENGTH),
        (threads.PAGES * 65536, 0),
    ]
    for (start, size), (following, _) in itertools.pairwise(ends):
        assert start + size <= following


def test_the_data_and_results_of_programs_have_room() -> None:
    """Between the data and the results, and behind them."""
    given = (4 * programs.LENGTH, 2 * 4 * programs.FACTOR**2)
    made = (4 * programs.LENGTH, 4 * programs.ROWS * programs.ROW, 4 * programs.TASKS, 4 * programs.POINTS**2)
    assert threads.DATA + max(given) <= programs.OUT
    assert programs.OUT + max(made) <= threads.PAGES * 65536


def test_the_picture_of_mandelbrot_is_that_of_a_plain_loop() -> None:
    def steps(re: float, im: float) -> int:
        z = (0.0, 0.0)
        for step in range(30):
            if z[0] * z[0] + z[1] * z[1] > 4.0:
                return step
            z = (z[0] * z[0] - z[1] * z[1] + re, 2.0 * z[0] * z[1] + im)
        return 30

    rows = [[steps(3.0 * (x * (1 / 9)) - 2.0, 3.0 * (y * (1 / 9)) - 1.5) for x in range(9)] for y in range(9)]
    assert programs.mandelbrot(9, 30).tolist() == rows


def test_the_results_of_tasks_are_those_of_xorshift32() -> None:
    """Seeded with 1 it gives 270369, then 67634689."""
    assert programs.results(1, 1).tolist() == [270369]
    assert programs.results(1, 2).tolist() == [67634689]


def test_mix_multiplies_modulo_2_to_the_32() -> None:
    numbers = [0, 1, 2, 99_999]
    assert programs.mix(np.array(numbers)).tolist() == [n * 0x9E3779B1 % 2**32 for n in numbers]


# ---- instructions: assertions of the core test suite's own kind, written out


def f32_bits(number: float) -> int:
    return int.from_bytes(struct.pack("<f", number), "little")


def f64_bits(number: float) -> int:
    return int.from_bytes(struct.pack("<d", number), "little")


VECTORS: list[tuple[str, tuple[int, ...], object]] = [
    ("i32_div_s", (0x80000000, 0xFFFFFFFF), "integer overflow"),
    ("i32_div_s", (7, 0), "integer divide by zero"),
    ("i32_div_s", (0xFFFFFFF9, 2), 0xFFFFFFFD),
    ("i32_rem_s", (0x80000000, 0xFFFFFFFF), 0),
    ("i32_rem_s", (0xFFFFFFF9, 2), 0xFFFFFFFF),
    ("i32_rem_s", (7, 0xFFFFFFFE), 1),
    ("i32_rem_u", (0xFFFFFFFB, 2), 1),
    ("i64_div_u", (0xFFFFFFFFFFFFFFFF, 2), 0x7FFFFFFFFFFFFFFF),
    ("i64_mul", (0x0123456789ABCDEF, 0xFEDCBA9876543210), 0x2236D88FE5618CF0),
    ("i32_shl", (1, 33), 2),
    ("i32_shr_s", (0x80000000, 31), 0xFFFFFFFF),
    ("i64_rotl", (0xABCD987602468ACE, 1), 0x579B30EC048D159D),
    ("i64_rotl", (1, 64), 1),
    ("i32_rotr", (1, 1), 0x80000000),
    ("i32_clz", (0,), 32),
    ("i64_ctz", (0,), 64),
    ("i64_ctz", (0x8000000000000000,), 63),
    ("i64_popcnt", (0xFFFFFFFFFFFFFFFF,), 64),
    ("i64_extend8_s", (0x0123456789ABCD80,), 0xFFFFFFFFFFFFFF80),
    ("i32_extend16_s", (0x00008000,), 0xFFFF8000),
    ("i64_extend_i32_s", (0x80000000,), 0xFFFFFFFF80000000),
    ("i32_lt_s", (0xFFFFFFFF, 0), 1),
    ("i32_lt_u", (0xFFFFFFFF, 0), 0),
    ("i32_trunc_f32_s", (f32_bits(2147483648.0),), "integer overflow"),
    ("i32_trunc_f32_s", (f32_bits(-2147483648.0),), 0x80000000),
    ("i32_trunc_f64_s", (f64_bits(-2147483648.9),), 0x80000000),
    ("i32_trunc_f64_s", (f64_bits(-2147483649.0),), "integer overflow"),
    ("i32_trunc_f64_u", (f64_bits(4294967295.9),), 0xFFFFFFFF),
    ("i32_trunc_f64_u", (f64_bits(-0.9),), 0),
    ("i32_trunc_f64_u", (f64_bits(-1.0),), "integer overflow"),
    ("i64_trunc_f32_u", (f32_bits(18446742974197923840.0),), 0xFFFFFF0000000000),
    ("i64_trunc_f64_s", (0x7FF8000000000000,), "invalid conversion to integer"),
    ("i64_trunc_f64_s", (f64_bits(math.inf),), "integer overflow"),
    ("i32_trunc_sat_f32_s", (0x7F800001,), 0),
    ("i32_trunc_sat_f32_s", (f32_bits(-math.inf),), 0x80000000),
    ("i64_trunc_sat_f64_u", (f64_bits(1e300),), 0xFFFFFFFFFFFFFFFF),
    ("f32_convert_i32_s", (16777217,), f32_bits(16777216.0)),
    ("f32_convert_i32_s", (16777219,), f32_bits(16777220.0)),
    ("f32_convert_i64_s", (0x7FFFFF4000000001,), 0x5EFFFFFF),
    ("f32_convert_i64_u", (0x8000008000000001,), 0x5F000001),
    ("f32_convert_i64_u", (0xFFFFFFFFFFFFFFFF,), f32_bits(2.0**64)),
    ("f64_convert_i64_u", (0x8000000000000400,), 0x43E0000000000000),
    ("f64_convert_i64_u", (0x8000000000000401,), 0x43E0000000000001),
    ("f64_convert_i64_u", (0x8000000000000C00,), 0x43E0000000000002),
    ("f64_convert_i64_s", (9007199254740993,), f64_bits(9007199254740992.0)),
    ("f32_demote_f64", (0x36A0000000000000,), 1),
    ("f32_demote_f64", (0x3690000000000000,), 0),
    ("f32_demote_f64", (0x3690000000000001,), 1),
    ("f32_demote_f64", (0x47EFFFFFEFFFFFFF,), 0x7F7FFFFF),
    ("f32_demote_f64", (0x47EFFFFFF0000000,), 0x7F800000),
    ("f32_demote_f64", (0x7FF8000000000000,), "nan:canonical"),
    ("f32_demote_f64", (0x7FF4000000000000,), "nan:arithmetic"),
    ("f32_add", (f32_bits(1.0), f32_bits(2.0**-24)), f32_bits(1.0)),
    ("f32_mul", (0x00800000, f32_bits(0.5)), 0x00400000),
    ("f32_div", (f32_bits(1.0), f32_bits(-0.0)), f32_bits(-math.inf)),
    ("f64_div", (f64_bits(0.0), f64_bits(0.0)), "nan:canonical"),
    ("f64_sub", (f64_bits(math.inf), f64_bits(math.inf)), "nan:canonical"),
    ("f64_mul", (f64_bits(math.inf), f64_bits(0.0)), "nan:canonical"),
    ("f32_sqrt", (f32_bits(-0.0),), f32_bits(-0.0)),
    ("f32_sqrt", (f32_bits(-1.0),), "nan:canonical"),
    ("f32_sqrt", (f32_bits(2.0),), 0x3FB504F3),
    ("f64_min", (f64_bits(0.0), f64_bits(-0.0)), f64_bits(-0.0)),
    ("f64_max", (f64_bits(-0.0), f64_bits(0.0)), f64_bits(0.0)),
    ("f64_min", (f64_bits(-math.inf), 0x7FF8000000000000), "nan:canonical"),
    ("f64_max", (0x7FF4000000000000, 0x7FF8000000000000), "nan:arithmetic"),
    ("f64_nearest", (f64_bits(2.5),), f64_bits(2.0)),
    ("f64_nearest", (f64_bits(-0.5),), f64_bits(-0.0)),
    ("f64_nearest", (f64_bits(4503599627370495.5),), f64_bits(4503599627370496.0)),
    ("f64_ceil", (f64_bits(-0.1),), f64_bits(-0.0)),
    ("f64_floor", (f64_bits(-0.1),), f64_bits(-1.0)),
    ("f32_nearest", (f32_bits(8388607.5),), f32_bits(8388608.0)),
    ("f64_neg", (0x7FF0000000000001,), 0xFFF0000000000001),
    ("f64_abs", (0xFFF0000000000001,), 0x7FF0000000000001),
    ("f32_copysign", (0x7F800001, 0xFFC00000), 0xFF800001),
    ("f32_eq", (0x7FC00000, 0x7FC00000), 0),
    ("f64_eq", (f64_bits(0.0), f64_bits(-0.0)), 1),
    ("f64_promote_f32", (1,), 0x36A0000000000000),
    ("f32_from_bits", (0x7F800001,), 0x7F800001),
]


@pytest.mark.parametrize(("name", "operands", "result"), VECTORS)
def test_an_instruction_gives_what_the_core_test_suite_says(
    name: str, operands: tuple[int, ...], result: object
) -> None:
    instruction = INSTRUCTIONS[name]
    expect = instruction.expect(*operands)
    if isinstance(result, int):
        assert expect == {"values": [{"type": instruction.result, "value": str(result)}]}
    elif str(result).startswith("nan:"):
        assert expect == {"values": [{"type": instruction.result, "value": result}]}
    else:
        assert expect == {"trap": result}


NUMPY: dict[str, Callable[..., Any]] = {
    "add": np.add, "sub": np.subtract, "mul": np.multiply, "div": np.divide, "sqrt": np.sqrt,
    "floor": np.floor, "ceil": np.ceil, "trunc": np.trunc, "nearest": np.rint,
}  # fmt: skip


@pytest.mark.parametrize("type_", ["f32", "f64"])
@pytest.mark.parametrize("name", NUMPY)
def test_float_instructions_agree_with_the_processor(type_: str, name: str) -> None:
    """Random bit patterns through numpy, which uses the machine's own single and double arithmetic."""
    width = int(type_[1:])
    instruction = INSTRUCTIONS[f"{type_}_{name}"]
    dice = random.Random(f"{type_}{name}")
    for _ in range(2000):
        operands = [dice.getrandbits(width) for _ in instruction.params]
        if dice.random() < 0.5:  # near each other, where rounding and cancelling happen
            operands = [operands[0] ^ dice.getrandbits(20) for _ in operands]
        floats = [np.frombuffer(bits.to_bytes(width // 8, "little"), f"<f{width // 8}")[0] for bits in operands]
        with np.errstate(all="ignore"):
            result = NUMPY[name](*floats)
        value = instruction.expect(*operands)["values"][0]["value"]
        if np.isnan(result):
            assert value.startswith("nan:")
        else:
            assert value == str(int.from_bytes(result.tobytes(), "little"))


def test_the_atomic_instructions_are_those_of_the_text() -> None:
    """Sixty-three, each as it is, with two offsets and with operands of calls, of the module that an assembler made."""
    exports = modules.load().modules["wat-atomics"].exports
    asked = {instruction.name for instruction in _atomics.INSTRUCTIONS}
    assert len(asked) == 63
    assert {name.split()[0] for name in exports if name[:4] in ("i32.", "i64.")} == asked
    forms = ("offset=1", "offset=65528", "called")
    assert asked | {f"{name} {form}" for name in asked for form in forms} <= set(exports)


@pytest.mark.parametrize(
    ("name", "old", "operands", "result", "new"),
    [
        ("i32.atomic.rmw8.add_u", "ff", (0x102,), 0xFF, "01"),
        ("i64.atomic.rmw16.sub_u", "0000", (1,), 0, "ffff"),
        ("i32.atomic.rmw.xchg", "01020304", (0xAABBCCDD,), 0x04030201, "ddccbbaa"),
        ("i64.atomic.rmw32.cmpxchg_u", "01000000", (0x7_0000_0001, 9), 1, "09000000"),
        ("i64.atomic.rmw.cmpxchg", "0100000000000000", (2, 9), 1, "0100000000000000"),
        ("i32.atomic.store16", "1111", (0x54321,), None, "2143"),
    ],
)
def test_an_atomic_instruction_by_hand(
    name: str, old: str, operands: tuple[int, ...], result: int | None, new: str
) -> None:
    """Worked out from the table of the proposal; the bytes around it stay."""
    instruction = next(one for one in _atomics.INSTRUCTIONS if one.name == name)
    outcome = instruction.on(b"ab" + bytes.fromhex(old) + b"cd", 2, *operands)
    assert (outcome.result, outcome.memory) == (result, b"ab" + bytes.fromhex(new) + b"cd")
