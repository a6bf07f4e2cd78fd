/* Pictures are RGBA, 8 bits a channel, rows without padding. */
#ifndef IMAGE_H
#define IMAGE_H

#include <stdint.h>

/* Bilinear in fixed point, centres aligned: `from` is w x h, `to` is dw x dh. */
void resize(const uint8_t *from, int w, int h, uint8_t *to, int dw, int dh);

#endif
