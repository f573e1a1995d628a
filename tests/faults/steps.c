/* Counts every call by which dsv, or a git that it runs, changes the disk, and cuts the work short at one of them.

   Preloaded into dsv (LD_PRELOAD), and so into all it starts. The page that DSV_FAULTS names is shared by these processes: it
   says what to do at which step, and tells what was reached. A step is a call on a regular file or a directory; processes
   outside the group of the command are not looked at, such as the other side of a push. */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum way { COUNT, KILL, KILL_ALONE, FAIL, FULL };

struct page {
    int active, way, error, group;
    long wanted, count;
    int reached;
    char what[4096];
};

static struct page *page;
static int trace = -1;
static char program[64] = "dsv";

/* What a call needs of the disk: a full one refuses DATA; ENOSPC is no answer to FREE. */
enum need { DATA, NAME, FREE };

__attribute__((constructor)) static void begin(void)
{
    const char *file = getenv("DSV_FAULTS");
    char line[512] = {0}, *word;
    int fd;
    if (!file || (fd = open(file, O_RDWR | O_CLOEXEC)) < 0)
        return;
    page = mmap(NULL, sizeof *page, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    syscall(SYS_close, fd);
    if (page == MAP_FAILED) {
        page = NULL;
        return;
    }
    if ((fd = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC)) >= 0) {
        ssize_t size = read(fd, line, sizeof line - 2);
        syscall(SYS_close, fd);
        if (memmem(line, size > 0 ? size : 0, "receive-pack", 12))
            setpgid(0, 0);
        word = strrchr(line, '/') ? strrchr(line, '/') + 1 : line;
        if (!strncmp(word, "git", 3)) {
            for (word = line + strlen(line) + 1; *word; word += strlen(word) + 1) {
                if (!strcmp(word, "-C") || !strcmp(word, "-c"))
                    word += strlen(word) + 1;
                else if (*word != '-')
                    break;
            }
            snprintf(program, sizeof program, "git %.40s", word);
        }
    }
}

static void describe(char *to, size_t size, const char *call, int dir, const char *path)
{
    char where[1100] = "", link[40];
    ssize_t got;
    if (!path || *path != '/') {
        if (dir == AT_FDCWD)
            snprintf(link, sizeof link, "/proc/self/cwd");
        else
            snprintf(link, sizeof link, "/proc/self/fd/%d", dir);
        got = readlink(link, where, 1024);
        where[got > 0 ? got : 0] = 0;
        if (path)
            strcat(where, "/");
    }
    snprintf(to, size, "%s\t%s\t%s%.2000s\n", program, call, where, path ? path : "");
}

/* Whether the call is to fail now; a kill does not come back. `torn` writes a half before the kill. */
static int step(const char *call, enum need need, int dir, const char *path, int torn, const void *data, size_t size)
{
    char what[4096];
    long number;
    if (!page || !page->active || getpgid(0) != page->group)
        return 0;
    if (path && (!strcmp(path, "/dev/null") || !strcmp(path, "/dev/tty") || !strncmp(path, "/proc/", 6)))
        return 0;
    number = __sync_add_and_fetch(&page->count, 1);
    if (page->way == COUNT) {
        describe(what, sizeof what, call, dir, path);
        if (trace < 0) {
            const char *file = getenv("DSV_FAULTS_TRACE");
            trace = file ? syscall(SYS_openat, AT_FDCWD, file, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666) : -1;
        }
        if (trace >= 0)
            syscall(SYS_write, trace, what, strlen(what));
        return 0;
    }
    if (page->way == FULL ? number < page->wanted || need != DATA || *call == 'f' : number != page->wanted)
        return 0;
    if (__sync_bool_compare_and_swap(&page->reached, 0, 1))
        describe(page->what, sizeof page->what, call, dir, path);
    if (page->way == KILL || page->way == KILL_ALONE) {
        /* Who lives on writes all of it itself. */
        if (torn && size > 1 && (page->way == KILL || getpid() == page->group))
            syscall(SYS_write, dir, data, size / 2);
        page->active = 0;
        if (page->way == KILL)
            syscall(SYS_kill, -page->group, SIGKILL);
        else /* its children come to their own end */
            syscall(SYS_kill, page->group, SIGKILL);
        while (page->way == KILL || getpid() == page->group)
            pause();
        return 0;
    }
    if (page->error == ENOSPC && need == FREE)
        return 0;
    errno = page->error;
    return 1;
}

