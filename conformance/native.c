/* Jobs of modules/README.md with pthreads: `native reduce WORKERS LENGTH PASSES`, `native mandelbrot WORKERS POINTS MOST`
 * print the seconds from the first thread's start to the last one's end, and the sum of what they computed. */

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

enum { MOST = 64 };

static long workers, length, iterations;
static int32_t *values;
static atomic_llong total;
static atomic_long here;

static int64_t reduce(long first, long last) {
  int64_t sum = 0;
  for (long pass = 0; pass < iterations; pass++)
    for (long i = first; i < last; i++) sum += values[i] ^ (int32_t)pass;
  return sum;
}

static int64_t mandelbrot(long first, long last) {
  int64_t sum = 0;
  double step = 1.0 / (double)length;
  for (long y = first; y < last; y++)
    for (long x = 0; x < length; x++) {
      double c_re = 3.0 * ((double)x * step) - 2.0, c_im = 3.0 * ((double)y * step) - 1.5, re = 0, im = 0;
      int32_t steps = 0;
      for (; steps < iterations && re * re + im * im <= 4.0; steps++) {
        double next = re * re - im * im + c_re;
        im = 2.0 * re * im + c_im;
        re = next;
      }
      values[y * length + x] = steps;
      sum += steps;
    }
  return sum;
}

static int64_t (*job)(long first, long last);

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

static void *work(void *argument) {
  struct thread *own = argument;
  atomic_fetch_add(&here, 1);
  while (atomic_load(&here) < workers) sched_yield(); /* all are made before any is let go, as by a runner */
  own->start = now();
  atomic_fetch_add(&total, job(length * own->number / workers, length * (own->number + 1) / workers));
  own->end = now();
  return NULL;
}

int main(int count, char **arguments) {
  static struct thread threads[MOST];
  if (count != 5) return 64;
  job = strcmp(arguments[1], "reduce") ? mandelbrot : reduce;
  workers = atol(arguments[2]), length = atol(arguments[3]), iterations = atol(arguments[4]);
  if (workers < 1 || workers > MOST || length < 1) return 64;
  size_t size = (size_t)(job == reduce ? length : length * length);
  values = malloc(size * sizeof *values);
  if (!values) return 1;
  for (size_t i = 0; i < size; i++) values[i] = (int32_t)((uint32_t)i * 2654435761u);
  for (long i = 0; i < workers; i++) {
    threads[i].number = i;
    if (pthread_create(&threads[i].id, NULL, work, &threads[i])) return 1;
  }
  double start = 0, end = 0;
  for (long i = 0; i < workers; i++) {
    pthread_join(threads[i].id, NULL);
    if (i == 0 || threads[i].start < start) start = threads[i].start;
    if (threads[i].end > end) end = threads[i].end;
  }
  printf("%.9f %lld\n", end - start, (long long)total);
  return 0;
}
