/* Threads that are started and joined: values, parts of what their parent owns, thread-locals, names, stacks, what they see of the program. */
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "programs.h"

extern char **environ;

pthread_t start(const pthread_attr_t *attributes, work *work, intptr_t number) {
    pthread_t thread;
    int error = pthread_create(&thread, attributes, work, (void *)number);
    if (error) {
        fprintf(stderr, "pthread_create: %s\n", strerror(error));
        exit(EXIT_FAILURE);
    }
    return thread;
}

intptr_t join(pthread_t thread) {
    void *given;
    int error = pthread_join(thread, &given);
    if (error) {
        fprintf(stderr, "pthread_join: %s\n", strerror(error));
        exit(EXIT_FAILURE);
    }
    return (intptr_t)given;
}

intptr_t run(int threads, work *work) {
    pthread_t ids[MOST_THREADS];
    intptr_t sum = 0;
    for (int n = 0; n < threads; n++) ids[n] = start(NULL, work, n);
    for (int n = 0; n < threads; n++) sum += join(ids[n]);
    return sum;
}

static void *square(void *number) {
    intptr_t n = (intptr_t)number;
    return (void *)(n * n + WRONG_BY);
}

/* The square of its number by each thread, joined in order. */
void join_values(int threads) {
    pthread_t ids[MOST_THREADS];
    for (int n = 0; n < threads; n++) ids[n] = start(NULL, square, n);
    for (int n = 0; n < threads; n++) printf("%ld\n", (long)join(ids[n]));
}

/* ---- parts of what their parent owns */

struct part {
    const uint64_t *from;
    uint64_t *to, sum;
    int length;
};

static void *sum_and_double(void *argument) {
    struct part *part = argument;
    for (int i = 0; i < part->length; i++) {
        part->sum += part->from[i];
        part->to[i] = 2 * part->from[i];
    }
    return NULL;
}

/* The sum of 0 … length-1 by threads that read a part each of the parent's array, and write into another. */
void scoped(int threads, int length) {
    length -= WRONG_BY;
    uint64_t *numbers = calloc(length, sizeof *numbers), *doubled = calloc(length, sizeof *doubled);
    for (int i = 0; i < length; i++) numbers[i] = i;
    struct part parts[MOST_THREADS];
    pthread_t ids[MOST_THREADS];
    for (int n = 0; n < threads; n++) {
        int at = length * n / threads, end = length * (n + 1) / threads;
        parts[n] = (struct part){numbers + at, doubled + at, 0, end - at};
        ids[n] = start(NULL, sum_and_double, (intptr_t)&parts[n]);
    }
    uint64_t total = 0, twice = 0;
    for (int n = 0; n < threads; n++) {
        join(ids[n]);
        total += parts[n].sum;
    }
    for (int i = 0; i < length; i++) twice += doubled[i];
    printf("%llu %llu\n", total, twice);
}

/* ---- thread-locals */

static pthread_key_t own;
static _Thread_local int count = 7;
static atomic_int dropped;

static int *new_own(void) {
    int *value = malloc(sizeof *value);
    *value = 1000;
    pthread_setspecific(own, value);
    return value;
}

static void drop(void *value) {
    atomic_fetch_add(&dropped, *(int *)value);
    free(value);
}

static void *add_to_own(void *number) {
    new_own();
    for (intptr_t n = (intptr_t)number; n > 0; n--) {
        ++*(int *)pthread_getspecific(own);
        count++;
        sched_yield();
    }
    return (void *)(intptr_t)(*(int *)pthread_getspecific(own) + count + WRONG_BY);
}

/* Each thread adds its number to thread-locals of its own, of which a key's destructor sees the end; the main thread's stay. */
void local(int threads) {
    pthread_t ids[MOST_THREADS];
    pthread_key_create(&own, drop);
    const int *mine = new_own();
    for (int n = 0; n < threads; n++) ids[n] = start(NULL, add_to_own, n);
    for (int n = 0; n < threads; n++) printf("%ld\n", (long)join(ids[n]));
    printf("%d %d %d\n", dropped, *mine, count);
}

