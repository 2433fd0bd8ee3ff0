/* shortage.c - memory that runs out once, for programs that are preloaded with it (see shortage.py).
 *
 * A small shared file has a row for each kind of process: how many allocations until one fails, and what came of it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

struct row {
    _Atomic int64_t left; /* negative: none fails */
    _Atomic int64_t failed, count;
};

enum { WARDEN, COURIER, COMMAND, ROWS };

/* What is below us: a sanitizer's, or the library's own. */
#define BELOW(result, name, ...)                                            \
    extern result __interceptor_##name(__VA_ARGS__) __attribute__((weak)); \
    extern result __libc_##name(__VA_ARGS__);
BELOW(void *, malloc, size_t)
BELOW(void *, calloc, size_t, size_t)
BELOW(void *, realloc, void *, size_t)
BELOW(void *, memalign, size_t, size_t)

static struct row *row;

__attribute__((constructor)) static void open_rows(int argc, char **argv)
{
    int   fd = open(SHORTAGE_FILE, O_RDWR | O_CLOEXEC);
    void *at = fd < 0 ? MAP_FAILED : mmap(NULL, ROWS * sizeof *row, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    int   kind = COMMAND;

    (void)getpwuid(0); /* glibc's name service crashes where it has no memory for its beginning; musl, which we ship, has none */
    if (at == MAP_FAILED)
        _exit(98); /* a test that believes in its shortage must not run without it */
    close(fd);
    if (argc > 0 && strcmp(argv[0], "picket-courier") == 0)
        kind = COURIER;
    else if (argc > 1 && strcmp(argv[1], "run") == 0)
        kind = WARDEN;
    else if (argc < 1 || !strstr(argv[0], "picket"))
        return;
    row = (struct row *)at + kind;
}

static int fails(void)
{
    if (!row)
        return 0;
    atomic_fetch_add(&row->count, 1);
    if (atomic_load(&row->left) < 0 || atomic_fetch_sub(&row->left, 1) != 0)
        return 0;
    atomic_fetch_add(&row->failed, 1);
    errno = ENOMEM;
    return 1;
}

void *malloc(size_t size)
{
    if (fails())
        return NULL;
    return __interceptor_malloc ? __interceptor_malloc(size) : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    if (fails())
        return NULL;
    return __interceptor_calloc ? __interceptor_calloc(count, size) : __libc_calloc(count, size);
}

void *realloc(void *old, size_t size)
{
    if (size && fails())
        return NULL;
    return __interceptor_realloc ? __interceptor_realloc(old, size) : __libc_realloc(old, size);
}

void *memalign(size_t alignment, size_t size)
{
    if (fails())
        return NULL;
    return __interceptor_memalign ? __interceptor_memalign(alignment, size) : __libc_memalign(alignment, size);
}
