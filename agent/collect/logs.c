#include "agent/collect/logs.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/collect.h"
#include "agent/collect/log_source.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "platform/log.h"
#include "proto/text.h"

/* Of one file a reading takes at most so many bytes, and so much time; what is left is for the next reading.
 * SAVE_MS: how long lines of which none matched may be unsaved: after a kill they are read again, to no effect. */
enum { READING_MAX = 16 * 1024 * 1024, READING_MS = 500, SAVE_MS = 300000 };

static struct {
    const struct config *config;
    const char          *path; /* NULL: nothing is kept */
    struct log_source   *all;
    size_t               count, turn; /* turn: whose it is in this reading */
    size_t               taken;       /* bytes of that one in this reading */
    uint64_t             since_ms, saved_ms;
    bool                 begun, moved, urgent, saving_fails;
    char                *buffer; /* while one is read */
    uv_loop_t           *loop;
    uv_timer_t          *timer; /* the loop's memory from its closing on */
    collector_ready_fn  *ready; /* NULL: nobody waits */
    void                *context;
} logs;

// clang-format off
enum { MATCHES, RECENT, UNREADABLE, SKIPPED };

static const struct metric metrics[] = {
    [MATCHES] = { "picket.log.matches", UNIT_LINES, METRIC_COUNTER, "lines that matched since the log was configured" },
    [RECENT] = { "picket.log.matches.recent", UNIT_LINES, METRIC_GAUGE, "those since the last reading" },
    [UNREADABLE] = { "picket.log.unreadable", UNIT_STATE, METRIC_GAUGE,
        "1 if the log, or a part of it, could not be read: picket.log.reason says why" },
    [SKIPPED] = { "picket.log.skipped", UNIT_BYTES, METRIC_COUNTER,
        "what was passed over since the agent started, because more was written than could be read" },
};
// clang-format on

/* ---- what is found ---- */

void log_source_take(void *context, const char *line)
{
    struct log_source *s = context;

    s->lines++;
    if (!log_line_fits(s->config, line))
        return;
    s->recent++;
    s->at.matches++;
    utf8_copy(s->line, sizeof s->line, line, strlen(line));
}

