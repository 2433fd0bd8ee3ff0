#include "agent/cli/rules_list.h"

#include "agent/cli/limits.h"
#include "agent/cli/rule_json.h"
#include "agent/cli/table.h"
#include "platform/buf.h"

static void put_rule(struct table *t, const struct rule *rule)
{
    char            limit[LIMIT_MAX];
    enum table_tone tone = rule->enabled ? TABLE_PLAIN : TABLE_DIM;

    table_put(t, tone, rule->name);
    table_put(t, tone, limit_print(rule, &rule->warning, limit));
    table_put(t, tone, limit_print(rule, &rule->critical, limit));
    table_put(t, tone, rule->metric);
    table_put(t, tone, !rule->enabled ? "off" : rule->place ? "from the configuration" : "built in");
}

static struct err print_rules(const struct policy *policy)
{
    static const struct table_column columns[] = {
        { .title = "RULE" },
        { .title = "WARNING", .gives = true },
        { .title = "CRITICAL", .gives = true },
        { .title = "METRIC", .gives = true },
        { .title = "" },
    };
    struct table t;

    table_begin(&t, columns, ARRAY_LEN(columns));
    for (size_t i = 0; i < policy->count; i++)
        put_rule(&t, &policy->rules[i]);
    return table_end(&t, stdout);
}

int rules_list(const struct command *command, const struct policy *policy, bool json)
{
    struct buf text;
    struct err e;

    buf_init(&text, 4 * 1024 * 1024);
    e = json ? rules_json(policy, &text) : print_rules(policy);
    fputs(buf_text(&text), stdout);
    buf_done(&text);
    return failed(e) ? command_failed(command, "", e) : EXIT_DONE;
}
