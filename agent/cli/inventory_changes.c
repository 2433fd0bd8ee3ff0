#include "agent/cli/inventory_changes.h"

#include <stdio.h>

#include "agent/cli/command.h"
#include "agent/cli/inventory_text.h"
#include "agent/control/ask.h"
#include "agent/inventory/gather.h"
#include "agent/inventory/merge.h"
#include "agent/outbox/peek.h"
#include "platform/clock.h"

struct report {
    const struct changes_asked *asked;
    bool                        dated;
    int64_t                     from_ms; /* since when; of a comparison when the agent looked */
    size_t                      count;
    struct json_put             j;
    struct buf                  text;
    struct inventory            was; /* what the agent keeps */
    char                        why[ASK_WHY_MAX];
};

/* ---- printing ---- */

static void begin(struct report *r)
{
    char at[CLOCK_TEXT_BYTES];

    if (!r->asked->json)
        return;
    json_put_begin(&r->j, &r->text, true);
    json_put_object(&r->j, NULL);
    json_put_whole(&r->j, "version", INVENTORY_JSON_VERSION);
    json_put_text(&r->j, "since", plat_clock_print(r->from_ms, at));
    json_put_array(&r->j, "changes");
}

static void put(struct report *r, const struct inventory_change *change)
{
    if (r->asked->only && r->asked->only != change->section)
        return;
    r->count++;
    if (r->asked->json)
        inventory_change_json(change, &r->j);
    else
        inventory_change_print(stdout, r->dated, change);
}

static struct err end(struct report *r)
{
    char       at[CLOCK_TEXT_BYTES];
    struct err e;

    if (!r->asked->json) {
        if (r->count == 0)
            printf("nothing changed since %s\n", plat_clock_print(r->from_ms, at));
        return err_ok();
    }
    json_put_end(&r->j);
    json_put_end(&r->j);
    e = json_put_done(&r->j);
    if (!failed(e))
        fputs(buf_text(&r->text), stdout);
    return e;
}

static int finish(struct report *r, struct err e)
{
    char text[200];

    if (failed(e))
        fprintf(stderr, "picket inventory: %s\n", r->why[0] ? r->why : err_print(e, text, sizeof text));
    inventory_done(&r->was);
    buf_done(&r->text);
    return failed(e) ? EXIT_FAILED : EXIT_DONE;
}

static void init(struct report *r, const struct changes_asked *asked)
{
    *r = (struct report){ .asked = asked };
    inventory_init(&r->was);
    buf_init(&r->text, 4 * INVENTORY_DOCUMENT_MAX);
}

/* ---- asking ---- */

static bool keep_row(void *context, int section, const char *row)
{
    struct report *r = context;

    if (inventory_kinds_of(section))
        inventory_add(&r->was, section, row);
    return true;
}

static bool put_kept(void *context, int64_t number, const struct inventory_change *change)
{
    (void)number;
    put(context, change);
    return true;
}

static void on_answer(void *context, const struct record *record, const void *value)
{
    struct report                      *r = context;
    const struct talk_inventory        *kept = value;
    const struct talk_inventory_row    *row = value;
    const struct talk_inventory_change *c = value;

    if (record == &talk_inventory_record)
        r->from_ms = kept->taken;
    else if (record == &talk_inventory_row_record)
        keep_row(r, row->section < INVENTORY_SECTIONS ? (int)row->section : 0, row->row);
    else if (record == &talk_inventory_change_record && c->section < INVENTORY_SECTIONS)
        put(r, &(struct inventory_change){ c->at, (int)c->section, c->was, c->now });
}

/* The inventory, or what changed since r->from_ms. */
static struct err fetch(struct report *r, enum talk_request request)
{
    const struct talk_ask what = { .number = (uint64_t)r->from_ms };
    struct paths          paths;
    struct err            e = ask_agent(r->asked->state, request, &what, on_answer, r, r->why);

    if (e.code != ERR_NOT_FOUND)
        return e;
    r->why[0] = '\0';
    e = paths_of_database(r->asked->state, &paths);
    if (failed(e))
        return e;
    return request == TALK_INVENTORY ? outbox_peek_inventory(paths.outbox, &r->from_ms, keep_row, r)
                                     : outbox_peek_changes(paths.outbox, r->from_ms, put_kept, r);
}

/* ---- what was against what is ---- */

static struct err differs(void *context, int section, const char *was, const char *now, bool noted)
{
    if (noted)
        put(context, &(struct inventory_change){ plat_clock_wall_ms(), section, was ? was : "", now ? now : "" });
    return err_ok();
}

static struct err compare(struct report *r, struct inventory *now)
{
    struct inventory_cursor a = { &r->was, 0 }, b = { now, 0 };
    struct inventory_side   was = { inventory_cursor_next, &a }, is = { inventory_cursor_next, &b };
    struct err              e = inventory_gather("", now);

    if (!failed(e))
        e = inventory_sort(&r->was);
    return failed(e) ? e : inventory_merge(&was, &is, differs, r);
}

int changes_until_now(const struct changes_asked *asked)
{
    struct report    r;
    struct inventory now;
    struct err       e;

    init(&r, asked);
    inventory_init(&now);
    e = fetch(&r, TALK_INVENTORY);
    if (!failed(e)) {
        begin(&r);
        e = compare(&r, &now);
    }
    if (!failed(e))
        e = end(&r);
    inventory_done(&now);
    return finish(&r, e);
}

int changes_since(const struct changes_asked *asked, int64_t from_ms)
{
    struct report r;
    struct err    e;

    init(&r, asked);
    r.dated = true;
    r.from_ms = from_ms;
    begin(&r);
    e = fetch(&r, TALK_INVENTORY_CHANGES);
    if (!failed(e))
        e = end(&r);
    return finish(&r, e);
}

int changes_look_again(const struct changes_asked *asked)
{
    const struct talk_ask nothing = { 0 };
    struct report         r;
    struct err            e;

    init(&r, asked);
    e = ask_agent(asked->state, TALK_INVENTORY_TAKE, &nothing, on_answer, &r, r.why);
    if (!failed(e))
        puts("the agent takes one now; in a few seconds what it found is in: picket inventory --since 1h");
    return finish(&r, e);
}
