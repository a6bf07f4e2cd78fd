// C++ exceptions: thrown and caught by the standard library's own classes, and thrown for nobody.
#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "export.h"

namespace {

// Something with a destructor on the way of the exception, to see that it runs.
class Guard {
public:
    explicit Guard(int &left) : left_(left) {}
    ~Guard() { ++left_; }
    Guard(const Guard &) = delete;
    Guard &operator=(const Guard &) = delete;

private:
    int &left_;
};

[[gnu::noinline]] int fail(int &left) {
    Guard guard(left);
    return std::vector<int>(3).at(7); // throws std::out_of_range
}

} // namespace

// Fails within and recovers: x + 1, where the 1 is counted by a destructor that ran while the stack unwound.
EXPORT(fail_recovered) int fail_recovered(int x) {
    int left = 0;
    try {
        return fail(left);
    } catch (const std::logic_error &) { // a base of what was thrown
        return x + left;
    }
}

EXPORT(fail_uncaught) void fail_uncaught() {
    throw std::runtime_error("nobody catches this");
}

EXPORT(fail_panic) void fail_panic() {
    std::abort();
}

EXPORT(after) int after(int x) {
    return x * 2 + 1;
}

EXPORT(alloc) void *alloc(std::size_t size) {
    return std::aligned_alloc(16, (size + 15) / 16 * 16);
}
