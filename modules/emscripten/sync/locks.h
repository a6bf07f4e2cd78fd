/* What the programs synchronise with, on memory.atomic.wait32 and memory.atomic.notify. All are ready when all is zero. */
#ifndef LOCKS_H
#define LOCKS_H

#include "control.h"

/* ---- sleep and wake */

/* Sleeps while the word holds `value`, until it is woken. */
static inline void sleep_while(word *at, int32_t value) {
    __builtin_wasm_memory_atomic_wait32((int32_t *)at, value, -1);
}

/* Sleeps until the word holds `value` or more. */
static inline void sleep_until(word *at, int32_t value) {
    for (int32_t seen; (seen = atomic_load(at)) < value;) sleep_while(at, seen);
}

/* Sleeps for a moment on a word that holds 0 and that nobody notifies. */
static inline void nap(word *own) {
    enum { NANOSECONDS = 20000 };
    __builtin_wasm_memory_atomic_wait32((int32_t *)own, 0, NANOSECONDS);
}

static inline void wake_one(word *at) {
    __builtin_wasm_memory_atomic_notify((int32_t *)at, 1);
}

static inline void wake_all(word *at) {
    __builtin_wasm_memory_atomic_notify((int32_t *)at, UINT32_MAX);
}

/* ---- a barrier that may be used again and again */

struct barrier {
    word arrived, generation;
};

static inline void barrier_wait(struct barrier *barrier, int32_t workers) {
    int32_t generation = atomic_load(&barrier->generation);
    if (atomic_fetch_add(&barrier->arrived, 1) + 1 == workers) {
        atomic_store(&barrier->arrived, 0);
        atomic_fetch_add(&barrier->generation, 1);
        wake_all(&barrier->generation);
        return;
    }
    while (atomic_load(&barrier->generation) == generation) sleep_while(&barrier->generation, generation);
}

/* ---- a mutex: the second of Ulrich Drepper's "Futexes Are Tricky" (2004) */

struct mutex {
    word state;
};

static inline void mutex_lock(struct mutex *mutex) {
    enum { FREE, HELD, AWAITED };
    int32_t state = FREE;
    if (atomic_compare_exchange_strong(&mutex->state, &state, HELD)) return;
    do {
        int32_t held = HELD;
        if (state == AWAITED || atomic_compare_exchange_strong(&mutex->state, &held, AWAITED) || held == AWAITED)
            sleep_while(&mutex->state, AWAITED);
        state = FREE;
    } while (!atomic_compare_exchange_strong(&mutex->state, &state, AWAITED));
}

static inline void mutex_unlock(struct mutex *mutex) {
    if (atomic_fetch_sub(&mutex->state, 1) != 1) {
        atomic_store(&mutex->state, 0);
        wake_one(&mutex->state);
    }
}

/* ---- a condition variable: the word counts the signals, so that none is missed on the way to sleep */

struct condition {
    word signals;
};

static inline void condition_wait(struct condition *condition, struct mutex *mutex) {
    int32_t seen = atomic_load(&condition->signals);
    mutex_unlock(mutex);
    sleep_while(&condition->signals, seen);
    mutex_lock(mutex);
}

static inline void condition_signal(struct condition *condition) {
    atomic_fetch_add(&condition->signals, 1);
    wake_one(&condition->signals);
}

/* ---- a counting semaphore: how many of the permits are taken, how many wait for one */

struct semaphore {
    word taken, waiting;
};

static inline void semaphore_acquire(struct semaphore *semaphore, int32_t permits) {
    int32_t taken = atomic_load(&semaphore->taken);
    for (;;) {
        if (taken < permits) {
            if (atomic_compare_exchange_weak(&semaphore->taken, &taken, taken + 1)) return;
        } else {
            atomic_fetch_add(&semaphore->waiting, 1);
            sleep_while(&semaphore->taken, taken);
            atomic_fetch_sub(&semaphore->waiting, 1);
            taken = atomic_load(&semaphore->taken);
        }
    }
}

static inline void semaphore_release(struct semaphore *semaphore) {
    atomic_fetch_sub(&semaphore->taken, 1);
    if (atomic_load(&semaphore->waiting) > 0) wake_one(&semaphore->taken);
}

/* ---- a lock that readers share: their number, with a bit above it for the writer; `changes` is what one sleeps on */

struct rwlock {
    word holders, changes;
};

enum { WRITER = 1 << 30 };

static inline void rwlock_left(struct rwlock *lock) {
    atomic_fetch_add(&lock->changes, 1);
    wake_all(&lock->changes);
}

static inline void rwlock_read(struct rwlock *lock) {
    for (;;) {
        int32_t seen = atomic_load(&lock->changes);
        int32_t holders = atomic_load(&lock->holders);
        while (!(holders & WRITER))
            if (atomic_compare_exchange_weak(&lock->holders, &holders, holders + 1)) return;
        sleep_while(&lock->changes, seen);
    }
}

static inline void rwlock_read_end(struct rwlock *lock) {
    if (atomic_fetch_sub(&lock->holders, 1) == 1) rwlock_left(lock);
}

static inline void rwlock_write(struct rwlock *lock) {
    for (;;) {
        int32_t seen = atomic_load(&lock->changes), nobody = 0;
        if (atomic_compare_exchange_strong(&lock->holders, &nobody, WRITER)) return;
        sleep_while(&lock->changes, seen);
    }
}

static inline void rwlock_write_end(struct rwlock *lock) {
    atomic_fetch_sub(&lock->holders, WRITER);
    rwlock_left(lock);
}

/* ---- what is done once: true for whoever must do it, and say so; the others come back when it is done */

struct once {
    word state;
};

enum { ONCE_NEW, ONCE_RUNNING, ONCE_DONE };

static inline int once_begin(struct once *once) {
    int32_t state = ONCE_NEW;
    if (atomic_compare_exchange_strong(&once->state, &state, ONCE_RUNNING)) return 1;
    sleep_until(&once->state, ONCE_DONE);
    return 0;
}

static inline void once_end(struct once *once) {
    atomic_store(&once->state, ONCE_DONE);
    wake_all(&once->state);
}

/* ---- a lock for which one looks again and again, at growing distances, and in the end naps on a word of one's own */

struct spinlock {
    word held;
};

static inline void spinlock_lock(struct spinlock *lock, word *own) {
    enum { PATIENCE = 1 << 10 };
    for (int looks = 1; atomic_exchange(&lock->held, 1);) {
        if (looks > PATIENCE) {
            nap(own);
            continue;
        }
        for (int i = 0; i < looks && atomic_load(&lock->held); i++) continue;
        looks *= 2;
    }
}

static inline void spinlock_unlock(struct spinlock *lock) {
    atomic_store(&lock->held, 0);
}

#endif
