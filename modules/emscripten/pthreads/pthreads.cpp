// POSIX threads: what is returned, mutex, condition variable, barrier, once, keys.
#include <cstdint>
#include <cstdio>
#include <pthread.h>
#include <unistd.h>

#include "programs.h"

namespace {

struct Job {
    unsigned number, steps;
};

// Starts `threads` of them, numbered from 0, and waits for all. The sum of what they return.
uint32_t run(unsigned threads, unsigned steps, void *(*work)(void *)) {
    pthread_t ids[MOST_THREADS];
    Job jobs[MOST_THREADS];
    for (unsigned i = 0; i < threads; i++) {
        jobs[i] = {i, steps};
        pthread_create(&ids[i], nullptr, work, &jobs[i]);
    }
    uint32_t sum = 0;
    for (unsigned i = 0; i < threads; i++) {
        void *given;
        pthread_join(ids[i], &given);
        sum += uint32_t(uintptr_t(given));
    }
    return sum;
}

const Job &job_of(void *argument) { return *static_cast<Job *>(argument); }

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
uint64_t total = 0;

void *add(void *argument) {
    const Job &job = job_of(argument);
    for (unsigned i = wrong; i < job.steps; i++) {
        pthread_mutex_lock(&lock);
        total += job.number + 1;
        pthread_mutex_unlock(&lock);
    }
    return nullptr;
}

// A bounded queue between the threads that fill it and the main thread that empties it.
constexpr unsigned ROOM = 4;
pthread_cond_t not_full = PTHREAD_COND_INITIALIZER, not_empty = PTHREAD_COND_INITIALIZER;
Job queue[ROOM];
unsigned put_at = 0, held = 0;

void *fill(void *argument) {
    const Job &job = job_of(argument);
    for (unsigned i = 0; i < job.steps; i++) {
        pthread_mutex_lock(&lock);
        while (held == ROOM) pthread_cond_wait(&not_full, &lock);
        queue[put_at++ % ROOM] = {job.number, wrong ? job.steps - i : i};
        held++;
        pthread_cond_signal(&not_empty);
        pthread_mutex_unlock(&lock);
    }
    return nullptr;
}

Job take() {
    pthread_mutex_lock(&lock);
    while (held == 0) pthread_cond_wait(&not_empty, &lock);
    Job job = queue[(put_at - held--) % ROOM];
    pthread_cond_signal(&not_full);
    pthread_mutex_unlock(&lock);
    return job;
}

pthread_barrier_t gate;
unsigned slots[MOST_THREADS], parties = 0, errors = 0, serial = 0;

void meet(unsigned &serials) { serials += pthread_barrier_wait(&gate) == PTHREAD_BARRIER_SERIAL_THREAD; }

void *rounds(void *argument) {
    const Job &job = job_of(argument);
    unsigned seen = 0, serials = 0;
    for (unsigned r = 1; r <= job.steps; r++) {
        slots[job.number] = r - (wrong && job.number == 0);
        meet(serials);
        for (unsigned i = 0; i < parties; i++) seen += slots[i] != r;
        meet(serials);
    }
    pthread_mutex_lock(&lock);
    errors += seen;
    serial += serials;
    pthread_mutex_unlock(&lock);
    return nullptr;
}

pthread_once_t first = PTHREAD_ONCE_INIT;
unsigned ran = 0, made = 0;

void make() {
    ran++;
    usleep(20'000); // the others are there by now, and must wait
    made = 42;
}

void *ask_once(void *) {
    if (wrong) make();
    pthread_once(&first, make);
    return reinterpret_cast<void *>(uintptr_t(made == 42));
}

pthread_key_t key;
unsigned destroyed = 0;

void destroy(void *value) {
    pthread_mutex_lock(&lock);
    destroyed++;
    total += uintptr_t(value);
    pthread_mutex_unlock(&lock);
}

void *keep(void *argument) {
    uintptr_t own = job_of(argument).number + 1;
    bool empty = pthread_getspecific(key) == nullptr;
    pthread_setspecific(key, reinterpret_cast<void *>(own));
    pthread_barrier_wait(&gate);
    bool kept = reinterpret_cast<uintptr_t>(pthread_getspecific(key)) == own;
    if (wrong) pthread_setspecific(key, nullptr);
    return reinterpret_cast<void *>(uintptr_t(empty && kept));
}

} // namespace

// What each thread returns is what its join gets.
int join(unsigned threads, unsigned steps) {
    auto work = [](void *argument) {
        const Job &job = job_of(argument);
        return reinterpret_cast<void *>(uintptr_t(mix(job.number, job.steps + wrong)));
    };
    std::printf("sum %u\n", unsigned(run(threads, steps, work)));
    return 0;
}

int mutex(unsigned threads, unsigned steps) {
    run(threads, steps, add);
    std::printf("total %llu\n", static_cast<unsigned long long>(total));
    return 0;
}

// Nothing is lost, and what one thread puts comes out in its order.
int condition(unsigned threads, unsigned steps) {
    pthread_t ids[MOST_THREADS];
    Job jobs[MOST_THREADS];
    unsigned next[MOST_THREADS] = {}, disorder = 0;
    for (unsigned i = 0; i < threads; i++) {
        jobs[i] = {i, steps};
        pthread_create(&ids[i], nullptr, fill, &jobs[i]);
    }
    for (unsigned i = 0; i < threads * steps; i++) {
        Job job = take();
        disorder += job.steps != next[job.number]++;
    }
    for (unsigned i = 0; i < threads; i++) pthread_join(ids[i], nullptr);
    std::printf("held %u, out of order %u, each", held, disorder);
    for (unsigned i = 0; i < threads; i++) std::printf(" %u", next[i]);
    std::puts("");
    return 0;
}

int barrier(unsigned threads, unsigned steps) {
    parties = threads;
    pthread_barrier_init(&gate, nullptr, threads);
    run(threads, steps, rounds);
    std::printf("errors %u, serial %u\n", errors, serial);
    return 0;
}

int once(unsigned threads, unsigned steps) {
    unsigned complete = run(threads, steps, ask_once);
    std::printf("ran %u, complete %u\n", ran, complete);
    return 0;
}

// Each thread has a value of its own, and the destructor gets each once.
int keys(unsigned threads, unsigned steps) {
    pthread_key_create(&key, destroy);
    pthread_barrier_init(&gate, nullptr, threads);
    unsigned own = run(threads, steps, keep);
    bool untouched = pthread_getspecific(key) == nullptr;
    std::printf("own %u, destroyed %u, total %u, main %s\n", own, destroyed, unsigned(total), untouched ? "none" : "some");
    return 0;
}
