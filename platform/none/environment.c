#include "platform/environment.h"

void plat_environment_read(const char *root, struct plat_environment *ret)
{
    (void)root;
    *ret = (struct plat_environment){ .virtualization = "" };
}
