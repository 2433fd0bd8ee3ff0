#include <stdio.h>
#include <string.h>

#include "agent/collect/log_source.h"
#include "platform/buf.h"
#include "platform/clock.h"
#include "platform/journal.h"
#include "platform/program.h"

/* Entries are asked for in portions; so many portions a reading, and where even ten readings in a row did not reach the
 * end, the rest is passed over. */
enum {
    TIMEOUT_MS = 30000,
    OUTPUT_MAX = 4 * 1024 * 1024,
    PORTION = 2000,
    PORTIONS_MAX = 8,
    BACKLOGS_MAX = 10,
    ARG_MAX_BYTES = JOURNAL_CURSOR_MAX + 40,
    TENTH_MS = 100,
};

/* Large, and used by one at a time: the loop's. */
static struct journal_entry entry;

struct args {
    const char *list[PROGRAM_ARGS_MAX];
    size_t      count;
    char        texts[8][ARG_MAX_BYTES];
    size_t      text_count;
};

static void add(struct args *a, const char *option, const char *value)
{
    char *text = a->texts[a->text_count++];

    snprintf(text, ARG_MAX_BYTES, "%s%s", option, value);
    a->list[a->count++] = text;
}

/* Where to begin: with the last entry, a day ago for a look back, else with the newest of all, which only says where we
 * are. */
static void add_place(struct args *a, const struct log_source *s)
{
    const struct config_journal *journal = s->config->journal;

    if (s->at.known && s->at.cursor[0])
        add(a, "--cursor=", s->at.cursor);
    else if (!s->look_back) {
        add(a, "--lines=", "1");
        return;
    } else
        add(a, "--since=", "-24h");
    a->list[a->count++] = s->look_back ? "--lines=5000" : "--lines=2001";
    if (journal->unit)
        add(a, "--unit=", journal->unit);
    if (journal->identifier)
        add(a, "--identifier=", journal->identifier);
    if (journal->priority)
        add(a, "--priority=", journal->priority);
}

static void on_done(void *context, const struct plat_program_result *r);

static struct err ask(struct log_source *s, uv_loop_t *loop)
{
    struct args                 a = { .list = { "journalctl", "--quiet", "--no-pager", "--output=export",
                                                "--output-fields=MESSAGE,SYSLOG_IDENTIFIER" },
                                      .count = 5 };
    struct plat_program_options o = {
        .args = a.list,
        .timeout_ms = TIMEOUT_MS,
        .output_max = OUTPUT_MAX,
        .on_done = on_done,
        .context = s,
    };

    add_place(&a, s);
    s->loop = loop;
    return plat_program_start(loop, &o, &s->program);
}

/* ---- what came of it ---- */

/* Is it the one that was read last? It is asked for again: --after-cursor leaves out one more where that one is no longer
 * there, or does not fit the filters (seen with systemd 252). */
static bool is_known(const struct log_source *s)
{
    return s->at.cursor[0] && strcmp(entry.cursor, s->at.cursor) == 0;
}

/* Returns how many there were beyond that one. */
static size_t take_entries(struct log_source *s, const struct plat_program_result *r)
{
    const char *at = r->out, *end = r->out + r->out_len;
    bool        looks = s->look_back || (s->at.known && s->at.cursor[0]);
    size_t      count = 0;
    bool        whole;

    do {
        whole = journal_next(&at, end, &entry);
        if (!whole && (!r->out_cut || count > 0))
            break; /* the next portion begins with it */
        if (is_known(s))
            continue;
        count++;
        if (looks && entry.line[0])
            log_source_take(s, entry.line);
        if (entry.cursor[0] && !s->look_back) {
            s->at.known = true;
            memcpy(s->at.cursor, entry.cursor, sizeof entry.cursor);
        }
    } while (whole);
    return count;
}

static void complain(struct log_source *s, const struct plat_program_result *r)
{
    char end[80];

    s->has_stamp = false;
    if (s->at.cursor[0] && strstr(r->err_text, "cursor")) {
        s->at.cursor[0] = '\0'; /* it is none: the next reading begins with the newest entry */
        log_source_refuse(s, "the place in the journal was lost: entries since the last reading were not looked at");
        return;
    }
    log_source_refuse(s, "journalctl: %s%s%.*s", plat_program_end_print(r, end, sizeof end), r->err_len ? ": " : "",
                      (int)strcspn(r->err_text, "\r\n"), r->err_text);
}

static void skip_backlog(struct log_source *s)
{
    s->backlogs++;
    if (s->backlogs < BACKLOGS_MAX)
        return;
    s->backlogs = 0;
    s->at.cursor[0] = '\0';
    log_source_refuse(s, "the journal grows faster than it can be read: entries were not looked at");
}

/* Returns whether another portion follows. */
static bool go_on(struct log_source *s, size_t count, bool cut)
{
    bool more = !s->look_back && s->at.cursor[0] && count > 0 && (cut || count >= PORTION);

    s->has_stamp = s->has_stamp && !more;
    if (more && ++s->portions < PORTIONS_MAX)
        return true;
    if (more)
        skip_backlog(s);
    else
        s->backlogs = 0;
    return false;
}

static void on_done(void *context, const struct plat_program_result *r)
{
    struct log_source *s = context;
    bool               good = r->end == PROGRAM_EXITED && r->status == 0, more = false;
    size_t             count = take_entries(s, r);

    if (good)
        more = go_on(s, count, r->out_cut);
    else
        complain(s, r);
    plat_program_close(&s->program);
    if (more) {
        struct err e = ask(s, s->loop);

        if (!failed(e))
            return;
        log_source_refuse_err(s, e);
    }
    s->on_rest(s);
}

/* ---- whether to ask ---- */

bool log_journal_start(struct log_source *s, uv_loop_t *loop)
{
    uint64_t   now_ms = plat_clock_steady_ms(), period_s = s->config->journal->period_s, stamp;
    struct err e;

    if (s->asked && now_ms < s->asked_ms + period_s * (1000 - TENTH_MS)) /* rounds come a little early or late */
        return false;
    s->asked = true;
    s->asked_ms = now_ms;
    e = plat_journal_stamp(&stamp);
    if (!failed(e) && s->has_stamp && stamp == s->stamp)
        return false;
    s->unreadable = false;
    s->portions = 0;
    s->has_stamp = !failed(e); /* taken before asking: what comes meanwhile is asked for once more */
    s->stamp = failed(e) ? 0 : stamp;
    if (!failed(e))
        e = ask(s, loop);
    if (failed(e))
        log_source_refuse_err(s, e);
    return !failed(e);
}

void log_journal_close(struct log_source *s)
{
    plat_program_close(&s->program);
}
