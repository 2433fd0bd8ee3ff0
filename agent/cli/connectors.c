#include "agent/cli/connectors.h"

#include <stdio.h>

#include "agent/cli/print.h"
#include "agent/cli/table.h"
#include "platform/buf.h"
#include "proto/connector/connector.h"
#include "proto/connector/embedded.h"

static const char *const dedupe_words[] = {
    [DEDUPE_EXACT] = "exact: a ticket is found by its reference",
    [DEDUPE_SEARCH] = "search: a ticket is found by its text, after a while",
    [DEDUPE_NONE] = "none: at least once, with a stable event id",
};

struct err connectors_list(void)
{
    static const struct table_column columns[] = {
        { .title = "CONNECTOR" }, { .title = "SYSTEM", .gives = true }, { .title = "ONE TICKET", .gives = true },
    };
    struct table t;
    struct err   e = err_ok();

    table_begin(&t, columns, ARRAY_LEN(columns));
    for (const struct embedded_file *file = connector_files; file->name && !failed(e); file++) {
        struct connector *c = NULL;

        e = connector_builtin(file->name, NULL, &c);
        if (failed(e))
            break;
        table_put(&t, TABLE_PLAIN, connector_name(c));
        table_put(&t, TABLE_PLAIN, connector_title(c));
        table_put(&t, TABLE_PLAIN, dedupe_words[connector_dedupe(c)]);
        connector_free(&c);
    }
    table_put(&t, TABLE_PLAIN, "desk");
    table_put(&t, TABLE_PLAIN, "the local desk: picket tickets");
    table_put(&t, TABLE_PLAIN, dedupe_words[DEDUPE_EXACT]);
    return failed(e) ? e : table_end(&t, stdout);
}

static const char *text_or_empty(const char *text)
{
    return text ? text : "";
}

static bool has(const char *text)
{
    return text && text[0];
}

static void print_setting(const struct connector_setting *s)
{
    char left[120], text[700];

    snprintf(left, sizeof left, "%s%s", s->name, s->required ? " *" : "");
    snprintf(text, sizeof text, "%s%s%s%s%s%s", text_or_empty(s->help), s->secret ? " (secret: give it as a file)" : "",
             has(s->default_value) ? "; without it: " : "", text_or_empty(s->default_value),
             has(s->example) ? "; for example: " : "", text_or_empty(s->example));
    print_entry(stdout, left, 22, text);
}

struct err connector_show(const char *name)
{
    struct connector *c = NULL;
    struct err        e = connector_builtin(name, NULL, &c);

    if (failed(e))
        return e;
    printf("%s: %s\n  %s\n\nsettings (* must be given):\n", connector_name(c), connector_title(c),
           dedupe_words[connector_dedupe(c)]);
    for (size_t i = 0; i < connector_setting_count(c); i++) {
        struct connector_setting s;

        connector_setting_get(c, i, &s);
        print_setting(&s);
    }
    connector_free(&c);
    return e;
}
