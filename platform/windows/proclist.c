#include "platform/proclist.h"

#include "platform/windows/wide.h"
#include <psapi.h>
#include <tlhelp32.h>

static uint64_t units(FILETIME t)
{
    return (uint64_t)t.dwHighDateTime << 32 | t.dwLowDateTime;
}

/* False: it ended meanwhile, or the system keeps it from us (protected ones, as SYSTEM alone sees). */
static bool measure(DWORD id, struct plat_process *ret)
{
    PROCESS_MEMORY_COUNTERS memory;
    FILETIME                began, ended, kernel, user;
    HANDLE                  process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id);
    bool                    well;

    if (!process)
        return false;
    well = GetProcessTimes(process, &began, &ended, &kernel, &user) &&
           GetProcessMemoryInfo(process, &memory, sizeof memory);
    CloseHandle(process);
    if (!well)
        return false;
    ret->began = units(began);
    ret->cpu_ms = (units(kernel) + units(user)) / 10000;
    ret->memory_bytes = memory.WorkingSetSize;
    return true;
}

struct err plat_proclist_read(plat_process_fn *each, void *context)
{
    PROCESSENTRY32W entry = { .dwSize = sizeof entry };
    HANDLE          list = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);

    if (list == INVALID_HANDLE_VALUE)
        return wide_error("listing the processes");
    for (BOOL more = Process32FirstW(list, &entry); more; more = Process32NextW(list, &entry)) {
        char                name[PLAT_PROCESS_NAME_MAX];
        struct plat_process process = { .id = entry.th32ProcessID, .name = name };

        wide_print(entry.szExeFile, name, sizeof name);
        if (measure(entry.th32ProcessID, &process))
            each(context, &process);
    }
    CloseHandle(list);
    return err_ok();
}
