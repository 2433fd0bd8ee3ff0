#include "proto/connector/session.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/escape.h"

/* ---- settings ---- */

static bool is_integer(const struct setting *s, const char *value)
{
    size_t len = strlen(value);

    return len > 0 && len < 12 && strspn(value, "0123456789") == len && atoll(value) >= s->least &&
           atoll(value) <= s->most;
}

static bool is_choice(const struct setting *s, const char *value)
{
    for (const char *const *at = s->choices; at && *at; at++)
        if (strcmp(*at, value) == 0)
            return true;
    return false;
}

/* What is wrong with a value; NULL: nothing. */
static const char *fault_of(const struct setting *s, const char *value)
{
    if (strlen(value) > s->max)
        return "is too long";
    if (!utf8_valid(value, strlen(value)))
        return "is not UTF-8 text";
    for (const char *at = value; *at; at++)
        if ((unsigned char)*at < 0x20 || *at == 0x7f)
            return "holds a line break or another control character";
    switch (s->type) {
    case SETTING_HOST:
        return host_ok(value, strlen(value))
                   ? NULL
                   : "should be the name of a host, like \"psa.example.com\", without https://";
    case SETTING_URL:
        return url_ok(value, false) ? NULL : "should be an address like \"https://psa.example.com/path\"";
    case SETTING_WEBHOOK:
        return url_ok(value, true) ? NULL : "should be the whole address of the webhook, https://...";
    case SETTING_INTEGER:
        return is_integer(s, value) ? NULL : "should be a whole number within its limits";
    case SETTING_BOOLEAN:
        return strcmp(value, "true") == 0 || strcmp(value, "false") == 0 ? NULL : "should be true or false";
    case SETTING_CHOICE:
        return is_choice(s, value) ? NULL : "is not one of the choices";
    default:
        return NULL;
    }
}

static const struct setting *setting_find(const struct connector *c, const char *name, size_t *ret_index)
{
    for (size_t i = 0; i < c->setting_count; i++)
        if (strcmp(c->settings[i].name, name) == 0) {
            *ret_index = i;
            return &c->settings[i];
        }
    return NULL;
}

static struct err setting_take(struct session *s, const struct session_setting *given, struct problems *problems)
{
    size_t                index = 0;
    const struct setting *setting = setting_find(s->c, given->name, &index);
    const char           *fault;

    if (!setting) {
        problem_add(problems, given->name, "this connector has no such setting");
        return err_of(ERR_MALFORMED, "reading settings");
    }
    fault = given->value[0] ? fault_of(setting, given->value) : NULL;
    if (fault && setting->secret)
        problem_add(problems, given->name, "%s", fault);
    else if (fault)
        problem_add(problems, given->name, "\"%.60s\" %s", given->value, fault);
    if (fault)
        return err_of(ERR_MALFORMED, "reading settings");
    s->settings[index] = text_pool_copy(s->pool, given->value, strlen(given->value));
    return s->settings[index] ? err_ok() : err_of(ERR_NO_MEMORY, "reading settings");
}

static struct err defaults_fill(struct session *s, struct problems *problems)
{
    struct err e = err_ok();

    for (size_t i = 0; i < s->c->setting_count; i++) {
        const struct setting *setting = &s->c->settings[i];

        if (!s->settings[i] || !s->settings[i][0])
            s->settings[i] = setting->default_value ? setting->default_value : "";
        if (setting->required && !s->settings[i][0]) {
            problem_add(problems, setting->name, "is missing: %s", setting->help);
            e = err_of(ERR_MALFORMED, "reading settings");
        }
    }
    return e;
}

/* "user,password" */
static bool group_complete(const struct session *s, const char *group)
{
    for (const char *at = group; *at;) {
        size_t len = strcspn(at, ","), i = 0;

        while (i < s->c->setting_count &&
               (strlen(s->c->settings[i].name) != len || strncmp(s->c->settings[i].name, at, len) != 0))
            i++;
        if (i == s->c->setting_count || !s->settings[i][0])
            return false;
        at += len + (at[len] == ',');
    }
    return true;
}

static struct err groups_check(const struct session *s, struct problems *problems)
{
    char   text[PROBLEM_TEXT_MAX] = "";
    size_t used = 0;

    for (size_t i = 0; i < s->c->group_count; i++) {
        if (group_complete(s, s->c->groups[i]))
            return err_ok();
        if (used < sizeof text)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s", i ? " or " : "", s->c->groups[i]);
    }
    if (s->c->group_count == 0)
        return err_ok();
    problem_add(problems, "", "set %s", text);
    return err_of(ERR_MALFORMED, "reading settings");
}

struct err session_new(const struct connector *connector, const struct session_setting *settings, size_t setting_count,
                       struct problems *problems, struct session **ret)
{
    struct session *s = calloc(1, sizeof *s);
    struct err      e, first = err_ok();

    if (s)
        s->pool = text_pool_new();
    if (!s || !s->pool) {
        session_free(&s);
        return err_of(ERR_NO_MEMORY, "opening a session");
    }
    s->c = connector;
    quota_init(&s->quota, &connector->limits);
    for (size_t i = 0; i < setting_count; i++) {
        e = setting_take(s, &settings[i], problems);
        first = failed(first) ? first : e;
    }
    e = defaults_fill(s, problems);
    first = failed(first) ? first : e;
    e = groups_check(s, problems);
    first = failed(first) ? first : e;
    if (failed(first))
        session_free(&s);
    else
        *ret = s;
    return first;
}

