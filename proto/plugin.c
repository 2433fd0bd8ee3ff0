#include "proto/plugin.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"
#include "proto/json.h"
#include "proto/text.h"

enum { NUMBER_MAX = 48, RAW_LABEL_MAX = 256 };

/* What is left to read of one list of figures. */
struct reader {
    const char *at, *end;
};

static const struct {
    const char      *text;
    enum plugin_unit unit;
    double           scale;
} units[] = {
    { "", PLUGIN_PLAIN, 1 },           { "s", PLUGIN_SECONDS, 1 },
    { "ms", PLUGIN_SECONDS, 1e-3 },    { "us", PLUGIN_SECONDS, 1e-6 },
    { "%", PLUGIN_RATIO, 0.01 },       { "c", PLUGIN_COUNTER, 1 },
    { "B", PLUGIN_BYTES, 1 },          { "KB", PLUGIN_BYTES, 1024.0 },
    { "MB", PLUGIN_BYTES, 1048576.0 }, { "GB", PLUGIN_BYTES, 1073741824.0 },
    { "TB", PLUGIN_BYTES, 1099511627776.0 },
};

/* ---- numbers and ranges ---- */

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* -?digits[.digits], also ".5": the class [-0-9.] in the order that makes a number. No exponents, no commas. */
static bool take_number(struct reader *r, double *ret)
{
    char        copy[NUMBER_MAX];
    const char *at = r->at;
    size_t      digits = 0, len;

    if (at < r->end && *at == '-')
        at++;
    for (bool point = false; at < r->end && (is_digit(*at) || (*at == '.' && !point)); at++) {
        point = point || *at == '.';
        digits += is_digit(*at);
    }
    len = (size_t)(at - r->at);
    if (digits == 0 || len >= sizeof copy)
        return false;
    memcpy(copy, r->at, len);
    copy[len] = '\0';
    r->at = at;
    *ret = strtod(copy, NULL);
    return true;
}

static bool take(struct reader *r, char c)
{
    if (r->at == r->end || *r->at != c)
        return false;
    r->at++;
    return true;
}

/* [@][start:][end]; "~" is minus infinity; without a start it is 0, without an end there is none. */
static bool take_range(struct reader *r, struct plugin_range *range)
{
    double first;

    *range = (struct plugin_range){ .set = true, .from = 0, .to = INFINITY };
    range->inside = take(r, '@');
    if (take(r, '~')) {
        range->from = -INFINITY;
        if (!take(r, ':'))
            return false;
    } else {
        if (!take_number(r, &first))
            return false;
        if (!take(r, ':')) {
            range->to = first;
            return first >= 0; /* 0..first */
        }
        range->from = first;
    }
    if (r->at == r->end)
        return true;
    return take_number(r, &range->to) && range->from <= range->to;
}

bool plugin_range_alerts(const struct plugin_range *range, double value)
{
    bool within = value >= range->from && value <= range->to;

    return range->set && !isnan(value) && within == range->inside;
}

/* ---- one figure ---- */

/* Up to the next ';': the reader of one field, which must be used up. */
static bool next_field(struct reader *r, struct reader *field)
{
    const char *end;

    if (!take(r, ';'))
        return false;
    end = memchr(r->at, ';', (size_t)(r->end - r->at));
    *field = (struct reader){ r->at, end ? end : r->end };
    r->at = field->end;
    return field->at < field->end;
}

static bool take_fields(struct reader *r, struct plugin_figure *f)
{
    struct plugin_range *const ranges[] = { &f->warning, &f->critical };
    double *const              bounds[] = { &f->least, &f->most };
    struct reader              field;

    for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
        if (next_field(r, &field) && (!take_range(&field, ranges[i]) || field.at != field.end))
            return false;
    for (size_t i = 0; i < ARRAY_LEN(bounds); i++)
        if (next_field(r, &field) && (!take_number(&field, bounds[i]) || field.at != field.end))
            return false;
    take(r, ';');
    return r->at == r->end;
}

static double take_unit(struct reader *r, struct plugin_figure *f)
{
    size_t len = 0;

    while (r->at + len < r->end && r->at[len] != ';')
        len++;
    for (size_t i = 0; i < ARRAY_LEN(units); i++)
        if (strlen(units[i].text) == len && memcmp(units[i].text, r->at, len) == 0) {
            r->at += len;
            f->unit = units[i].unit;
            return units[i].scale;
        }
    for (size_t i = 0; i < len; i++)
        if (strchr("0123456789.,+-'\"=", r->at[i]) || r->at[i] == '\0')
            return NAN; /* no unit but a number that went wrong */
    r->at += len;
    f->unit = PLUGIN_PLAIN;
    return 1;
}

