#include "proto/connector/template.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/civil.h"
#include "proto/connector/escape.h"

bool template_fixed(const struct template *t)
{
    for (size_t i = 0; i < t->count; i++)
        if (!t->parts[i].literal)
            return false;
    return true;
}

void text_cut(struct buf *text, size_t from, size_t max)
{
    size_t end = from + max;

    if (text->len <= end)
        return;
    while (end > from && ((unsigned char)text->data[end] & 0xc0) == 0x80)
        end--;
    buf_cut(text, end);
}

/* ---- filters: each changes the value in place ---- */

static struct err trouble(struct env *env, struct ref ref, const char *what)
{
    char name[2 * NAME_LIMIT];

    env_ref_print(env->c, ref, name, sizeof name);
    snprintf(env->trouble, sizeof env->trouble, "%s %s", name, what);
    return err_of(ERR_MALFORMED, "filling in a template");
}

static struct err replace(struct buf *value, const char *text, size_t len)
{
    buf_clear(value);
    return escape_clean(value, text, len);
}

static void one_line(struct buf *value)
{
    size_t out = 0;

    for (size_t i = 0; i < value->len; i++) {
        char c = value->data[i];

        if (c == '\n' || c == '\t')
            c = ' ';
        if (c == ' ' && (out == 0 || value->data[out - 1] == ' '))
            continue;
        value->data[out++] = c;
    }
    while (out > 0 && value->data[out - 1] == ' ')
        out--;
    buf_cut(value, out);
}

static void change_case(struct buf *value, char from, char to)
{
    for (size_t i = 0; i < value->len; i++)
        if (value->data[i] >= from && value->data[i] <= from + 25)
            value->data[i] = (char)(value->data[i] - from + to);
}

static struct err check_integer(const struct buf *value, struct env *env, struct ref ref)
{
    size_t digits = strspn(buf_text(value), "0123456789");

    if (digits == value->len && digits < 19) /* empty: the place decides */
        return err_ok();
    return trouble(env, ref, "is not a number");
}

/* "critical=High,warning=Low" */
static struct err map(struct buf *value, const char *table)
{
    for (const char *at = table; *at;) {
        size_t len = strcspn(at, ","), name = strcspn(at, "=,");

        if (name < len && name == value->len && memcmp(at, buf_text(value), name) == 0)
            return replace(value, at + name + 1, len - name - 1);
        at += len + (at[len] == ',');
    }
    return err_ok();
}

static struct err plus_hours(struct buf *value, const struct filter *f, struct env *env, struct ref ref)
{
    char    scratch[ENV_SCRATCH_MAX];
    int64_t ms, hours = f->number ? f->number : atoll(env_value(env, f->ref, scratch));

    if (value->len == 0)
        return err_ok();
    if (!rfc3339_parse(buf_text(value), &ms))
        return trouble(env, ref, "is not a time");
    if (hours < 0 || hours > 24 * 366)
        hours = 24 * 366;
    rfc3339_print(ms + hours * 3600000, scratch);
    return replace(value, scratch, strlen(scratch));
}

static struct err apply(const struct filter *f, struct buf *value, struct env *env, struct ref ref)
{
    char        scratch[ENV_SCRATCH_MAX];
    const char *text;

    switch (f->kind) {
    case FILTER_CUT:
        text_cut(value, 0, f->number);
        return err_ok();
    case FILTER_ONELINE:
        one_line(value);
        return err_ok();
    case FILTER_LOWER:
        change_case(value, 'A', 'a');
        return err_ok();
    case FILTER_UPPER:
        change_case(value, 'a', 'A');
        return err_ok();
    case FILTER_INTEGER:
        return check_integer(value, env, ref);
    case FILTER_OR:
        text = env_value(env, f->ref, scratch);
        return value->len ? err_ok() : replace(value, text, strlen(text));
    case FILTER_DEFAULT:
        return value->len ? err_ok() : replace(value, f->text, strlen(f->text));
    case FILTER_MAP:
        return map(value, f->text);
    default:
        return plus_hours(value, f, env, ref);
    }
}