void session_free(struct session **session)
{
    struct session *s = *session;

    if (!s)
        return;
    session_discovery_forget(s);
    session_token_forget(s);
    session_picks_forget(s);
    text_pool_free(&s->pool);
    free(s);
    *session = NULL;
}

void session_clock_set(struct session *session, uint64_t now_ms, int64_t wall_ms)
{
    if (session->wall_learnt)
        return;
    session->wall_offset_ms = wall_ms - (int64_t)now_ms;
    session->wall_known = true;
}

/* ---- what was learnt ---- */

uint64_t hash_add(uint64_t hash, const char *text, size_t len)
{
    if (hash == 0)
        hash = 0xcbf29ce484222325ULL;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3ULL;
    hash = (hash ^ 0x1f) * 0x100000001b3ULL; /* a border, so that "ab" and "a", "b" differ */
    return hash ? hash : 1;
}

struct err text_replace(char **text, const char *by, size_t len)
{
    char *copy = malloc(len + 1);

    if (!copy)
        return err_of(ERR_NO_MEMORY, "keeping a value");
    if (len)
        memcpy(copy, by, len);
    copy[len] = '\0';
    free(*text);
    *text = copy;
    return err_ok();
}

const char *session_pick_get(struct session *s, uint64_t key, uint64_t now_ms, uint64_t *ret_made_ms)
{
    for (size_t i = 0; i < PICK_CACHE; i++)
        if (s->picks[i].key == key && s->picks[i].until_ms > now_ms) {
            *ret_made_ms = s->picks[i].made_ms;
            return s->picks[i].value;
        }
    return NULL;
}

struct err session_pick_put(struct session *s, uint64_t key, uint64_t now_ms, uint32_t cache_s, const char *value)
{
    struct pick_cached *p = NULL;
    struct err          e;

    for (size_t i = 0; i < PICK_CACHE && !p; i++)
        if (s->picks[i].key == key)
            p = &s->picks[i];
    if (!p)
        p = &s->picks[s->pick_next++ % PICK_CACHE];
    e = text_replace(&p->value, value, strlen(value));
    if (failed(e))
        return e;
    p->key = key;
    p->made_ms = now_ms;
    p->until_ms = now_ms + (uint64_t)cache_s * 1000;
    return e;
}

void session_picks_forget(struct session *s)
{
    for (size_t i = 0; i < PICK_CACHE; i++)
        free(s->picks[i].value);
    memset(s->picks, 0, sizeof s->picks);
}

void session_token_forget(struct session *s)
{
    if (s->token)
        memset(s->token, 0, strlen(s->token));
    free(s->token);
    s->token = NULL;
}

void session_discovery_forget(struct session *s)
{
    for (size_t i = 0; i < KEPT_LIMIT; i++) {
        free(s->discovered[i]);
        s->discovered[i] = NULL;
    }
    s->discovery_known = false;
}

bool session_told(const struct session *s, uint64_t key)
{
    for (size_t i = 0; i < TOLD_RING; i++)
        if (s->told[i] == key)
            return true;
    return false;
}

void session_told_put(struct session *s, uint64_t key)
{
    s->told[s->told_next++ % TOLD_RING] = key;
}

void session_unseen_put(struct session *s, uint64_t key)
{
    for (size_t i = 0; i < UNSEEN_RING; i++)
        if (s->unseen[i].key == key) {
            s->unseen[i].count++;
            return;
        }
    s->unseen[s->unseen_next % UNSEEN_RING].key = key;
    s->unseen[s->unseen_next++ % UNSEEN_RING].count = 1;
}

void session_unseen_forget(struct session *s, uint64_t key)
{
    for (size_t i = 0; i < UNSEEN_RING; i++)
        if (s->unseen[i].key == key)
            s->unseen[i].count = 0;
}

uint32_t session_unseen(const struct session *s, uint64_t key)
{
    for (size_t i = 0; i < UNSEEN_RING; i++)
        if (s->unseen[i].key == key)
            return s->unseen[i].count;
    return 0;
}

/* ---- secrets ---- */

void secret_blank(char *text, const char *secret)
{
    enum { SHOWS = 4, TELLS = 6 }; /* bytes that may stay: by chance, and of one that was cut off */
    size_t len = strlen(secret), size;
    char  *at;

    if (len < SHOWS)
        return;
    while ((at = strstr(text, secret)) != NULL) {
        memcpy(at, "***", 3);
        memmove(at + 3, at + len, strlen(at + len) + 1);
    }
    size = strlen(text);
    for (size_t part = len < size ? len : size; part >= TELLS; part--)
        if (memcmp(text + size - part, secret, part) == 0) {
            memcpy(text + size - part, "***", 4);
            return;
        }
}

void session_redact(const struct session *s, char *text)
{
    for (size_t i = 0; i < s->c->setting_count; i++)
        if (s->c->settings[i].secret)
            secret_blank(text, s->settings[i]);
    if (s->token)
        secret_blank(text, s->token);
}
