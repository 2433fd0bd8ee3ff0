/* The agent as it is, but with a clock that a test drives (tests/e2e/rigs/drivenclock.c): a week in minutes. Nothing can be
 * preloaded below a static program, so the clock is linked into this one; it is driven by the file beside it, NAME.drive. */
#include <stdio.h>

static const char *drive_file(void);

#define DRIVE_FILE drive_file()
#include "agent/main.c"
#include "tests/e2e/rigs/drivenclock.c"

static const char *drive_file(void)
{
    static char path[4096 + 8];
    ssize_t     len = readlink("/proc/self/exe", path, sizeof path - 8);

    if (len > 0)
        snprintf(path + len, sizeof path - (size_t)len, ".drive");
    return path;
}