static void scale_range(struct plugin_range *range, double scale)
{
    range->from *= scale;
    range->to *= scale;
}

/* value[unit];... as one word. */
static bool parse_value(struct reader r, struct plugin_figure *f)
{
    double scale = 1;

    f->least = f->most = NAN;
    if (r.at < r.end && *r.at == 'U' && (r.end - r.at == 1 || r.at[1] == ';')) {
        f->value = NAN;
        r.at++;
    } else if (take_number(&r, &f->value)) {
        scale = take_unit(&r, f);
    } else {
        return false;
    }
    if (isnan(scale) || !take_fields(&r, f))
        return false;
    f->value *= scale;
    f->least *= scale;
    f->most *= scale;
    scale_range(&f->warning, scale);
    scale_range(&f->critical, scale);
    return true;
}

/* ---- a list of figures ---- */

static void keep_label(const char *raw, size_t len, struct plugin_figure *f)
{
    utf8_copy(f->label, sizeof f->label, raw, len);
    text_blank_controls(f->label);
}

/* 'a label' with '' for a quote in it. */
static bool take_quoted(struct reader *r, struct plugin_figure *f)
{
    char   raw[RAW_LABEL_MAX];
    size_t len = 0;

    for (r->at++; r->at < r->end; r->at++) {
        if (*r->at == '\'' && (r->at + 1 == r->end || r->at[1] != '\''))
            break;
        if (*r->at == '=')
            return false;
        r->at += *r->at == '\'';
        if (len < sizeof raw)
            raw[len++] = *r->at;
    }
    if (len == 0 || !take(r, '\''))
        return false;
    keep_label(raw, len, f);
    return take(r, '=');
}

static bool take_plain(struct reader *r, struct plugin_figure *f)
{
    const char *from = r->at;

    while (r->at < r->end && *r->at != '=' && *r->at != '\'' && !is_blank(*r->at))
        r->at++;
    if (r->at == from)
        return false;
    keep_label(from, (size_t)(r->at - from), f);
    return take(r, '=');
}

static void parse_figure(struct reader *r, struct plugin_output *out)
{
    struct plugin_figure f = { .label = "" };
    bool                 named = *r->at == '\'' ? take_quoted(r, &f) : take_plain(r, &f);
    struct reader        word = { r->at, r->at };

    while (word.end < r->end && !is_blank(*word.end))
        word.end++;
    r->at = word.end; /* what is wrong ends at the next blank */
    if (!named || !parse_value(word, &f) || out->count == PLUGIN_FIGURES_MAX)
        out->malformed++;
    else
        out->figures[out->count++] = f;
}

static void parse_figures(const char *from, const char *end, struct plugin_output *out)
{
    struct reader r = { from, end };

    while (r.at < r.end) {
        if (is_blank(*r.at))
            r.at++;
        else
            parse_figure(&r, out);
    }
}

/* ---- lines ---- */

static void keep_text(const char *from, const char *end, struct plugin_output *out)
{
    while (from < end && is_blank(*from))
        from++;
    while (from < end && is_blank(end[-1]))
        end--;
    utf8_copy(out->text, sizeof out->text, from, (size_t)(end - from));
    text_blank_controls(out->text);
}

void plugin_parse(const char *text, size_t len, struct plugin_output *ret)
{
    const char *at = text, *end = text + len;
    bool        first = true, of_figures = false;

    ret->text[0] = '\0';
    ret->count = ret->malformed = 0;
    while (at < end) {
        const char *stop = memchr(at, '\n', (size_t)(end - at)), *bar = NULL;

        if (!stop)
            stop = end;
        if (!of_figures)
            bar = memchr(at, '|', (size_t)(stop - at));
        if (first)
            keep_text(at, bar ? bar : stop, ret);
        if (of_figures)
            parse_figures(at, stop, ret);
        else if (bar)
            parse_figures(bar + 1, stop, ret);
        of_figures = of_figures || (bar && !first); /* after a bar below the first line there is nothing else */
        first = false;
        at = stop + (stop < end);
    }
}
