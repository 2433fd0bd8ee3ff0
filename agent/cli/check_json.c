#include <math.h>
#include <stdio.h>

#include "agent/cli/check.h"
#include "platform/buf.h"
#include "proto/json_put.h"
#include "version.h"

static void put_level(struct json_put *j, const struct rule *rule, const char *key, const struct rule_level *level)
{
    if (!level->set) {
        json_put_null(j, key);
        return;
    }
    json_put_object(j, key);
    json_put_text(j, "test", rule_test_name(rule->test));
    json_put_number(j, "limit", rule->test == RULE_ABSENT ? NAN : level->raise);
    json_put_whole(j, "for_s", level->for_s);
    json_put_end(j);
}

static void put_why(struct json_put *j, struct err why)
{
    char text[200];

    json_put_text(j, "why", failed(why) ? err_print(why, text, sizeof text) : NULL);
}

static void put_row(struct json_put *j, const struct check_row *row)
{
    json_put_object(j, NULL);
    json_put_text(j, "rule", row->rule->name);
    json_put_text(j, "metric", row->rule->metric);
    json_put_text(j, "instance", row->instance);
    json_put_text(j, "state", check_state_name(row->state));
    json_put_number(j, "value", row->value);
    json_put_text(j, "unit", row->metric ? unit_text(row->metric->unit) : NULL);
    put_level(j, row->rule, "warning", &row->rule->warning);
    put_level(j, row->rule, "critical", &row->rule->critical);
    put_why(j, row->state == CHECK_UNKNOWN ? row->why : err_ok());
    json_put_text(j, "conditions", row->conditions[0] ? row->conditions : NULL);
    json_put_end(j);
}

static void put_figure(struct json_put *j, const struct figure *figure)
{
    json_put_object(j, NULL);
    json_put_text(j, "metric", figure->metric->name);
    json_put_text(j, "instance", figure->instance);
    json_put_number(j, "value", figure->value);
    json_put_text(j, "unit", unit_text(figure->metric->unit));
    json_put_end(j);
}

static void put_collector(struct json_put *j, const char *name, bool asleep, struct err outcome)
{
    json_put_object(j, NULL);
    json_put_text(j, "name", name);
    json_put_text(j, "outcome", asleep                             ? "asleep"
                                : !failed(outcome)                 ? "ok"
                                : outcome.code == ERR_UNSUPPORTED ? "unsupported"
                                                                   : "failed");
    put_why(j, outcome);
    json_put_end(j);
}

static void put_check(struct json_put *j, const struct check *c)
{
    json_put_object(j, NULL);
    json_put_text(j, "version", PICKET_VERSION);
    json_put_text(j, "device", c->device);
    json_put_text(j, "configuration", c->origin);
    json_put_text(j, "state", check_state_name(c->worst));
    json_put_whole(j, "exit_code", c->worst);
    json_put_array(j, "rules");
    for (size_t i = 0; i < c->row_count; i++)
        put_row(j, &c->rows[i]);
    json_put_end(j);
    json_put_array(j, "figures");
    for (size_t i = 0; i < figures_count(c->figures); i++)
        put_figure(j, figures_get(c->figures, i));
    json_put_end(j);
    json_put_array(j, "collectors");
    for (size_t i = 0; i < collector_count; i++)
        put_collector(j, collectors[i]->name, c->asleep[i], c->outcomes[i]);
    json_put_end(j);
    json_put_end(j);
}

struct err check_print_json(const struct check *c, FILE *out)
{
    struct json_put j;
    struct buf      text;
    struct err      e;

    buf_init(&text, 16 * 1024 * 1024);
    json_put_begin(&j, &text, true);
    put_check(&j, c);
    e = json_put_done(&j);
    if (!failed(e))
        fputs(buf_text(&text), out);
    buf_done(&text);
    return e;
}
