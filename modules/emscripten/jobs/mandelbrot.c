/* A picture of the Mandelbrot set in bands, for workers that share no memory. */
#include <stdint.h>

#include "export.h"

enum { MOST = 400 };

/* How many steps the point stays within the circle. */
static uint32_t steps(double c_re, double c_im) {
    double re = 0, im = 0;
    for (uint32_t step = 0; step < MOST; step++) {
        double re2 = re * re, im2 = im * im;
        if (re2 + im2 > 4) return step;
        im = 2 * re * im + c_im;
        re = re2 - im2 + c_re;
    }
    return MOST;
}

/* All steps of the points in worker `tid`'s rows; `arg` is the side of the picture times 256, plus the workers. */
EXPORT(mandelbrot_band) uint32_t mandelbrot_band(uint32_t tid, uint32_t arg) {
    uint32_t points = arg / 256, workers = arg % 256, total = 0;
    double step = 1.0 / points;
    for (uint32_t y = points * tid / workers; y < points * (tid + 1) / workers; y++)
        for (uint32_t x = 0; x < points; x++) total += steps(3 * (x * step) - 2, 3 * (y * step) - 1.5);
    return total;
}
