/* Bounded queues, and the deque of work stealing. All are empty when all is zero. */
#ifndef QUEUES_H
#define QUEUES_H

#include "locks.h"

enum { PLACES = 64, TASKS = 256 };

/* ---- for one producer and one consumer: how many values went in, how many came out */

struct spsc {
    word put, taken;
    int32_t places[PLACES];
};

static inline void spsc_put(struct spsc *queue, int32_t limit, int32_t value) {
    int32_t put = atomic_load_explicit(&queue->put, memory_order_relaxed);
    sleep_until(&queue->taken, put - limit + 1);
    queue->places[put % limit] = value;
    atomic_store(&queue->put, put + 1);
    wake_one(&queue->put);
}

static inline int32_t spsc_take(struct spsc *queue, int32_t limit) {
    int32_t taken = atomic_load_explicit(&queue->taken, memory_order_relaxed);
    sleep_until(&queue->put, taken + 1);
    int32_t value = queue->places[taken % limit];
    atomic_store(&queue->taken, taken + 1);
    wake_one(&queue->taken);
    return value;
}

/* ---- for many of each, after Dmitry Vyukov's: who puts or takes draws a number, which says the place and whose turn it
 * is there. In round r of a place turn 2r is to put, turn 2r + 1 to take. */

struct place {
    word turn;
    int32_t value;
};

struct mpmc {
    word puts, takes;
    struct place places[PLACES];
};

static inline void end_turn(struct place *place) {
    atomic_fetch_add(&place->turn, 1);
    wake_all(&place->turn);
}

static inline void mpmc_put(struct mpmc *queue, int32_t limit, int32_t value) {
    int32_t number = atomic_fetch_add(&queue->puts, 1);
    struct place *place = &queue->places[number % limit];
    sleep_until(&place->turn, number / limit * 2);
    place->value = value;
    end_turn(place);
}

static inline int32_t mpmc_take(struct mpmc *queue, int32_t limit) {
    int32_t number = atomic_fetch_add(&queue->takes, 1);
    struct place *place = &queue->places[number % limit];
    sleep_until(&place->turn, number / limit * 2 + 1);
    int32_t value = place->value;
    end_turn(place);
    return value;
}

/* ---- the deque of David Chase and Yossi Lev ("Dynamic Circular Work-Stealing Deque", 2005), of fixed size */

struct deque {
    word top, bottom, tasks[TASKS];
};

enum { NOTHING = -1 };

/* The owner's. Traps where there is no room. */
static inline void deque_push(struct deque *deque, int32_t task) {
    int32_t bottom = atomic_load(&deque->bottom);
    if (bottom - atomic_load(&deque->top) >= TASKS) __builtin_trap();
    atomic_store(&deque->tasks[bottom % TASKS], task);
    atomic_store(&deque->bottom, bottom + 1);
}

/* The owner's, who for the last task may have to race a thief. */
static inline int32_t deque_pop(struct deque *deque) {
    int32_t bottom = atomic_fetch_sub(&deque->bottom, 1) - 1;
    int32_t top = atomic_load(&deque->top);
    if (top < bottom) return atomic_load(&deque->tasks[bottom % TASKS]);
    int32_t task = NOTHING;
    if (top == bottom) {
        task = atomic_load(&deque->tasks[bottom % TASKS]);
        if (!atomic_compare_exchange_strong(&deque->top, &top, top + 1)) task = NOTHING;
    }
    atomic_store(&deque->bottom, bottom + 1);
    return task;
}

/* NOTHING also where another was quicker. */
static inline int32_t deque_steal(struct deque *deque) {
    int32_t top = atomic_load(&deque->top);
    if (top >= atomic_load(&deque->bottom)) return NOTHING;
    int32_t task = atomic_load(&deque->tasks[top % TASKS]);
    return atomic_compare_exchange_strong(&deque->top, &top, top + 1) ? task : NOTHING;
}

#endif
