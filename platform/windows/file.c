#include "platform/file.h"

#include <stdio.h>
#include <string.h>

#include "platform/windows/acl.h"
#include "platform/windows/file.h"
#include "platform/windows/wide.h"

struct err file_open(const char *path, DWORD access, HANDLE *ret)
{
    const DWORD sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    wchar_t     wide[WIDE_PATH_MAX];
    struct err  e = wide_path(path, wide);

    if (failed(e))
        return e;
    /* with backup semantics a folder opens too, and nothing else is different for us */
    *ret = CreateFileW(wide, access, sharing, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    return *ret == INVALID_HANDLE_VALUE ? wide_error("opening a file") : e;
}

static bool is_folder(HANDLE file)
{
    FILE_BASIC_INFO about;

    return GetFileInformationByHandleEx(file, FileBasicInfo, &about, sizeof about) &&
           (about.FileAttributes & FILE_ATTRIBUTE_DIRECTORY);
}

struct err file_read(HANDLE file, struct buf *into)
{
    char       part[4096];
    DWORD      n = 0;
    size_t     before = into->len;
    struct err e = is_folder(file) ? err_of(ERR_MALFORMED, "reading a file (it is a folder)") : err_ok();

    while (!failed(e)) {
        /* a pipe whose writer is gone has ended */
        if (!ReadFile(file, part, sizeof part, &n, NULL) && GetLastError() != ERROR_BROKEN_PIPE)
            e = wide_error("reading a file");
        else if (n == 0)
            break;
        else
            e = buf_add(into, part, n);
    }
    if (failed(e))
        buf_cut(into, before);
    return e;
}

struct err plat_file_read(const char *path, struct buf *into)
{
    HANDLE     file;
    struct err e = file_open(path, GENERIC_READ, &file);

    if (failed(e))
        return e;
    e = file_read(file, into);
    CloseHandle(file);
    return e;
}

static struct err check(const char *path, enum acl_right right)
{
    HANDLE     file;
    struct err e = file_open(path, READ_CONTROL, &file);

    if (failed(e))
        return e;
    e = acl_check(file, right);
    CloseHandle(file);
    return e;
}

/* No other account is trusted here: the courier's will be one that the service manager makes up. */
struct err plat_file_guarded(const char *path, const char *also)
{
    char        folder[4096];
    const char *slash = path + strlen(path);
    struct err  e = check(path, ACL_TO_WRITE);

    (void)also;
    if (failed(e))
        return e;
    while (slash > path && slash[-1] != '/' && slash[-1] != '\\')
        slash--;
    if ((size_t)(slash - path) >= sizeof folder)
        return err_of(ERR_TOO_BIG, "looking at a file");
    snprintf(folder, sizeof folder, "%.*s", (int)(slash - path), path);
    return check(folder[0] ? folder : ".", ACL_TO_WRITE);
}

bool plat_file_is_public(const char *path)
{
    return check(path, ACL_TO_READ).code == ERR_EXPOSED;
}
