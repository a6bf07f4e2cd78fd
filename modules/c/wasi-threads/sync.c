/* What threads agree by: mutexes, condition variables, read-write locks, barriers, semaphores, once. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "programs.h"

/* One program a process: these are of the one that runs. */
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static pthread_barrier_t meeting;
static int together, each; /* threads, and what each does so many times */

static uint64_t total;

static void *add(void *unused) {
    for (int i = WRONG_BY; i < each; i++) {
        pthread_mutex_lock(&lock);
        total++;
        pthread_mutex_unlock(&lock);
    }
    return unused;
}

/* `times` additions by each thread under one lock. */
void mutex(int threads, int times) {
    each = times;
    run(threads, add);
    printf("%llu\n", total);
}

/* ---- turns */

static int *said, said_count;

static void *take_turns(void *number) {
    int n = (intptr_t)number;
    for (int round = WRONG_BY; round < each; round++) {
        pthread_mutex_lock(&lock);
        while (said_count % together != n) pthread_cond_wait(&changed, &lock);
        said[said_count++] = n;
        pthread_cond_broadcast(&changed);
        pthread_mutex_unlock(&lock);
    }
    return NULL;
}

/* Threads that take turns: in each round each writes its number, when the one before it has. */
void condvar(int threads, int rounds) {
    together = threads;
    each = rounds;
    said = calloc((size_t)threads * rounds, sizeof *said);
    run(threads, take_turns);
    bool in_turn = true;
    for (int i = 0; i < said_count; i++) in_turn = in_turn && said[i] == i % threads;
    printf("%d %s\n", said_count, in_turn ? "true" : "false");
}

/* ---- readers and writers */

static pthread_rwlock_t pair_lock = PTHREAD_RWLOCK_INITIALIZER;
static uint64_t pair[2];
static atomic_int readers;

static void *read_pair(void) {
    intptr_t torn = 0;
    for (int i = 0; i < each; i++) {
        pthread_rwlock_rdlock(&pair_lock);
        torn += pair[0] != pair[1];
        pthread_rwlock_unlock(&pair_lock);
    }
    return (void *)torn;
}

static void *read_or_write_pair(void *number) {
    if ((intptr_t)number % 2 == 0) return read_pair();
    for (int i = WRONG_BY; i < each; i++) {
        pthread_rwlock_wrlock(&pair_lock);
        pair[0]++;
        pair[1]++;
        pthread_rwlock_unlock(&pair_lock);
    }
    return NULL;
}

static void *read_at_once(void *unused) {
    pthread_rwlock_rdlock(&pair_lock);
    pthread_barrier_wait(&meeting); /* each of them holds the lock now */
    readers++;
    pthread_rwlock_unlock(&pair_lock);
    return unused;
}

/* Half of the threads write two equal numbers, the others read them: never different ones. Then all read at once. */
void rwlock(int threads, int times) {
    each = times;
    long torn = run(threads, read_or_write_pair);
    pthread_barrier_init(&meeting, NULL, threads);
    run(threads, read_at_once);
    printf("%llu %llu torn %ld readers %d\n", pair[0], pair[1], torn, readers);
}

/* ---- a barrier */

static atomic_int slots[MOST_THREADS], leaders, others;

static void *meet(void *number) {
    for (int round = 1 + WRONG_BY; round <= each; round++) {
        slots[(intptr_t)number] = round;
        leaders += pthread_barrier_wait(&meeting) == PTHREAD_BARRIER_SERIAL_THREAD;
        for (int n = 0; n < together; n++) others += slots[n] != round;
        pthread_barrier_wait(&meeting);
    }
    return NULL;
}

/* `rounds` times all store the round, meet, look at the others' and meet again; in each meeting one is the leader. */
void barrier(int threads, int rounds) {
    together = threads;
    each = rounds;
    pthread_barrier_init(&meeting, NULL, threads);
    run(threads, meet);
    printf("leaders %d others %d\n", leaders, others);
}

/* ---- a bounded queue */

enum { ROOM = 16, NO_MORE = -1 };

struct message {
    int from, at;
};

static pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
static struct message queue[ROOM];
static unsigned put, taken;

static void send(struct message message) {
    pthread_mutex_lock(&lock);
    while (put - taken == ROOM) pthread_cond_wait(&not_full, &lock);
    queue[put++ % ROOM] = message;
    pthread_cond_signal(&not_empty);
    pthread_mutex_unlock(&lock);
}

static struct message receive(void) {
    pthread_mutex_lock(&lock);
    while (put == taken) pthread_cond_wait(&not_empty, &lock);
    struct message message = queue[taken++ % ROOM];
    pthread_cond_signal(&not_full);
    pthread_mutex_unlock(&lock);
    return message;
}

