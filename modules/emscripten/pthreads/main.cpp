// main NAME THREADS STEPS: runs one of the programs. 64 for wrong usage.
#include <cstdio>
#include <cstdlib>
#include <string_view>

#include "programs.h"

namespace {

struct Row {
    std::string_view name;
    Program *run;
};

constexpr Row PROGRAMS[] = {
    {"join", join},           {"mutex", mutex},           {"condition", condition},
    {"barrier", barrier},     {"once", once},             {"keys", keys},
    {"locals", locals},       {"std-thread", std_thread}, {"std-async", std_async},
    {"exceptions", exceptions}, {"exit", leave},          {"exhausted", exhausted},
    {"growth", growth},       {"where", where},           {"blocked", blocked},
    {"returning", returning}, {"aborted", aborted},       {"uncaught", uncaught},
    {"trapped", trapped},
};

} // namespace

int main(int argc, char **argv) {
    if (argc == 4) {
        unsigned threads = unsigned(std::atoi(argv[2])), steps = unsigned(std::atoi(argv[3]));
        for (const Row &row : PROGRAMS) {
            if (row.name == argv[1] && threads > 0 && threads <= MOST_THREADS) return row.run(threads, steps);
        }
    }
    std::fputs("usage: main NAME THREADS STEPS\n", stderr);
    return 64;
}
