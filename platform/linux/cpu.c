#include "platform/cpu.h"

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

static struct procfile file = { .path = "/proc/stat", .step = "reading /proc/stat", .max_bytes = 4 << 20 };

/* The columns of the line "cpu". Guests' time is in user and nice already. Before Linux 2.6.11 there is no steal. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, COLUMNS, COLUMNS_MIN = STEAL };

static bool parse_total(struct scan line, struct plat_cpu *ret)
{
    uint64_t column[COLUMNS] = { 0 };

    if (!scan_u64s(&line, column, COLUMNS_MIN))
        return false;
    if (!scan_u64(&line, &column[STEAL]))
        column[STEAL] = 0;
    for (int i = 0; i < COLUMNS; i++)
        if (column[i] > UINT64_MAX / COLUMNS)
            return false;
    ret->busy = column[USER] + column[NICE] + column[SYSTEM] + column[IRQ] + column[SOFTIRQ];
    ret->idle = column[IDLE];
    ret->iowait = column[IOWAIT];
    ret->steal = column[STEAL];
    return true;
}

struct err plat_cpu_parse(const char *text, size_t len, struct plat_cpu *ret)
{
    struct scan     all = { text, len }, line, word;
    struct plat_cpu cpu = { 0 };
    bool            found = false;

    while (scan_line(&all, &line) && scan_begins(line, "cpu")) {
        scan_word(&line, &word);
        if (!scan_is(word, "cpu"))
            cpu.cpus++;
        else if (!parse_total(line, &cpu))
            return err_of(ERR_MALFORMED, file.step);
        else
            found = true;
    }
    if (!found)
        return err_of(ERR_MALFORMED, file.step);
    *ret = cpu;
    return err_ok();
}

struct err plat_cpu_read(struct plat_cpu *ret)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_cpu_parse(text, len, ret);
}

void plat_cpu_done(void)
{
    procfile_close(&file);
}
