/* Text in and out. */
#include <stdint.h>
#include <string.h>

#include "export.h"
#include "utf8.h"

/* The text with its code points in reverse order to `out` (`length` bytes). Their number, or -1 when it is no UTF-8. */
EXPORT(reverse_text) int reverse_text(const uint8_t *text, uint32_t length, uint8_t *out) {
    const uint8_t *end = text + length;
    int count = 0;
    out += length;
    while (text < end) {
        int size = utf8_length(text, end);
        if (!size) return -1;
        out -= size;
        memcpy(out, text, (size_t)size);
        text += size;
        count++;
    }
    return count;
}
