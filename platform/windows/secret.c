#include "platform/secret.h"

#include <stdio.h>
#include <string.h>

#include "platform/windows/acl.h"
#include "platform/windows/file.h"
#include "platform/windows/wide.h"

void plat_secret_done(struct buf *secret)
{
    if (secret->data)
        SecureZeroMemory(secret->data, secret->room);
    buf_done(secret);
}

static struct err open_secret(const char *path, HANDLE *ret)
{
    wchar_t                    wide[WIDE_PATH_MAX];
    BY_HANDLE_FILE_INFORMATION about;
    struct err                 e = wide_path(path, wide);

    if (failed(e))
        return e;
    *ret = CreateFileW(wide, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING,
                       FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS, NULL);
    if (*ret == INVALID_HANDLE_VALUE)
        return wide_error("opening a secret");
    if (!GetFileInformationByHandle(*ret, &about))
        e = wide_error("looking at a secret");
    else if (about.dwFileAttributes & FILE_ATTRIBUTE_REPARSE_POINT)
        e = err_of(ERR_EXPOSED, "opening a secret");
    else if (about.dwFileAttributes & FILE_ATTRIBUTE_DIRECTORY)
        e = err_of(ERR_MALFORMED, "looking at a secret");
    else
        e = acl_check(*ret, ACL_TO_WRITE);
    if (!failed(e))
        e = acl_check(*ret, ACL_TO_READ);
    if (failed(e))
        CloseHandle(*ret);
    return e;
}

struct err plat_secret_read(const char *path, struct buf *into)
{
    char       bytes[SECRET_MAX_BYTES + 1];
    DWORD      len = 0, n = 0;
    HANDLE     file;
    struct err e = open_secret(path, &file);

    if (failed(e))
        return e;
    do {
        if (!ReadFile(file, bytes + len, (DWORD)sizeof bytes - len, &n, NULL))
            e = wide_error("reading a secret");
        len += failed(e) ? 0 : n;
    } while (!failed(e) && n > 0 && len < sizeof bytes);
    CloseHandle(file);
    if (!failed(e))
        e = plat_secret_parse(bytes, len, into);
    SecureZeroMemory(bytes, sizeof bytes);
    return e;
}

struct err plat_secret_try_as(const char *path, const char *user)
{
    (void)path;
    (void)user;
    return err_of(ERR_UNSUPPORTED, "reading a secret as another");
}

const char *plat_secret_remedy(const char *path, struct err e, char *into, size_t size)
{
    char why[160];

    switch (e.code) {
    case ERR_EXPOSED:
        snprintf(into, size, "%s: others can read or change it: leave it to SYSTEM, Administrators and its owner alone",
                 path);
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
