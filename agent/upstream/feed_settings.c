#include "agent/upstream/feed_settings.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "agent/upstream/settings.h"
#include "platform/secret.h"
#include "proto/nearest.h"

static const char header_prefix[] = "header.";

static const char *const known[] = { "url", "encoding", "period_s", "token", "authorization" };

struct reading {
    const struct link_setup *setup;
    struct problems         *problems;
    struct feed_settings    *into;
    struct err               err;
};

static void wrong(struct reading *r, const char *setting, const char *text)
{
    char path[PROBLEM_PATH_MAX];

    snprintf(path, sizeof path, "settings.%s", setting);
    problem_add(r->problems, path, "%s", text);
    if (!failed(r->err))
        r->err = err_of(ERR_MALFORMED, "reading the settings");
}

/* With a host and a path: a receiver's own address says "/v1/metrics" or the like, and is used as it stands. */
static bool is_url(const char *text)
{
    const char *host = text + 8, *path;

    if (strncmp(text, "https://", 8) != 0 || strpbrk(text, " \t\r\n\"<>@") != NULL)
        return false;
    path = strchr(host, '/');
    return path && path > host && path[1] != '\0';
}

static void take_url(struct reading *r, const struct link_setting *s)
{
    if (s->is_file || !is_url(s->value))
        wrong(r, s->name, "expected the whole address, such as \"https://otel.example.com/v1/metrics\"");
    else
        snprintf(r->into->url, sizeof r->into->url, "%s", s->value);
}

static void take_encoding(struct reading *r, const struct link_setting *s)
{
    if (!s->is_file && strcmp(s->value, "json") == 0)
        r->into->encoding = OTLP_JSON;
    else if (s->is_file || strcmp(s->value, "protobuf") != 0)
        wrong(r, s->name, "expected \"protobuf\" or \"json\"");
}

static bool read_period(const char *text, uint32_t *ret)
{
    char         *end;
    unsigned long n = strtoul(text, &end, 10);

    if (text[0] < '0' || text[0] > '9' || *end || n < FEED_PERIOD_LEAST_S || n > FEED_PERIOD_MOST_S)
        return false;
    *ret = (uint32_t)n;
    return true;
}

static void take_period(struct reading *r, const struct link_setting *s)
{
    uint32_t period_s;

    if (s->is_file || !read_period(s->value, &period_s))
        wrong(r, s->name, "expected seconds from 1 to 300");
}

static bool is_header_name(const char *name)
{
    static const char *const ours[] = { "content-type", "content-length", "host", "connection", "transfer-encoding" };

    for (size_t i = 0; i < ARRAY_LEN(ours); i++)
        if (strcasecmp(ours[i], name) == 0)
            return false;
    for (const char *at = name; *at; at++)
        if (!isalnum((unsigned char)*at) && !strchr("!#$%&'*+-.^_`|~", *at))
            return false;
    return name[0] != '\0';
}

static bool is_header_value(const char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == 0x7f)
            return false;
    return true;
}

static struct err add_value(struct reading *r, const struct link_setting *s, const char *before, struct buf *into)
{
    struct buf secret;
    struct err e = buf_add_text(into, before);

    if (failed(e))
        return e;
    if (!s->is_file)
        return buf_add_text(into, s->value);
    buf_init(&secret, SECRET_MAX_BYTES);
    e = settings_secret(s, r->problems, &secret);
    if (!failed(e))
        e = buf_add_text(into, buf_text(&secret));
    plat_secret_done(&secret);
    return e;
}

