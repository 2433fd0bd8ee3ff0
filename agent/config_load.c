#include "agent/config_load.h"

#include <stdio.h>
#include <string.h>

#include "agent/collect/collect.h"
#include "agent/rule/rules.h"
#include "platform/file.h"
#include "proto/nearest.h"

static void unknown_metric(struct problems *problems, const char *path, const char *name)
{
    struct nearest best = nearest_begin(name, strlen(name));

    for (size_t c = 0; c < collector_count; c++)
        for (size_t m = 0; m < collectors[c]->metric_count; m++)
            nearest_offer(&best, collectors[c]->metrics[m].name);
    if (best.found)
        problem_add(problems, path, "nothing yields \"%s\"; \"%s\" perhaps?", name, best.found);
    else
        problem_add(problems, path, "nothing yields \"%s\"; `picket check --verbose` lists what is measured", name);
}

static bool beyond_ratio(const struct rule_level *level)
{
    return level->set && (level->raise > 1 || level->raise < 0);
}

/* A rule on what nothing yields would never speak: a spelling mistake, most likely. So is a ratio over 1. */
static struct err check_rule(const struct rule *rule, struct problems *problems)
{
    const struct metric *metric = metric_find(rule->metric);
    char                 path[PROBLEM_PATH_MAX];
    bool                 of_ratio = metric && metric->unit == UNIT_ONE && rule->test != RULE_ABSENT && !rule->rate.over_s;
    const char          *level = beyond_ratio(&rule->warning) ? "warning" : beyond_ratio(&rule->critical) ? "critical" : NULL;

    if (metric && !(of_ratio && level))
        return err_ok();
    snprintf(path, sizeof path, "rules[%zu].%s%s%s", rule->place ? rule->place - 1 : 0, metric ? level : "metric",
             metric ? "." : "", metric ? rule_test_name(rule->test) : "");
    if (metric)
        problem_add(problems, path, "expected a ratio from 0 to 1 (90 %% is 0.9)");
    else
        unknown_metric(problems, path, rule->metric);
    return err_of(ERR_MALFORMED, "reading the configuration");
}

static struct err check_conditions(const struct rule *rule, struct problems *problems)
{
    struct err e = err_ok();
    char       path[PROBLEM_PATH_MAX];

    for (size_t c = 0; c < rule->all_count + rule->any_count; c++) {
        bool in_all = c < rule->all_count;

        if (metric_find(rule->conditions[c].metric))
            continue;
        snprintf(path, sizeof path, "rules[%zu].%s[%zu].metric", rule->place ? rule->place - 1 : 0, in_all ? "all" : "any",
                 in_all ? c : c - rule->all_count);
        unknown_metric(problems, path, rule->conditions[c].metric);
        e = err_of(ERR_MALFORMED, "reading the configuration");
    }
    return e;
}

static struct err check_policy(const struct policy *policy, struct problems *problems)
{
    struct err e = err_ok();

    for (size_t i = 0; i < policy->count; i++) {
        struct err of_rule = check_rule(&policy->rules[i], problems);
        struct err of_conditions = check_conditions(&policy->rules[i], problems);

        if (failed(of_rule) || failed(of_conditions))
            e = failed(of_rule) ? of_rule : of_conditions;
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
        e = check_policy((*ret)->policy, problems);
        if (failed(e))
            config_free(ret);
    }
    return e;
}
