/* Files for Emscripten's libc on a WASI host.
 *
 * Emscripten's standalone libc knows the standard streams only: its other file system calls are weak functions that
 * refuse. These ones take their place and ask WASI, so that fopen, opendir, stat and remove work as in any C program.
 * Errors need no translation: Emscripten's errno are WASI's numbers.
 *
 * A path is looked up in the preopened folder with the longest name that begins it, and its rest goes to the host as
 * it is, `..` and all: what may not be reached is for the runtime to refuse, and for a matrix to see.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <syscall_arch.h>
#include <unistd.h>
#include <wasi/api.h>

enum { FIRST_PREOPEN = 3, NAME_SIZE = 4096, LISTINGS = 8 };

static const __wasi_rights_t reading = __WASI_RIGHTS_FD_READ | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL |
                                       __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_FD_READDIR;
static const __wasi_rights_t writing = __WASI_RIGHTS_FD_WRITE | __WASI_RIGHTS_FD_SEEK | __WASI_RIGHTS_FD_TELL |
                                       __WASI_RIGHTS_FD_FILESTAT_GET | __WASI_RIGHTS_FD_FILESTAT_SET_SIZE |
                                       __WASI_RIGHTS_FD_FDSTAT_SET_FLAGS;

/* Where the last listings go on, for readdir asks without saying so: by descriptor, which may be any number. */
static struct listing {
    __wasi_fd_t fd; /* 0, that of no folder: not used yet */
    __wasi_dircookie_t cookie;
} listings[LISTINGS];
static unsigned next_listing;

/* NULL where there is none of that descriptor. */
static struct listing *listing_of(__wasi_fd_t fd) {
    for (unsigned at = 0; at < LISTINGS; at++) {
        if (listings[at].fd == fd) return &listings[at];
    }
    return NULL;
}

/* A path as its preopened folder knows it. */
struct place {
    __wasi_fd_t folder;
    const char *path;
    size_t length;
};

/* Without what does not matter in front: `/`, `./`, and a `.` alone. */
static const char *strip(const char *path) {
    for (;;) {
        if (path[0] == '/') {
            path++;
        } else if (path[0] == '.' && path[1] == '/') {
            path += 2;
        } else if (path[0] == '.' && path[1] == '\0') {
            path++;
        } else {
            return path;
        }
    }
}

/* The name of a preopened folder, stripped, into `name` (NAME_SIZE bytes). EBADF after the last one. */
static int preopen_name(__wasi_fd_t fd, char *name, const char **stripped) {
    __wasi_prestat_t prestat;
    int error = __wasi_fd_prestat_get(fd, &prestat);
    if (error) return error;
    if (prestat.pr_type != __WASI_PREOPENTYPE_DIR || prestat.u.dir.pr_name_len >= NAME_SIZE) return ENOTDIR;
    error = __wasi_fd_prestat_dir_name(fd, (uint8_t *)name, prestat.u.dir.pr_name_len);
    if (error) return error;
    name[prestat.u.dir.pr_name_len] = '\0';
    *stripped = strip(name);
    return 0;
}

/* 0, or the error: EACCES where no preopened folder has the path. */
static int find(const char *path, struct place *place) {
    static char name[NAME_SIZE];
    const char *wanted = strip(path), *preopen = NULL;
    bool found = false;
    size_t best = 0;
    for (__wasi_fd_t fd = FIRST_PREOPEN;; fd++) {
        int error = preopen_name(fd, name, &preopen);
        if (error == EBADF) break;
        if (error) continue;
        size_t length = strlen(preopen);
        while (length && preopen[length - 1] == '/') length--;
        bool begins = strncmp(wanted, preopen, length) == 0 &&
                      (length == 0 || wanted[length] == '/' || wanted[length] == '\0');
        if (begins && (!found || length > best)) {
            found = true;
            best = length;
            place->folder = fd;
        }
    }
    if (!found) return EACCES;
    place->path = wanted + best;
    while (*place->path == '/') place->path++;
    if (!*place->path) place->path = ".";
    place->length = strlen(place->path);
    return 0;
}

