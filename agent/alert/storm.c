#include "agent/alert/storm.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "agent/alert/alert_text.h"
#include "platform/buf.h"
#include "proto/json.h"
#include "proto/text.h"

enum { RING = STORM_ALERTS_MAX + 1 };

bool storm_is(const struct alert *alert)
{
    return strcmp(alert->rule, STORM_RULE) == 0;
}

const struct alert *storm_open(const struct outbox *outbox)
{
    return outbox_alert_find_open(outbox, STORM_RULE, "");
}

/* ---- what the outbox says of them ---- */

struct search {
    const struct alert *alert;
    enum storm_part     part;
};

/* Of a storm that is over, level is the newest alert it held. */
static bool look(void *context, const struct alert *storm)
{
    struct search *s = context;

    if (storm->id >= s->alert->id)
        return false; /* oldest first */
    if (!storm_is(storm))
        return true;
    if (storm->open)
        s->part = s->alert->open ? STORM_WAITS : STORM_WENT_BY;
    else if (!s->alert->open && (double)s->alert->id <= storm->level && s->alert->cleared_ms <= storm->cleared_ms)
        s->part = STORM_WENT_BY;
    return s->part == STORM_NONE;
}

enum storm_part storm_part_of(const struct outbox *outbox, const struct alert *alert)
{
    struct search s = { alert, STORM_NONE };

    outbox_alert_each(outbox, look, &s);
    return s.part;
}

/* ---- when ---- */

/* Of those that were raised: whether the n-th newest was within the time. */
static bool is_recent(const struct storm *storm, size_t n, const struct storm_limit *limit, uint64_t steady_ms)
{
    uint64_t at_ms = storm->raised_ms[(storm->next + RING - n) % RING];

    return at_ms && steady_ms < at_ms + 1000 * (uint64_t)limit->within_s; /* a round's time is that of its beginning */
}

bool storm_note(struct storm *storm, const struct storm_limit *limit, uint64_t steady_ms)
{
    storm->raised_ms[storm->next] = steady_ms ? steady_ms : 1;
    storm->next = (storm->next + 1) % RING;
    return limit->alerts && is_recent(storm, limit->alerts + 1, limit, steady_ms);
}

bool storm_is_over(const struct storm *storm, const struct storm_limit *limit, uint64_t steady_ms)
{
    return !limit->alerts || !is_recent(storm, limit->alerts / 2 + 1, limit, steady_ms);
}

void storm_resume(struct storm *storm, const struct storm_limit *limit, const struct alert *open, uint64_t steady_ms)
{
    for (size_t i = 0; i < limit->alerts / 2 + 1; i++)
        (void)storm_note(storm, limit, steady_ms);
    storm->total = isnan(open->value) ? 0 : (uint32_t)open->value;
    storm->named = open->id; /* what it named is not known any more: those that stand are named again */
    storm->told_ms = steady_ms;
}

/* ---- its words ---- */

enum { NAMES_ROOM = 140, NAME_BYTES = 64, REST_BYTES = 400 };

struct listing {
    struct buf    text;
    int64_t       after, named, newest; /* ids: only newer ones than after; the newest that found room, and of all */
    size_t        count, left;          /* how many there are, and of those without room */
    size_t        standing;
    enum severity worst;
    bool          with_titles;
};

static bool list_one(void *context, const struct alert *a)
{
    struct listing *l = context;
    char            instance[NAME_BYTES];
    struct err      e;

    if (a->id <= l->after)
        return true;
    l->count++;
    l->newest = a->id;
    l->standing += a->open;
    l->worst = a->worst > l->worst ? a->worst : l->worst;
    utf8_copy(instance, sizeof instance, a->instance, strlen(a->instance));
    if (l->with_titles)
        e = buf_printf(&l->text, "- %s %s: %s\n", severity_name(a->worst), a->rule, a->title);
    else
        e = buf_printf(&l->text, "%s%s%s%s", l->text.len ? ", " : ": ", a->rule, instance[0] ? " " : "", instance);
    if (l->left || failed(e))
        l->left++;
    else
        l->named = a->id;
    return true;
}