static void *send_all(void *number) {
    int n = (intptr_t)number;
    for (int at = 0; at < each - WRONG_BY; at++) send((struct message){n, at});
    send((struct message){n, NO_MORE});
    return NULL;
}

/* `times` messages by each thread to one that receives them: all come, each sender's in order. */
void channel(int threads, int times) {
    pthread_t senders[MOST_THREADS];
    int next[MOST_THREADS] = {0}, came = 0, sum = 0, disorder = 0;
    each = times;
    for (int n = 0; n < threads; n++) senders[n] = start(NULL, send_all, n);
    for (int open = threads; open > 0;) {
        struct message message = receive();
        if (message.at == NO_MORE) {
            open--;
            continue;
        }
        disorder += next[message.from] != message.at;
        next[message.from] = message.at + 1;
        sum += message.at;
        came++;
    }
    for (int n = 0; n < threads; n++) join(senders[n]);
    printf("%d sum %d disorder %d\n", came, sum, disorder);
}

/* ---- a place without room: who gives waits for who takes */

struct place {
    bool full;
    int value;
};

static struct place there, back;

static void give(struct place *place, int value) {
    pthread_mutex_lock(&lock);
    *place = (struct place){true, value};
    pthread_cond_broadcast(&changed);
    while (place->full) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
}

static int take(struct place *place) {
    pthread_mutex_lock(&lock);
    while (!place->full) pthread_cond_wait(&changed, &lock);
    place->full = false;
    int value = place->value;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
    return value;
}

static void *give_back_twice(void *unused) {
    for (int n; (n = take(&there)) != NO_MORE;) give(&back, n * 2);
    return unused;
}

/* Messages there and back: each waits for who takes it. */
void rendezvous(int times) {
    pthread_t other = start(NULL, give_back_twice, 0);
    int sum = 0;
    for (int n = 0; n < times - WRONG_BY; n++) {
        give(&there, n);
        sum += take(&back);
    }
    give(&there, NO_MORE);
    join(other);
    printf("%d\n", sum);
}

/* ---- once */

static pthread_once_t only = PTHREAD_ONCE_INIT;
static int made, value;

static void make(void) {
    made += 1 + WRONG_BY;
    value = 42;
}

static void *want(void *unused) {
    (void)unused;
    pthread_barrier_wait(&meeting);
    pthread_once(&only, make);
    return (void *)(intptr_t)value;
}

/* A value that all want at once is made once. */
void once(int threads) {
    pthread_barrier_init(&meeting, NULL, threads);
    long sum = run(threads, want);
    printf("%ld made %d\n", sum, made);
}

/* ---- semaphores */

static sem_t wake, answer;
static int heard;

static void *sleep_until_told(void *unused) {
    for (int n = 1 + WRONG_BY; n <= each; n++) {
        sem_wait(&wake);
        heard++;
        sem_post(&answer);
    }
    return unused;
}

/* A thread that sleeps at a semaphore until it is told, so many times, and tells when it has heard. */
void park(int times) {
    each = times;
    sem_init(&wake, 0, 0);
    sem_init(&answer, 0, 0);
    pthread_t sleeper = start(NULL, sleep_until_told, 0);
    int in_turn = 0;
    for (int n = 1 + WRONG_BY; n <= times; n++) {
        sem_post(&wake);
        sem_wait(&answer);
        in_turn += heard == n;
    }
    join(sleeper);
    printf("%d\n", in_turn);
}

/* ---- the types */

enum { MOST_BYTES = 256, FILLED = 0xa5 };

static unsigned char room[MOST_BYTES];

/* How far an initialiser wrote into `room`. */
static size_t written(void) {
    size_t end = MOST_BYTES;
    while (end > 0 && room[end - 1] == FILLED) end--;
    return end;
}

#define SAY(type, initialise)                                                 \
    do {                                                                      \
        memset(room, FILLED, sizeof room);                                    \
        initialise;                                                           \
        printf("%s %zu of %zu\n", #type, written(), sizeof(type) + WRONG_BY); \
    } while (0)

/* How many bytes of each type the libc's initialiser writes, of how many that the header gives it. */
void types(void) {
    void *at = room;
    SAY(pthread_attr_t, pthread_attr_init(at));
    SAY(pthread_mutex_t, pthread_mutex_init(at, NULL));
    SAY(pthread_cond_t, pthread_cond_init(at, NULL));
    SAY(pthread_rwlock_t, pthread_rwlock_init(at, NULL));
    SAY(pthread_barrier_t, pthread_barrier_init(at, NULL, 1));
}
