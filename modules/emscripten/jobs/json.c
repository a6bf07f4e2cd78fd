/* JSON (RFC 8259) in one pass that checks and counts, without a tree. Nesting has a stack of its own. */
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"
#include "utf8.h"

/* What is wrong with a document; json_stats gives it. */
enum error { OK, UNEXPECTED, TRUNCATED, BAD_LITERAL, BAD_NUMBER, BAD_STRING, BAD_ESCAPE, NOT_UTF8, NO_MEMORY };

/* Counts and sums as json_stats writes them: 56 bytes, little-endian as wasm is. */
struct stats {
    uint32_t objects, arrays, strings, numbers, trues, falses, nulls, deepest;
    uint64_t code_points;
    int64_t integer_sum;
    double float_sum;
};
_Static_assert(sizeof(struct stats) == 56, "the record of modules/README.md");

/* A walk through a document. The byte at `end` is NUL: looking at it is fine, and it is no JSON. */
struct parser {
    const char *at, *end;
    struct stats stats;
    char *open;               /* '[' or '{' for each open array and object, outermost first */
    uint32_t depth, capacity; /* how many are open, and how many `open` holds */
};

static bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

static void skip_space(struct parser *p) {
    while (*p->at == ' ' || *p->at == '\t' || *p->at == '\n' || *p->at == '\r') p->at++;
}

/* The error for a byte that fits nothing. */
static enum error unexpected(const struct parser *p) {
    return p->at < p->end ? UNEXPECTED : TRUNCATED;
}

static enum error read_literal(struct parser *p, const char *word, uint32_t *count) {
    size_t length = strlen(word);
    if (strncmp(p->at, word, length) != 0) return BAD_LITERAL;
    p->at += length;
    ++*count;
    return OK;
}

static bool skip_digits(struct parser *p) {
    const char *start = p->at;
    while (is_digit(*p->at)) p->at++;
    return p->at > start;
}

/* The grammar first, since strtod takes more than JSON allows. It rounds correctly however many digits there are. */
static enum error read_number(struct parser *p) {
    const char *start = p->at;
    bool integer = true;
    if (*p->at == '-') p->at++;
    if (*p->at == '0') {
        p->at++;
    } else if (!skip_digits(p)) {
        return BAD_NUMBER;
    }
    if (*p->at == '.') {
        integer = false;
        p->at++;
        if (!skip_digits(p)) return BAD_NUMBER;
    }
    if (*p->at == 'e' || *p->at == 'E') {
        integer = false;
        p->at++;
        if (*p->at == '+' || *p->at == '-') p->at++;
        if (!skip_digits(p)) return BAD_NUMBER;
    }
    p->stats.numbers++;
    if (integer) {
        uint64_t sum = (uint64_t)p->stats.integer_sum + (uint64_t)strtoll(start, NULL, 10); /* unsigned: it wraps */
        p->stats.integer_sum = (int64_t)sum;
    } else {
        p->stats.float_sum += strtod(start, NULL);
    }
    return OK;
}

/* The four hex digits of a \u escape, or -1. */
static int read_hex(struct parser *p) {
    int value = 0;
    for (int i = 0; i < 4; i++, p->at++) {
        char c = *p->at, letter = c | 0x20;
        if (is_digit(c)) {
            value = value * 16 + (c - '0');
        } else if (letter >= 'a' && letter <= 'f') {
            value = value * 16 + (letter - 'a' + 10);
        } else {
            return -1;
        }
    }
    return value;
}

/* One code point from what follows a backslash: an escaped pair of surrogates is one, a lone one is one too. */
static enum error read_escape(struct parser *p) {
    char c = *p->at++;
    if (c != 'u') return c && strchr("\"\\/bfnrt", c) ? OK : BAD_ESCAPE;
    int unit = read_hex(p);
    if (unit < 0) return BAD_ESCAPE;
    if (unit >> 10 == 0xd800 >> 10 && p->at[0] == '\\' && p->at[1] == 'u') {
        const char *second = p->at;
        p->at += 2;
        unit = read_hex(p);
        if (unit < 0) return BAD_ESCAPE;
        if (unit >> 10 != 0xdc00 >> 10) p->at = second; /* a code point of its own */
    }
    return OK;
}