int __syscall_openat(int at, intptr_t path, int flags, ...) {
    struct place place;
    (void)at; /* libc asks for paths from the working folder alone */
    int error = find((const char *)path, &place);
    if (error) return -error;

    int access = flags & O_ACCMODE;
    __wasi_rights_t rights = (access != O_WRONLY ? reading : 0) | (access != O_RDONLY ? writing : 0);
    __wasi_oflags_t how = (flags & O_CREAT ? __WASI_OFLAGS_CREAT : 0) | (flags & O_EXCL ? __WASI_OFLAGS_EXCL : 0) |
                          (flags & O_TRUNC ? __WASI_OFLAGS_TRUNC : 0) |
                          (flags & O_DIRECTORY ? __WASI_OFLAGS_DIRECTORY : 0);
    __wasi_fdstat_t folder; /* a strict host grants no more than the folder passes on */
    error = __wasi_fd_fdstat_get(place.folder, &folder);
    if (error) return -error;
    __wasi_fd_t fd;
    error = __wasi_path_open(place.folder, flags & O_NOFOLLOW ? 0 : __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, place.path,
                             place.length, how, rights & folder.fs_rights_inheriting, 0,
                             flags & O_APPEND ? __WASI_FDFLAGS_APPEND : 0, &fd);
    if (error) return -error;
    struct listing *listing = listing_of(fd); /* of a folder closed since, whose number it has */
    if (listing) listing->cookie = 0;
    return (int)fd;
}

/* As many of the host's entries as fit `count` bytes; 0 at the end. */
int __syscall_getdents64(int fd, intptr_t entries, size_t count) {
    static uint8_t buffer[NAME_SIZE];
    struct listing *listing = listing_of((__wasi_fd_t)fd);
    if (!listing) {
        listing = &listings[next_listing++ % LISTINGS];
        *listing = (struct listing){.fd = (__wasi_fd_t)fd};
    }
    size_t used;
    int error = __wasi_fd_readdir((__wasi_fd_t)fd, buffer, sizeof buffer, listing->cookie, &used);
    if (error) return -error;

    struct dirent *entry = (struct dirent *)entries;
    size_t made = 0;
    __wasi_dirent_t head;
    for (size_t at = 0; at + sizeof head <= used && (made + 1) * sizeof *entry <= count; made++, entry++) {
        memcpy(&head, buffer + at, sizeof head);
        at += sizeof head;
        if (head.d_namlen > used - at) break; /* cut at the buffer's end: it comes first next time */
        if (head.d_namlen >= sizeof entry->d_name) return -ENAMETOOLONG;
        entry->d_ino = head.d_ino;
        entry->d_off = (off_t)head.d_next;
        entry->d_reclen = sizeof *entry;
        entry->d_type = head.d_type == __WASI_FILETYPE_DIRECTORY      ? DT_DIR
                        : head.d_type == __WASI_FILETYPE_REGULAR_FILE ? DT_REG
                                                                      : DT_UNKNOWN;
        memcpy(entry->d_name, buffer + at, head.d_namlen);
        entry->d_name[head.d_namlen] = '\0';
        at += head.d_namlen;
        listing->cookie = head.d_next;
    }
    return (int)(made * sizeof *entry);
}

int __syscall_stat64(intptr_t path, intptr_t result) {
    struct place place;
    int error = find((const char *)path, &place);
    if (error) return -error;
    __wasi_filestat_t found;
    error = __wasi_path_filestat_get(place.folder, __WASI_LOOKUPFLAGS_SYMLINK_FOLLOW, place.path, place.length, &found);
    if (error) return -error;
    *(struct stat *)result = (struct stat){
        .st_ino = found.ino,
        .st_nlink = (nlink_t)found.nlink,
        .st_size = (off_t)found.size,
        .st_mode = found.filetype == __WASI_FILETYPE_DIRECTORY      ? S_IFDIR
                   : found.filetype == __WASI_FILETYPE_REGULAR_FILE ? S_IFREG
                                                                    : S_IFCHR,
    };
    return 0;
}

int __syscall_unlinkat(int at, intptr_t path, int flags) {
    struct place place;
    (void)at;
    int error = find((const char *)path, &place);
    if (error) return -error;
    return flags & AT_REMOVEDIR ? -__wasi_path_remove_directory(place.folder, place.path, place.length)
                                : -__wasi_path_unlink_file(place.folder, place.path, place.length);
}

int __syscall_rmdir(intptr_t path) {
    return __syscall_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);
}

int getentropy(void *to, size_t size) {
    int error = __wasi_random_get(to, size);
    if (!error) return 0;
    errno = error;
    return -1;
}