/* ---- names: this libc knows none (pthread_setname_np), so that a thread keeps its own */

static _Thread_local char name[16];
static pthread_barrier_t all_named;

static void *take_name(void *number) {
    snprintf(name, sizeof name, "thread %d", (int)(intptr_t)number + WRONG_BY);
    pthread_barrier_wait(&all_named);
    return strdup(name);
}

/* The name that each thread gave itself, when all have one, and as many different ids as threads. */
void names(int threads) {
    pthread_t ids[MOST_THREADS + 1];
    pthread_barrier_init(&all_named, NULL, threads);
    for (int n = 0; n < threads; n++) ids[n] = start(NULL, take_name, n);
    ids[threads] = pthread_self();
    int different = 0;
    for (int n = 0; n <= threads; n++) {
        int at = 0;
        while (!pthread_equal(ids[at], ids[n])) at++;
        different += at == n;
    }
    for (int n = 0; n < threads; n++) {
        char *given = (char *)join(ids[n]);
        puts(given);
        free(given);
    }
    printf("%d ids\n", different);
}

/* ---- within one another, and with stacks of their own */

static void *below(void *depth) {
    if (!depth) return (void *)WRONG_BY;
    return (void *)(1 + join(start(NULL, below, (intptr_t)depth - 1)));
}

/* A thread that starts a thread that starts a thread. */
void nested(int depth) {
    printf("%ld\n", (long)(intptr_t)below((void *)(intptr_t)depth));
}

static pthread_t start_with_stack(size_t size, work *work, intptr_t number) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setstacksize(&attributes, size);
    pthread_t thread = start(&attributes, work, number);
    pthread_attr_destroy(&attributes);
    return thread;
}

static __attribute__((noinline)) intptr_t descend(intptr_t depth) {
    enum { WORDS = KIB / sizeof(int32_t) };
    volatile int32_t frame[WORDS];
    for (int i = 0; i < WORDS; i++) frame[i] = depth;
    return depth == 0 ? 0 : descend(depth - 1) + frame[depth % WORDS];
}

static void *go_down(void *depth) {
    return (void *)descend((intptr_t)depth);
}

/* A thread with a stack of 8 MiB, of which it uses a KiB and more for each of `depth` calls. */
void stack(int depth) {
    printf("%ld\n", (long)join(start_with_stack(8 * KIB * KIB, go_down, depth - WRONG_BY)));
}

static void *next(void *number) {
    return (void *)((intptr_t)number + 1);
}

/* So many threads, each started when the one before it has ended. */
void spawns(int times) {
    intptr_t sum = 0;
    for (int n = WRONG_BY; n < times; n++) sum += join(start_with_stack(64 * KIB, next, n));
    printf("%ld\n", (long)sum);
}

/* ---- what they see of the program */

static void *say_number(void *number) {
    printf("thread %ld\n", (long)(intptr_t)number);
    return NULL;
}

static void *say_to_the_other(void *unused) {
    fputs("to the other\n", stderr);
    return unused;
}

/* A line by each thread, one after the other, to the standard output that all share. */
void print(int threads) {
    puts("main");
    for (int n = WRONG_BY; n < threads; n++) join(start(NULL, say_number, n));
    join(start(NULL, say_to_the_other, 0));
    puts("main again");
}

static int compare(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void say_words(char **words) {
    for (int i = 0; words[i]; i++) printf(i ? " %s" : "%s", words[i]);
    putchar('\n');
}

static void *say_surroundings(void *arguments) {
    say_words((char **)arguments + WRONG_BY);
    size_t variables = 0;
    while (environ[variables]) variables++;
    qsort(environ, variables, sizeof *environ, compare);
    say_words(environ);
    return NULL;
}

/* Arguments and environment, as a thread sees them. */
void surroundings(char **arguments) {
    join(start(NULL, say_surroundings, (intptr_t)arguments));
}
