/* What the workers do with locks and queues. */
#include "queues.h"

/* ---- values from producers, the first half of the workers, to consumers, the second half */

enum { END = -1 };

typedef void put(int tid, struct control *control, int32_t value);
typedef int32_t take(int tid, struct control *control);

/* A producer sends its values in order, then END; a consumer takes up to one END. */
static inline int pass_values(int tid, struct control *control, put *put, take *take) {
    if (tid < control->workers / 2) {
        for (int i = 0; i < control->iterations; i++) put(tid, control, tid * control->iterations + i);
        put(tid, control, END);
        return control->iterations;
    }
    int32_t newest[MOST_WORKERS], count = 0;
    for (int i = 0; i < MOST_WORKERS; i++) newest[i] = -1;
    int64_t sum = 0;
    uint32_t check = 0;
    for (int32_t value; (value = take(tid, control)) != END; count++) {
        sum += value;
        check ^= mix(value);
        uint32_t producer = value / control->iterations;
        if (producer < MOST_WORKERS && newest[producer] < value)
            newest[producer] = value;
        else
            atomic_fetch_add(&control->errors, 1);
    }
    atomic_fetch_add(&control->counter, count);
    atomic_fetch_add(&control->total, sum);
    atomic_fetch_xor(&control->check, check);
    return 0;
}

struct mailbox {
    struct mutex mutex;
    struct condition filled, emptied;
    int32_t full, value;
};

static void mailbox_put(int tid, struct control *control, int32_t value) {
    (void)tid;
    struct mailbox *box = SHARED(struct mailbox, control);
    mutex_lock(&box->mutex);
    while (box->full) condition_wait(&box->emptied, &box->mutex);
    box->full = 1;
    box->value = value;
    condition_signal(&box->filled);
    mutex_unlock(&box->mutex);
}

static int32_t mailbox_take(int tid, struct control *control) {
    (void)tid;
    struct mailbox *box = SHARED(struct mailbox, control);
    mutex_lock(&box->mutex);
    while (!box->full) condition_wait(&box->filled, &box->mutex);
    box->full = 0;
    int32_t value = box->value;
    condition_signal(&box->emptied);
    mutex_unlock(&box->mutex);
    return value;
}

int condition(int tid, struct control *control) {
    return pass_values(tid, control, mailbox_put, mailbox_take);
}

typedef struct spsc lanes[MOST_WORKERS / 2];

static struct spsc *lane(int tid, struct control *control) {
    return &(*SHARED(lanes, control))[tid % (control->workers / 2)];
}

static void lane_put(int tid, struct control *control, int32_t value) {
    spsc_put(lane(tid, control), control->limit, value);
}

static int32_t lane_take(int tid, struct control *control) {
    return spsc_take(lane(tid, control), control->limit);
}

int spsc(int tid, struct control *control) {
    return pass_values(tid, control, lane_put, lane_take);
}

static void queue_put(int tid, struct control *control, int32_t value) {
    (void)tid;
    mpmc_put(SHARED(struct mpmc, control), control->limit, value);
}

static int32_t queue_take(int tid, struct control *control) {
    (void)tid;
    return mpmc_take(SHARED(struct mpmc, control), control->limit);
}

int mpmc(int tid, struct control *control) {
    return pass_values(tid, control, queue_put, queue_take);
}

/* ---- locks */

struct room {
    struct semaphore door;
    word inside;
};

/* Notes down that `inside` are inside, when that is the most so far. */
static void note_most(struct control *control, int32_t inside) {
    int32_t most = atomic_load(&control->counter);
    while (most < inside)
        if (atomic_compare_exchange_weak(&control->counter, &most, inside)) {
            wake_all(&control->counter);
            return;
        }
}

/* The first in the room wait until it is full: as many as may be inside can be. */
int semaphore(int tid, struct control *control) {
    (void)tid;
    struct room *room = SHARED(struct room, control);
    for (int i = 0; i < control->iterations; i++) {
        semaphore_acquire(&room->door, control->limit);
        int32_t inside = atomic_fetch_add(&room->inside, 1) + 1;
        note_most(control, inside);
        if (inside > control->limit) atomic_fetch_add(&control->errors, 1);
        if (i == 0) sleep_until(&control->counter, control->limit);
        atomic_fetch_add(&control->total, 1);
        atomic_fetch_sub(&room->inside, 1);
        semaphore_release(&room->door);
    }
    return control->iterations;
}

