/* A connector file from text to structs. */
#include <stdlib.h>
#include <string.h>

#include "proto/connector/embedded.h"
#include "proto/connector/parts_load.h"
#include "proto/connector/request_load.h"
#include "proto/connector/template.h"

/* ---- small members of the document ---- */

static void name_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->name = load_text(l, item);
    if (l->c->name && !load_name_ok(l->c->name))
        load_problem(l, "is not a name: a-z, 0-9 and -, a letter first");
}

static void title_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->title = load_text(l, item);
}

static void role_load(struct loader *l, const cJSON *item, void *unused)
{
    static const char *const roles[] = { "ticket", NULL };

    (void)unused;
    load_word(l, item, roles);
}

static void version_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    load_integer(l, item, 1, 1);
}

static void base_load(struct loader *l, const cJSON *item, void *unused)
{
    struct template *base = &l->c->base;

    (void)unused;
    l->scopes = 1U << SCOPE_SETTINGS | 1U << SCOPE_DISCOVERED;
    l->needs = &l->c->always;
    if (cJSON_IsString(item))
        template_load(l, item->valuestring, PLACE_BASE, NULL, base);
    else
        load_problem(l, "expected a text");
    l->needs = NULL;
    if (base->count && base->parts[0].literal && strncmp(base->parts[0].literal, "https://", 8) != 0)
        load_problem(l, "an address begins with https:// or with a value of type url");
}

static void all_headers_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->scopes = SCOPES_OF_SESSION;
    l->needs = &l->c->always;
    headers_load(l, item, &l->c->headers);
    l->needs = NULL;
}

static void all_errors_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->scopes = SCOPES_OF_SESSION;
    rules_load(l, item, &l->c->errors);
}

static void error_texts_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    load_pointers(l, item, &l->c->error_texts);
}

/* ---- limits ---- */

static void per_minute_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->limits.per_minute = (uint32_t)load_integer(l, item, 1, 10000);
}

static void per_hour_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->limits.per_hour = (uint32_t)load_integer(l, item, 1, 60000);
}

static void spacing_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->limits.spacing_ms = (uint32_t)load_integer(l, item, 0, 10000);
}

static void pause_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->limits.pause_s = (uint32_t)load_integer(l, item, 1, 3600);
}

static void limit_timeout_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->limits.timeout_ms = (uint32_t)load_integer(l, item, 1, 300) * 1000;
}

static void limit_answer_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->limits.answer_bytes = (uint32_t)load_integer(l, item, 1024, 4 * 1024 * 1024);
}

static void url_max_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->limits.url_max = (uint32_t)load_integer(l, item, 200, 8000);
}

static const struct member limit_members[] = {
    { "about", false, load_about },
    { "per_minute", false, per_minute_load },
    { "per_hour", false, per_hour_load },
    { "spacing_ms", false, spacing_load },
    { "pause_s", false, pause_load },
    { "timeout_s", false, limit_timeout_load },
    { "answer_bytes", false, limit_answer_load },
    { "url_max", false, url_max_load },
};

void limits_load(struct loader *l, const cJSON *item, void *unused)
{
    load_object(l, item, limit_members, ARRAY_LEN(limit_members), unused);
}

/* ---- names that are used before the place that makes them ---- */

static void kept_name(struct loader *l, const cJSON *item)
{
    struct discovery *d = &l->c->discovery;
    const cJSON      *as = cJSON_GetObjectItemCaseSensitive(item, "as");
    const char       *kind = cJSON_IsString(as) ? as->valuestring : "";

    if (d->kept_count == KEPT_LIMIT) {
        load_problem(l, "discovery keeps more than %d values", KEPT_LIMIT);
        return;
    }
    d->kept[d->kept_count].name = load_copy(l, item->string);
    d->kept[d->kept_count].as = (uint8_t)(strcmp(kind, "url") == 0    ? KEPT_URL
                                          : strcmp(kind, "host") == 0 ? KEPT_HOST
                                          : strcmp(kind, "path") == 0 ? KEPT_PATH
                                                                      : KEPT_TEXT);
    d->kept_count++;
}

static void found_name(struct loader *l, const char *name)
{
    struct connector *c = l->c;

    for (size_t i = 0; i < c->found_count; i++)
        if (strcmp(c->found_names[i], name) == 0)
            return;
    if (!load_name_ok(name))
        return; /* values_load complains */
    if (c->found_count == FOUND_LIMIT) {
        load_problem(l, "more than %d different names in \"values\"", FOUND_LIMIT);
        return;
    }
    c->found_names[c->found_count++] = load_copy(l, name);
}

static void names_collect(struct loader *l, const cJSON *root)
{
    const cJSON *keep = cJSON_GetObjectItemCaseSensitive(cJSON_GetObjectItemCaseSensitive(root, "discovery"), "keep");
    const cJSON *picks = cJSON_GetObjectItemCaseSensitive(root, "picks");
    const cJSON *ticket = cJSON_GetObjectItemCaseSensitive(root, "ticket");
    size_t       count = cJSON_IsObject(picks) ? load_count(picks) : 0;

    l->c->discovery.kept = load_take(l, KEPT_LIMIT * sizeof *l->c->discovery.kept);
    l->c->picks = load_take(l, count * sizeof *l->c->picks);
    if (l->no_memory)
        return;
    for (const cJSON *at = cJSON_IsObject(keep) ? keep->child : NULL; at; at = at->next)
        kept_name(l, at);
    if (count > PICKS_LIMIT)
        load_problem(l, "more than %d picks", PICKS_LIMIT);
    for (const cJSON *at = count && count <= PICKS_LIMIT ? picks->child : NULL; at; at = at->next)
        l->c->picks[l->c->pick_count++].name = load_copy(l, at->string);
    found_name(l, "id"); /* the first, so found.id is always there */
    for (const cJSON *op = cJSON_IsObject(ticket) ? ticket->child : NULL; op; op = op->next) {
        const cJSON *values = cJSON_GetObjectItemCaseSensitive(op, "values");

        for (const cJSON *at = cJSON_IsObject(values) ? values->child : NULL; at; at = at->next)
            found_name(l, at->string);
    }
}

