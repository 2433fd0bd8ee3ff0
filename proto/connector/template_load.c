#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/connector/template.h"

struct draft {
    struct loader *l;
    struct part    parts[PARTS_LIMIT];
    size_t         count;
    struct buf     literal;
};

const struct language *language_of(const struct connector *c, const char *name)
{
    for (size_t i = 0; name && i < c->language_count; i++)
        for (const char *const *at = c->languages[i].used_in; at && *at; at++)
            if (strcmp(*at, name) == 0)
                return &c->languages[i];
    return NULL;
}

/* ---- references ---- */

static void note_needs(struct loader *l, struct ref ref)
{
    if (!l->needs)
        return;
    if (ref.scope == SCOPE_DISCOVERED)
        l->needs->discovery = true;
    if (ref.scope == SCOPE_NOW)
        l->needs->wall_time = true;
    if (ref.scope == SCOPE_PICKS)
        l->needs->picks |= 1U << ref.index;
}

static void note_uses(struct loader *l, struct ref ref)
{
    const struct setting_name *name = &l->c->setting_names[ref.index];

    l->uses_facts |= ref.scope == SCOPE_FACTS;
    l->by_severity |= ref.scope == SCOPE_SETTINGS && name->warning != name->critical;
    l->by_severity |= ref.scope == SCOPE_FACTS && ref.index == FACT_SEVERITY;
}

static bool ref_load(struct loader *l, const char *text, size_t len, struct ref *ret)
{
    const char *dot = memchr(text, '.', len);
    size_t      scope = dot ? (size_t)(dot - text) : len;

    if (!dot || !env_ref_find(l->c, text, scope, dot + 1, len - scope - 1, ret)) {
        load_problem(l, "there is no value \"%.*s\"", (int)(len < 60 ? len : 60), text);
        return false;
    }
    if (!(l->scopes & 1U << ret->scope)) {
        load_problem(l, "\"%.*s\" has no value here", (int)len, text);
        return false;
    }
    if (ret->scope == SCOPE_PICKS && ret->index >= l->picks_known) {
        load_problem(l, "\"%.*s\" is only known further down: put it before this one", (int)len, text);
        return false;
    }
    note_needs(l, *ret);
    note_uses(l, *ret);
    return true;
}

/* ---- filters ---- */

// clang-format off
static const struct { const char *name; uint8_t kind; bool argument; } filters[] = {
    { "cut",        FILTER_CUT,        true  },
    { "oneline",    FILTER_ONELINE,    false },
    { "lower",      FILTER_LOWER,      false },
    { "upper",      FILTER_UPPER,      false },
    { "integer",    FILTER_INTEGER,    false },
    { "or",         FILTER_OR,         true  },
    { "default",    FILTER_DEFAULT,    true  },
    { "map",        FILTER_MAP,        true  },
    { "plus_hours", FILTER_PLUS_HOURS, true  },
};
// clang-format on

static bool argument_load(struct loader *l, const char *text, size_t len, struct filter *into)
{
    char copy[32];

    if (into->kind == FILTER_OR)
        return ref_load(l, text, len, &into->ref);
    if (into->kind == FILTER_DEFAULT || into->kind == FILTER_MAP) {
        into->text = text_pool_copy(l->c->pool, text, len);
        l->no_memory |= !into->text;
        return into->text != NULL;
    }
    if (into->kind == FILTER_PLUS_HOURS && memchr(text, '.', len))
        return ref_load(l, text, len, &into->ref);
    snprintf(copy, sizeof copy, "%.*s", (int)(len < sizeof copy ? len : sizeof copy - 1), text);
    into->number = strspn(copy, "0123456789") == len && len < 7 ? (uint32_t)atoi(copy) : 0;
    if (into->number == 0)
        load_problem(l, "\"%s\" should be a number above 0", copy);
    return into->number != 0;
}

static bool filter_load(struct loader *l, const char *text, size_t len, struct filter *into)
{
    const char *colon = memchr(text, ':', len);
    size_t      name = colon ? (size_t)(colon - text) : len;

    for (size_t i = 0; i < ARRAY_LEN(filters); i++) {
        if (strlen(filters[i].name) != name || memcmp(filters[i].name, text, name) != 0)
            continue;
        into->kind = filters[i].kind;
        if (filters[i].argument != (colon != NULL)) {
            load_problem(l, "the filter \"%s\" takes %s argument", filters[i].name, filters[i].argument ? "an" : "no");
            return false;
        }
        return colon ? argument_load(l, colon + 1, len - name - 1, into) : true;
    }
    load_problem(l, "there is no filter \"%.*s\"", (int)(name < 40 ? name : 40), text);
    return false;
}

