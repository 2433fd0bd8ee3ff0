#include "platform/executable.h"

struct err plat_executable_check(const char *path, char remedy[EXECUTABLE_REMEDY_MAX])
{
    (void)path;
    remedy[0] = '\0';
    return err_of(ERR_UNSUPPORTED, "looking at a program");
}

struct err plat_script_check(const char *path, char remedy[EXECUTABLE_REMEDY_MAX])
{
    return plat_executable_check(path, remedy);
}
