#include "platform/private.h"

#include <string.h>

#include "platform/windows/acl.h"
#include "platform/windows/file.h"
#include "platform/windows/wide.h"

/* Every missing folder on the way, for us alone. */
static struct err make_dirs(wchar_t *path)
{
    SECURITY_ATTRIBUTES ours;
    struct err          e = acl_private(&ours);

    if (failed(e))
        return e;
    for (wchar_t *end = path + 1; !failed(e); end++) {
        wchar_t c = *end;

        if (c != L'/' && c != L'\\' && c != L'\0')
            continue;
        *end = L'\0';
        /* a parent that we may not make, as a drive, may be there all the same */
        if (!CreateDirectoryW(path, &ours) && GetLastError() != ERROR_ALREADY_EXISTS && c == L'\0')
            e = wide_error("making the state folder");
        *end = c;
        if (c == L'\0')
            break;
    }
    acl_private_done(&ours);
    return e;
}

struct err plat_private_dir(const char *path)
{
    wchar_t    wide[WIDE_PATH_MAX];
    DWORD      kind;
    HANDLE     folder;
    struct err e = wide_path(path, wide);

    if (!failed(e) && GetFileAttributesW(wide) == INVALID_FILE_ATTRIBUTES)
        e = make_dirs(wide);
    if (failed(e))
        return e;
    kind = GetFileAttributesW(wide);
    if (kind == INVALID_FILE_ATTRIBUTES)
        return wide_error("looking at the state folder");
    if (!(kind & FILE_ATTRIBUTE_DIRECTORY))
        return err_of(ERR_NOT_FOUND, "the state folder");
    e = file_open(path, READ_CONTROL, &folder);
    if (failed(e))
        return e;
    e = acl_check(folder, ACL_TO_WRITE);
    CloseHandle(folder);
    return e;
}

/* Opened without following a link, so that what was checked is what is used. */
static struct err open_checked(const char *path, DWORD how, HANDLE *ret)
{
    const DWORD                flags = FILE_FLAG_OPEN_REPARSE_POINT | FILE_FLAG_BACKUP_SEMANTICS;
    SECURITY_ATTRIBUTES        ours;
    BY_HANDLE_FILE_INFORMATION about;
    wchar_t                    wide[WIDE_PATH_MAX];
    struct err                 e = wide_path(path, wide);

    if (!failed(e))
        e = acl_private(&ours);
    if (failed(e))
        return e;
    *ret = CreateFileW(wide, GENERIC_READ | WRITE_DAC, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, &ours,
                       how, flags, NULL);
    if (*ret == INVALID_HANDLE_VALUE)
        e = wide_error("opening a private file");
    acl_private_done(&ours);
    if (failed(e))
        return e;
    if (!GetFileInformationByHandle(*ret, &about))
        e = wide_error("looking at a private file");
    else if ((about.dwFileAttributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)) ||
             about.nNumberOfLinks > 1)
        e = err_of(ERR_EXPOSED, "a private file is not ours alone");
    else
        e = acl_check(*ret, ACL_TO_WRITE);
    if (!failed(e) && acl_check(*ret, ACL_TO_READ).code == ERR_EXPOSED)
        (void)acl_make_private(*ret); /* as good as it goes: it was readable before */
    if (failed(e))
        CloseHandle(*ret);
    return e;
}

struct err plat_private_file(const char *path, bool create)
{
    HANDLE     file;
    struct err e = open_checked(path, OPEN_EXISTING, &file);

    if (e.code == ERR_NOT_FOUND && create)
        e = open_checked(path, CREATE_NEW, &file);
    if (!failed(e))
        CloseHandle(file);
    return e;
}

struct err plat_private_read(const char *path, struct buf *into)
{
    HANDLE     file;
    struct err e = open_checked(path, OPEN_EXISTING, &file);

    if (failed(e))
        return e;
    e = file_read(file, into);
    CloseHandle(file);
    return e;
}

/* NTFS keeps the order of what happens to names in its own journal; there is no more to be had. */
struct err plat_private_dir_sync(const char *path)
{
    (void)path;
    return err_ok();
}
