/* A picture of the Mandelbrot set in bands, for workers that share no memory. */
#include <stdint.h>

#include "../mandelbrot.h"
#include "export.h"

enum { MOST = 400 };

/* All steps of the points in worker `tid`'s rows; `arg` is the side of the picture times 256, plus the workers. */
EXPORT(mandelbrot_band) uint32_t mandelbrot_band(uint32_t tid, uint32_t arg) {
    uint32_t points = arg / 256, workers = arg % 256, total = 0;
    double step = 1.0 / points;
    for (uint32_t y = points * tid / workers; y < points * (tid + 1) / workers; y++)
        for (uint32_t x = 0; x < points; x++) total += steps(3 * (x * step) - 2, 3 * (y * step) - 1.5, MOST);
    return total;
}
