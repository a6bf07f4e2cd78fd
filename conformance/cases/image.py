"""image: box blur and bilinear resize of RGBA, byte for byte against numpy; JPEG decoded by Pillow, PSNR ≥ 35 dB."""

from __future__ import annotations

from functools import cache, partial
from typing import TYPE_CHECKING

from conformance.case import Case, Module, Script
from conformance.cases._script import Ask, noise

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Pixels = NDArray[np.uint8]
    """RGBA: (height, width, 4)."""
    Integers = NDArray[np.int64]

__all__ = ["CASES", "blur", "grain", "resize", "smooth"]

RADII = (0, 1, 5)
BLURS = ((1, 1), (1, 9), (7, 5), (64, 48), (129, 67))
RESIZES = (
    ((1, 1), (9, 7)),
    ((16, 16), (16, 16)),
    ((7, 5), (64, 48)),
    ((129, 67), (33, 17)),
    ((64, 48), (1, 1)),
)
PHOTOS = (((200, 150), (96, 72)), ((65, 43), (131, 87)))
QUALITY = 90


@cache
def grain(width: int, height: int) -> Pixels:
    """Random pixels, alpha too: what blurs and resizes worst."""
    import numpy as np

    data = noise(f"{width}x{height}", 4 * width * height)
    return np.frombuffer(data, np.uint8).reshape(height, width, 4)


@cache
def smooth(width: int, height: int) -> Pixels:
    """A smooth picture, as photographs mostly are: what JPEG is made for. Opaque."""
    import numpy as np

    y, x = np.mgrid[0:height, 0:width].astype(np.float64)
    red = 127.5 + 110 * np.sin(2 * np.pi * x / width) * np.cos(np.pi * y / height)
    green = 255 * (x / max(width - 1, 1)) * 0.8 + 20
    blue = 127.5 + 100 * np.cos(2 * np.pi * (x / width + y / height))
    alpha = np.full_like(red, 255)
    picture: NDArray[np.float64] = np.clip(np.stack([red, green, blue, alpha], axis=-1), 0, 255)
    return picture.astype(np.uint8)


def blur(pixels: Pixels, radius: int) -> Pixels:
    """The mean of the window of (2r+1)² pixels, edges clamped, rounded half up: (sum + n/2) / n in integers."""
    import numpy as np

    height, width, _ = pixels.shape
    side = 2 * radius + 1
    padded = np.pad(pixels.astype(np.int64), ((radius, radius), (radius, radius), (0, 0)), mode="edge")
    rows = sum((padded[k : k + height] for k in range(side)), np.zeros_like(padded[:height]))
    total = sum((rows[:, k : k + width] for k in range(side)), np.zeros_like(rows[:, :width]))
    n = side * side
    return ((total + n // 2) // n).astype(np.uint8)


def _axis(source: int, target: int) -> tuple[Integers, Integers, Integers]:
    """For each target coordinate: the source's before it, the one after, and the weight of the latter in 1/256."""
    import numpy as np

    t = np.arange(target, dtype=np.int64)
    f = np.clip(((2 * t + 1) * source * 65536) // (2 * target) - 32768, 0, (source - 1) * 65536)
    before = f >> 16
    return before, np.minimum(before + 1, source - 1), (f & 65535) >> 8


def resize(pixels: Pixels, width: int, height: int) -> Pixels:
    """Bilinear in fixed point with 8 bits of weight, pixel centres aligned, as modules/README.md defines it."""
    import numpy as np

    source = pixels.astype(np.int64)
    x0, x1, wx = (index.reshape(1, -1) for index in _axis(pixels.shape[1], width))
    y0, y1, wy = (index.reshape(-1, 1) for index in _axis(pixels.shape[0], height))
    wx, wy = wx[..., None], wy[..., None]
    upper = _mixed(source[y0, x0], source[y0, x1], wx)
    lower = _mixed(source[y1, x0], source[y1, x1], wx)
    return ((_mixed(upper, lower, wy) + 32768) >> 16).astype(np.uint8)


def _mixed(a: Integers, b: Integers, weight: Integers) -> Integers:
    """256 times the mean of `a` and `b`, where `b` weighs `weight` of 256."""
    mixed: Integers = a * (256 - weight) + b * weight
    return mixed


def _blurs(width: int, height: int, module: Module) -> Script:
    ask = Ask(module)
    pixels = grain(width, height)
    source, size = ask.put(pixels.tobytes()), pixels.nbytes
    for radius in RADII:
        target = ask.room(size)
        ask.call("box_blur", source, width, height, radius, target)
        expected = blur(pixels, radius).tobytes()
        ask.read(target, size, {"bytes": expected, "width": width, "what": f"radius {radius}"})
    return ask.commands


def _resizes(old: tuple[int, int], new: tuple[int, int], module: Module) -> Script:
    ask = Ask(module)
    pixels, (width, height) = grain(*old), new
    source, target = ask.put(pixels.tobytes()), ask.room(4 * width * height)
    ask.call("resize", source, *old, target, width, height)
    expected = resize(pixels, width, height).tobytes()
    ask.read(target, len(expected), {"bytes": expected, "width": width})
    return ask.commands


def _jpegs(old: tuple[int, int], new: tuple[int, int], module: Module) -> Script:
    ask = Ask(module)
    pixels, (width, height) = smooth(*old), new
    capacity = 4 * width * height + 4096
    source, target = ask.put(pixels.tobytes()), ask.room(capacity)
    length = ask.call(
        "resize_jpeg",
        *(source, *old, width, height, QUALITY, target, capacity),
        results=("i32",),
        expect={"between": [1, capacity], "what": "the length of the JPEG"},
    )
    rgb = resize(pixels, width, height)[:, :, :3].tobytes()
    picture = {"width": width, "height": height, "rgb": rgb, "psnr": 35.0, "length": length}
    ask.read(target, capacity, {"jpeg": picture})
    ask.call(
        "resize_jpeg",
        *(source, *old, width, height, QUALITY, target, 16),
        results=("i32",),
        expect={"between": [0, 0], "what": "a JPEG that does not fit its buffer"},
    )
    return ask.commands


def _size(size: tuple[int, int]) -> str:
    return f"{size[0]}x{size[1]}"


CASES = [
    *(
        Case(
            f"image/blur-{_size(size)}",
            "image",
            partial(_blurs, *size),
            f"box blur of {_size(size)} noise with radius 0, 1 and 5, byte for byte",
        )
        for size in BLURS
    ),
    *(
        Case(
            f"image/resize-{_size(old)}-to-{_size(new)}",
            "image",
            partial(_resizes, old, new),
            f"bilinear resize of {_size(old)} noise to {_size(new)}, byte for byte",
        )
        for old, new in RESIZES
    ),
    *(
        Case(
            f"image/jpeg-{_size(old)}-to-{_size(new)}",
            "image",
            partial(_jpegs, old, new),
            f"resize {_size(old)} to {_size(new)} and encode as JPEG: Pillow decodes it, PSNR of 35 dB or better",
            exports=("resize_jpeg",),
        )
        for old, new in PHOTOS
    ),
]
