#include "platform/load.h"

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

static struct procfile file = { .path = "/proc/loadavg", .step = "reading /proc/loadavg", .max_bytes = 128 };

struct err plat_load_parse(const char *text, size_t len, struct plat_load *ret)
{
    struct scan      line = { text, len };
    struct plat_load load;

    if (!scan_decimal(&line, &load.over_1_min) || !scan_decimal(&line, &load.over_5_min) ||
        !scan_decimal(&line, &load.over_15_min))
        return err_of(ERR_MALFORMED, file.step);
    *ret = load;
    return err_ok();
}

struct err plat_load_read(struct plat_load *ret)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_load_parse(text, len, ret);
}

void plat_load_done(void)
{
    procfile_close(&file);
}
