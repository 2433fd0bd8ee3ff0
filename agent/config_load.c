#include "agent/config_load.h"

#include <stdio.h>

#include "agent/collect/collect.h"
#include "agent/rule/rules.h"
#include "platform/file.h"

/* Rules on metrics that nothing yields would never speak: a spelling mistake, most likely. */
static struct err check_metrics(const struct policy *policy, struct problems *problems)
{
    struct err e = err_ok();

    for (size_t i = 0; i < policy->count; i++) {
        char path[PROBLEM_PATH_MAX];

        if (metric_find(policy->rules[i].metric))
            continue;
        snprintf(path, sizeof path, "rules (\"%s\").metric", policy->rules[i].name);
        problem_add(problems, path, "no collector yields \"%s\"; `picket check --verbose` lists the metrics",
                    policy->rules[i].metric);
        e = err_of(ERR_MALFORMED, "reading the configuration");
    }
    return e;
}

struct err config_load(const char *path, bool named, struct problems *problems, char *origin,
                       size_t origin_size, struct config **ret)
{
    struct buf text;
    char       why[160];
    struct err e;

    buf_init(&text, json_limits_config.bytes);
    e = plat_file_read(path, &text);
    if (e.code == ERR_NOT_FOUND && !named) {
        snprintf(origin, origin_size, "built-in defaults (there is no %s)", path);
        e = buf_add_text(&text, "{}");
    } else if (failed(e)) {
        problem_add(problems, path, "%s", err_print(e, why, sizeof why));
    } else {
        snprintf(origin, origin_size, "%s", path);
    }
    if (!failed(e))
        e = config_parse(text.data, text.len, default_rules, default_rule_count, problems, ret);
    buf_done(&text);
    if (!failed(e)) {
        e = check_metrics((*ret)->policy, problems);
        if (failed(e))
            config_free(ret);
    }
    return e;
}
