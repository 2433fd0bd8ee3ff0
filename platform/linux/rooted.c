#include "platform/linux/rooted.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static bool join(const char *root, char into[ROOTED_PATH_BYTES], const char *format, va_list args)
{
    int at = snprintf(into, ROOTED_PATH_BYTES, "%s", root);
    int rest;

    if (at < 0 || at >= ROOTED_PATH_BYTES)
        return false;
    rest = vsnprintf(into + at, (size_t)(ROOTED_PATH_BYTES - at), format, args);
    return rest >= 0 && rest < ROOTED_PATH_BYTES - at;
}

bool rooted_path(const char *root, char into[ROOTED_PATH_BYTES], const char *format, ...)
{
    va_list args;
    bool    fits;

    va_start(args, format);
    fits = join(root, into, format, args);
    va_end(args);
    return fits;
}

/* O_NONBLOCK: what should be a file may be a pipe that somebody put there. */
static struct err open_path(const char *path, const char *step, int *ret_fd)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd < 0)
        return err_from_os(errno, step);
    *ret_fd = fd;
    return err_ok();
}

struct err rooted_open(const char *root, const char *path, const char *step, int *ret_fd)
{
    char joined[ROOTED_PATH_BYTES];

    if (!rooted_path(root, joined, "%s", path))
        return err_of(ERR_TOO_BIG, step);
    return open_path(joined, step, ret_fd);
}

struct err rooted_read(const char *root, const char *path, const char *step, struct buf *into)
{
    char       bytes[4096];
    ssize_t    got = 0;
    int        fd = -1;
    struct err e = rooted_open(root, path, step, &fd);

    while (!failed(e) && (got = read(fd, bytes, sizeof bytes)) != 0) {
        if (got > 0)
            e = buf_add(into, bytes, (size_t)got);
        else if (errno != EINTR)
            e = err_from_os(errno, step);
    }
    if (fd >= 0)
        close(fd);
    return e;
}

static size_t read_head(int fd, char *ret, size_t size)
{
    size_t  len = 0;
    ssize_t got;

    while (len + 1 < size && (got = read(fd, ret + len, size - 1 - len)) > 0)
        len += (size_t)got;
    for (size_t i = 0; i < len; i++)
        if (ret[i] == '\0')
            ret[i] = ' ';
    ret[len] = '\0';
    return len;
}

size_t rooted_head(const char *root, const char *path, char *ret, size_t size)
{
    int    fd;
    size_t len;

    ret[0] = '\0';
    if (failed(rooted_open(root, path, "reading a file", &fd)))
        return 0;
    len = read_head(fd, ret, size);
    close(fd);
    return len;
}

static void trim(char *text)
{
    size_t from = strspn(text, " \t"), len;

    text[strcspn(text, "\n")] = '\0';
    len = strlen(text);
    from = from > len ? len : from;
    memmove(text, text + from, len - from + 1);
    for (len -= from; len && strchr(" \t\r", text[len - 1]); len--)
        text[len - 1] = '\0';
}

struct err rooted_line(const char *root, char *ret, size_t size, const char *format, ...)
{
    char       path[ROOTED_PATH_BYTES];
    va_list    args;
    bool       fits;
    int        fd;
    struct err e;

    ret[0] = '\0';
    va_start(args, format);
    fits = join(root, path, format, args);
    va_end(args);
    e = fits ? open_path(path, "reading a file", &fd) : err_of(ERR_TOO_BIG, "reading a file");
    if (failed(e))
        return e;
    read_head(fd, ret, size);
    close(fd);
    trim(ret);
    return e;
}

bool rooted_link(const char *root, char *ret, size_t size, const char *format, ...)
{
    char    path[ROOTED_PATH_BYTES];
    va_list args;
    ssize_t len = -1;

    va_start(args, format);
    if (join(root, path, format, args))
        len = readlink(path, ret, size - 1);
    va_end(args);
    ret[len < 0 ? 0 : len] = '\0';
    return len > 0;
}

bool rooted_exists(const char *root, const char *format, ...)
{
    char    path[ROOTED_PATH_BYTES];
    va_list args;
    bool    exists;

    va_start(args, format);
    exists = join(root, path, format, args) && access(path, F_OK) == 0;
    va_end(args);
    return exists;
}

struct err rooted_each(const char *root, const char *path, rooted_name_fn *each, void *context)
{
    char           joined[ROOTED_PATH_BYTES];
    struct dirent *entry;
    DIR           *folder;

    if (!rooted_path(root, joined, "%s", path))
        return err_of(ERR_TOO_BIG, "reading a folder");
    folder = opendir(joined);
    if (!folder)
        return err_from_os(errno, "reading a folder");
    while ((entry = readdir(folder)) != NULL)
        if (entry->d_name[0] != '.')
            each(context, entry->d_name);
    closedir(folder);
    return err_ok();
}