/* ---- rendering ---- */

/* What is signed must be the bytes that are sent. */
static bool is_raw(struct ref ref)
{
    return ref.scope == SCOPE_REQUEST;
}

static struct err value_make(const struct part *part, struct env *env, struct buf *value)
{
    char        scratch[ENV_SCRATCH_MAX];
    const char *text = env_value(env, part->ref, scratch);
    struct err  e = is_raw(part->ref) ? buf_add_text(value, text) : escape_clean(value, text, strlen(text));

    for (size_t i = 0; i < part->filter_count && !failed(e); i++)
        e = apply(&part->filters[i], value, env, part->ref);
    return e;
}

static bool is_number(const struct part *part)
{
    for (size_t i = 0; i < part->filter_count; i++)
        if (part->filters[i].kind == FILTER_INTEGER)
            return true;
    return false;
}

static struct err put_quoted(const struct part *part, const struct language *language, struct env *env,
                             const struct buf *value, struct buf *into)
{
    struct err e = escape_language(into, language, is_number(part), buf_text(value), value->len);

    if (e.code == ERR_MALFORMED)
        return trouble(env, part->ref, "is empty");
    if (e.code == ERR_TOO_BIG && value->len > language->max)
        return trouble(env, part->ref, "is too long to be searched for");
    return e;
}

struct err template_render(const struct template *t, struct env *env, struct buf *into)
{
    struct buf value;
    struct err e = err_ok();

    buf_init(&value, TEMPLATE_TEXT_MAX);
    for (size_t i = 0; i < t->count && !failed(e); i++) {
        const struct part *part = &t->parts[i];

        if (part->literal) {
            e = buf_add_text(into, part->literal);
            continue;
        }
        buf_clear(&value);
        e = value_make(part, env, &value);
        if (failed(e))
            break;
        e = t->language ? put_quoted(part, t->language, env, &value, into) : buf_add(into, buf_text(&value), value.len);
    }
    buf_done(&value);
    return e;
}

/* Is this value an address or a piece of one, checked when it was taken in? */
static int address_kind(const struct env *env, struct ref ref)
{
    const struct connector *c = env->c;

    if (ref.scope == SCOPE_DISCOVERED)
        return c->discovery.kept[ref.index].as;
    if (ref.scope == SCOPE_SETTINGS)
        switch (c->settings[c->setting_names[ref.index].warning].type) {
        case SETTING_HOST:
            return KEPT_HOST;
        case SETTING_URL:
        case SETTING_WEBHOOK:
            return KEPT_URL;
        default:
            break;
        }
    return KEPT_TEXT;
}

static struct err put_segment(const struct part *part, struct env *env, const struct buf *value, struct buf *into)
{
    struct err e;

    switch (address_kind(env, part->ref)) {
    case KEPT_HOST:
    case KEPT_URL:
        return value->len ? buf_add(into, value->data, value->len) : trouble(env, part->ref, "is empty");
    case KEPT_PATH:
        e = escape_path(into, buf_text(value), value->len);
        break;
    default:
        e = escape_segment(into, buf_text(value), value->len);
        break;
    }
    return e.code == ERR_MALFORMED ? trouble(env, part->ref, "cannot be part of an address") : e;
}

struct err template_render_address(const struct template *t, struct env *env, struct buf *into)
{
    struct buf value;
    struct err e = err_ok();

    buf_init(&value, TEMPLATE_TEXT_MAX);
    for (size_t i = 0; i < t->count && !failed(e); i++) {
        const struct part *part = &t->parts[i];
        const char        *literal = part->literal;

        if (literal) { /* "https://host/" and "/path" meet in one slash */
            if (literal[0] == '/' && into->len > 0 && into->data[into->len - 1] == '/')
                literal++;
            e = buf_add_text(into, literal);
            continue;
        }
        buf_clear(&value);
        e = value_make(part, env, &value);
        if (!failed(e))
            e = put_segment(part, env, &value, into);
    }
    buf_done(&value);
    return e;
}
