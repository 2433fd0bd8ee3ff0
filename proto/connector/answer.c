#include "proto/connector/answer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/connector/pointer.h"
#include "proto/connector/template.h"

const char *answer_header(const struct answer *answer, const char *name)
{
    for (const char *const *at = answer->headers; at && at[0]; at += 2)
        if (strcasecmp(at[0], name) == 0)
            return at[1];
    return NULL;
}

const cJSON *pointers_array(const struct pointers *pointers, const cJSON *tree)
{
    for (size_t i = 0; i < pointers->count; i++) {
        const cJSON *at = pointer_get(tree, pointers->at[i]);

        if (cJSON_IsArray(at))
            return at;
    }
    return NULL;
}

const cJSON *pointers_object(const struct pointers *pointers, const cJSON *tree)
{
    for (size_t i = 0; i < pointers->count; i++) {
        const cJSON *at = pointer_get(tree, pointers->at[i]);

        if (cJSON_IsObject(at))
            return at;
    }
    return NULL;
}

const char *pointers_text(const struct pointers *pointers, const cJSON *tree, char scratch[40])
{
    for (size_t i = 0; i < pointers->count; i++) {
        const cJSON *at = pointer_get(tree, pointers->at[i]);
        const char  *text = at ? scalar_text(at, scratch) : NULL;

        if (text && text[0])
            return text;
    }
    return NULL;
}

/* ---- tests ---- */

/* Values of the test, ready to compare. */
struct wanted {
    struct buf texts[16];
    bool       usable[16]; /* a value of ours that is empty equals nothing */
    size_t     count;
};

static void wanted_done(struct wanted *w)
{
    for (size_t i = 0; i < w->count; i++)
        buf_done(&w->texts[i]);
}

static void wanted_make(const struct test *test, struct env *env, struct wanted *w)
{
    w->count = test->value_count < ARRAY_LEN(w->texts) ? test->value_count : ARRAY_LEN(w->texts);
    for (size_t i = 0; i < w->count; i++) {
        struct err e;

        buf_init(&w->texts[i], TEMPLATE_TEXT_MAX);
        e = template_render(&test->values[i], env, &w->texts[i]);
        env->no_memory |= e.code == ERR_NO_MEMORY;
        w->usable[i] = !failed(e) && (w->texts[i].len > 0 || template_fixed(&test->values[i]));
    }
}

/* strcasestr with a length, for bodies that no NUL ends. */
static bool contains(const char *text, size_t len, const char *part)
{
    size_t part_len = strlen(part);

    for (size_t i = 0; part_len && i + part_len <= len; i++)
        if (strncasecmp(text + i, part, part_len) == 0)
            return true;
    return false;
}

static bool contains_all(const struct wanted *w, const char *text, size_t len)
{
    for (size_t i = 0; i < w->count; i++)
        if (!w->usable[i] || !contains(text, len, buf_text(&w->texts[i])))
            return false;
    return true;
}

static bool text_fits(unsigned op, const struct wanted *w, const char *text, size_t len)
{
    if (op == TEST_CONTAINS_ALL)
        return contains_all(w, text, len);
    for (size_t i = 0; i < w->count; i++) {
        const char *want = buf_text(&w->texts[i]);
        bool        fits = false;

        if (!w->usable[i])
            continue;
        if (op == TEST_SAME)
            fits = strlen(want) == len && strncasecmp(text, want, len) == 0;
        else if (op == TEST_CONTAINS)
            fits = contains(text, len, want);
        else if (op == TEST_ABOVE)
            fits = strtod(text, NULL) > strtod(want, NULL);
        else
            fits = strlen(want) == len && memcmp(text, want, len) == 0;
        if (fits)
            return true;
    }
    return false;
}

struct looking {
    unsigned             op;
    const struct wanted *wanted;
    bool                 found;
};

static bool is_something(const cJSON *at)
{
    if (cJSON_IsString(at))
        return at->valuestring[0] != '\0';
    if (cJSON_IsArray(at) || cJSON_IsObject(at))
        return at->child != NULL;
    return !cJSON_IsNull(at) && !cJSON_IsInvalid(at);
}

static bool look(void *context, const cJSON *at)
{
    struct looking *l = context;
    char            scratch[SCALAR_TEXT_MAX];
    const char     *text = scalar_text(at, scratch);

    if (l->op == TEST_EXISTS || l->op == TEST_ABSENT)
        l->found = is_something(at);
    else
        l->found = text && text_fits(l->op, l->wanted, text, strlen(text));
    return !l->found;
}

static bool plain_text_holds(unsigned op, const struct wanted *w, const char *text, size_t len)
{
    if (op == TEST_EXISTS || op == TEST_ABSENT)
        return len > 0;
    return text_fits(op, w, text, len);
}

static bool found_in(const struct test *test, const struct wanted *w, const struct answer *answer, const cJSON *at,
                     const struct env *env)
{
    struct looking l = { test->op, w, false };
    char           scratch[ENV_SCRATCH_MAX];
    const char    *text = NULL;

    switch (test->source.kind) {
    case SOURCE_BODY:
        pointer_each(at, test->source.name, look, &l);
        return l.found;
    case SOURCE_TEXT:
        return answer && plain_text_holds(test->op, w, answer->body, answer->body_len);
    case SOURCE_STATUS:
        snprintf(scratch, sizeof scratch, "%d", answer ? answer->status : 0);
        text = scratch;
        break;
    case SOURCE_HEADER:
        text = answer ? answer_header(answer, test->source.name) : NULL;
        break;
    default:
        text = env_value(env, test->source.ref, scratch);
        break;
    }
    return text && plain_text_holds(test->op, w, text, strlen(text));
}

static bool test_holds(const struct test *test, const struct answer *answer, const cJSON *at, struct env *env)
{
    struct wanted w = { .count = 0 };
    bool          found;

    wanted_make(test, env, &w);
    found = found_in(test, &w, answer, at, env);
    wanted_done(&w);
    return test->op == TEST_NOT || test->op == TEST_ABSENT ? !found : found;
}

bool condition_holds(const struct condition *condition, const struct answer *answer, const cJSON *at, struct env *env)
{
    for (const struct condition *c = condition; c; c = c->otherwise) {
        bool all = true;

        for (size_t i = 0; i < c->count && all; i++)
            all = test_holds(&c->tests[i], answer, at, env);
        if (all)
            return true;
    }
    return !condition;
}

struct err source_read(const struct source *source, const struct answer *answer, const cJSON *at, const struct env *env,
                       struct buf *into)
{
    char         scratch[ENV_SCRATCH_MAX];
    const cJSON *found;
    const char  *text = NULL;

    switch (source->kind) {
    case SOURCE_BODY:
        found = pointer_get(at, source->name);
        text = found ? scalar_text(found, scratch) : NULL;
        if (!text && found && !cJSON_IsNull(found))
            return json_print(found, false, into);
        break;
    case SOURCE_HEADER:
        text = answer_header(answer, source->name);
        break;
    case SOURCE_VALUE:
        text = env_value(env, source->ref, scratch);
        break;
    default:
        break;
    }
    return text ? buf_add_text(into, text) : err_ok();
}
