#include "platform/kills.h"

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

static struct procfile file = {
    .path = "/proc/vmstat", .step = "reading /proc/vmstat", .max_bytes = 256 << 10, .rows = true
};

struct err plat_kills_parse(const char *text, size_t len, uint64_t *ret)
{
    struct scan all = { text, len }, line, word;
    uint64_t    value;
    bool        understood = false;

    while (scan_line(&all, &line)) {
        if (!scan_word(&line, &word) || !scan_u64(&line, &value))
            return err_of(ERR_MALFORMED, file.step);
        understood = true;
        if (scan_is(word, "oom_kill")) {
            *ret = value;
            return err_ok();
        }
    }
    return understood ? err_of(ERR_UNSUPPORTED, "the kernel counts them since Linux 4.13")
                      : err_of(ERR_MALFORMED, file.step);
}

struct err plat_kills_read(uint64_t *ret)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_kills_parse(text, len, ret);
}

void plat_kills_done(void)
{
    procfile_close(&file);
}
