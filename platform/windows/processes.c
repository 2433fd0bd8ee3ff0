#include "platform/processes.h"

#include <stdlib.h>

#include "platform/windows/wide.h"
#include <psapi.h>

/* The call does not say how many there were beyond the room that it got. */
struct err plat_processes_read(uint64_t *ret_count)
{
    static const char step[] = "counting the processes";

    for (size_t room = 1024; room <= 1 << 20; room *= 4) {
        DWORD bytes = 0, *ids = malloc(room * sizeof *ids);
        BOOL  told;

        if (!ids)
            return err_of(ERR_NO_MEMORY, step);
        told = EnumProcesses(ids, (DWORD)(room * sizeof *ids), &bytes);
        free(ids);
        if (!told)
            return wide_error(step);
        if (bytes < room * sizeof *ids) {
            *ret_count = bytes / sizeof *ids;
            return err_ok();
        }
    }
    return err_of(ERR_TOO_BIG, step);
}

void plat_processes_done(void)
{
}