static int regular(int fd)
{
    struct stat seen;
    return !fstat(fd, &seen) && S_ISREG(seen.st_mode);
}

#define REAL(name) __typeof__(&name) real = (__typeof__(&name))dlsym(RTLD_NEXT, #name)

#define OPEN(name)                                                                                                     \
    int name(const char *path, int flags, ...)                                                                         \
    {                                                                                                                  \
        va_list more;                                                                                                  \
        mode_t mode;                                                                                                   \
        REAL(name);                                                                                                    \
        va_start(more, flags);                                                                                         \
        mode = va_arg(more, mode_t);                                                                                   \
        va_end(more);                                                                                                  \
        if ((flags & (O_CREAT | O_TRUNC)) && step("open", NAME, AT_FDCWD, path, 0, NULL, 0))                           \
            return -1;                                                                                                 \
        return real(path, flags, mode);                                                                                \
    }
OPEN(open)
OPEN(open64)

#define OPENAT(name)                                                                                                   \
    int name(int dir, const char *path, int flags, ...)                                                                \
    {                                                                                                                  \
        va_list more;                                                                                                  \
        mode_t mode;                                                                                                   \
        REAL(name);                                                                                                    \
        va_start(more, flags);                                                                                         \
        mode = va_arg(more, mode_t);                                                                                   \
        va_end(more);                                                                                                  \
        if ((flags & (O_CREAT | O_TRUNC)) && step("open", NAME, dir, path, 0, NULL, 0))                                \
            return -1;                                                                                                 \
        return real(dir, path, flags, mode);                                                                           \
    }
OPENAT(openat)
OPENAT(openat64)

#define FOPEN(name)                                                                                                    \
    FILE *name(const char *restrict path, const char *restrict mode)                                                   \
    {                                                                                                                  \
        REAL(name);                                                                                                    \
        if (strpbrk(mode, "wa") && step("open", NAME, AT_FDCWD, path, 0, NULL, 0))                                     \
            return NULL;                                                                                               \
        return real(path, mode);                                                                                       \
    }
FOPEN(fopen)
FOPEN(fopen64)

/* Calls with a file that is open already. */
#define ON_FILE(type, name, call, need, torn, parameters, arguments, data, size)                                       \
    type name parameters                                                                                               \
    {                                                                                                                  \
        REAL(name);                                                                                                    \
        if (regular(fd) && step(call, need, fd, NULL, torn, data, size))                                               \
            return -1;                                                                                                 \
        return real arguments;                                                                                         \
    }
ON_FILE(ssize_t, write, "write", DATA, 1, (int fd, const void *data, size_t size), (fd, data, size), data, size)
ON_FILE(ssize_t, writev, "write", DATA, 0, (int fd, const struct iovec *data, int n), (fd, data, n), NULL, 0)
ON_FILE(ssize_t, pwrite, "write", DATA, 0, (int fd, const void *d, size_t n, off_t at), (fd, d, n, at), NULL, 0)
ON_FILE(ssize_t, pwrite64, "write", DATA, 0, (int fd, const void *d, size_t n, off64_t at), (fd, d, n, at), NULL, 0)
ON_FILE(int, ftruncate, "truncate", FREE, 0, (int fd, off_t size), (fd, size), NULL, 0)
ON_FILE(int, ftruncate64, "truncate", FREE, 0, (int fd, off64_t size), (fd, size), NULL, 0)
ON_FILE(int, fallocate, "allocate", DATA, 0, (int fd, int mode, off_t at, off_t n), (fd, mode, at, n), NULL, 0)
ON_FILE(int, fchmod, "chmod", FREE, 0, (int fd, mode_t mode), (fd, mode), NULL, 0)
ON_FILE(ssize_t, sendfile, "copy", DATA, 0, (int fd, int from, off_t *at, size_t n), (fd, from, at, n), NULL, 0)
ON_FILE(ssize_t, sendfile64, "copy", DATA, 0, (int fd, int from, off64_t *at, size_t n), (fd, from, at, n), NULL, 0)

