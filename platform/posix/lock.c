#include "platform/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

struct err plat_lock_take(const char *path, int *ret_lock)
{
    /* a lock of flock belongs to the open file, which children share, not to the process */
    int lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    int why;

    why = errno;
    if (lock < 0 && (why == EROFS || why == EISDIR)) { /* what is there can be held all the same */
        lock = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
        errno = why;
    }
    if (lock < 0)
        return err_from_os(errno, "opening a lock file");
    while (flock(lock, LOCK_EX | LOCK_NB) != 0) {
        if (errno == EINTR)
            continue;
        why = errno;
        close(lock);
        return why == EWOULDBLOCK ? err_of(ERR_BUSY, "taking a lock") : err_from_os(why, "taking a lock");
    }
    *ret_lock = lock;
    return err_ok();
}

void plat_lock_release(int *lock)
{
    if (*lock >= 0)
        close(*lock);
    *lock = -1;
}
