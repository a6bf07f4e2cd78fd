/* The programs of main.c, and what they share. */
#ifndef PROGRAMS_H
#define PROGRAMS_H

#include <pthread.h>
#include <stdint.h>

enum { MOST_THREADS = 64, KIB = 1024 };

/* 1 in the deliberately wrong twin, in which each program errs in one small, plausible way. */
#ifdef WRONG
enum { WRONG_BY = 1 };
#else
enum { WRONG_BY = 0 };
#endif

typedef void *work(void *argument);

/* A thread that works on `number`. Where there can be none, the program says why and ends. */
pthread_t start(const pthread_attr_t *attributes, work *work, intptr_t number);

/* What the thread returned, when it has ended. */
intptr_t join(pthread_t thread);

/* Starts `threads` of them, numbered from 0, waits for all, and gives the sum of what they return. */
intptr_t run(int threads, work *work);

/* ---- threads.c: started and joined */
void join_values(int threads);
void scoped(int threads, int length);
void local(int threads);
void names(int threads);
void nested(int depth);
void stack(int depth);
void print(int threads);
void surroundings(char **arguments);
void spawns(int times);

/* ---- sync.c: what they agree by */
void mutex(int threads, int times);
void condvar(int threads, int rounds);
void rwlock(int threads, int times);
void barrier(int threads, int rounds);
void channel(int threads, int times);
void rendezvous(int times);
void once(int threads);
void park(int times);
void types(void);

/* ---- ends.c: how they end */
void panic(void);
void detached(void);
void outlived_waiting(void);
void outlived_busy(void);
void exit_in_thread(int code);
void never(void);

#endif
