#include "proto/connector/env.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "proto/connector/civil.h"

/* ---- names ---- */

// clang-format off
static const char *const scope_names[] = {
    [SCOPE_SETTINGS] = "settings", [SCOPE_FACTS] = "facts", [SCOPE_DISCOVERED] = "discovered", [SCOPE_PICKS] = "picks",
    [SCOPE_FOUND] = "found", [SCOPE_TICKET] = "ticket", [SCOPE_PAGE] = "page", [SCOPE_AUTH] = "auth",
    [SCOPE_NOW] = "now", [SCOPE_REQUEST] = "request", [SCOPE_PICK] = "pick",
};
static const char *const fact_names[] = {
    [FACT_REF] = "ref", [FACT_EVENT_ID] = "event_id", [FACT_TITLE] = "title", [FACT_TEXT] = "text", [FACT_NOTE] = "note",
    [FACT_SEVERITY] = "severity", [FACT_CLEARED] = "cleared", [FACT_STATE] = "state", [FACT_DEVICE_ID] = "device_id",
    [FACT_DEVICE_NAME] = "device_name", [FACT_DEVICE_URL] = "device_url", [FACT_CLIENT] = "client",
    [FACT_SITE] = "site", [FACT_RULE] = "rule", [FACT_INSTANCE] = "instance", [FACT_METRIC] = "metric",
    [FACT_VALUE] = "value", [FACT_LEVEL] = "level", [FACT_RAISED_AT] = "raised_at", [FACT_CHANGED_AT] = "changed_at",
    [FACT_CLEARED_AT] = "cleared_at", [FACT_REVISION] = "revision", [FACT_CHANGES] = "changes", NULL,
};
static const char *const ticket_names[] = { "id", NULL };
static const char *const page_names[] = {
    [PAGE_NUMBER] = "number",
    [PAGE_OFFSET] = "offset",
    [PAGE_CURSOR] = "cursor",
    [PAGE_LENGTH] = "size",
    NULL
};
static const char *const auth_names[] = {
    [AUTH_TOKEN] = "token",
    [AUTH_SIGNATURE] = "signature",
    NULL
};
static const char *const now_names[] = {
    [NOW_EPOCH_MS] = "epoch_ms",
    [NOW_EPOCH_S] = "epoch_s",
    [NOW_RFC3339] = "rfc3339",
    NULL
};
static const char *const request_names[] = {
    [REQUEST_METHOD] = "method",
    [REQUEST_PATH] = "path",
    [REQUEST_QUERY] = "query",
    [REQUEST_URL] = "url",
    [REQUEST_BODY] = "body",
    NULL
};
static const char *const pick_names[] = { "by", NULL };

static const char *const *const fixed_names[SCOPES] = {
    [SCOPE_FACTS] = fact_names, [SCOPE_TICKET] = ticket_names, [SCOPE_PAGE] = page_names, [SCOPE_AUTH] = auth_names,
    [SCOPE_NOW] = now_names, [SCOPE_REQUEST] = request_names, [SCOPE_PICK] = pick_names,
};
// clang-format on

/* The name of a value by its place; NULL behind the last. */
static const char *name_at(const struct connector *c, unsigned scope, size_t i)
{
    switch (scope) {
    case SCOPE_SETTINGS:
        return i < c->setting_name_count ? c->setting_names[i].name : NULL;
    case SCOPE_DISCOVERED:
        return i < c->discovery.kept_count ? c->discovery.kept[i].name : NULL;
    case SCOPE_PICKS:
        return i < c->pick_count ? c->picks[i].name : NULL;
    case SCOPE_FOUND:
        return i < c->found_count ? c->found_names[i] : NULL;
    default:
        return fixed_names[scope][i];
    }
}

static bool same(const char *name, const char *text, size_t len)
{
    return strlen(name) == len && memcmp(name, text, len) == 0;
}

bool env_ref_find(const struct connector *c, const char *scope, size_t scope_len, const char *name, size_t name_len,
                  struct ref *ret)
{
    for (unsigned s = 0; s < SCOPES; s++) {
        if (!same(scope_names[s], scope, scope_len))
            continue;
        for (size_t i = 0; name_at(c, s, i); i++)
            if (same(name_at(c, s, i), name, name_len)) {
                *ret = (struct ref){ (uint8_t)s, (uint8_t)i };
                return true;
            }
    }
    return false;
}

