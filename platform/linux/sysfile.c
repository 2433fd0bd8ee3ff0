#include "platform/linux/sysfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/scan.h"

static int read_file(const char *path, char *into, size_t size)
{
    int     fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    ssize_t got;
    int     problem;

    if (fd < 0)
        return errno;
    do
        got = read(fd, into, size - 1);
    while (got < 0 && errno == EINTR);
    problem = got < 0 ? errno : 0;
    close(fd);
    into[got < 0 ? 0 : got] = '\0';
    return problem;
}

static struct err read_value(const char *step, char *into, size_t size, const char *format, va_list args)
{
    char path[SYSFILE_PATH_MAX];
    int  len = vsnprintf(path, sizeof path, format, args), problem;

    into[0] = '\0';
    if (len < 0 || (size_t)len >= sizeof path)
        return err_of(ERR_TOO_BIG, step);
    problem = read_file(path, into, size);
    if (problem)
        return err_from_os(problem, step);
    return err_ok();
}

struct err sysfile_read(const char *step, char *into, size_t size, const char *format, ...)
{
    va_list    args;
    struct err e;

    va_start(args, format);
    e = read_value(step, into, size, format, args);
    va_end(args);
    into[strcspn(into, "\n")] = '\0';
    return e;
}

struct err sysfile_read_all(const char *step, char *into, size_t size, const char *format, ...)
{
    va_list    args;
    struct err e;

    va_start(args, format);
    e = read_value(step, into, size, format, args);
    va_end(args);
    return e;
}

bool sysfile_u64(uint64_t *ret, const char *format, ...)
{
    char        text[32];
    struct scan line;
    va_list     args;
    struct err  e;

    va_start(args, format);
    e = read_value("reading a number", text, sizeof text, format, args);
    va_end(args);
    text[strcspn(text, "\n")] = '\0';
    line = (struct scan){ text, strlen(text) };
    return !failed(e) && scan_u64(&line, ret) && line.len == 0;
}