/* ---- the document ---- */

/* Read in this order: what is used before its users. */
static const struct member members[] = {
    { "$schema", false, load_about },
    { "name", true, name_load },
    { "title", true, title_load },
    { "version", true, version_load },
    { "role", true, role_load },
    { "notes", false, load_about },
    { "settings", true, settings_load },
    { "either", false, either_load },
    { "languages", false, languages_load },
    { "limits", false, limits_load },
    { "errors", false, all_errors_load },
    { "error_texts", false, error_texts_load },
    { "discovery", false, discovery_load },
    { "base", false, base_load },
    { "headers", false, all_headers_load },
    { "auth", true, auth_load },
    { "picks", false, picks_load },
    { "test", false, tests_load },
    { "ticket", true, ticket_load },
};

static void needs_of_picks(const struct connector *c, struct needs *needs)
{
    uint32_t all = needs->picks;

    for (uint8_t i = 0; i < c->pick_count; i++)
        if (needs->picks & 1U << i)
            all |= c->picks[i].behind;
    for (uint8_t i = 0; i < c->pick_count; i++)
        if (all & 1U << i) {
            needs->discovery |= c->picks[i].ask.needs.discovery;
            needs->wall_time |= c->picks[i].ask.needs.wall_time;
        }
}

static void needs_complete(struct connector *c)
{
    for (size_t i = 0; i < TICKET_OPS; i++)
        needs_of_picks(c, &c->ops[i].needs);
    for (size_t i = 0; i < c->test_count; i++)
        needs_of_picks(c, &c->tests[i].needs);
}

static struct err connector_load(struct connector *c, const struct cJSON *root, struct problems *problems)
{
    struct loader l = { .c = c, .problems = problems };

    c->limits = (struct limits){ .per_minute = 60,
                                 .per_hour = 1000,
                                 .pause_s = 30,
                                 .timeout_ms = 30000,
                                 .answer_bytes = 1024 * 1024,
                                 .url_max = 2000 };
    names_collect(&l, root);
    if (!l.no_memory)
        load_object(&l, root, members, ARRAY_LEN(members), NULL);
    needs_complete(c);
    if (l.no_memory)
        return err_of(ERR_NO_MEMORY, "reading a connector");
    return load_failed(&l) ? err_of(ERR_MALFORMED, "reading a connector") : err_ok();
}

struct err connector_parse(const char *text, size_t len, struct problems *problems, struct connector **ret)
{
    static const struct json_limits limits = { CONNECTOR_FILE_BYTES, 32, 20000 };
    struct cJSON                   *root = NULL;
    struct text_pool               *pool = NULL;
    struct connector               *c = NULL;
    struct err                      e = json_parse(text, len, &limits, problems, &root);

    if (failed(e))
        return e;
    pool = text_pool_new();
    c = pool ? text_pool_take(pool, sizeof *c) : NULL;
    e = c ? err_ok() : err_of(ERR_NO_MEMORY, "reading a connector");
    if (!failed(e)) {
        c->pool = pool;
        e = connector_load(c, root, problems);
    }
    cJSON_Delete(root);
    if (failed(e))
        text_pool_free(&pool);
    else
        *ret = c;
    return e;
}

void connector_free(struct connector **connector)
{
    struct text_pool *pool = *connector ? (*connector)->pool : NULL; /* the connector itself lies in it */

    if (pool)
        text_pool_free(&pool);
    *connector = NULL;
}

struct err connector_builtin(const char *name, struct problems *problems, struct connector **ret)
{
    for (size_t i = 0; i < connector_file_count; i++)
        if (strcmp(connector_files[i].name, name) == 0)
            return connector_parse((const char *)connector_files[i].data, connector_files[i].len, problems, ret);
    problem_add(problems, "", "there is no built-in connector \"%.60s\"", name);
    return err_of(ERR_NOT_FOUND, "looking for a connector");
}

const char *connector_name(const struct connector *c)
{
    return c->name;
}

const char *connector_title(const struct connector *c)
{
    return c->title;
}

uint64_t connector_settle_ms(const struct connector *c)
{
    return (uint64_t)c->settle_s * 1000;
}

enum dedupe_class connector_dedupe(const struct connector *c)
{
    return c->dedupe;
}

size_t connector_setting_count(const struct connector *c)
{
    return c->setting_count;
}

void connector_setting_get(const struct connector *c, size_t i, struct connector_setting *ret)
{
    const struct setting *s = &c->settings[i];

    *ret = (struct connector_setting){
        .name = s->name,
        .type = setting_type_name(s->type),
        .help = s->help,
        .default_value = s->default_value,
        .required = s->required,
        .secret = s->secret,
        .example = s->example ? s->example : "",
    };
}
