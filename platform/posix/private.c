#include "platform/private.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { OTHERS_MAY_WRITE = S_IWGRP | S_IWOTH, OTHERS_MAY = S_IRWXG | S_IRWXO };

static struct err copy_path(const char *path, char into[PATH_MAX])
{
    size_t len = strlen(path);

    if (len == 0 || len >= PATH_MAX)
        return err_of(ERR_TOO_BIG, "a path");
    memcpy(into, path, len + 1);
    return err_ok();
}

/* Every missing folder on the way, for us alone. */
static struct err make_dirs(const char *path)
{
    char       part[PATH_MAX];
    struct err e = copy_path(path, part);

    if (failed(e))
        return e;
    for (char *end = part + 1;; end++) {
        char c = *end;

        if (c != '/' && c != '\0')
            continue;
        *end = '\0';
        /* a parent we may not search or a read-only disk: it may be there all the same */
        if (mkdir(part, 0700) != 0 && errno != EEXIST && c == '\0')
            return err_from_os(errno, "making the state folder");
        *end = c;
        if (c == '\0')
            return err_ok();
    }
}

struct err plat_private_dir(const char *path)
{
    struct stat st;
    struct err  e;

    if (stat(path, &st) != 0) {
        e = make_dirs(path);
        if (failed(e))
            return e;
        if (stat(path, &st) != 0)
            return err_from_os(errno, "looking at the state folder");
    }
    if (!S_ISDIR(st.st_mode))
        return err_from_os(ENOTDIR, "the state folder");
    if ((st.st_uid != geteuid() && st.st_uid != 0) || (st.st_mode & OTHERS_MAY_WRITE))
        return err_of(ERR_EXPOSED, "the state folder");
    return err_ok();
}

/* Opened without following a link, so that what was checked is what is used. */
static struct err open_checked(const char *path, int flags, int *ret)
{
    struct stat st;
    int         fd = open(path, flags | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK, 0600);
    struct err  e = err_ok();

    if (fd < 0)
        return errno == ELOOP ? err_of(ERR_EXPOSED, "a private file is a symbolic link")
                              : err_from_os(errno, "opening a private file");
    if (fstat(fd, &st) != 0)
        e = err_from_os(errno, "looking at a private file");
    else if (!S_ISREG(st.st_mode) || st.st_uid != geteuid() || st.st_nlink > 1)
        e = err_of(ERR_EXPOSED, "a private file is not ours alone");
    else if ((st.st_mode & OTHERS_MAY) && fchmod(fd, 0600) != 0 && (st.st_mode & OTHERS_MAY_WRITE))
        e = err_of(ERR_EXPOSED, "closing a private file to others");
    if (failed(e)) {
        close(fd);
        return e;
    }
    *ret = fd;
    return e;
}

struct err plat_private_file(const char *path, bool create)
{
    int        fd;
    struct err e = open_checked(path, O_RDONLY, &fd);

    if (e.code == ERR_NOT_FOUND && create)
        e = open_checked(path, O_RDONLY | O_CREAT | O_EXCL, &fd);
    if (!failed(e))
        close(fd);
    return e;
}

struct err plat_private_read(const char *path, struct buf *into)
{
    char       bytes[1024];
    size_t     before = into->len;
    ssize_t    n;
    int        fd;
    struct err e = open_checked(path, O_RDONLY, &fd);

    if (failed(e))
        return e;
    while (!failed(e) && (n = read(fd, bytes, sizeof bytes)) != 0)
        if (n > 0)
            e = buf_add(into, bytes, (size_t)n);
        else if (errno != EINTR)
            e = err_from_os(errno, "reading a private file");
    close(fd);
    if (failed(e))
        buf_cut(into, before);
    return e;
}

struct err plat_private_dir_sync(const char *path)
{
    int        fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    struct err e = err_ok();

    if (fd < 0)
        return err_from_os(errno, "opening a folder to flush it");
    if (fsync(fd) != 0 && errno != EINVAL) /* EINVAL: a file system that has nothing to flush */
        e = err_from_os(errno, "flushing a folder");
    close(fd);
    return e;
}