void env_ref_print(const struct connector *c, struct ref ref, char *into, size_t size)
{
    snprintf(into, size, "%s.%s", scope_names[ref.scope], name_at(c, ref.scope, ref.index));
}

/* ---- values ---- */

static const char *fact_text(const struct ticket_facts *f, unsigned fact)
{
    switch (fact) {
    case FACT_REF:
        return f->ref;
    case FACT_EVENT_ID:
        return f->event_id;
    case FACT_TITLE:
        return f->title;
    case FACT_TEXT:
        return f->text;
    case FACT_NOTE:
        return f->note;
    case FACT_CLEARED:
        return f->cleared ? "true" : "false";
    case FACT_STATE:
        return f->cleared ? "cleared" : "open";
    case FACT_DEVICE_ID:
        return f->device_id;
    case FACT_DEVICE_NAME:
        return f->device_name;
    case FACT_DEVICE_URL:
        return f->device_url;
    case FACT_CLIENT:
        return f->client;
    case FACT_SITE:
        return f->site;
    case FACT_RULE:
        return f->rule;
    case FACT_INSTANCE:
        return f->instance;
    case FACT_METRIC:
        return f->metric;
    case FACT_VALUE:
        return f->value;
    case FACT_LEVEL:
        return f->level;
    case FACT_RAISED_AT:
        return f->raised_at;
    case FACT_CHANGED_AT:
        return f->changed_at;
    case FACT_CLEARED_AT:
        return f->cleared_at;
    default:
        return NULL;
    }
}

static const char *fact_value(const struct env *env, unsigned fact, char scratch[ENV_SCRATCH_MAX])
{
    const struct ticket_facts *f = env->facts;

    if (!f)
        return NULL;
    if (fact == FACT_REVISION || fact == FACT_CHANGES) {
        snprintf(scratch, ENV_SCRATCH_MAX, "%" PRIu32, fact == FACT_REVISION ? f->revision : f->changes);
        return scratch;
    }
    if (fact == FACT_SEVERITY)
        return env->severity == SEVERITY_CRITICAL ? "critical" : "warning";
    if (fact == FACT_NOTE && env->note)
        return env->note;
    return fact_text(f, fact);
}

static const char *page_value(const struct env *env, unsigned index, char scratch[ENV_SCRATCH_MAX])
{
    if (index == PAGE_CURSOR)
        return env->cursor;
    snprintf(scratch, ENV_SCRATCH_MAX, "%" PRIu32,
             index == PAGE_NUMBER   ? env->page_number
             : index == PAGE_OFFSET ? env->page_offset
                                    : env->page_size);
    return scratch;
}

static const char *now_value(const struct env *env, unsigned index, char scratch[ENV_SCRATCH_MAX])
{
    if (!env->wall_known)
        return NULL;
    if (index == NOW_RFC3339)
        rfc3339_print(env->wall_ms, scratch);
    else
        snprintf(scratch, ENV_SCRATCH_MAX, "%" PRId64, index == NOW_EPOCH_MS ? env->wall_ms : env->wall_ms / 1000);
    return scratch;
}

static const char *setting_value(const struct env *env, unsigned index)
{
    const struct setting_name *name = &env->c->setting_names[index];

    return env->settings ? env->settings[env->severity == SEVERITY_CRITICAL ? name->critical : name->warning] : NULL;
}

static const char *value_of(const struct env *env, struct ref ref, char scratch[ENV_SCRATCH_MAX])
{
    switch (ref.scope) {
    case SCOPE_SETTINGS:
        return setting_value(env, ref.index);
    case SCOPE_FACTS:
        return fact_value(env, ref.index, scratch);
    case SCOPE_DISCOVERED:
        return env->discovered ? env->discovered[ref.index] : NULL;
    case SCOPE_PICKS:
        return env->picks ? env->picks[ref.index] : NULL;
    case SCOPE_FOUND:
        return env->found ? env->found[ref.index] : NULL;
    case SCOPE_TICKET:
        return env->ticket_id;
    case SCOPE_PAGE:
        return page_value(env, ref.index, scratch);
    case SCOPE_AUTH:
        return ref.index == AUTH_TOKEN ? env->token : env->signature;
    case SCOPE_NOW:
        return now_value(env, ref.index, scratch);
    case SCOPE_REQUEST:
        return env->request[ref.index];
    default:
        return env->by;
    }
}

const char *env_value(const struct env *env, struct ref ref, char scratch[ENV_SCRATCH_MAX])
{
    const char *text = value_of(env, ref, scratch);

    return text ? text : "";
}
