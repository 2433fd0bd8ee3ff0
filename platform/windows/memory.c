#include "platform/memory.h"

#include "platform/windows/wide.h"
#include <psapi.h>

struct err plat_memory_read(struct plat_memory *ret)
{
    MEMORYSTATUSEX m = { .dwLength = sizeof m };

    if (!GlobalMemoryStatusEx(&m))
        return wide_error("reading the memory");
    ret->total_bytes = m.ullTotalPhys;
    ret->available_bytes = m.ullAvailPhys;
    return err_ok();
}

struct pages {
    uint64_t total, used;
};

static WINBOOL CALLBACK add_file(void *context, ENUM_PAGE_FILE_INFORMATION *file, const wchar_t *path)
{
    struct pages *pages = context;

    (void)path;
    pages->total += file->TotalSize;
    pages->used += file->TotalInUse;
    return TRUE;
}

/* Of the page files themselves: the commit limit that GlobalMemoryStatusEx tells has the memory in it. */
struct err plat_swap_read(struct plat_swap *ret)
{
    static const char step[] = "reading the page files";
    struct pages      pages = { 0, 0 };
    SYSTEM_INFO       system;

    SetLastError(ERROR_SUCCESS);
    if (!EnumPageFilesW(add_file, &pages)) /* Wine has no such list, and does not say why it failed */
        return GetLastError() == ERROR_SUCCESS ? err_of(ERR_UNSUPPORTED, step) : wide_error(step);
    GetSystemInfo(&system);
    ret->total_bytes = pages.total * system.dwPageSize;
    ret->used_bytes = pages.used * system.dwPageSize;
    return err_ok();
}

void plat_memory_done(void)
{
}
