/* A WASI command whose threads are pthreads: each is started by `wasi.thread-spawn`. argv[1] says what to do, numbers follow
   (modules/README.md); what it prints is the same whatever the timing. 64 is wrong usage. */
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "programs.h"

enum { USAGE = 64 };

static const struct {
    const char *name;
    void (*none)(void);
    void (*number)(int);
    void (*threads)(int);
    void (*threads_and_number)(int, int);
} PROGRAMS[] = {
    {"join", .threads = join_values},
    {"scoped", .threads_and_number = scoped},
    {"local", .threads = local},
    {"names", .threads = names},
    {"nested", .number = nested},
    {"stack", .number = stack},
    {"print", .threads = print},
    {"spawns", .number = spawns},
    {"mutex", .threads_and_number = mutex},
    {"condvar", .threads_and_number = condvar},
    {"rwlock", .threads_and_number = rwlock},
    {"barrier", .threads_and_number = barrier},
    {"channel", .threads_and_number = channel},
    {"rendezvous", .number = rendezvous},
    {"once", .threads = once},
    {"park", .number = park},
    {"types", .none = types},
    {"panic", .none = panic},
    {"detached", .none = detached},
    {"outlived-waiting", .none = outlived_waiting},
    {"outlived-busy", .none = outlived_busy},
    {"exit-in-thread", .number = exit_in_thread},
    {"never", .none = never},
};

int main(int count, char **arguments) {
    if (count < 2) return USAGE;
    if (strcmp(arguments[1], "surroundings") == 0) {
        surroundings(arguments + 1);
        return 0;
    }
    int first = count > 2 ? atoi(arguments[2]) : 0, second = count > 3 ? atoi(arguments[3]) : 0;
    bool are_threads = first > 0 && first <= MOST_THREADS;
    for (size_t i = 0; i < sizeof PROGRAMS / sizeof *PROGRAMS; i++) {
        if (strcmp(arguments[1], PROGRAMS[i].name) != 0) continue;
        if (count == 2 && PROGRAMS[i].none)
            PROGRAMS[i].none();
        else if (count == 3 && PROGRAMS[i].number)
            PROGRAMS[i].number(first);
        else if (count == 3 && PROGRAMS[i].threads && are_threads)
            PROGRAMS[i].threads(first);
        else if (count == 4 && PROGRAMS[i].threads_and_number && are_threads)
            PROGRAMS[i].threads_and_number(first, second);
        else
            return USAGE;
        return 0;
    }
    return USAGE;
}