/* A string and its code points, at its opening quote. */
static enum error read_string(struct parser *p) {
    if (*p->at != '"') return unexpected(p);
    p->at++;
    while (*p->at != '"') {
        if (p->at >= p->end) return TRUNCATED;
        if ((uint8_t)*p->at < 0x20) return BAD_STRING;
        if (*p->at == '\\') {
            p->at++;
            enum error error = read_escape(p);
            if (error) return error;
        } else {
            int length = utf8_length((const uint8_t *)p->at, (const uint8_t *)p->end);
            if (!length) return NOT_UTF8;
            p->at += length;
        }
        p->stats.code_points++;
    }
    p->at++;
    return OK;
}

/* A member's key and its colon. */
static enum error read_key(struct parser *p) {
    skip_space(p);
    enum error error = read_string(p);
    if (error) return error;
    skip_space(p);
    if (*p->at != ':') return unexpected(p);
    p->at++;
    return OK;
}

static enum error push(struct parser *p, char bracket) {
    if (p->depth == p->capacity) {
        p->capacity = p->capacity ? 2 * p->capacity : 64;
        char *larger = realloc(p->open, p->capacity);
        if (!larger) return NO_MEMORY;
        p->open = larger;
    }
    p->open[p->depth++] = bracket;
    if (p->depth > p->stats.deepest) p->stats.deepest = p->depth;
    p->at++;
    return OK;
}

static enum error read_scalar(struct parser *p) {
    switch (*p->at) {
    case '"':
        p->stats.strings++;
        return read_string(p);
    case 't':
        return read_literal(p, "true", &p->stats.trues);
    case 'f':
        return read_literal(p, "false", &p->stats.falses);
    case 'n':
        return read_literal(p, "null", &p->stats.nulls);
    default:
        return *p->at == '-' || is_digit(*p->at) ? read_number(p) : unexpected(p);
    }
}

/* Down to the first thing inside: opens arrays and objects until a scalar or an empty one is read. */
static enum error read_value(struct parser *p) {
    for (;;) {
        enum error error = OK;
        skip_space(p);
        char bracket = *p->at;
        if (bracket != '[' && bracket != '{') return read_scalar(p);
        ++*(bracket == '[' ? &p->stats.arrays : &p->stats.objects);
        error = push(p, bracket);
        if (error) return error;
        skip_space(p);
        if (*p->at == (bracket == '[' ? ']' : '}')) return OK; /* read_document closes it */
        if (bracket == '{' && (error = read_key(p))) return error;
    }
}

static enum error read_document(struct parser *p) {
    enum error error = read_value(p);
    while (!error) {
        skip_space(p);
        if (!p->depth) return p->at == p->end ? OK : UNEXPECTED;
        bool array = p->open[p->depth - 1] == '[';
        if (*p->at == (array ? ']' : '}')) {
            p->at++;
            p->depth--;
        } else if (*p->at == ',') {
            p->at++;
            if (!array && (error = read_key(p))) break;
            error = read_value(p);
        } else {
            return unexpected(p);
        }
    }
    return error;
}

/* 0 and the record to `out`, or the error of a document that RFC 8259 refuses. */
EXPORT(json_stats) int json_stats(const char *document, size_t length, struct stats *out) {
    char *text = malloc(length + 1); /* strtod wants a NUL where the document ends */
    if (!text) return NO_MEMORY;
    memcpy(text, document, length);
    text[length] = '\0';
    struct parser parser = {.at = text, .end = text + length};
    enum error error = read_document(&parser);
    if (!error) *out = parser.stats;
    free(parser.open);
    free(text);
    return error;
}
