/* The WASI command: argv[1] says what to do; modules/README.md lists it. An ordinary C program. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { DONE = 0, REFUSED = 2, USAGE = 64 };

extern char **environ;

/* Says on standard error why the operating system refused. */
static int refused(const char *what) {
    fprintf(stderr, "%s: %s\n", what, strerror(errno));
    return REFUSED;
}

static int compare(const void *left, const void *right) {
    return strcmp(*(char *const *)left, *(char *const *)right);
}

/* Sorts the lines and prints them. */
static int print_sorted(char **lines, size_t count) {
    qsort(lines, count, sizeof *lines, compare);
    for (size_t i = 0; i < count; i++) puts(lines[i]);
    return DONE;
}

static int args(char **argv) {
    while (*argv) puts(*argv++);
    return DONE;
}

static int env(char **argv) {
    (void)argv;
    size_t count = 0;
    while (environ[count]) count++;
    return print_sorted(environ, count);
}

/* All of `from` to standard output. */
static int copy(FILE *from, const char *name) {
    char buffer[65536];
    size_t size;
    while ((size = fread(buffer, 1, sizeof buffer, from)) > 0)
        if (fwrite(buffer, 1, size, stdout) < size) return refused("stdout");
    return ferror(from) ? refused(name) : DONE;
}

static int cat(char **argv) {
    (void)argv;
    return copy(stdin, "stdin");
}

static int to_stderr(char **argv) {
    fputs(argv[0], stderr);
    return DONE;
}

static int leave(char **argv) {
    exit(atoi(argv[0]));
}

static int read_file(char **argv) {
    FILE *file = fopen(argv[0], "r");
    if (!file) return refused(argv[0]);
    int code = copy(file, argv[0]);
    fclose(file);
    return code;
}

static int put(char **argv, const char *mode) {
    FILE *file = fopen(argv[0], mode);
    if (!file) return refused(argv[0]);
    int bad = fputs(argv[1], file) < 0;
    return fclose(file) || bad ? refused(argv[0]) : DONE;
}

static int write_file(char **argv) {
    return put(argv, "w");
}

static int append_file(char **argv) {
    return put(argv, "a");
}

static int list(char **argv) {
    DIR *folder = opendir(argv[0]);
    if (!folder) return refused(argv[0]);
    char **names = NULL;
    size_t count = 0;
    struct dirent *entry;
    errno = 0; /* readdir's end and its failure look alike */
    while ((entry = readdir(folder))) {
        if (!strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..")) continue;
        char **more = realloc(names, (count + 1) * sizeof *names);
        char *name = strdup(entry->d_name);
        if (!more || !name) return refused("memory");
        names = more;
        names[count++] = name;
        errno = 0;
    }
    if (errno) return refused(argv[0]);
    closedir(folder);
    return print_sorted(names, count);
}

static int size(char **argv) {
    struct stat found;
    if (stat(argv[0], &found)) return refused(argv[0]);
    printf("%lld\n", (long long)found.st_size);
    return DONE;
}

static int remove_file(char **argv) {
    return unlink(argv[0]) ? refused(argv[0]) : DONE;
}

/* The clock in nanoseconds, or -1. */
static int64_t now(clockid_t id) {
    struct timespec time;
    return clock_gettime(id, &time) ? -1 : (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static int clocks(char **argv) {
    (void)argv;
    int64_t realtime = now(CLOCK_REALTIME), last = now(CLOCK_MONOTONIC);
    if (realtime < 0 || last < 0) return refused("clock");
    for (int i = 1; i < 1000; i++) {
        int64_t next = now(CLOCK_MONOTONIC);
        if (next < last) {
            fprintf(stderr, "monotonic clock fell from %lld to %lld\n", (long long)last, (long long)next);
            return 1;
        }
        last = next;
    }
    printf("realtime %lld\nmonotonic ok\n", (long long)realtime);
    return DONE;
}

static int randoms(char **argv) {
    (void)argv;
    for (int line = 0; line < 2; line++) {
        uint8_t bytes[32];
        if (getentropy(bytes, sizeof bytes)) return refused("random");
        for (size_t i = 0; i < sizeof bytes; i++) printf("%02x", bytes[i]);
        putchar('\n');
    }
    return DONE;
}

/* What can be done; `words` is how many arguments it takes, -1 for any number. */
static const struct {
    const char *name;
    int words;
    int (*run)(char **argv);
} deeds[] = {
    {"args", -1, args},        {"env", 0, env},       {"cat", 0, cat},           {"stderr", 1, to_stderr},
    {"exit", 1, leave},        {"read", 1, read_file}, {"write", 2, write_file}, {"append", 2, append_file},
    {"list", 1, list},         {"size", 1, size},     {"remove", 1, remove_file}, {"clock", 0, clocks},
    {"random", 0, randoms},
};

int main(int argc, char **argv) {
    for (size_t i = 0; argc > 1 && i < sizeof deeds / sizeof *deeds; i++) {
        if (strcmp(argv[1], deeds[i].name) != 0) continue;
        if (deeds[i].words >= 0 && argc - 2 != deeds[i].words) break;
        int code = deeds[i].run(argv + 2);
        return fflush(stdout) && code == DONE ? refused("stdout") : code;
    }
    fputs("usage: args|env|cat|stderr|exit|read|write|append|list|size|remove|clock|random …\n", stderr);
    return USAGE;
}
