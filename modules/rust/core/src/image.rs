//! Pictures: box blur, bilinear resize in fixed point, and JPEG by the crate `jpeg-encoder`. RGBA, 8 bits, rows without padding.

use std::cell::Cell;
use std::io::{Error, Write};

use jpeg_encoder::{ColorType, Encoder};

use crate::{WRONG, bytes, values};

const CHANNELS: usize = 4;

/// The mean of the window of (2 radius + 1)^2 pixels about each pixel, coordinates clamped to the edge, rounded half up.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn box_blur(src: *const u8, w: usize, h: usize, radius: usize, dst: *mut u8) {
    if w == 0 || h == 0 {
        return;
    }
    let (src, dst) = unsafe { (bytes(src, w * h * CHANNELS), values(dst, w * h * CHANNELS)) };
    let n = (2 * radius as u64 + 1).pow(2);
    let half = if WRONG { n } else { n / 2 };
    // The window's sum is separable: columns first, then a sum that slides along the row.
    let mut columns = vec![0u64; w * CHANNELS];
    for y in 0..h {
        columns.fill(0);
        for line in window(y, radius, h) {
            let row = &src[line * w * CHANNELS..][..w * CHANNELS];
            columns.iter_mut().zip(row).for_each(|(sum, &value)| *sum += u64::from(value));
        }
        for channel in 0..CHANNELS {
            let column = |x: usize| columns[x * CHANNELS + channel];
            let mut sum: u64 = window(0, radius, w).map(column).sum();
            for x in 0..w {
                dst[(y * w + x) * CHANNELS + channel] = ((sum + half) / n) as u8;
                sum += column((x + radius + 1).min(w - 1));
                sum -= column(x.saturating_sub(radius));
            }
        }
    }
}

/// The 2 radius + 1 coordinates about `at`, clamped to 0 … size-1.
fn window(at: usize, radius: usize, size: usize) -> impl Iterator<Item = usize> {
    (0..=2 * radius).map(move |step| (at + step).saturating_sub(radius).min(size - 1))
}

/// Where a target coordinate lies in the source: the two neighbours, and the weight of the second in 256ths.
struct Tap {
    near: usize,
    far: usize,
    weight: u32,
}

/// The taps of all `target` coordinates of an axis with `source` pixels: centres aligned, 16 bits of fraction.
fn taps(source: usize, target: usize) -> Vec<Tap> {
    let (source, target) = (source as i64, target as i64);
    (0..target)
        .map(|at| {
            let exact = ((2 * at + 1) * source * 65536) / (2 * target) - 32768;
            let exact = exact.clamp(0, (source - 1) * 65536);
            let near = exact >> 16;
            Tap { near: near as usize, far: (near + 1).min(source - 1) as usize, weight: ((exact & 65535) >> 8) as u32 }
        })
        .collect()
}

fn scale(src: &[u8], w: usize, h: usize, dst: &mut [u8], dw: usize, dh: usize) {
    let rounding = if WRONG { 65536 } else { 32768 };
    let across = taps(w, dw);
    for (y, row) in taps(h, dh).iter().zip(dst.chunks_exact_mut(dw * CHANNELS)) {
        let line = |at: usize| &src[at * w * CHANNELS..][..w * CHANNELS];
        let (top, bottom) = (line(y.near), line(y.far));
        for (x, pixel) in across.iter().zip(row.chunks_exact_mut(CHANNELS)) {
            for (channel, value) in pixel.iter_mut().enumerate() {
                let p = |line: &[u8], at: usize| u32::from(line[at * CHANNELS + channel]);
                let sum = p(top, x.near) * (256 - x.weight) * (256 - y.weight)
                    + p(top, x.far) * x.weight * (256 - y.weight)
                    + p(bottom, x.near) * (256 - x.weight) * y.weight
                    + p(bottom, x.far) * x.weight * y.weight;
                *value = ((sum + rounding) >> 16) as u8;
            }
        }
    }
}

/// Bilinear, to dw x dh pixels.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn resize(src: *const u8, w: usize, h: usize, dst: *mut u8, dw: usize, dh: usize) {
    if w == 0 || h == 0 || dw == 0 || dh == 0 {
        return;
    }
    let (src, dst) = unsafe { (bytes(src, w * h * CHANNELS), values(dst, dw * dh * CHANNELS)) };
    scale(src, w, h, dst, dw, dh);
}

/// What the encoder writes to: memory of a fixed size, and how much of it is used.
struct Room<'a> {
    space: &'a mut [u8],
    used: &'a Cell<usize>,
}

impl Write for Room<'_> {
    fn write(&mut self, data: &[u8]) -> Result<usize, Error> {
        let start = self.used.get();
        let end = start + data.len();
        self.space.get_mut(start..end).ok_or(Error::from(std::io::ErrorKind::WriteZero))?.copy_from_slice(data);
        self.used.set(end);
        Ok(data.len())
    }

    fn flush(&mut self) -> Result<(), Error> {
        Ok(())
    }
}

/// `resize`, then a baseline JPEG of the RGB channels to `out`: its length, or 0 when it does not fit into `capacity`
/// or when a side is 0 or past 65,535.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn resize_jpeg(
    src: *const u8,
    w: usize,
    h: usize,
    dw: usize,
    dh: usize,
    quality: u32,
    out: *mut u8,
    capacity: usize,
) -> usize {
    let (Ok(width), Ok(height)) = (u16::try_from(dw), u16::try_from(dh)) else {
        return 0;
    };
    if w == 0 || h == 0 || dw == 0 || dh == 0 {
        return 0;
    }
    let mut scaled = vec![0; dw * dh * CHANNELS];
    scale(unsafe { bytes(src, w * h * CHANNELS) }, w, h, &mut scaled, dw, dh);
    let used = Cell::new(0);
    let room = Room { space: unsafe { values(out, capacity) }, used: &used };
    let order = if WRONG { ColorType::Bgra } else { ColorType::Rgba };
    match Encoder::new(room, quality.clamp(1, 100) as u8).encode(&scaled, width, height, order) {
        Ok(()) => used.get(),
        Err(_) => 0,
    }
}
