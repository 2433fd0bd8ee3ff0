#include "agent/cli/picture.h"

#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"

/* What is kept, and how large it is. */
static const struct {
    const struct record *record;
    size_t               size;
} kinds[] = {
    { &talk_agent_record, sizeof(struct talk_agent) },         { &talk_upstream_record, sizeof(struct talk_upstream) },
    { &talk_alert_record, sizeof(struct talk_alert) },         { &talk_rule_record, sizeof(struct talk_rule) },
    { &talk_collector_record, sizeof(struct talk_collector) }, { &talk_figure_record, sizeof(struct talk_figure) },
};

static struct err make_room(struct picture *p)
{
    size_t                 room = p->room ? 2 * p->room : 64;
    struct picture_record *grown;

    if (p->count < p->room)
        return err_ok();
    grown = realloc(p->all, room * sizeof *grown);
    if (!grown)
        return err_of(ERR_NO_MEMORY, "keeping an answer");
    p->all = grown;
    p->room = room;
    return err_ok();
}

static void on_answer(void *context, const struct record *record, const void *value)
{
    struct picture *p = context;
    size_t          k = 0;
    void           *copy;

    while (k < ARRAY_LEN(kinds) && kinds[k].record != record)
        k++;
    if (k == ARRAY_LEN(kinds) || failed(p->err))
        return;
    p->err = make_room(p);
    copy = failed(p->err) ? NULL : malloc(kinds[k].size);
    if (copy)
        p->all[p->count++] = (struct picture_record){ record, memcpy(copy, value, kinds[k].size) };
    else
        p->err = err_of(ERR_NO_MEMORY, "keeping an answer");
}

void picture_take(const char *state_override, struct picture *ret)
{
    const struct talk_ask nothing = { 0 };
    struct picture        p = { .err = err_ok() };
    struct err            e = ask_agent(state_override, TALK_STATUS, &nothing, on_answer, &p, p.why);

    if (!failed(e) && failed(p.err))
        err_print(p.err, p.why, sizeof p.why);
    if (failed(e))
        p.err = e;
    p.steady_ms = plat_clock_steady_ms();
    p.wall_ms = plat_clock_wall_ms();
    *ret = p;
}

void picture_done(struct picture *p)
{
    for (size_t i = 0; i < p->count; i++)
        free(p->all[i].value);
    free(p->all);
    *p = (struct picture){ .err = err_ok() };
}

const struct talk_agent *picture_agent(const struct picture *p)
{
    for (size_t i = 0; i < p->count && !failed(p->err); i++)
        if (p->all[i].record == &talk_agent_record)
            return p->all[i].value;
    return NULL;
}
