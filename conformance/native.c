/* The job `reduce` of modules/README.md with pthreads: `native WORKERS LENGTH PASSES` prints the seconds from the first
 * thread's start to the last one's end, and the sum. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

enum { MOST = 64 };

static long workers, length, passes;
static int32_t *values;
static atomic_long total, here;

struct thread {
  pthread_t id;
  long number;
  double start, end;
};

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static void *reduce(void *argument) {
  struct thread *own = argument;
  int64_t sum = 0;
  atomic_fetch_add(&here, 1);
  while (atomic_load(&here) < workers) sched_yield(); /* all are made before any is let go, as by a runner */
  own->start = now();
  for (long pass = 0; pass < passes; pass++)
    for (long i = length * own->number / workers; i < length * (own->number + 1) / workers; i++)
      sum += values[i] ^ (int32_t)pass;
  atomic_fetch_add(&total, sum);
  own->end = now();
  return NULL;
}

int main(int count, char **arguments) {
  static struct thread threads[MOST];
  if (count != 4) return 64;
  workers = atol(arguments[1]), length = atol(arguments[2]), passes = atol(arguments[3]);
  values = workers > 0 && workers <= MOST ? malloc((size_t)length * sizeof *values) : NULL;
  if (!values) return 64;
  for (long i = 0; i < length; i++) values[i] = (int32_t)((uint32_t)i * 2654435761u);
  for (long i = 0; i < workers; i++) {
    threads[i].number = i;
    if (pthread_create(&threads[i].id, NULL, reduce, &threads[i])) return 1;
  }
  double start = 0, end = 0;
  for (long i = 0; i < workers; i++) {
    pthread_join(threads[i].id, NULL);
    if (i == 0 || threads[i].start < start) start = threads[i].start;
    if (threads[i].end > end) end = threads[i].end;
  }
  printf("%.9f %ld\n", end - start, (long)total);
  return 0;
}
