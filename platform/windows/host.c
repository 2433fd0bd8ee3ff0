#include "platform/host.h"

#include <string.h>

#include "platform/clock.h"
#include "platform/machine.h"
#include "platform/windows/wide.h"

/* Only of the running system: another one's registry is not read. Zones have names of Windows' own, which are left out. */
void plat_host_read(const struct plat_source *from, struct plat_host *ret)
{
    struct plat_machine m = { .cpus = 0 };
    wchar_t             locale[LOCALE_NAME_MAX_LENGTH];
    struct err          e =
        from->root[0] ? err_of(ERR_UNSUPPORTED, "asking another system for its names") : plat_machine_read(&m);

    *ret = (struct plat_host){ .booted_ms = 0 };
    if (failed(e)) {
        from->gap(from->context, "system", e);
        return;
    }
    memcpy(ret->name, m.host_name, sizeof ret->name);
    memcpy(ret->machine_id, m.id, sizeof ret->machine_id);
    memcpy(ret->os_name, m.os_name, sizeof ret->os_name);
    memcpy(ret->os_id, m.os_id, sizeof ret->os_id);
    memcpy(ret->os_version, m.os_version, sizeof ret->os_version);
    memcpy(ret->kernel, m.kernel, sizeof ret->kernel);
    memcpy(ret->architecture, m.architecture, sizeof ret->architecture);
    if (GetSystemDefaultLocaleName(locale, ARRAYSIZE(locale)) > 0)
        wide_print(locale, ret->locale, sizeof ret->locale);
    ret->booted_ms = plat_clock_wall_ms() - (int64_t)GetTickCount64();
}
