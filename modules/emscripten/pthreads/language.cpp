// C++ on threads: thread_local, std::thread, std::async, exceptions.
#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <future>
#include <mutex>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include "programs.h"

namespace {

std::atomic<unsigned> constructed, destroyed;

struct Counted {
    unsigned value = 7;
    Counted() { constructed++; }
    ~Counted() { destroyed++; }
};

#ifdef WRONG
Counted shared;
Counted &local() { return shared; }
#else
thread_local Counted own;
Counted &local() { return own; }
#endif

// All threads of a program, past this at once.
class Gate {
  public:
    explicit Gate(unsigned parties) : missing(parties) {}
    void pass() {
        std::unique_lock hold(lock);
        if (--missing == 0) all.notify_all();
        all.wait(hold, [this] { return missing == 0; });
    }

  private:
    std::mutex lock;
    std::condition_variable all;
    unsigned missing;
};

template <typename Work> void on_threads(unsigned threads, Work work) {
    std::vector<std::thread> started;
    for (unsigned i = 0; i < threads; i++) started.emplace_back(work, i);
    for (std::thread &thread : started) thread.join();
}

// Throws out of `depth` frames that each have something to destroy.
void fall(unsigned depth, unsigned number, std::atomic<unsigned> &unwound) {
    struct Frame {
        std::atomic<unsigned> &count;
        ~Frame() { count++; }
    } frame{unwound};
    if (depth == 0) throw std::runtime_error(std::to_string(number));
    fall(depth - 1, number, unwound);
}

} // namespace

// Each thread has its own, fresh, and it is destroyed with the thread.
int locals(unsigned threads, unsigned) {
    Gate written(threads);
    std::atomic<unsigned> fresh = 0, kept = 0;
    std::mutex lock;
    std::set<const void *> addresses;
    on_threads(threads, [&](unsigned number) {
        fresh += local().value == 7;
        local().value = 100 + number;
        written.pass();
        kept += local().value == 100 + number;
        std::lock_guard hold(lock);
        addresses.insert(&local());
    });
    std::printf("fresh %u, kept %u, addresses %zu, constructed %u, destroyed %u\n", fresh.load(), kept.load(),
                addresses.size(), constructed.load(), destroyed.load());
    return 0;
}

int std_thread(unsigned threads, unsigned steps) {
    std::mutex lock;
    std::uint32_t sum = 0;
    on_threads(threads, [&](unsigned number) {
        std::uint32_t value = mix(number, steps + wrong);
        std::lock_guard hold(lock);
        sum += value;
    });
    std::printf("sum %u\n", unsigned(sum));
    return 0;
}

int std_async(unsigned threads, unsigned steps) {
    std::vector<std::future<std::uint32_t>> futures;
    for (unsigned i = 0; i < threads; i++) futures.push_back(std::async(std::launch::async, mix, i, steps + wrong));
    std::printf("values");
    for (auto &future : futures) std::printf(" %u", unsigned(future.get()));
    std::puts("");
    return 0;
}

// Thrown and caught within each thread, then one of each thread thrown again where it is waited for.
int exceptions(unsigned threads, unsigned steps) {
    std::atomic<unsigned> caught = 0, unwound = 0;
    on_threads(threads, [&](unsigned number) {
        for (unsigned i = wrong; i < steps; i++) {
            try {
                fall(number, number, unwound);
            } catch (const std::runtime_error &error) {
                caught += error.what() == std::to_string(number);
            }
        }
    });
    std::printf("caught %u, unwound %u, crossed", caught.load(), unwound.load());
    for (unsigned i = 0; i < threads; i++) {
        auto future = std::async(std::launch::async, [&, i] { fall(1, i, unwound); });
        try {
            future.get();
        } catch (const std::exception &error) {
            std::printf(" %s", error.what());
        }
    }
    std::puts("");
    return 0;
}

// exit() on one thread ends the program, whatever the others wait for.
int leave(unsigned threads, unsigned steps) {
    std::mutex never;
    std::lock_guard hold(never);
    on_threads(threads, [&](unsigned number) {
        if (number == 0) std::exit(int(steps + wrong));
        std::lock_guard wait(never);
    });
    return 0;
}

namespace {

// One thread ends badly while main waits for it: the program says nothing more.
int badly(unsigned threads, void (*end)()) {
    on_threads(threads, [&](unsigned number) {
        if (number == 0 && !wrong) end();
    });
    std::puts("outlived");
    return 0;
}

} // namespace

int aborted(unsigned threads, unsigned) { return badly(threads, std::abort); }

int uncaught(unsigned threads, unsigned) {
    return badly(threads, [] { throw std::runtime_error("nobody catches this"); });
}

int trapped(unsigned threads, unsigned) {
    return badly(threads, [] { __builtin_trap(); });
}
