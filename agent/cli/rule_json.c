#include "agent/cli/rule_json.h"

#include "proto/json_put.h"

static void put_level(struct json_put *j, const struct rule *rule, const char *key, const struct rule_level *level)
{
    if (!level->set)
        return;
    json_put_object(j, key);
    if (rule->test == RULE_ABSENT)
        json_put_flag(j, "absent", true);
    else
        json_put_number(j, rule_test_name(rule->test), level->raise);
    if (rule->test == RULE_ABOVE || rule->test == RULE_BELOW)
        json_put_number(j, "clear", level->clear);
    json_put_whole(j, "for_s", level->for_s);
    json_put_whole(j, "clear_for_s", level->clear_for_s);
    json_put_end(j);
}

static void put_where(struct json_put *j, const struct rule_selector *where, size_t count)
{
    json_put_array(j, "where");
    for (size_t s = 0; s < count; s++) {
        json_put_object(j, NULL);
        json_put_text(j, "key", where[s].key);
        json_put_text(j, where[s].exclude ? "unlike" : "like", where[s].glob);
        json_put_end(j);
    }
    json_put_end(j);
}

static void put_trend(struct json_put *j, const struct rule *rule)
{
    static const char *const units[] = { "second", "minute", "hour", "day" };
    const struct rule_forecast *f = &rule->forecast;
    const uint32_t              per_s = rule->rate.per_s;

    if (f->set) {
        json_put_object(j, "forecast");
        json_put_number(j, f->falls ? "falls_to" : "rises_to", f->reaches);
        json_put_whole(j, "within_h", f->within_s / 3600);
        json_put_whole(j, "history_h", f->history_s / 3600);
        json_put_text(j, "title", f->title);
        json_put_end(j);
    }
    if (rule->rate.over_s) {
        json_put_object(j, "rate");
        json_put_text(j, "per", units[(per_s >= 60) + (per_s >= 3600) + (per_s >= 86400)]);
        json_put_whole(j, "over_s", rule->rate.over_s);
        json_put_end(j);
    }
}

static void put_quiet(struct json_put *j, const struct rule *rule)
{
    const struct rule_quiet *quiet = &rule->quiet;

    json_put_object(j, "quiet");
    json_put_whole(j, "after_boot_s", quiet->after_boot_s);
    json_put_whole(j, "after_resume_s", quiet->after_resume_s);
    json_put_flag(j, "windows", !quiet->through_windows);
    json_put_whole(j, "cool_down_s", quiet->cool_down_s);
    json_put_end(j);
}

static void put_conditions(struct json_put *j, const struct rule *rule, const char *key, size_t first, size_t count)
{
    if (!count)
        return;
    json_put_array(j, key);
    for (size_t c = first; c < first + count; c++) {
        const struct rule_condition *condition = &rule->conditions[c];

        json_put_object(j, NULL);
        json_put_text(j, "metric", condition->metric);
        put_where(j, condition->where, condition->where_count);
        if (condition->test == RULE_ABSENT)
            json_put_flag(j, "absent", true);
        else
            json_put_number(j, rule_test_name(condition->test), condition->level);
        json_put_text(j, "same", condition->same);
        json_put_end(j);
    }
    json_put_end(j);
}

static void put_causes(struct json_put *j, const struct rule *rule)
{
    if (!rule->cause_count)
        return;
    json_put_array(j, "depends_on");
    for (size_t c = 0; c < rule->cause_count; c++) {
        json_put_object(j, NULL);
        json_put_text(j, "rules", rule->causes[c].rules);
        json_put_text(j, "same", rule->causes[c].same);
        json_put_end(j);
    }
    json_put_end(j);
}

static void put_flapping(struct json_put *j, const struct rule *rule)
{
    json_put_object(j, "flapping");
    json_put_flag(j, "enabled", rule->flapping.times != 0);
    if (rule->flapping.times)
        json_put_whole(j, "times", rule->flapping.times);
    json_put_whole(j, "within_s", rule->flapping.within_s);
    json_put_whole(j, "calm_s", rule->flapping.calm_s);
    json_put_end(j);
}

static void put_rule(struct json_put *j, const struct rule *rule)
{
    json_put_object(j, NULL);
    json_put_text(j, "name", rule->name);
    json_put_flag(j, "enabled", rule->enabled);
    json_put_text(j, "metric", rule->metric);
    put_where(j, rule->where, rule->where_count);
    put_level(j, rule, "warning", &rule->warning);
    put_level(j, rule, "critical", &rule->critical);
    json_put_text(j, "title", rule->title);
    json_put_text(j, "facts", rule->facts);
    put_trend(j, rule);
    put_conditions(j, rule, "all", 0, rule->all_count);
    put_conditions(j, rule, "any", rule->all_count, rule->any_count);
    put_causes(j, rule);
    put_flapping(j, rule);
    put_quiet(j, rule);
    json_put_end(j);
}

struct err rules_json(const struct policy *policy, struct buf *into)
{
    struct json_put j;

    json_put_begin(&j, into, true);
    json_put_object(&j, NULL);
    json_put_array(&j, "rules");
    for (size_t i = 0; i < policy->count; i++)
        put_rule(&j, &policy->rules[i]);
    json_put_end(&j);
    json_put_end(&j);
    return json_put_done(&j);
}
