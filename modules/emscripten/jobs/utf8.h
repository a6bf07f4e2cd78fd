/* UTF-8, strictly (RFC 3629): no surrogates, no overlong forms, nothing past U+10FFFF. */
#ifndef UTF8_H
#define UTF8_H

#include <stdint.h>

/* How many bytes (1 … 4) the code point at `at` takes, or 0 when there is none before `end`. `at` < `end`. */
static inline int utf8_length(const uint8_t *at, const uint8_t *end) {
    uint8_t lead = *at;
    if (lead < 0x80) return 1;
    int length = lead < 0xc2 ? 0 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : lead < 0xf5 ? 4 : 0;
    if (!length || end - at < length) return 0;
    uint8_t lowest = lead == 0xe0 ? 0xa0 : lead == 0xf0 ? 0x90 : 0x80; /* overlong below */
    uint8_t highest = lead == 0xed ? 0x9f : lead == 0xf4 ? 0x8f : 0xbf; /* surrogates, or past the end of Unicode */
    if (at[1] < lowest || at[1] > highest) return 0;
    for (int i = 2; i < length; i++)
        if (at[i] >> 6 != 2) return 0;
    return length;
}

#endif
