#include "platform/memory.h"

#include "platform/buf.h"
#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

static struct procfile file = { .path = "/proc/meminfo", .step = "reading /proc/meminfo", .max_bytes = 64 << 10 };

struct row {
    const char *name;
    uint64_t    bytes;
    bool        found;
};

/* "MemTotal:       24684096 kB". The unit has been kB in every kernel. */
static bool parse_row(struct scan line, struct row *row)
{
    struct scan unit;
    uint64_t    kb;

    if (!scan_u64(&line, &kb) || !scan_word(&line, &unit) || !scan_is(unit, "kB") || kb > UINT64_MAX / 1024)
        return false;
    row->bytes = kb * 1024;
    row->found = true;
    return true;
}

/* Fills those rows that are there; the first of a name counts. */
static struct err find_rows(const char *text, size_t len, struct row *rows, size_t count)
{
    struct scan all = { text, len }, line, name;

    while (scan_line(&all, &line)) {
        if (!scan_until(&line, ':', &name))
            continue;
        for (size_t i = 0; i < count; i++)
            if (!rows[i].found && scan_is(name, rows[i].name) && !parse_row(line, &rows[i]))
                return err_of(ERR_MALFORMED, file.step);
    }
    return err_ok();
}

/* MemAvailable is missing before Linux 3.14; what one would work out from the others is off by gigabytes on machines
 * with much shared memory, so that is UNSUPPORTED rather than a guess. */
struct err plat_memory_parse(const char *text, size_t len, struct plat_memory *ret)
{
    enum { TOTAL, FREE, AVAILABLE };
    struct row rows[] = { { .name = "MemTotal" }, { .name = "MemFree" }, { .name = "MemAvailable" } };
    struct err e = find_rows(text, len, rows, ARRAY_LEN(rows));

    if (failed(e))
        return e;
    if (!rows[TOTAL].found || rows[TOTAL].bytes == 0)
        return err_of(ERR_MALFORMED, file.step);
    if (!rows[AVAILABLE].found) /* an old kernel's text goes on behind MemTotal; one that ends there was cut */
        return err_of(rows[FREE].found ? ERR_UNSUPPORTED : ERR_MALFORMED, file.step);
    ret->total_bytes = rows[TOTAL].bytes;
    ret->available_bytes = rows[AVAILABLE].bytes < rows[TOTAL].bytes ? rows[AVAILABLE].bytes : rows[TOTAL].bytes;
    return e;
}

struct err plat_swap_parse(const char *text, size_t len, struct plat_swap *ret)
{
    enum { TOTAL, FREE };
    struct row rows[] = { { .name = "SwapTotal" }, { .name = "SwapFree" } };
    struct err e = find_rows(text, len, rows, ARRAY_LEN(rows));

    if (failed(e))
        return e;
    if (!rows[TOTAL].found || !rows[FREE].found)
        return err_of(ERR_MALFORMED, file.step);
    ret->total_bytes = rows[TOTAL].bytes;
    ret->used_bytes = rows[FREE].bytes < rows[TOTAL].bytes ? rows[TOTAL].bytes - rows[FREE].bytes : 0;
    return e;
}

struct err plat_memory_read(struct plat_memory *ret)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_memory_parse(text, len, ret);
}

struct err plat_swap_read(struct plat_swap *ret)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_swap_parse(text, len, ret);
}

void plat_memory_done(void)
{
    procfile_close(&file);
}
