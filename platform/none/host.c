#include "platform/host.h"

void plat_host_read(const struct plat_source *from, struct plat_host *ret)
{
    *ret = (struct plat_host){ .booted_ms = 0 };
    from->gap(from->context, "system", err_of(ERR_UNSUPPORTED, "asking for the system's names"));
}
