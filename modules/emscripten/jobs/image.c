/* Box blur and bilinear resize, in integers, exactly as modules/README.md says. */
#include "image.h"

#include <stdint.h>
#include <stdlib.h>

#include "export.h"

enum { CHANNELS = 4 };

static int clamp(int value, int last) {
    return value < 0 ? 0 : value > last ? last : value;
}

/* Sums of the window's columns are kept from row to row, and the window slides along them: O(1) a pixel for any radius.
 * The sums fit 32 bits up to a radius of 2051. */
EXPORT(box_blur) void box_blur(const uint8_t *from, int w, int h, int radius, uint8_t *to) {
    if (w <= 0 || h <= 0) return;
    int stride = w * CHANNELS;
    uint32_t n = (uint32_t)(2 * radius + 1) * (uint32_t)(2 * radius + 1);
    uint32_t *columns = calloc((size_t)stride, sizeof *columns);
    if (!columns) abort();
    for (int dy = -radius; dy <= radius; dy++) {
        const uint8_t *row = from + (size_t)clamp(dy, h - 1) * stride;
        for (int i = 0; i < stride; i++) columns[i] += row[i];
    }
    for (int y = 0; y < h; y++) {
        for (int channel = 0; channel < CHANNELS; channel++) {
            uint32_t sum = 0;
            for (int dx = -radius; dx <= radius; dx++) sum += columns[clamp(dx, w - 1) * CHANNELS + channel];
            for (int x = 0; x < w; x++) {
                to[(size_t)y * stride + x * CHANNELS + channel] = (uint8_t)((sum + n / 2) / n);
                sum += columns[clamp(x + radius + 1, w - 1) * CHANNELS + channel];
                sum -= columns[clamp(x - radius, w - 1) * CHANNELS + channel];
            }
        }
        const uint8_t *next = from + (size_t)clamp(y + radius + 1, h - 1) * stride;
        const uint8_t *gone = from + (size_t)clamp(y - radius, h - 1) * stride;
        for (int i = 0; i < stride; i++) columns[i] += (uint32_t)next[i] - gone[i];
    }
    free(columns);
}

/* Where target pixel `x` of `dw` lies among `w` source pixels: two neighbours and the second one's weight of 256. */
struct sample {
    int first, second;
    uint32_t weight;
};

static struct sample sample(int x, int w, int dw) {
    int64_t f = (2 * (int64_t)x + 1) * w * 65536 / (2 * (int64_t)dw) - 32768;
    int64_t last = (int64_t)(w - 1) * 65536;
    f = f < 0 ? 0 : f > last ? last : f;
    int first = (int)(f >> 16);
    return (struct sample){first, first + 1 < w ? first + 1 : w - 1, (uint32_t)(f & 65535) >> 8};
}

EXPORT(resize) void resize(const uint8_t *from, int w, int h, uint8_t *to, int dw, int dh) {
    for (int y = 0; y < dh; y++) {
        struct sample sy = sample(y, h, dh);
        const uint8_t *upper = from + (size_t)sy.first * w * CHANNELS;
        const uint8_t *lower = from + (size_t)sy.second * w * CHANNELS;
        for (int x = 0; x < dw; x++) {
            struct sample sx = sample(x, w, dw);
            for (int channel = 0; channel < CHANNELS; channel++) {
                int left = sx.first * CHANNELS + channel, right = sx.second * CHANNELS + channel;
                uint32_t top = upper[left] * (256 - sx.weight) + upper[right] * sx.weight;
                uint32_t bottom = lower[left] * (256 - sx.weight) + lower[right] * sx.weight;
                *to++ = (uint8_t)((top * (256 - sy.weight) + bottom * sy.weight + 32768) >> 16);
            }
        }
    }
}
