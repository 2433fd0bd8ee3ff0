/* Discovery: what is asked before anything else, and what is kept of it. */
#include <string.h>

#include "proto/connector/parts_load.h"
#include "proto/connector/request_load.h"

static void from_load(struct loader *l, const cJSON *item, void *into)
{
    load_pointers(l, item, &((struct kept *)into)->from);
}

static void as_load(struct loader *l, const cJSON *item, void *into)
{
    static const char *const names[] = { "text", "host", "url", "path", NULL };
    int                      index = load_word(l, item, names);

    ((struct kept *)into)->as = (uint8_t)(index < 0 ? 0 : index);
}

static void choice_when_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct choice *)into)->when);
}

static void choice_value_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct choice *)into)->value);
}

static const struct member choice_members[] = {
    { "when", false, choice_when_load },
    { "value", true, choice_value_load },
};

static void choose_load(struct loader *l, const cJSON *item, void *into)
{
    struct kept   *kept = into;
    size_t         count = load_count(item), n = 0;
    struct choice *choices;

    if (!cJSON_IsArray(item) || count == 0 || count > 8) {
        load_problem(l, "expected an array of 1 to 8 choices");
        return;
    }
    choices = load_take(l, count * sizeof *choices);
    for (const cJSON *at = item->child; choices && at; at = at->next, n++) {
        size_t mark = load_enter_index(l, n);

        load_object(l, at, choice_members, ARRAY_LEN(choice_members), &choices[n]);
        load_leave(l, mark);
    }
    kept->choices = choices;
    kept->choice_count = (uint8_t)(choices ? count : 0);
}

static void fallback_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct kept *)into)->fallback);
}

static void optional_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct kept *)into)->optional = load_bool(l, item, false);
}

static void hosts_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct kept *)into)->hosts = load_texts(l, item, 8);
}

/* "as" was read when the names were collected. */
static const struct member kept_members[] = {
    { "as", false, as_load },         { "from", false, from_load },
    { "choose", false, choose_load }, { "fallback", false, fallback_load },
    { "hosts", false, hosts_load },   { "optional", false, optional_load },
};

static void keep_load(struct loader *l, const cJSON *item, void *unused)
{
    size_t n = 0;

    (void)unused;
    for (const cJSON *at = cJSON_IsObject(item) ? item->child : NULL; at && n < l->c->discovery.kept_count;
         at = at->next) {
        struct kept *kept = &l->c->discovery.kept[n++];
        size_t       mark = load_enter(l, at->string);

        load_object(l, at, kept_members, ARRAY_LEN(kept_members), kept);
        if ((kept->from.count == 0) == (kept->choice_count == 0))
            load_problem(l, "needs either \"from\" or \"choose\"");
        if (kept->hosts && kept->as != KEPT_URL && kept->as != KEPT_HOST)
            load_problem(l, "\"hosts\" is for \"as\": \"url\" and \"host\"");
        load_leave(l, mark);
    }
}

static void cache_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->discovery.cache_s = (uint32_t)load_integer(l, item, 60, 30 * 86400);
}

static void again_load(struct loader *l, const cJSON *item, void *unused)
{
    struct discovery *d = &l->c->discovery;

    (void)unused;
    if (!cJSON_IsArray(item) || load_count(item) > ARRAY_LEN(d->again_on)) {
        load_problem(l, "expected an array of at most %zu statuses", ARRAY_LEN(d->again_on));
        return;
    }
    for (const cJSON *at = item->child; at; at = at->next)
        d->again_on[d->again_count++] = (uint16_t)load_integer(l, at, 300, 599);
}

static void ask_load(struct loader *l, const cJSON *item, void *unused)
{
    struct operation *ask = &l->c->discovery.ask;

    (void)unused;
    operation_load(l, item, ask);
    ask->name = "discovery";
    if (!ask->request.absolute)
        load_problem(l, "\"base\" may depend on discovery, so it needs a whole \"url\" here");
    ask->request.credentials = false;
    ask->request.bare = true;
    ask->needs = (struct needs){ 0 };
}

static const struct member discovery_members[] = {
    { "about", false, load_about },   { "ask", true, ask_load },         { "keep", true, keep_load },
    { "cache_s", false, cache_load }, { "again_on", false, again_load },
};

void discovery_load(struct loader *l, const cJSON *item, void *unused)
{
    l->scopes = 1U << SCOPE_SETTINGS;
    l->c->discovery.present = true;
    l->c->discovery.cache_s = 86400;
    load_object(l, item, discovery_members, ARRAY_LEN(discovery_members), unused);
}
