#include "platform/lock.h"

#include <fcntl.h>
#include <io.h>

#include "platform/windows/acl.h"
#include "platform/windows/wide.h"

/* A file that is opened without sharing cannot be opened by another until the last handle to it is closed, also those that
 * were inherited; the handle dies with its process. */
struct err plat_lock_take(const char *path, int *ret_lock)
{
    SECURITY_ATTRIBUTES ours;
    wchar_t             wide[WIDE_PATH_MAX];
    HANDLE              file;
    int                 lock;
    struct err          e = wide_path(path, wide);

    if (!failed(e))
        e = acl_private(&ours);
    if (failed(e))
        return e;
    file = CreateFileW(wide, GENERIC_READ | GENERIC_WRITE, 0, &ours, OPEN_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    if (file == INVALID_HANDLE_VALUE)
        e = GetLastError() == ERROR_SHARING_VIOLATION ? err_of(ERR_BUSY, "taking a lock")
                                                      : wide_error("opening a lock file");
    acl_private_done(&ours);
    if (failed(e))
        return e;
    lock = _open_osfhandle((intptr_t)file, _O_RDWR | _O_NOINHERIT);
    if (lock < 0) {
        CloseHandle(file);
        return err_of(ERR_NO_MEMORY, "taking a lock");
    }
    *ret_lock = lock;
    return e;
}

void plat_lock_release(int *lock)
{
    if (*lock >= 0)
        _close(*lock);
    *lock = -1;
}
