#include "platform/program.h"

#include <stdio.h>

const char *plat_program_end_print(const struct plat_program_result *r, char *into, size_t size)
{
    if (r->end == PROGRAM_TIMED_OUT)
        snprintf(into, size, "no end within its time (killed after %llu s)", (unsigned long long)(r->took_ms + 500) / 1000);
    else if (r->end == PROGRAM_SIGNALLED)
        snprintf(into, size, "killed by signal %d", r->signal);
    else
        snprintf(into, size, "exit code %d", r->status);
    return into;
}
