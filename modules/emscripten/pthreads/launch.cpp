// What differs between the ways to link: a pool of workers or none, main on a thread of its own, a memory that grows.
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <emscripten.h>
#include <emscripten/heap.h>
#include <emscripten/threading.h>
#include <pthread.h>

#include "programs.h"

namespace {

pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
bool released = false;

void *wait(void *) {
    pthread_mutex_lock(&lock);
    while (!released) pthread_cond_wait(&changed, &lock);
    pthread_mutex_unlock(&lock);
    return nullptr;
}

void release() {
    pthread_mutex_lock(&lock);
    released = true;
    pthread_cond_broadcast(&changed);
    pthread_mutex_unlock(&lock);
}

// Whether one more thread than the pool has workers may start.
const char *one_more() {
    pthread_t id;
    int code = pthread_create(&id, nullptr, wait, nullptr);
    if (code == 0 && released) pthread_join(id, nullptr);
    return code == 0 ? "started" : code == EAGAIN ? "EAGAIN" : std::strerror(code);
}

constexpr size_t BLOCK = 8 << 20;

struct Block {
    unsigned number;
    unsigned char *bytes;
    unsigned long sum;
};

Block blocks[MOST_THREADS];
unsigned parties = 0;
pthread_barrier_t written;

unsigned long sum_of(const Block &block) {
    unsigned long sum = 0;
    for (size_t i = 0; i < BLOCK; i++) sum += block.bytes[i];
    return sum;
}

// Fills a block of its own, then sums its neighbour's, which another thread's growth may have made room for.
void *grow(void *argument) {
    Block &own = *static_cast<Block *>(argument);
    own.bytes = static_cast<unsigned char *>(std::malloc(BLOCK));
    if (own.bytes != nullptr) std::memset(own.bytes, int(own.number + 1), BLOCK);
    pthread_barrier_wait(&written);
    const Block &next = blocks[(own.number + 1) % parties];
    own.sum = next.bytes != nullptr ? sum_of(next) + wrong : 0;
    return nullptr;
}

// A thread, and what it gave; the main thread asks for it again and again, from the event loop.
struct Late {
    pthread_t id;
    unsigned steps;
    volatile bool done;
    unsigned value;
} late;

void *work(void *) {
    late.value = mix(1, late.steps + wrong);
    __atomic_store_n(&late.done, true, __ATOMIC_SEQ_CST);
    return nullptr;
}

bool is_done() { return __atomic_load_n(&late.done, __ATOMIC_SEQ_CST); }

void look(void *) {
    if (!is_done()) return emscripten_async_call(look, nullptr, 10);
    pthread_join(late.id, nullptr);
    std::printf("value %u\n", late.value);
    emscripten_force_exit(0);
}

void start(unsigned steps) {
    late.steps = steps;
    if (pthread_create(&late.id, nullptr, work, nullptr) != 0) std::abort(); // nobody would come to say that it is done
}

} // namespace

// A pool of as many workers gives as many threads while the main thread blocks, and says no to more.
int exhausted(unsigned threads, unsigned) {
    pthread_t ids[MOST_THREADS];
    for (unsigned i = 0; i < threads; i++) {
        if (pthread_create(&ids[i], nullptr, wait, nullptr) != 0) return 1;
    }
    std::printf("one more: %s, ", wrong ? "not asked" : one_more());
    release();
    for (unsigned i = 0; i < threads; i++) pthread_join(ids[i], nullptr);
    std::printf("after the others: %s\n", one_more());
    return 0;
}

int growth(unsigned threads, unsigned) {
    size_t before = emscripten_get_heap_size();
    parties = threads;
    pthread_barrier_init(&written, nullptr, threads);
    pthread_t ids[MOST_THREADS];
    for (unsigned i = 0; i < threads; i++) {
        blocks[i].number = i;
        pthread_create(&ids[i], nullptr, grow, &blocks[i]);
    }
    for (unsigned i = 0; i < threads; i++) pthread_join(ids[i], nullptr);
    size_t after = emscripten_get_heap_size();
    bool grown = after > before && after >= threads * BLOCK;
    std::printf("%s, sums", grown ? "grown" : "not grown");
    for (unsigned i = 0; i < threads; i++) std::printf(" %lu", blocks[i].sum);
    std::printf(", seen by main");
    for (unsigned i = 0; i < threads; i++) std::printf(" %lu", blocks[i].bytes != nullptr ? sum_of(blocks[i]) : 0);
    std::puts("");
    return 0;
}

// Where main runs: on the main thread, or on one of its own, which may block and needs no pool to start others.
int where(unsigned threads, unsigned) {
    bool main_thread = emscripten_is_main_runtime_thread();
    pthread_t ids[MOST_THREADS];
    for (unsigned i = 0; i < threads; i++) pthread_create(&ids[i], nullptr, wait, nullptr);
    emscripten_thread_sleep(20);
    release();
    for (unsigned i = 0; i < threads; i++) pthread_join(ids[i], nullptr);
    std::printf("main on %s, joined %u\n", main_thread ? "the main thread" : "a thread of its own", threads);
    return 0;
}

// Without a pool, the main thread starts a thread and blocks: for half a second, whether it began or not.
int blocked(unsigned threads, unsigned steps) {
    start(steps);
    double until = emscripten_get_now() + 500;
    while (!is_done() && emscripten_get_now() < until) emscripten_thread_sleep(10);
    std::printf("began while main blocked: %s\n", is_done() ? "yes" : "no");
    return returning(threads, 0);
}

// Without a pool, the main thread starts a thread and returns to the event loop. (No steps: it is started already.)
int returning(unsigned, unsigned steps) {
    if (steps != 0) start(steps);
    look(nullptr);
    emscripten_exit_with_live_runtime();
}
