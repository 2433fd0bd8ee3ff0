#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "agent/rule/rules.h"
#include "proto/config.h"

/* Two promises beside not falling over: a text is refused with a problem or accepted without one; and what was accepted
 * is a policy that rounds can be run with. */
static const struct metric space = { "system.filesystem.utilization", UNIT_ONE, METRIC_GAUGE, "" };

static void on_event(void *context, const struct rule_event *event)
{
    char                   text[TITLE_MAX];
    const struct rule_text more = { "pc", "now" };

    (void)context;
    if (event->rule) {
        rule_text_fill(event->rule->title, event, &more, text, sizeof text);
        rule_text_fill(event->rule->facts, event, &more, text, sizeof text);
    }
}

static void run_rounds(const struct policy *policy)
{
    static const double values[] = { 0.1, 0.99, 0.99, 0.5, 0 };
    const struct attr   at = { "system.filesystem.mountpoint", "/srv" };
    struct rules       *rules = NULL;

    if (failed(rules_new(policy, &rules)))
        return;
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        const struct sample s = { &space, &at, 1, values[i] };

        rules_begin_round(rules, 600000 * (i + 1));
        rules_put(rules, &s);
        rules_collector_read(rules, &space, 1, 600, err_ok());
        rules_end_round(rules, on_event, NULL);
    }
    rules_free(&rules);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct problems *problems = calloc(1, sizeof *problems);
    struct config   *config = NULL;
    struct err       e;

    if (!problems)
        return 0;
    e = config_parse((const char *)data, size, default_rules, default_rule_count, problems, &config);
    if (failed(e) != (problems->count > 0) && e.code != ERR_NO_MEMORY)
        abort();
    if (!failed(e) != (config != NULL))
        abort();
    if (config) {
        if (config->upstream_count == 0 || config->policy->count < default_rule_count)
            abort();
        run_rounds(config->policy);
        config_free(&config);
    }
    free(problems);
    return 0;
}