/* "settings.board|cut:20|upper" */
static bool value_load(struct draft *d, const char *text, size_t len)
{
    struct part  *part = &d->parts[d->count];
    struct filter found[FILTERS_LIMIT] = { { 0 } }, *kept;
    const char   *bar = memchr(text, '|', len);
    size_t        name = bar ? (size_t)(bar - text) : len, count = 0;

    *part = (struct part){ 0 };
    if (!ref_load(d->l, text, name, &part->ref))
        return false;
    for (text += name, len -= name; len > 0; count++) {
        size_t piece;

        text++; /* the bar */
        len--;
        bar = memchr(text, '|', len);
        piece = bar ? (size_t)(bar - text) : len;
        if (count == FILTERS_LIMIT) {
            load_problem(d->l, "more than %d filters on one value", FILTERS_LIMIT);
            return false;
        }
        if (!filter_load(d->l, text, piece, &found[count]))
            return false;
        text += piece;
        len -= piece;
    }
    kept = load_take(d->l, count * sizeof *kept);
    if (kept)
        memcpy(kept, found, count * sizeof *kept);
    part->filters = kept;
    part->filter_count = (uint8_t)count;
    d->count++;
    return kept != NULL;
}

static bool literal_end(struct draft *d)
{
    struct part *part = &d->parts[d->count];

    if (d->literal.len == 0)
        return true;
    *part = (struct part){ .literal = load_copy(d->l, buf_text(&d->literal)) };
    buf_clear(&d->literal);
    d->count++;
    return !d->l->no_memory;
}

static bool literal_add(struct draft *d, char c)
{
    struct err e = buf_add_byte(&d->literal, c);

    d->l->no_memory |= e.code == ERR_NO_MEMORY;
    if (e.code == ERR_TOO_BIG)
        load_problem(d->l, "more than %d bytes between two values", TEMPLATE_TEXT_MAX);
    return !failed(e);
}

/* "{{" is "{", "}}" is "}". */
static bool parts_load(struct draft *d, const char *text)
{
    while (*text) {
        const char *end;

        if (d->count >= PARTS_LIMIT - 2) {
            load_problem(d->l, "more than %d pieces in one template", PARTS_LIMIT);
            return false;
        }
        if ((text[0] == '{' || text[0] == '}') && text[1] == text[0]) {
            if (!literal_add(d, text[0]))
                return false;
            text += 2;
        } else if (text[0] == '{') {
            end = strchr(text, '}');
            if (!end)
                load_problem(d->l, "a \"{\" that no \"}\" follows; write \"{{\" for the sign itself");
            if (!end || !literal_end(d) || !value_load(d, text + 1, (size_t)(end - text - 1)))
                return false;
            text = end + 1;
        } else if (!literal_add(d, *text++)) {
            return false;
        }
    }
    return literal_end(d);
}

/* ---- what may stand where ---- */

static bool is_integer(const struct part *part)
{
    for (size_t i = 0; i < part->filter_count; i++)
        if (part->filters[i].kind == FILTER_INTEGER)
            return true;
    return false;
}

/* A value right behind a quote or a comparison is part of a query, whoever forgot to say so. */
static bool looks_like_query(const struct part *literal)
{
    size_t len = literal->literal ? strlen(literal->literal) : 0;

    while (len > 0 && literal->literal[len - 1] == ' ')
        len--;
    return len > 0 && strchr("'\"=<>~`", literal->literal[len - 1]);
}

static void check_place(struct draft *d, enum place place, const struct language *language)
{
    for (size_t i = 0; i < d->count && !language; i++) {
        const struct part *part = &d->parts[i];
        bool               mixed = place == PLACE_QUERY && d->count > 1;

        if (part->literal || is_integer(part))
            continue;
        if (place == PLACE_BODY && i > 0)
            mixed = looks_like_query(&d->parts[i - 1]);
        if (mixed) {
            load_problem(d->l, "values stand inside a query whose language is not declared: list its name in "
                               "\"used_in\" of a language, or say {\"$text\": ..., \"language\": ...}");
            return;
        }
    }
}

static void check_header(struct draft *d)
{
    for (size_t i = 0; i < d->count; i++)
        for (const char *at = d->parts[i].literal; at && *at; at++)
            if ((unsigned char)*at < 0x20 || *at == 0x7f) {
                load_problem(d->l, "a control character in a header");
                return;
            }
}

void template_load(struct loader *l, const char *text, enum place place, const char *name, struct template *ret)
{
    struct draft d = { .l = l };
    struct part *parts;

    buf_init(&d.literal, TEMPLATE_TEXT_MAX);
    if (parts_load(&d, text)) {
        ret->language = language_of(l->c, name);
        check_place(&d, place, ret->language);
        if (place == PLACE_HEADER)
            check_header(&d);
        parts = load_take(l, d.count * sizeof *parts);
        if (parts)
            memcpy(parts, d.parts, d.count * sizeof *parts);
        ret->parts = parts;
        ret->count = parts ? (uint8_t)d.count : 0;
    }
    buf_done(&d.literal);
}
