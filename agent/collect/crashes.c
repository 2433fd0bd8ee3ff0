#include "platform/crashes.h"

#include <stdlib.h>

#include "agent/collect/collect.h"
#include "agent/lastrun.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "platform/uptime.h"

enum { ALL, RECENT, UNCLEAN };

// clang-format off
static const struct metric metrics[] = {
    [ALL] = { "system.linux.crashes", UNIT_ERRORS, METRIC_GAUGE,
        "crashes of the kernel of which there are records; those within a quarter of an hour are one" },
    [RECENT] = { "system.linux.crashes.recent", UNIT_ERRORS, METRIC_GAUGE,
        "those of the last 24 hours, and the one that ended the run before, while this one is not older than that" },
    [UNCLEAN] = { "system.linux.shutdown.unclean", UNIT_STATE, METRIC_GAUGE,
        "1 for 24 hours after the system started, if it was not shut down before and no record says why; then 0, and not given "
        "where it cannot be told" },
};
// clang-format on

enum { RECORDS_MAX = 512, ONE_CRASH_MS = 15 * 60 * 1000, DAY_MS = 24 * 3600 * 1000 };

struct records {
    int64_t at_ms[RECORDS_MAX];
    size_t  count;
};

static void on_record(void *context, int64_t at_ms)
{
    struct records *r = context;

    if (r->count < RECORDS_MAX)
        r->at_ms[r->count++] = at_ms;
}

static int by_time(const void *a, const void *b)
{
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

    return x < y ? -1 : x > y;
}

static void put_all(struct sink *out, const struct records *r, const struct lastrun *last, int64_t up_ms)
{
    int64_t     now_ms = plat_clock_wall_ms();
    int         all = 0, recent = 0;
    bool        explained = false, is_young = up_ms < DAY_MS;
    char        seen[CLOCK_TEXT_BYTES];
    struct attr attr = { "system.linux.last_seen", last->seen_ms ? plat_clock_print(last->seen_ms, seen) : "unknown" };

    for (size_t i = 0; i < r->count; i++) {
        bool ended_it = last->ending == ENDING_UNCLEAN && last->seen_ms && r->at_ms[i] >= last->seen_ms - ONE_CRASH_MS;
        bool is_new = llabs(now_ms - r->at_ms[i]) < DAY_MS || (ended_it && is_young); /* a clock may have been wrong */

        explained = explained || ended_it || (is_new && last->ending == ENDING_UNCLEAN);
        if (i && r->at_ms[i] - r->at_ms[i - 1] < ONE_CRASH_MS)
            continue;
        all++;
        recent += is_new;
    }
    sink_put(out, &metrics[ALL], all);
    sink_put(out, &metrics[RECENT], recent);
    if (last->ending != ENDING_UNKNOWN)
        sink_put_at(out, &metrics[UNCLEAN], last->ending == ENDING_UNCLEAN && is_young && !explained, &attr, 1);
}

static struct err read_crashes(struct sink *out)
{
    struct records *r = calloc(1, sizeof *r);
    struct lastrun  last;
    double          up_s;
    struct err      e = r ? plat_uptime_read(&up_s) : err_of(ERR_NO_MEMORY, "looking for crashes");

    if (!failed(e))
        e = plat_crashes_each("", on_record, r);
    if (!failed(e)) {
        qsort(r->at_ms, r->count, sizeof r->at_ms[0], by_time);
        lastrun_get(&last);
        put_all(out, r, &last, (int64_t)(up_s * 1000));
    }
    free(r);
    return e;
}

const struct collector collect_crashes = {
    .name = "crashes",
    .help = "Crashes of the kernel, by the records they left (pstore, kdump), and whether the system was shut down "
            "before it "
            "started, by wtmp and by a mark of the agent's own. Not offered in a container, and only to root. The "
            "convention has "
            "no metrics for it.",
    .series = "one; system.linux.last_seen, when the agent was last at work before, describes it",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_crashes,
    .done = plat_uptime_done,
};
