#include "platform/cpu.h"

#include "platform/linux/parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"

static struct procfile file = { .path = "/proc/stat", .step = "reading /proc/stat", .max_bytes = 4 << 20 };

/* The columns of a line "cpu". Guests' time is in user and nice already. Before Linux 2.6.11 there is no steal. */
enum { USER, NICE, SYSTEM, IDLE, IOWAIT, IRQ, SOFTIRQ, STEAL, COLUMNS, COLUMNS_MIN = STEAL };

static bool parse_times(struct scan line, struct plat_cpu *ret)
{
    uint64_t column[COLUMNS] = { 0 };

    if (!scan_u64s(&line, column, COLUMNS_MIN))
        return false;
    if (!scan_u64(&line, &column[STEAL]))
        column[STEAL] = 0;
    for (int i = 0; i < COLUMNS; i++)
        if (column[i] > UINT64_MAX / COLUMNS)
            return false;
    *ret = (struct plat_cpu){ .ticks = {
                                  [PLAT_CPU_USER] = column[USER],
                                  [PLAT_CPU_NICE] = column[NICE],
                                  [PLAT_CPU_SYSTEM] = column[SYSTEM],
                                  [PLAT_CPU_IDLE] = column[IDLE],
                                  [PLAT_CPU_IOWAIT] = column[IOWAIT],
                                  [PLAT_CPU_INTERRUPT] = column[IRQ] + column[SOFTIRQ],
                                  [PLAT_CPU_STEAL] = column[STEAL],
                              } };
    return true;
}

struct err plat_cpu_parse(const char *text, size_t len, struct plat_cpus *ret)
{
    struct scan      all = { text, len }, line, word;
    struct plat_cpus cpus = { .count = 0 };
    bool             found = false;

    while (scan_line(&all, &line) && scan_begins(line, "cpu")) {
        scan_word(&line, &word);
        if (!scan_is(word, "cpu"))
            cpus.count++;
        else if (!parse_times(line, &cpus.all))
            return err_of(ERR_MALFORMED, file.step);
        else
            found = true;
    }
    if (!found)
        return err_of(ERR_MALFORMED, file.step);
    *ret = cpus;
    return err_ok();
}

/* "cpu12 ..." */
static bool parse_one(struct scan line, uint32_t *ret_number, struct plat_cpu *ret)
{
    struct scan word;
    uint64_t    number;

    if (!scan_word(&line, &word) || !scan_begins(word, "cpu"))
        return false;
    word.at += 3;
    word.len -= 3;
    if (!scan_u64(&word, &number) || number > UINT32_MAX)
        return false;
    *ret_number = (uint32_t)number;
    return parse_times(line, ret);
}

struct err plat_cpu_parse_each(const char *text, size_t len, plat_cpu_fn *each, void *context)
{
    struct scan     all = { text, len }, line;
    struct plat_cpu cpu;
    uint32_t        number;

    if (!scan_line(&all, &line) || !scan_begins(line, "cpu "))
        return err_of(ERR_MALFORMED, file.step);
    while (scan_line(&all, &line) && scan_begins(line, "cpu")) {
        if (!parse_one(line, &number, &cpu))
            return err_of(ERR_MALFORMED, file.step);
        each(context, number, &cpu);
    }
    return err_ok();
}

struct err plat_cpu_read(struct plat_cpus *ret)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_cpu_parse(text, len, ret);
}

struct err plat_cpu_read_each(plat_cpu_fn *each, void *context)
{
    const char *text;
    size_t      len;
    struct err  e = procfile_read(&file, &text, &len);

    return failed(e) ? e : plat_cpu_parse_each(text, len, each, context);
}

void plat_cpu_done(void)
{
    procfile_close(&file);
}