static void list(struct listing *l, const struct outbox *outbox, int64_t after, size_t room, bool with_titles)
{
    *l = (struct listing){ .after = after, .named = after, .newest = after, .with_titles = with_titles };
    buf_init(&l->text, room);
    outbox_alert_each(outbox, list_one, l);
}

static void say_facts(const struct listing *l, const char *ref, struct storm_words *words)
{
    char more[80] = "";

    if (l && l->left)
        snprintf(more, sizeof more, "and %zu more: see the notes, and picket status\n", l->left);
    snprintf(words->facts, sizeof words->facts,
             "So many alerts at once have one cause more often than many. Until it is calm again they are told here "
             "alone; what "
             "still stands then gets a ticket of its own.\nRule: " STORM_RULE "\nReference: %s\n%s%s",
             ref, l ? buf_text(&l->text) : "", more);
}

void storm_tell_begin(const struct storm_limit *limit, const char *device, struct alert *alert,
                      struct storm_words *words)
{
    char title[DEVICE_NAME_MAX + TITLE_MAX];

    snprintf(title, sizeof title, "%s: more than %" PRIu32 " alerts within %" PRIu32 " min", device, limit->alerts,
             limit->within_s / 60);
    utf8_copy(words->title, sizeof words->title, title, strlen(title));
    text_blank_controls(words->title);
    say_facts(NULL, alert->ref, words);
    words->change[0] = '\0';
    alert->title = words->title;
    alert->facts = words->facts;
    alert->change = words->change;
}

/* Of those that it does not name yet. */
static void name_more(struct storm *storm, const struct outbox *outbox, struct alert *alert, struct storm_words *words)
{
    struct listing l;

    list(&l, outbox, storm->named, NAMES_ROOM, false);
    snprintf(words->change, sizeof words->change, "%" PRIu32 " so far%s%s", storm->total, buf_text(&l.text),
             l.left ? " and more" : "");
    text_blank_controls(words->change);
    storm->named = l.named;
    storm->unnamed = l.left != 0;
    alert->change = words->change;
    alert->value = storm->total;
    buf_done(&l.text);
}

bool storm_tell(struct storm *storm, const struct outbox *outbox, uint64_t steady_ms, struct alert *alert,
                struct storm_words *words)
{
    struct listing l;
    bool due = storm->begun || storm->unnamed || steady_ms >= storm->told_ms + 1000 * (uint64_t)STORM_NOTE_S, worse,
         news;

    list(&l, outbox, alert->id, FACTS_MAX - REST_BYTES, true);
    worse = l.worst > alert->severity;
    news = worse || (due && l.newest > storm->named);
    if (worse)
        alert->severity = alert->worst = l.worst;
    if (storm->begun) {
        say_facts(&l, alert->ref, words);
        alert->facts = words->facts;
    }
    buf_done(&l.text);
    if (!news)
        return false;
    name_more(storm, outbox, alert, words);
    if (storm->begun) { /* its text names them */
        storm->named = l.named;
        storm->unnamed = l.left != 0;
    }
    storm->told_ms = steady_ms;
    return true;
}

void storm_tell_end(const struct storm *storm, const struct outbox *outbox, int64_t lasted_ms, struct alert *alert,
                    struct storm_words *words)
{
    struct listing l;
    char           lasted[DURATION_TEXT_BYTES];

    list(&l, outbox, alert->id, 1, false);
    buf_done(&l.text);
    snprintf(words->change, sizeof words->change,
             "calm again after %s: %" PRIu32 " alerts, %zu of them stand and get tickets now",
             alert_text_duration(lasted_ms, lasted), storm->total, l.standing);
    alert->change = words->change;
    alert->value = storm->total;
    alert->level = (double)l.newest;
}
