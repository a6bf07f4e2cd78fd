/* Threads on a memory that the host shares: modules/README.md has the ABI. Freestanding, C11 atomics.
 *
 * The module needs all that the ABI grants: the jobs' table is a (passive) data segment that the first instance writes,
 * calls need a stack of each instance's own, and what a worker counts is thread-local.
 */
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name)))

/* The control block: its offsets are the ABI's. `slots` has one i32 a worker. */
struct control {
    int32_t job, workers, iterations;
    const int32_t *data;
    int32_t length;
    _Atomic int32_t counter, lock, arrived, generation, errors;
    _Atomic int64_t total;
    int64_t reserved[2];
    int32_t slots[];
};
_Static_assert(offsetof(struct control, total) == 40, "the ABI's total");
_Static_assert(offsetof(struct control, slots) == 64, "the ABI's slots");

static _Thread_local int32_t done;

static void wait_while(_Atomic int32_t *word, int32_t value) {
    __builtin_wasm_memory_atomic_wait32((int32_t *)word, value, -1);
}

static void wake(_Atomic int32_t *word, uint32_t count) {
    __builtin_wasm_memory_atomic_notify((int32_t *)word, count);
}

static int count(int tid, struct control *control) {
    (void)tid;
    for (int i = 0; i < control->iterations; i++) {
        atomic_fetch_add(&control->counter, 1);
        done++;
    }
    return done;
}

static void wait_for_all(struct control *control) {
    int32_t generation = atomic_load(&control->generation);
    if (atomic_fetch_add(&control->arrived, 1) + 1 == control->workers) {
        atomic_store(&control->arrived, 0);
        atomic_fetch_add(&control->generation, 1);
        wake(&control->generation, UINT32_MAX);
    } else {
        while (atomic_load(&control->generation) == generation) wait_while(&control->generation, generation);
    }
}

static int barrier(int tid, struct control *control) {
    for (int round = 1; round <= control->iterations; round++) {
        control->slots[tid] = round;
        wait_for_all(control);
        for (int i = 0; i < control->workers; i++)
            if (control->slots[i] != round) atomic_fetch_add(&control->errors, 1);
        wait_for_all(control);
        done++;
    }
    return done;
}

/* The three-state futex of Drepper, "Futexes Are Tricky" (2004). */
enum { FREE, TAKEN, WAITED_FOR };

static void lock(_Atomic int32_t *word) {
    int32_t state = FREE;
    if (atomic_compare_exchange_strong(word, &state, TAKEN)) return;
    if (state != WAITED_FOR) state = atomic_exchange(word, WAITED_FOR);
    while (state != FREE) {
        wait_while(word, WAITED_FOR);
        state = atomic_exchange(word, WAITED_FOR);
    }
}

static void unlock(_Atomic int32_t *word) {
    if (atomic_exchange(word, FREE) == WAITED_FOR) wake(word, 1);
}

static int mutex(int tid, struct control *control) {
    (void)tid;
    int64_t *total = (int64_t *)&control->total; /* plain on purpose: the mutex guards it */
    for (int i = 0; i < control->iterations; i++) {
        lock(&control->lock);
        ++*total;
        unlock(&control->lock);
        done++;
    }
    return done;
}

static int reduce(int tid, struct control *control) {
    int64_t from = (int64_t)control->length * tid / control->workers;
    int64_t to = (int64_t)control->length * (tid + 1) / control->workers;
    int64_t sum = 0;
    for (int32_t pass = 0; pass < control->iterations; pass++)
        for (int64_t i = from; i < to; i++) sum += control->data[i] ^ pass;
    atomic_fetch_add(&control->total, sum);
    return 0;
}

enum { JOBS = 4 };
static int (*const jobs[JOBS])(int, struct control *) = {count, barrier, mutex, reduce};

/* What the job returns, or -1 where there is no such job. */
EXPORT(thread_entry) int thread_entry(int tid, struct control *control) {
    if (control->job < 1 || control->job > JOBS) return -1;
    done = 0;
    return jobs[control->job - 1](tid, control);
}