void log_source_refuse(struct log_source *s, const char *format, ...)
{
    char    text[2 * ATTR_VALUE_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    s->unreadable = true;
    utf8_copy(s->reason, sizeof s->reason, text, strlen(text));
    text_blank_controls(s->reason);
}

void log_source_refuse_err(struct log_source *s, struct err e)
{
    char text[160];

    log_source_refuse(s, "%s", e.os || !e.step ? err_print(e, text, sizeof text) : e.step);
}

/* ---- what is handed over ---- */

static void put_log(struct sink *out, const struct log_source *s)
{
    const struct attr attrs[] = { { "picket.log.name", s->config->name },
                                  { "picket.log.severity", s->config->severity },
                                  { "picket.log.line", s->line } };
    const struct attr why[] = { attrs[0], { "picket.log.reason", s->unreadable ? s->reason : "" } };

    sink_put_at(out, &metrics[UNREADABLE], s->unreadable, why, ARRAY_LEN(why));
    if (s->look_back)
        return;
    sink_put_at(out, &metrics[MATCHES], (double)s->at.matches, attrs, ARRAY_LEN(attrs));
    sink_put_at(out, &metrics[RECENT], (double)s->recent, attrs, ARRAY_LEN(attrs));
    sink_put_at(out, &metrics[SKIPPED], (double)s->skipped, attrs, 1);
}

static bool has_moved(const struct log_source *s)
{
    const struct log_position *was = &s->judged, *is = &s->at;

    return was->known != is->known || was->inode != is->inode || was->offset != is->offset || was->print != is->print ||
           was->matches != is->matches || strcmp(was->cursor, is->cursor) != 0;
}

static struct err read_logs(struct sink *out)
{
    if (!logs.config || logs.config->log_count == 0)
        return err_of(ERR_UNSUPPORTED, "looking for logs (none are configured)");
    if (!logs.all)
        return err_of(ERR_NO_MEMORY, "keeping logs");
    for (size_t i = 0; i < logs.count; i++) {
        struct log_source *s = &logs.all[i];

        if (!s->looked_at)
            continue;
        put_log(out, s);
        logs.urgent = logs.urgent || s->recent > 0 || s->judged.known != s->at.known;
        logs.moved = logs.moved || has_moved(s);
        s->judged = s->at;
        s->recent = 0;
    }
    return err_ok();
}

bool logs_get(size_t i, struct log_view *ret)
{
    for (size_t k = 0; k < logs.count; k++) {
        const struct log_source *s = &logs.all[k];

        if (!s->looked_at || i-- > 0)
            continue;
        *ret = (struct log_view){ s->config->name, s->unreadable ? s->reason : s->line, s->unreadable, s->lines,
                                  s->at.matches };
        return true;
    }
    return false;
}

/* ---- what is kept ---- */

void logs_keep(const char *path)
{
    logs.path = path;
}

/* What was judged, once the alerts of it are kept: so not before the next reading begins, or the end. After a kill between
 * the two the same lines are read again: counted twice, and never lost. */
static void save(bool now)
{
    uint64_t   now_ms = plat_clock_steady_ms();
    struct err e;
    char       text[160];

    if (!logs.path || !logs.moved || (!now && !logs.urgent && now_ms - logs.saved_ms < SAVE_MS))
        return;
    e = log_marks_save(logs.path, logs.all, logs.count);
    if (failed(e) && !logs.saving_fails)
        log_warn("logs", "%s; after a restart lines may count again", err_print(e, text, sizeof text));
    logs.saving_fails = failed(e);
    logs.saved_ms = now_ms;
    logs.moved = logs.urgent = failed(e);
}

static void load(void)
{
    char       text[160];
    struct err e = log_marks_load(logs.path, logs.all, logs.count);

    if (failed(e) && e.code != ERR_NOT_FOUND)
        log_warn("logs", "%s; beginning at the end of each", err_print(e, text, sizeof text));
}

/* ---- one reading ---- */

static void on_timer(uv_timer_t *timer);

static void timer_closed(uv_handle_t *timer)
{
    free(timer);
}

static void close_timer(void)
{
    if (logs.timer)
        uv_close((uv_handle_t *)logs.timer, timer_closed);
    logs.timer = NULL;
    free(logs.buffer);
    logs.buffer = NULL;
}

static void tell_ready(void)
{
    collector_ready_fn *ready = logs.ready;

    logs.ready = NULL;
    close_timer();
    if (ready)
        ready(logs.context);
}

/* Said when it begins and when it ends. */
static void say_change(struct log_source *s)
{
    if (s->unreadable != s->was_unreadable && s->unreadable)
        log_warn("logs", "%s: %s", s->config->name, s->reason);
    else if (s->unreadable != s->was_unreadable)
        log_info("logs", "%s: readable again", s->config->name);
    s->was_unreadable = s->unreadable;
}

static void next_turn(void)
{
    logs.all[logs.turn].looked_at = true;
    if (logs.path)
        say_change(&logs.all[logs.turn]);
    logs.turn++;
    logs.begun = false;
}

/* Returns whether the loop is to be let on with other things before the next slice. */
static bool read_slice(struct log_source *s)
{
    if (!logs.begun) {
        log_file_begin(s);
        logs.taken = 0;
        logs.since_ms = plat_clock_steady_ms();
        logs.begun = true;
    }
    if (!logs.buffer && log_file_has_more(s))
        logs.buffer = malloc(LOG_SLICE + 1);
    if (log_file_has_more(s) && !logs.buffer)
        log_source_refuse_err(s, err_of(ERR_NO_MEMORY, "reading a log"));
    else if (log_file_has_more(s) && log_file_slice(s, logs.buffer)) {
        logs.taken += LOG_SLICE;
        if (logs.taken < READING_MAX && plat_clock_steady_ms() - logs.since_ms < READING_MS)
            return true;
    }
    log_file_end(s);
    return false;
}

static void go_on(void)
{
    while (logs.turn < logs.count) {
        struct log_source *s = &logs.all[logs.turn];

        if (s->config->journal && log_journal_start(s, logs.loop))
            return;
        if (s->config->file && read_slice(s)) {
            uv_timer_start(logs.timer, on_timer, 0, 0);
            return;
        }
        next_turn();
    }
    tell_ready();
}

static void on_timer(uv_timer_t *timer)
{
    (void)timer;
    go_on();
}

static void on_rest(struct log_source *s)
{
    (void)s;
    next_turn();
    go_on();
}

static struct err begin(uv_loop_t *loop, collector_ready_fn *ready, void *context)
{
    if (!logs.config || logs.config->log_count == 0)
        return err_of(ERR_UNSUPPORTED, "looking for logs (none are configured)");
    if (!logs.all)
        return err_of(ERR_NO_MEMORY, "keeping logs");
    save(false);
    logs.timer = malloc(sizeof *logs.timer);
    if (!logs.timer)
        return err_of(ERR_NO_MEMORY, "reading logs");
    uv_timer_init(loop, logs.timer);
    uv_timer_start(logs.timer, on_timer, 0, 0);
    logs.loop = loop;
    logs.ready = ready;
    logs.context = context;
    logs.turn = 0;
    logs.begun = false;
    return err_ok();
}

static void cancel(void)
{
    logs.ready = NULL;
    close_timer();
    for (size_t i = 0; i < logs.count; i++)
        log_journal_close(&logs.all[i]);
}

/* ---- from configuration to configuration ---- */

static void done(void)
{
    save(true);
    for (size_t i = 0; i < logs.count; i++)
        log_file_close(&logs.all[i]);
    free(logs.all);
    logs.all = NULL;
    logs.count = 0;
    logs.config = NULL;
}

static void configure(const struct config *config)
{
    done();
    logs.config = config;
    logs.all = config->log_count ? calloc(config->log_count, sizeof *logs.all) : NULL;
    logs.count = logs.all ? config->log_count : 0;
    for (size_t i = 0; i < logs.count; i++) {
        struct log_source *s = &logs.all[i];

        s->config = &config->logs[i];
        s->look_back = !logs.path;
        s->now.file = s->old.file = -1;
        s->on_rest = on_rest;
    }
    if (logs.path && logs.count)
        load();
    logs.moved = logs.urgent = false;
    logs.saved_ms = plat_clock_steady_ms();
}

const struct collector collect_logs = {
    .name = "logs",
    .help = "Lines of log files and of systemd's journal that the configuration looks for (`logs`, see "
            "[logs.md](logs.md)). A file costs one look a reading while nothing is written; the journal is asked, by "
            "`journalctl`, only if it grew.",
    .series =
        "one for each log: picket.log.name; picket.log.severity, picket.log.line (the newest line that matched) and "
        "picket.log.reason describe it",
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_logs,
    .configure = configure,
    .begin = begin,
    .cancel = cancel,
    .done = done,
};
