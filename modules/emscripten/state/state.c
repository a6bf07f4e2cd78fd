/* What each thread has of its own and what all share, on the host-neutral ABI: modules/README.md has the control block and
 * the jobs. Freestanding, C11 atomics.
 */
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

struct control {
    int32_t job, workers, iterations;
    uintptr_t region, size;
    _Atomic int32_t go;
    int32_t reserved;
    _Atomic int32_t arrived, generation, errors;
    _Atomic int64_t checked;
    int64_t reserved_too[2];
    _Atomic uintptr_t slots[];
};
_Static_assert(offsetof(struct control, go) == 20, "the ABI's go");
_Static_assert(offsetof(struct control, checked) == 40, "the ABI's checked");
_Static_assert(offsetof(struct control, slots) == 64, "the ABI's slots");

static void demand(struct control *control, int right) {
    if (!right) atomic_fetch_add(&control->errors, 1);
}

/* Whether `size` bytes lie in the worker's own part of the region. */
static int owns(struct control *control, int tid, const volatile void *at, size_t size) {
    uintptr_t address = (uintptr_t)at, start = control->region + tid * control->size;
    return start <= address && address + size <= start + control->size;
}

/* Looks again every millisecond: whether wakeups arrive is the question of other cases. */
static void meet(struct control *control) {
    int32_t generation = atomic_load(&control->generation), *word = (int32_t *)&control->generation;
    if (atomic_fetch_add(&control->arrived, 1) + 1 == control->workers) {
        atomic_store(&control->arrived, 0);
        atomic_fetch_add(&control->generation, 1);
        __builtin_wasm_memory_atomic_notify(word, UINT32_MAX);
    } else {
        while (atomic_load(&control->generation) == generation)
            __builtin_wasm_memory_atomic_wait32(word, generation, 1000000);
    }
}

/* ---- stacks */

enum { FRAMES = 180, FRAME = 64 };

static uint32_t own_word(int tid, int round, int left, int at) {
    return (uint32_t)tid << 24 | (uint32_t)round << 16 | (uint32_t)left << 8 | (uint32_t)at;
}

/* A frame whose words are those of no other. It meets the other workers when the stack is full, and looks at its words then. */
__attribute__((noinline)) static void frame(struct control *control, int tid, int round, int left) {
    volatile uint32_t words[FRAME];
    demand(control, owns(control, tid, words, sizeof words));
    for (int at = 0; at < FRAME; at++) words[at] = own_word(tid, round, left, at);
    if (left == 1) {
        meet(control);
    } else {
        frame(control, tid, round, left - 1);
    }
    for (int at = 0; at < FRAME; at++) demand(control, words[at] == own_word(tid, round, left, at));
    atomic_fetch_add(&control->checked, 1);
}

static int stacks(int tid, struct control *control) {
    for (int round = 0; round < control->iterations; round++) {
        frame(control, tid, round, FRAMES);
        meet(control);
    }
    return control->iterations;
}

/* ---- thread-locals */

enum { FRESH_LOCAL = 0x5eed, ALIGNMENT = 64 };

static _Thread_local alignas(ALIGNMENT) volatile int32_t set_local = FRESH_LOCAL;
static _Thread_local volatile int32_t zero_local;

static int locals(int tid, struct control *control) {
    demand(control, set_local == FRESH_LOCAL && zero_local == 0);
    uintptr_t address = (uintptr_t)&set_local;
    demand(control, owns(control, tid, &set_local, sizeof set_local) && owns(control, tid, &zero_local, sizeof zero_local));
    demand(control, address % ALIGNMENT == 0);
    atomic_store(&control->slots[tid], address);
    meet(control);
    for (int other = 0; other < control->workers; other++)
        if (other != tid) demand(control, atomic_load(&control->slots[other]) != address);
    for (int round = 0; round < control->iterations; round++) {
        int32_t own = tid << 16 | round;
        set_local = own;
        zero_local = ~own;
        meet(control);
        demand(control, set_local == own && zero_local == ~own);
        atomic_fetch_add(&control->checked, 1);
        meet(control);
    }
    return control->iterations;
}

/* ---- what all instances share */

enum { WORDS = 16, FRESH = 0x1000, CHANGED = 0x5eed };

#define W(at) FRESH + (at)
static _Atomic int32_t set[WORDS] = {W(0), W(1), W(2),  W(3),  W(4),  W(5),  W(6),  W(7),
                                     W(8), W(9), W(10), W(11), W(12), W(13), W(14), W(15)};
static _Atomic int32_t zero[WORDS];

/* How many words stand at `by` past what they began with. */
static int count(int by) {
    int right = 0;
    for (int at = 0; at < WORDS; at++) {
        right += atomic_load(&set[at]) == FRESH + at + by;
        right += atomic_load(&zero[at]) == by;
    }
    return right;
}

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Phase 1: how many are as they began, before it changes them all. 2: how many are changed. 3: how many are so at the least,
 * for as long as the host does not say `go`. */
static int late(int tid, struct control *control) {
    (void)tid;
    if (control->iterations == 1) {
        int fresh = count(0);
        for (int at = 0; at < WORDS; at++) {
            atomic_fetch_add(&set[at], CHANGED);
            atomic_fetch_add(&zero[at], CHANGED);
        }
        return fresh;
    }
    int right = count(CHANGED);
    if (control->iterations == 2) return right;
    while (!atomic_load(&control->go)) right = least(right, count(CHANGED));
    return least(right, count(CHANGED));
}

/* What the job returns, or -1 where there is no such job. */
EXPORT(thread_entry) int thread_entry(int tid, struct control *control) {
    switch (control->job) {
    case 16:
        return stacks(tid, control);
    case 17:
        return locals(tid, control);
    case 18:
        return late(tid, control);
    default:
        return -1;
    }
}
