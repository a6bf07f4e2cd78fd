/* The control block that the host lays into the shared memory, and the values that go through the programs. */
#ifndef CONTROL_H
#define CONTROL_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

typedef _Atomic int32_t word;

enum { MOST_WORKERS = 8 };

struct control {
    int32_t job, workers, iterations;
    void *data;
    int32_t length;
    word counter;
    int32_t of_other_jobs[3];
    word errors;
    _Atomic int64_t total;
    int32_t limit;
    void *out;
    _Atomic uint32_t check;
    int32_t reserved;
    word slots[16];
    _Alignas(8) char shared[32 << 10]; /* zeros at first; each program lays a struct of its own over it */
};
_Static_assert(offsetof(struct control, total) == 40, "the ABI's total");
_Static_assert(offsetof(struct control, check) == 56, "the ABI's check");
_Static_assert(offsetof(struct control, shared) == 128, "the ABI's shared words");

#define SHARED(type, control) \
    ({ \
        _Static_assert(sizeof(type) <= sizeof(control)->shared, "it must fit"); \
        (type *)(control)->shared; \
    })

typedef int program(int tid, struct control *control);

program condition, semaphore, rwlock, once, spinlock, spsc, mpmc, stealing; /* programs.c */
program sort, mandelbrot, matmul;                                          /* bands.c */

/* Where the band of worker `tid` begins. */
static inline int32_t border(const struct control *control, int tid) {
    return (int64_t)control->length * tid / control->workers;
}

/* Another number for each, 0 for 0 (Knuth's multiplicative hash). */
static inline uint32_t mix(uint32_t value) {
    return value * 0x9E3779B1;
}

#endif
