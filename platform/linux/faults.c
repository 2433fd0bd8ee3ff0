#include "platform/faults.h"

#include <dirent.h>
#include <string.h>

#include "platform/linux/contained.h"
#include "platform/linux/sysfile.h"

enum { TAINT_MACHINE_CHECK = 1 << 4, TAINT_DIED = 1 << 7 };

/* Linux counts oopses and warnings since 6.2; before, a flag says whether there was any. */
struct err plat_faults_read(struct plat_faults *ret)
{
    struct plat_faults f = { 0 };
    uint64_t           taint;

    if (plat_is_contained())
        return err_of(ERR_UNSUPPORTED, "the kernel of a container is its host's");
    if (!sysfile_u64(&taint, "/proc/sys/kernel/tainted"))
        return err_of(ERR_UNSUPPORTED, "there is no /proc/sys/kernel/tainted");
    f.machine_check = taint & TAINT_MACHINE_CHECK;
    f.has_warnings = sysfile_u64(&f.warnings, "/sys/kernel/warn_count");
    if (!sysfile_u64(&f.oopses, "/sys/kernel/oops_count"))
        f.oopses = (taint & TAINT_DIED) != 0;
    *ret = f;
    return err_ok();
}

void plat_ecc_read(plat_ecc_fn *each, void *context)
{
    DIR *dir = opendir("/sys/devices/system/edac/mc");

    if (!dir)
        return;
    for (struct dirent *entry; (entry = readdir(dir));) {
        uint64_t corrected, uncorrected;

        if (strncmp(entry->d_name, "mc", 2) == 0 &&
            sysfile_u64(&corrected, "/sys/devices/system/edac/mc/%s/ce_count", entry->d_name) &&
            sysfile_u64(&uncorrected, "/sys/devices/system/edac/mc/%s/ue_count", entry->d_name))
            each(context, entry->d_name, corrected, uncorrected);
    }
    closedir(dir);
}
