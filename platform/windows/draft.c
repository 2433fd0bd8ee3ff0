#include "platform/draft.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/windows/acl.h"
#include "platform/windows/wide.h"

struct plat_draft {
    HANDLE  file;
    wchar_t path[WIDE_PATH_MAX], draft_path[WIDE_PATH_MAX];
};

static struct err name_it(const char *path, struct plat_draft *draft)
{
    struct err e = wide_path(path, draft->path);

    if (!failed(e) && lstrlenW(draft->path) + sizeof ".draft" > WIDE_PATH_MAX)
        e = err_of(ERR_TOO_BIG, "opening a draft");
    if (!failed(e)) {
        lstrcpyW(draft->draft_path, draft->path);
        lstrcatW(draft->draft_path, L".draft");
    }
    return e;
}

/* What a crash left is removed first and ours made anew, so that nobody else chose who may use it. */
static struct err open_new(struct plat_draft *draft)
{
    SECURITY_ATTRIBUTES ours;
    struct err          e = acl_private(&ours);

    if (failed(e))
        return e;
    DeleteFileW(draft->draft_path);
    draft->file = CreateFileW(draft->draft_path, GENERIC_WRITE, 0, &ours, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
    if (draft->file == INVALID_HANDLE_VALUE)
        e = wide_error("opening a draft");
    acl_private_done(&ours);
    return e;
}

struct err plat_draft_open(const char *path, struct plat_draft **ret)
{
    struct plat_draft *draft = malloc(sizeof *draft);
    struct err         e;

    if (!draft)
        return err_of(ERR_NO_MEMORY, "opening a draft");
    e = name_it(path, draft);
    if (!failed(e))
        e = open_new(draft);
    if (failed(e))
        free(draft);
    else
        *ret = draft;
    return e;
}

struct err plat_draft_write(struct plat_draft *draft, const void *bytes, size_t len)
{
    const char *at = bytes;

    while (len > 0) {
        DWORD now = len > 1 << 20 ? 1 << 20 : (DWORD)len, n = 0;

        if (!WriteFile(draft->file, at, now, &n, NULL))
            return wide_error("writing a draft");
        at += n;
        len -= n;
    }
    return err_ok();
}

/* A file that is open cannot be renamed. */
static struct err close_flushed(struct plat_draft *d)
{
    struct err e = FlushFileBuffers(d->file) ? err_ok() : wide_error("publishing a draft");

    CloseHandle(d->file);
    d->file = INVALID_HANDLE_VALUE;
    return e;
}

struct err plat_draft_publish(struct plat_draft **draft)
{
    struct plat_draft *d = *draft;
    struct err         e = close_flushed(d);

    if (!failed(e) && !MoveFileExW(d->draft_path, d->path, MOVEFILE_REPLACE_EXISTING | MOVEFILE_WRITE_THROUGH))
        e = wide_error("publishing a draft");
    if (failed(e)) {
        plat_draft_discard(draft);
        return e;
    }
    *draft = NULL;
    free(d);
    return e;
}

void plat_draft_discard(struct plat_draft **draft)
{
    if (!*draft)
        return;
    if ((*draft)->file != INVALID_HANDLE_VALUE)
        CloseHandle((*draft)->file);
    DeleteFileW((*draft)->draft_path);
    free(*draft);
    *draft = NULL;
}
