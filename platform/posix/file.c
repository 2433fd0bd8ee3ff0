#include "platform/file.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct err read_all(int fd, struct buf *into)
{
    char       part[4096];
    struct err e = err_ok();

    while (!failed(e)) {
        ssize_t n = read(fd, part, sizeof part);

        if (n == 0)
            break;
        if (n > 0)
            e = buf_add(into, part, (size_t)n);
        else if (errno == EISDIR)
            e = err_of(ERR_MALFORMED, "reading a file (it is a folder)");
        else if (errno != EINTR)
            e = err_from_os(errno, "reading a file");
    }
    return e;
}

struct err plat_file_read(const char *path, struct buf *into)
{
    size_t     before = into->len;
    int        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    struct err e;

    if (fd < 0)
        return err_from_os(errno, "opening a file");
    e = read_all(fd, into);
    close(fd);
    if (failed(e))
        buf_cut(into, before);
    return e;
}

static bool trusted(uid_t owner, const char *also)
{
    const struct passwd *account;

    if (owner == 0 || owner == geteuid())
        return true;
    account = also ? getpwnam(also) : NULL;
    return account && account->pw_uid == owner;
}

/* A folder that all may write to is still safe where only owners may rename (/tmp). */
static bool open_to_others(const struct stat *at)
{
    return (at->st_mode & (S_IWGRP | S_IWOTH)) && !(S_ISDIR(at->st_mode) && (at->st_mode & S_ISVTX));
}

static struct err guarded(const char *path, const char *also)
{
    struct stat at;

    if (stat(path, &at) != 0)
        return err_from_os(errno, "looking at a file");
    if (open_to_others(&at) || !trusted(at.st_uid, also))
        return err_of(ERR_EXPOSED, "looking at a file");
    return err_ok();
}

struct err plat_file_guarded(const char *path, const char *also)
{
    char        folder[4096];
    const char *slash = strrchr(path, '/');
    size_t      len = slash ? (size_t)(slash - path) : 0;
    struct err  e = guarded(path, also);

    if (failed(e))
        return e;
    if (len >= sizeof folder)
        return err_of(ERR_TOO_BIG, "looking at a file");
    snprintf(folder, sizeof folder, "%.*s", (int)len, path);
    return guarded(slash == path ? "/" : slash ? folder : ".", also);
}

bool plat_file_is_public(const char *path)
{
    struct stat at;

    return stat(path, &at) == 0 && (at.st_mode & (S_IRGRP | S_IROTH));
}
