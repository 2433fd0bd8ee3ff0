#include "platform/secret.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

void plat_secret_done(struct buf *secret)
{
    if (secret->data)
        explicit_bzero(secret->data, secret->room);
    buf_done(secret);
}

static bool may_own(uid_t owner)
{
    const struct passwd *courier;

    if (owner == 0 || owner == geteuid())
        return true;
    courier = getpwnam(SECRET_USER);
    return courier && courier->pw_uid == owner;
}

/* O_NONBLOCK: a pipe would wait for its other end. */
static struct err open_secret(const char *path, int *ret)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);

    if (fd < 0 && errno == ELOOP)
        return err_of(ERR_EXPOSED, "opening a secret");
    if (fd < 0)
        return err_from_os(errno, "opening a secret");
    *ret = fd;
    return err_ok();
}

static struct err check(int fd)
{
    struct stat at;

    if (fstat(fd, &at) != 0)
        return err_from_os(errno, "looking at a secret");
    if (!S_ISREG(at.st_mode))
        return err_of(ERR_MALFORMED, "looking at a secret");
    if ((at.st_mode & (S_IRWXG | S_IRWXO)) || !may_own(at.st_uid))
        return err_of(ERR_EXPOSED, "looking at a secret");
    if (at.st_size > SECRET_MAX_BYTES)
        return err_of(ERR_TOO_BIG, "looking at a secret");
    return err_ok();
}

static struct err read_bytes(int fd, char *bytes, size_t size, size_t *ret_len)
{
    size_t len = 0;

    while (len < size) {
        ssize_t n = read(fd, bytes + len, size - len);

        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_from_os(errno, "reading a secret");
        if (n == 0)
            break;
        len += (size_t)n;
    }
    *ret_len = len;
    return err_ok();
}

struct err plat_secret_read(const char *path, struct buf *into)
{
    char       bytes[SECRET_MAX_BYTES + 1];
    size_t     len = 0;
    int        fd = -1;
    struct err e = open_secret(path, &fd);

    if (failed(e))
        return e;
    e = check(fd);
    if (!failed(e))
        e = read_bytes(fd, bytes, sizeof bytes, &len);
    close(fd);
    if (!failed(e))
        e = plat_secret_parse(bytes, len, into);
    explicit_bzero(bytes, sizeof bytes);
    return e;
}

/* In the child: nothing but system calls. */
static _Noreturn void try_open(const char *path, uid_t user, gid_t group)
{
    int fd = -1;

    if (setgroups(0, NULL) == 0 && setgid(group) == 0 && setuid(user) == 0)
        fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NOFOLLOW | O_NONBLOCK);
    _exit(fd < 0);
}

struct err plat_secret_try_as(const char *path, const char *user)
{
    const struct passwd *account = getpwnam(user);
    int                  status = 1;
    pid_t                child;

    if (!account)
        return err_of(ERR_NOT_FOUND, "looking up an account");
    child = fork();
    if (child < 0)
        return err_from_os(errno, "reading a secret as another");
    if (child == 0)
        try_open(path, account->pw_uid, account->pw_gid);
    while (waitpid(child, &status, 0) < 0 && errno == EINTR)
        ;
    return status == 0 ? err_ok() : err_of(ERR_DENIED, "reading a secret as another");
}

/* ---- what to do about it ---- */

/* As a shell takes it. */
static void quote(const char *path, char *into, size_t size)
{
    const char *plain = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+@%:=,";
    size_t      len = 0;

    if (path[strspn(path, plain)] == '\0') {
        snprintf(into, size, "%s", path);
        return;
    }
    len += (size_t)snprintf(into, size, "'");
    for (; *path && len + 6 < size; path++) {
        if (*path == '\'')
            len += (size_t)snprintf(into + len, size - len, "'\\''");
        else
            into[len++] = *path;
    }
    snprintf(into + len, size - len, "'");
}

static void exposed_remedy(const char *path, const char *quoted, char *into, size_t size)
{
    struct stat at;

    if (lstat(path, &at) != 0)
        snprintf(into, size, "%s: others can read or change it", path);
    else if (S_ISLNK(at.st_mode))
        snprintf(into, size, "%s is a symbolic link: name the file it leads to", path);
    else if (!may_own(at.st_uid))
        snprintf(into, size, "%s belongs to another account: chown %s %s && chmod 600 %s", path,
                 geteuid() == 0 ? SECRET_USER : "\"$(id -un)\"", quoted, quoted);
    else
        snprintf(into, size, "%s: others can read or change it: chmod 600 %s", path, quoted);
}

const char *plat_secret_remedy(const char *path, struct err e, char *into, size_t size)
{
    char quoted[1024], why[160];

    quote(path, quoted, sizeof quoted);
    switch (e.code) {
    case ERR_EXPOSED:
        exposed_remedy(path, quoted, into, size);
        break;
    case ERR_DENIED:
        snprintf(into, size,
                 "%s: may not be read by the account that needs it: chown " SECRET_USER
                 " %s, and let it pass the folders on the way",
                 path, quoted);
        break;
    case ERR_NOT_FOUND:
        snprintf(into, size, "%s: there is no such file", path);
        break;
    case ERR_MALFORMED:
        snprintf(into, size, "%s: expected a plain file with one secret, nothing else in it", path);
        break;
    case ERR_TOO_BIG:
        snprintf(into, size, "%s: more than %d bytes, that is no secret", path, SECRET_MAX_BYTES);
        break;
    default:
        snprintf(into, size, "%s: %s", path, err_print(e, why, sizeof why));
    }
    return into;
}
