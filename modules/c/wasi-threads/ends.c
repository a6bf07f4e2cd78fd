/* How a program ends that has threads: the first end of any ends it all. */
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "programs.h"

static sem_t started; /* static: all zeros, as sem_init would have it */

static void *wait_for_ever(void *unused) {
    static sem_t nobody_posts;
    sem_post(&started);
    for (;;) sem_wait(&nobody_posts);
    return unused;
}

static void *be_busy(void *unused) {
    static atomic_bool done;
    sem_post(&started);
    while (!done) continue;
    return unused;
}

static void *give_up(void *unused) {
    if (!WRONG_BY) abort();
    return unused;
}

/* abort() is a trap, and that is the end of all: the main thread's join never returns. */
void panic(void) {
    puts("before");
    join(start(NULL, give_up, 0));
    puts("joined");
}

static int answer;

static void *make_answer(void *unused) {
    answer = 42 - WRONG_BY;
    sem_post(&started);
    return unused;
}

/* A thread that nobody joins does its work all the same. */
void detached(void) {
    pthread_attr_t attributes;
    pthread_attr_init(&attributes);
    pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
    start(&attributes, make_answer, 0);
    sem_wait(&started);
    printf("%d\n", answer);
}

/* The main thread ends while another never does: that is the end of the program. */
static void outlive(work *work) {
    start(NULL, work, 0);
    sem_wait(&started);
    puts(WRONG_BY ? "ended" : "started");
}

void outlived_waiting(void) { outlive(wait_for_ever); }

void outlived_busy(void) { outlive(be_busy); }

static void *exit_soon(void *code) {
    nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
    exit((intptr_t)code + WRONG_BY);
}

/* A thread exits while the main thread waits for ever. */
void exit_in_thread(int code) {
    start(NULL, exit_soon, code);
    wait_for_ever(NULL);
}

/* The main thread waits for a thread that never ends, while another is busy. */
void never(void) {
    start(NULL, be_busy, 0);
    join(start(NULL, wait_for_ever, 0));
}
