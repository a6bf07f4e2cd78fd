/* resize, then a baseline JPEG by stb_image_write (public domain; a system header that the toolchain's folder has). */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define STB_IMAGE_WRITE_IMPLEMENTATION
#define STB_IMAGE_WRITE_STATIC
#define STBI_WRITE_NO_STDIO
#include <stb_image_write.h>

#include "export.h"
#include "image.h"

/* Where the encoder's bytes go. `length` may pass `capacity`: then they did not fit. */
struct sink {
    uint8_t *bytes;
    uint32_t length, capacity;
};

static void append(void *context, void *data, int size) {
    struct sink *sink = context;
    uint32_t left = sink->length < sink->capacity ? sink->capacity - sink->length : 0;
    if ((uint32_t)size <= left) memcpy(sink->bytes + sink->length, data, (size_t)size);
    sink->length += (uint32_t)size;
}

/* The JPEG's length in bytes, or 0 when it does not fit `capacity`. Alpha is dropped. */
EXPORT(resize_jpeg)
uint32_t resize_jpeg(const uint8_t *from, int w, int h, int dw, int dh, int quality, uint8_t *out, uint32_t capacity) {
    uint8_t *small = malloc((size_t)dw * (size_t)dh * 4);
    if (!small) abort();
    resize(from, w, h, small, dw, dh);
    struct sink sink = {out, 0, capacity};
    int done = stbi_write_jpg_to_func(append, &sink, dw, dh, 4, small, quality);
    free(small);
    return done && sink.length <= capacity ? sink.length : 0;
}
