/* A point of the Mandelbrot set's picture. */
#ifndef MANDELBROT_H
#define MANDELBROT_H

#include <stdint.h>

/* How many steps the point stays within the circle, up to `most`. */
static inline int32_t steps(double c_re, double c_im, int32_t most) {
    double re = 0, im = 0;
    for (int32_t step = 0; step < most; step++) {
        double re2 = re * re, im2 = im * im;
        if (re2 + im2 > 4) return step;
        im = 2 * re * im + c_im;
        re = re2 - im2 + c_re;
    }
    return most;
}

#endif