static void take_header(struct reading *r, const struct link_setting *s, const char *name, const char *before)
{
    struct feed_settings *into = r->into;
    size_t                i = into->header_count;
    struct err            e;

    if (!is_header_name(name) || strlen(name) >= sizeof into->names[0]) {
        wrong(r, s->name, "that is no header that could be set");
        return;
    }
    if (i == FEED_HEADERS_MAX) {
        wrong(r, s->name, "there are more headers than can be sent");
        return;
    }
    buf_init(&into->values[i], SECRET_MAX_BYTES + 16);
    into->header_count++;
    e = add_value(r, s, before, &into->values[i]);
    if (failed(e) && !failed(r->err))
        r->err = e;
    if (!is_header_value(buf_text(&into->values[i])))
        wrong(r, s->name, "a header's value is one line without control characters");
    snprintf(into->names[i], sizeof into->names[i], "%s", name);
    into->headers[i] = (struct http_header){ into->names[i], buf_text(&into->values[i]) };
}

static void take_setting(struct reading *r, const struct link_setting *s)
{
    struct nearest best = nearest_begin(s->name, strlen(s->name));
    char           text[120];

    if (strcmp(s->name, "url") == 0) {
        take_url(r, s);
    } else if (strcmp(s->name, "encoding") == 0) {
        take_encoding(r, s);
    } else if (strcmp(s->name, "period_s") == 0) {
        take_period(r, s);
    } else if (strcmp(s->name, "token") == 0) {
        take_header(r, s, "Authorization", "Bearer ");
    } else if (strcmp(s->name, "authorization") == 0) {
        take_header(r, s, "Authorization", "");
    } else if (strncmp(s->name, header_prefix, sizeof header_prefix - 1) == 0) {
        take_header(r, s, s->name + sizeof header_prefix - 1, "");
    } else {
        for (size_t i = 0; i < ARRAY_LEN(known); i++)
            nearest_offer(&best, known[i]);
        snprintf(text, sizeof text, best.found ? "there is no such setting; \"%s\" perhaps?"
                                               : "there is no such setting%s", best.found ? best.found : "");
        wrong(r, s->name, text);
    }
}

static bool is_given(const struct link_setup *setup, const char *name)
{
    for (size_t i = 0; i < setup->setting_count; i++)
        if (strcmp(setup->settings[i].name, name) == 0)
            return true;
    return false;
}

struct err feed_settings_read(const struct link_setup *setup, struct problems *problems, struct feed_settings *ret)
{
    struct reading r = { setup, problems, ret, err_ok() };

    *ret = (struct feed_settings){ .encoding = OTLP_PROTOBUF };
    for (size_t i = 0; i < setup->setting_count; i++)
        take_setting(&r, &setup->settings[i]);
    if (!is_given(setup, "url"))
        wrong(&r, "url", "missing: the whole address, such as \"https://otel.example.com/v1/metrics\"");
    if (is_given(setup, "token") && is_given(setup, "authorization"))
        wrong(&r, "authorization", "either this or \"token\": both are the Authorization header");
    return r.err;
}

void feed_settings_done(struct feed_settings *s)
{
    for (size_t i = 0; i < s->header_count; i++)
        plat_secret_done(&s->values[i]);
    *s = (struct feed_settings){ 0 };
}

/* As headers are compared: without regard to case. */
static bool has_word(const char *name, const char *word)
{
    size_t len = strlen(word);

    for (; *name; name++)
        if (strncasecmp(name, word, len) == 0)
            return true;
    return false;
}

bool feed_setting_is_secret(const char *name)
{
    static const char *const words[] = { "token", "auth", "key", "secret", "password" };

    if (strcmp(name, "token") == 0 || strcmp(name, "authorization") == 0)
        return true;
    for (size_t i = 0; strncmp(name, header_prefix, sizeof header_prefix - 1) == 0 && i < ARRAY_LEN(words); i++)
        if (has_word(name, words[i]))
            return true;
    return false;
}

uint32_t feed_period_s(const struct config_upstream *u)
{
    uint32_t period_s = FEED_PERIOD_S;

    for (size_t i = 0; i < u->setting_count; i++)
        if (strcmp(u->settings[i].name, "period_s") == 0 && u->settings[i].value)
            (void)read_period(u->settings[i].value, &period_s);
    return period_s;
}
