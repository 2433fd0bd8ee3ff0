#include "platform/uptime.h"

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

/* Not clock_gettime(CLOCK_BOOTTIME), though that needs no system call: in a Linux container it tells how long the host
 * has been running, while /proc/uptime is often the container's own. */
static struct procfile file = { .path = "/proc/uptime", .step = "reading /proc/uptime", .max_bytes = 128 };

struct err plat_uptime_parse(const char *text, size_t len, double *ret_s)
{
    struct scan line = { text, len };

    return scan_decimal(&line, ret_s) ? err_ok() : err_of(ERR_MALFORMED, file.step);
}

struct err plat_uptime_read(double *ret_s)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_uptime_parse(text, len, ret_s);
}

void plat_uptime_done(void)
{
    procfile_close(&file);
}