struct pair {
    struct rwlock lock;
    struct barrier start;
};

/* Before writers change the pair and readers look whether it belongs together, all readers are inside at once. */
int rwlock(int tid, struct control *control) {
    struct pair *pair = SHARED(struct pair, control);
    int64_t *total = (int64_t *)&control->total; /* plain on purpose, both: the lock guards them */
    uint32_t *check = (uint32_t *)&control->check;
    if (tid < control->workers / 2) {
        barrier_wait(&pair->start, control->workers);
        for (int i = 0; i < control->iterations; i++) {
            rwlock_write(&pair->lock);
            ++*total;
            *check = mix(*total);
            rwlock_write_end(&pair->lock);
        }
    } else {
        rwlock_read(&pair->lock);
        atomic_fetch_add(&control->counter, 1);
        wake_all(&control->counter);
        sleep_until(&control->counter, control->workers - control->workers / 2);
        rwlock_read_end(&pair->lock);
        barrier_wait(&pair->start, control->workers);
        for (int i = 0; i < control->iterations; i++) {
            rwlock_read(&pair->lock);
            if (*check != mix(*total)) atomic_fetch_add(&control->errors, 1);
            rwlock_read_end(&pair->lock);
        }
    }
    return control->iterations;
}

enum { ROWS = 1024, ROW = 8 };

typedef struct once rows[ROWS];

/* Rows of a table, each written by whoever comes to it first and complete for everybody. */
int once(int tid, struct control *control) {
    (void)tid;
    struct once *onces = *SHARED(rows, control);
    uint32_t *table = control->out;
    for (int row = 0; row < control->iterations; row++) {
        int first = row * ROW, end = first + ROW;
        if (once_begin(&onces[row])) {
            atomic_fetch_add(&control->counter, 1);
            for (int i = first; i < end; i++) table[i] = mix(i + 1);
            once_end(&onces[row]);
        }
        for (int i = first; i < end; i++)
            if (table[i] != mix(i + 1)) atomic_fetch_add(&control->errors, 1);
    }
    return control->iterations;
}

int spinlock(int tid, struct control *control) {
    struct spinlock *lock = SHARED(struct spinlock, control);
    int64_t *total = (int64_t *)&control->total; /* plain on purpose: the lock guards it */
    for (int i = 0; i < control->iterations; i++) {
        spinlock_lock(lock, &control->slots[tid]);
        ++*total;
        spinlock_unlock(lock);
    }
    return control->iterations;
}

/* ---- work stealing */

struct work {
    struct deque deques[MOST_WORKERS];
    word stolen;
};

static int32_t steal(int tid, struct control *control, struct work *work) {
    for (int next = 1; next < control->workers; next++) {
        int32_t task = deque_steal(&work->deques[(tid + next) % control->workers]);
        if (task == NOTHING) continue;
        atomic_fetch_add(&work->stolen, 1);
        wake_all(&work->stolen);
        return task;
    }
    return NOTHING;
}

/* So many steps of George Marsaglia's xorshift32. */
static uint32_t shuffle(uint32_t value, int steps) {
    while (steps-- > 0) {
        value ^= value << 13;
        value ^= value >> 17;
        value ^= value << 5;
    }
    return value;
}

/* Tasks that make tasks. Worker 0 has the first ones, and waits until the others have stolen theirs. */
int stealing(int tid, struct control *control) {
    struct work *work = SHARED(struct work, control);
    struct deque *own = &work->deques[tid];
    _Atomic uint32_t *out = control->out;
    if (tid == 0) {
        for (int task = 0; task < control->workers; task++) deque_push(own, task);
        sleep_until(&work->stolen, control->workers - 1);
    }
    while (atomic_load(&control->counter) < control->length) {
        int32_t task = deque_pop(own);
        if (task == NOTHING) task = steal(tid, control, work);
        if (task == NOTHING) {
            nap(&control->slots[tid]);
            continue;
        }
        atomic_fetch_add(&out[task], shuffle(task + 1, control->iterations));
        int first = control->workers + 2 * task;
        for (int made = first; made < first + 2 && made < control->length; made++) deque_push(own, made);
        atomic_fetch_add(&control->counter, 1);
    }
    return 0;
}
