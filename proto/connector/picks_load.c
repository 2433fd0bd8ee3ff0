/* Picks: names in the settings that the vendor wants as ids. */
#include <string.h>

#include "proto/connector/parts_load.h"
#include "proto/connector/request_load.h"

static void by_load(struct loader *l, const cJSON *item, void *into)
{
    unsigned scopes = l->scopes;

    l->scopes &= ~(1U << SCOPE_PICKS | 1U << SCOPE_PICK); /* it is looked at before any other is known */
    ((struct pick *)into)->has_by = true;
    words_load(l, item, &((struct pick *)into)->by);
    l->scopes = scopes;
}

static void number_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct pick *)into)->numbers = load_bool(l, item, false);
}

static void required_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct pick *)into)->required = load_bool(l, item, false);
}

static void ask_load(struct loader *l, const cJSON *item, void *into)
{
    operation_load(l, item, &((struct pick *)into)->ask);
}

static void when_empty_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct pick *)into)->when_empty);
}

static void value_load(struct loader *l, const cJSON *item, void *into)
{
    load_pointer(l, item, (void *)&((struct pick *)into)->value);
}

static void cache_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct pick *)into)->cache_s = (uint32_t)load_integer(l, item, 1, 86400);
}

static const struct member pick_members[] = {
    { "about", false, load_about },       { "by", false, by_load },         { "number_is_id", false, number_load },
    { "required", false, required_load }, { "ask", true, ask_load },        { "when_empty", false, when_empty_load },
    { "value", true, value_load },        { "cache_s", false, cache_load },
};

static void one_load(struct loader *l, const cJSON *item, struct pick *pick)
{
    struct needs needs = { 0 };

    pick->cache_s = 3600;
    l->needs = &needs; /* of "by" and of the conditions */
    l->uses_facts = l->by_severity = false;
    load_object(l, item, pick_members, ARRAY_LEN(pick_members), pick);
    l->needs = NULL;
    pick->ask.name = pick->name;
    pick->uses_facts = l->uses_facts;
    pick->by_severity = l->by_severity;
    pick->ask.needs.picks |= needs.picks;
    pick->ask.needs.discovery |= needs.discovery;
    pick->behind = pick->ask.needs.picks;
    for (uint8_t i = 0; i < l->picks_known; i++)
        if (pick->ask.needs.picks & 1U << i) {
            pick->behind |= l->c->picks[i].behind;
            pick->by_severity |= l->c->picks[i].by_severity;
            pick->uses_facts |= l->c->picks[i].uses_facts;
        }
    if (!pick->has_by && !pick->when_empty)
        load_problem(l, "needs \"by\" (what to look for) or \"when_empty\" (which one without it)");
    if (pick->has_by && !pick->ask.match)
        load_problem(l, "\"ask\" needs \"match\": how the one looked for is known");
}

void picks_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->scopes = SCOPES_OF_TASK | 1U << SCOPE_PICK;
    for (const cJSON *at = cJSON_IsObject(item) ? item->child : NULL; at && l->picks_known < l->c->pick_count;
         at = at->next) {
        size_t mark = load_enter(l, at->string);

        one_load(l, at, &l->c->picks[l->picks_known]);
        l->picks_known++;
        load_leave(l, mark);
    }
}
