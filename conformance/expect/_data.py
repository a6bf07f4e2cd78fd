"""Bytes that were read: exactly these, numbers near these, a picture, counts of outcomes."""

from __future__ import annotations

import io
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from conformance.case import Expect
from conformance.expect._mismatch import Mismatch, answered
from conformance.measured import outcomes
from conformance.result import Result, decoded, integer, shortened

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

__all__ = ["close", "exact", "jpeg", "litmus"]


def exact(wanted: bytes, expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := answered(result, "bytes", f"{len(wanted)} bytes"):
        return mismatch
    seen = decoded(result)
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


def close(wanted: Any, _expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    import numpy as np

    dtype = wanted["dtype"]
    values, atol = np.frombuffer(wanted["values"], dtype), np.frombuffer(wanted["atol"], dtype)
    if mismatch := answered(result, "bytes", f"{len(values)} values"):
        return mismatch
    data = decoded(result)
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


def jpeg(wanted: Any, _expect: Expect, result: Result, results: Sequence[Result]) -> Mismatch | None:
    expected = f"a JPEG of {wanted['width']} by {wanted['height']} pixels"
    if mismatch := answered(result, "bytes", expected):
        return mismatch
    length = integer(results[wanted["length"]])
    data = decoded(result)[: length or 0]
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
        return Mismatch(expected, f"{len(data)} bytes that Pillow does not decode: {shortened(str(error))}")
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


def litmus(wanted: Any, expect: Expect, result: Result, _results: Sequence[Result]) -> Mismatch | None:
    if mismatch := answered(result, "bytes", "counts of outcomes"):
        return mismatch
    seen = outcomes(expect, result) or {}
    for name in wanted["forbidden"]:
        if name in seen:
            return Mismatch(f"{name}: never", f"{name}: {seen[name]:,} times in {wanted['total']:,}")
    if (total := sum(seen.values())) != wanted["total"]:
        return Mismatch(f"{wanted['total']:,} outcomes", f"{total:,}")
    return None
