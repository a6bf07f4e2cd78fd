/* Programs on what they synchronise with, on a memory that the host shares: modules/README.md has the ABI and what each
 * must do. Freestanding, C11 atomics. */
#include "control.h"

enum { FIRST = 5 };

static program *const programs[] = {
    condition, semaphore, rwlock, once, spinlock, spsc, mpmc, stealing, sort, mandelbrot, matmul,
};

/* What the program returns, or -1 where there is no such program. */
__attribute__((export_name("thread_entry"))) int thread_entry(int tid, struct control *control) {
    uint32_t index = control->job - FIRST;
    return index < sizeof programs / sizeof *programs ? programs[index](tid, control) : -1;
}
