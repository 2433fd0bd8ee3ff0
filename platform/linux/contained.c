#include "platform/linux/contained.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

/* The first namespace of processes has this number on every kernel that has namespaces (PROC_PID_INIT_INO). The files
 * that Docker and others leave are no sign: images are also started as virtual machines. */
static bool look(void)
{
    static const char first[] = "pid:[4026531836]";
    char              here[64];
    ssize_t           len = readlink("/proc/self/ns/pid", here, sizeof here);

    return len > 0 && ((size_t)len != sizeof first - 1 || memcmp(here, first, (size_t)len) != 0);
}

bool plat_is_contained(void)
{
    static enum { UNKNOWN, NO, YES } known;

    if (known == UNKNOWN)
        known = look() ? YES : NO;
    return known == YES;
}

bool plat_is_wsl(void)
{
    struct utsname names;

    return uname(&names) == 0 && (strstr(names.release, "microsoft") || strstr(names.release, "Microsoft"));
}
