#include "platform/pressure.h"

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

static struct procfile files[PLAT_PRESSURE_KINDS] = {
    [PLAT_PRESSURE_CPU] = { .path = "/proc/pressure/cpu", .step = "reading /proc/pressure/cpu", .max_bytes = 4096 },
    [PLAT_PRESSURE_MEMORY] = { .path = "/proc/pressure/memory",
                               .step = "reading /proc/pressure/memory",
                               .max_bytes = 4096 },
    [PLAT_PRESSURE_IO] = { .path = "/proc/pressure/io", .step = "reading /proc/pressure/io", .max_bytes = 4096 },
};

/* "avg10=0.00 avg60=0.00 avg300=0.00 total=0"; the averages are not used: ours is over the time between two readings */
static bool parse_total(struct scan line, uint64_t *ret)
{
    struct scan word, key;

    while (scan_word(&line, &word))
        if (scan_until(&word, '=', &key) && scan_is(key, "total"))
            return scan_u64(&word, ret) && word.len == 0;
    return false;
}

struct err plat_pressure_parse(const char *text, size_t len, struct plat_pressure *ret)
{
    struct scan          all = { text, len }, line, word;
    struct plat_pressure p = { 0 };
    bool                 some = false;

    while (scan_line(&all, &line)) {
        bool understood = scan_word(&line, &word);

        if (understood && scan_is(word, "some"))
            understood = some = parse_total(line, &p.some_us);
        else if (understood && scan_is(word, "full"))
            understood = parse_total(line, &p.full_us);
        if (!understood)
            return err_of(ERR_MALFORMED, "reading /proc/pressure");
    }
    if (!some)
        return err_of(ERR_MALFORMED, "reading /proc/pressure");
    *ret = p;
    return err_ok();
}

struct err plat_pressure_read(enum plat_pressure_on what, struct plat_pressure *ret)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&files[what], &text, &len);

    if (e.code == ERR_UNSUPPORTED)
        e.step =
            "looking for /proc/pressure (since Linux 4.20; where it is off, psi=1 among the kernel's parameters turns "
            "it on)";
    return failed(e) ? e : plat_pressure_parse(text, len, ret);
}

void plat_pressure_done(void)
{
    for (int i = 0; i < PLAT_PRESSURE_KINDS; i++)
        procfile_close(&files[i]);
}