/* No power is cut here, so nothing needs to reach the disk; waiting for it would be most of the time. */
#define FLUSH(name)                                                                                                    \
    int name(int fd)                                                                                                   \
    {                                                                                                                  \
        if (!page) {                                                                                                   \
            REAL(name);                                                                                                \
            return real(fd);                                                                                           \
        }                                                                                                              \
        return step("flush", DATA, fd, NULL, 0, NULL, 0) ? -1 : 0;                                                     \
    }
FLUSH(fsync)
FLUSH(fdatasync)
FLUSH(syncfs)

ssize_t copy_file_range(int from, off64_t *at, int fd, off64_t *to, size_t size, unsigned int flags)
{
    REAL(copy_file_range);
    return step("copy", DATA, fd, NULL, 0, NULL, 0) ? -1 : real(from, at, fd, to, size, flags);
}

int ioctl(int fd, unsigned long request, ...)
{
    va_list more;
    void *argument;
    REAL(ioctl);
    va_start(more, request);
    argument = va_arg(more, void *);
    va_end(more);
    if (request == 0x40049409 && step("clone", DATA, fd, NULL, 0, NULL, 0)) /* FICLONE */
        return -1;
    return real(fd, request, argument);
}

/* Calls with a path; of two, the one that is made. */
#define ON_PATH(name, call, need, dir, path, parameters, arguments)                                                    \
    int name parameters                                                                                                \
    {                                                                                                                  \
        REAL(name);                                                                                                    \
        return step(call, need, dir, path, 0, NULL, 0) ? -1 : real arguments;                                          \
    }
ON_PATH(rename, "rename", NAME, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ON_PATH(renameat, "rename", NAME, d, to, (int c, const char *from, int d, const char *to), (c, from, d, to))
ON_PATH(link, "link", NAME, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ON_PATH(linkat, "link", NAME, d, to, (int c, const char *from, int d, const char *to, int f), (c, from, d, to, f))
ON_PATH(symlink, "link", NAME, AT_FDCWD, to, (const char *from, const char *to), (from, to))
ON_PATH(symlinkat, "link", NAME, d, to, (const char *from, int d, const char *to), (from, d, to))
ON_PATH(mkdir, "mkdir", NAME, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ON_PATH(mkdirat, "mkdir", NAME, d, path, (int d, const char *path, mode_t mode), (d, path, mode))
ON_PATH(unlink, "unlink", FREE, AT_FDCWD, path, (const char *path), (path))
ON_PATH(unlinkat, "unlink", FREE, d, path, (int d, const char *path, int flags), (d, path, flags))
ON_PATH(rmdir, "rmdir", FREE, AT_FDCWD, path, (const char *path), (path))
ON_PATH(truncate, "truncate", FREE, AT_FDCWD, path, (const char *path, off_t size), (path, size))
ON_PATH(truncate64, "truncate", FREE, AT_FDCWD, path, (const char *path, off64_t size), (path, size))
ON_PATH(chmod, "chmod", FREE, AT_FDCWD, path, (const char *path, mode_t mode), (path, mode))
ON_PATH(fchmodat, "chmod", FREE, d, path, (int d, const char *path, mode_t mode, int f), (d, path, mode, f))
