#include "proto/config.h"

#include <cjson/cJSON.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "proto/rule_slots.h"
#include "proto/slot.h"
#include "proto/source_slots.h"
#include "proto/text.h"

enum { SETTING_NAME_MAX = 60, SETTING_VALUE_MAX = 1000 };

struct upstream_draft {
    const char                  *name, *connector, *connector_file, *ca_file, *proxy, *from;
    const struct config_setting *settings;
    size_t                       setting_count;
};

/* What the rows fill in; config_parse makes a config of it. */
struct config_draft {
    struct config          config;
    const char            *schema;
    struct rule_draft     *rules;
    size_t                 rule_count;
    struct upstream_draft *upstreams;
    size_t                 upstream_count;
    struct quiet_draft     quiet;
};

/* ---- settings of a connector: names that only the connector knows ---- */

static bool keep_value(struct slot_parser *p, const cJSON *json, struct config_setting *into)
{
    char number[40];

    if (cJSON_IsString(json) && strlen(json->valuestring) <= SETTING_VALUE_MAX) {
        into->value = slot_copy(p, json->valuestring);
    } else if (cJSON_IsNumber(json)) {
        snprintf(number, sizeof number, "%.15g", json->valuedouble);
        into->value = slot_copy(p, number);
    } else if (cJSON_IsBool(json)) {
        into->value = cJSON_IsTrue(json) ? "true" : "false";
    } else {
        return false;
    }
    return true;
}

static bool keep_file(struct slot_parser *p, const cJSON *json, struct config_setting *into)
{
    const cJSON *file = cJSON_IsObject(json) ? json->child : NULL;

    if (!file || file->next || strcmp(file->string, "file") != 0 || !cJSON_IsString(file) ||
        !slot_form_path.fits(file->valuestring) || strlen(file->valuestring) > slot_form_path.max_bytes)
        return false;
    into->file = slot_copy(p, file->valuestring);
    return true;
}

/* Never says what stands there: it may be a secret. */
static void parse_settings(struct slot_parser *p, const cJSON *json, void *base)
{
    struct upstream_draft *upstream = base;
    size_t                 count = (size_t)cJSON_GetArraySize(json), at = 0;
    struct config_setting *settings;

    if (!cJSON_IsObject(json) || count > CONFIG_SETTINGS_MAX) {
        slot_problem(p, "", "expected an object of at most %d settings", CONFIG_SETTINGS_MAX);
        return;
    }
    settings = text_pool_take(p->pool, (count + 1) * sizeof *settings);
    if (!settings) {
        p->err = err_of(ERR_NO_MEMORY, "keeping settings");
        return;
    }
    for (const cJSON *item = json->child; item; item = item->next) {
        size_t before = slot_enter(p, item->string, 0);

        settings[at].name = slot_copy(p, item->string);
        if (strlen(item->string) > SETTING_NAME_MAX)
            slot_problem(p, "", "expected a name of at most %d bytes", SETTING_NAME_MAX);
        if (keep_value(p, item, &settings[at]) || keep_file(p, item, &settings[at]))
            at++;
        else if (!cJSON_IsNull(item))
            slot_problem(p, "", "expected text of at most %d bytes, a number, true, false or "
                                "{\"file\": \"/absolute/path\"}", SETTING_VALUE_MAX);
        slot_leave(p, before);
    }
    upstream->settings = settings;
    upstream->setting_count = at;
}

static void schema_settings(struct json_put *into)
{
    static const char *const plain[] = { "string", "number", "boolean", "null" };

    json_put_text(into, "type", "object");
    json_put_whole(into, "maxProperties", CONFIG_SETTINGS_MAX);
    json_put_object(into, "additionalProperties");
    json_put_array(into, "anyOf");
    json_put_object(into, NULL);
    json_put_array(into, "type");
    for (size_t i = 0; i < ARRAY_LEN(plain); i++)
        json_put_text(into, NULL, plain[i]);
    json_put_end(into);
    json_put_whole(into, "maxLength", SETTING_VALUE_MAX);
    json_put_end(into);
    json_put_object(into, NULL);
    json_put_text(into, "type", "object");
    json_put_object(into, "properties");
    json_put_object(into, "file");
    json_put_text(into, "description", "the file that holds the value, a secret");
    json_put_text(into, "type", "string");
    json_put_text(into, "pattern", slot_form_path.pattern);
    json_put_whole(into, "maxLength", (int64_t)slot_form_path.max_bytes);
    json_put_end(into);
    json_put_end(into);
    json_put_array(into, "required");
    json_put_text(into, NULL, "file");
    json_put_end(into);
    json_put_flag(into, "additionalProperties", false);
    json_put_end(into);
    json_put_end(into);
    json_put_end(into);
}

static const struct slot_other settings_kind = {
    .parse = parse_settings,
    .schema = schema_settings,
    .type = "name: text, number, `true`, `false` or `{\"file\": \"/path\"}`",
};

/* ---- forms and words ---- */

static bool is_proxy(const char *text)
{
    return strcmp(text, "none") == 0 || slot_form_link.fits(text);
}

/* Shorter than a rule's: it stands beside every delivery on disk. */
static bool is_upstream(const char *text)
{
    return slot_form_name.fits(text);
}

static const struct slot_form upstream_form = { "a name of a-z, 0-9 and -", "^[a-z0-9-]+$", is_upstream,
                                                CONFIG_NAME_MAX };

static const struct slot_form proxy_form = { "\"none\" or an address such as \"http://proxy:3128\"",
                                             "^(none|https?://[^ \"<>]+)$", is_proxy, 300 };

static const char *const log_levels[] = { "error", "warn", "info", "debug", NULL };
static const char *const severities[] = { "warning", "critical", NULL };

/* ---- the rows ---- */

// clang-format off
#define AT(field) offsetof(struct upstream_draft, field)
static const struct slot upstream_rows[] = {
    { .name = "name", .kind = SLOT_TEXT, .offset = AT(name), .form = &upstream_form, .example = "desk",
      .help = "how logs and `picket status` call it; without it, as the connector" },
    { .name = "connector", .kind = SLOT_TEXT, .offset = AT(connector), .form = &upstream_form,
      .example = "desk", .required = true,
      .help = "`desk`, the agent's own; a vendor's system (`docs/connectors.md`); `otlp` for samples (`docs/otlp.md`)" },
    { .name = "from", .kind = SLOT_WORD, .offset = AT(from), .words = severities, .fallback = "warning",
      .help = "the least severity that becomes a ticket there" },
    { .name = "settings", .kind = SLOT_OTHER, .offset = AT(settings), .other = &settings_kind,
      .help = "what the connector wants to know; secrets belong into files of their own" },
    { .name = "connector_file", .kind = SLOT_TEXT, .offset = AT(connector_file), .form = &slot_form_path,
      .help = "a connector file to use instead of the built-in one" },
    { .name = "ca_file", .kind = SLOT_TEXT, .offset = AT(ca_file), .form = &slot_form_path,
      .help = "PEM; the only roots trusted there, instead of the system's" },
    { .name = "proxy", .kind = SLOT_TEXT, .offset = AT(proxy), .form = &proxy_form,
      .help = "`none` or an address; without it, the environment's (`https_proxy`, `no_proxy`)" },
};
#undef AT

static const struct slot_table upstream_slots = {
    upstream_rows, ARRAY_LEN(upstream_rows), sizeof(struct upstream_draft),
};

#define AT(field) offsetof(struct config_draft, field)
static const struct slot device_rows[] = {
    { .name = "name", .kind = SLOT_TEXT, .offset = AT(config.device_name),
      .help = "how tickets call this machine; without it, its host name" },
    { .name = "client", .kind = SLOT_TEXT, .offset = AT(config.client),
      .help = "whose machine it is, as your PSA calls them" },
    { .name = "site", .kind = SLOT_TEXT, .offset = AT(config.site), .help = "where it stands" },
    { .name = "url", .kind = SLOT_TEXT, .offset = AT(config.device_url), .form = &slot_form_link,
      .help = "a link to its documentation, put into tickets" },
};

static const struct slot log_rows[] = {
    { .name = "level", .kind = SLOT_WORD, .offset = AT(config.log_level), .words = log_levels,
      .fallback = "info", .help = "the least important lines that are logged" },
};

static const struct slot collect_rows[] = {
    { .name = "period_s", .kind = SLOT_WHOLE, .offset = AT(config.period_s),
      .least = CONFIG_PERIOD_MIN_S, .most = 3600, .fallback = "60",
      .help = "seconds between two readings; some collectors take longer" },
    { .name = "checks_at_once", .kind = SLOT_WHOLE, .offset = AT(config.checks_at_once), .least = 1, .most = 16,
      .fallback = "2", .help = "how many of `checks` may run at the same time" },
    { .name = "inventory_hours", .kind = SLOT_WHOLE, .offset = AT(config.inventory_hours), .most = 8760,
      .fallback = "24", .help = "hours between two inventories; 0: none is taken" },
};

static const struct slot outbox_rows[] = {
    { .name = "max_mb", .kind = SLOT_WHOLE, .offset = AT(config.outbox_mb), .least = 1, .most = 1024,
      .fallback = "16", .help = "MiB on disk; beyond it the oldest samples go, never an open alert" },
    { .name = "history_hours", .kind = SLOT_WHOLE, .offset = AT(config.history_hours), .least = 1, .most = 8760,
      .fallback = "72", .help = "how long samples are kept" },
};

static const struct slot alert_rows[] = {
    { .name = "remind_hours", .kind = SLOT_WHOLE, .offset = AT(config.remind_hours), .most = 8760,
      .fallback = "24", .help = "hours after which an alert that stays open gets a note in its ticket; 0: never" },
    { .name = "storm_alerts", .kind = SLOT_WHOLE, .offset = AT(config.storm_alerts), .most = 100, .fallback = "10",
      .help = "more new alerts than that within `storm_min` are one ticket (`docs/rules.md`); 0: never" },
    { .name = "storm_min", .kind = SLOT_WHOLE, .offset = AT(config.storm_min), .least = 1, .most = 1440, .fallback = "10",
      .help = "minutes" },
};

static const struct slot metrics_rows[] = {
    { .name = "socket", .kind = SLOT_FLAG, .offset = AT(config.metrics_socket), .fallback = "false",
      .help = "serve Prometheus' text at `/run/picket/metrics.sock` (`docs/prometheus.md`)" },
};

#define GROUP(rows) &(const struct slot_table){ rows, ARRAY_LEN(rows), 0 }
static const struct slot config_rows[] = {
    { .name = "$schema", .kind = SLOT_TEXT, .offset = AT(schema), .omitted = true,
      .help = "where `picket config schema` was kept, for editors; not read" },
    { .name = "device", .kind = SLOT_GROUP, .inner = GROUP(device_rows), .help = "this machine" },
    { .name = "log", .kind = SLOT_GROUP, .inner = GROUP(log_rows), .help = "what is logged" },
    { .name = "collect", .kind = SLOT_GROUP, .inner = GROUP(collect_rows), .help = "how it is measured" },
    { .name = "outbox", .kind = SLOT_GROUP, .inner = GROUP(outbox_rows), .help = "what is kept on disk" },
    { .name = "alerts", .kind = SLOT_GROUP, .inner = GROUP(alert_rows), .help = "how alerts are told" },
    { .name = "metrics", .kind = SLOT_GROUP, .inner = GROUP(metrics_rows), .help = "figures for whoever scrapes" },
    { .name = "quiet", .kind = SLOT_GROUP, .offset = AT(quiet), .inner = &quiet_slots,
      .help = "when nothing is told" },
    { .name = "rules", .kind = SLOT_LIST, .offset = AT(rules), .count_offset = AT(rule_count),
      .inner = &rule_slots, .count_max = RULE_DRAFTS_MAX,
      .help = "changes of the built-in rules, and new ones" },
    { .name = "checks", .kind = SLOT_LIST, .offset = AT(config.checks), .count_offset = AT(config.check_count),
      .inner = &check_slots, .count_max = CONFIG_CHECKS_MAX,
      .help = "monitoring plugins to run (`docs/checks.md`)" },
    { .name = "logs", .kind = SLOT_LIST, .offset = AT(config.logs), .count_offset = AT(config.log_count),
      .inner = &log_slots, .count_max = CONFIG_LOGS_MAX,
      .help = "lines of logs to look for (`docs/logs.md`)" },
    { .name = "upstreams", .kind = SLOT_LIST, .offset = AT(upstreams), .count_offset = AT(upstream_count),
      .inner = &upstream_slots, .count_max = CONFIG_UPSTREAMS_MAX, .shown = true,
      .help = "where alerts become tickets, none: the local desk; and where samples go" },
};
#undef GROUP
#undef AT
// clang-format on

static const struct slot_table config_slots = {
    config_rows,
    ARRAY_LEN(config_rows),
    sizeof(struct config_draft),
};

/* ---- from the draft to the config ---- */

static void check_desk(struct slot_parser *p, const struct upstream_draft *draft)
{
    const struct {
        const char *name;
        bool        given;
    } none[] = {
        { ".settings", draft->setting_count > 0 },
        { ".connector_file", draft->connector_file != NULL },
        { ".ca_file", draft->ca_file != NULL },
        { ".proxy", draft->proxy != NULL },
    };

    for (size_t i = 0; i < ARRAY_LEN(none); i++)
        if (none[i].given)
            slot_problem(p, none[i].name, "means nothing for the local desk");
}

static bool takes_tickets(const struct upstream_draft *draft)
{
    return !draft->connector || strcmp(draft->connector, CONFIG_EXPORT) != 0;
}

static void keep_upstream(struct slot_parser *p, const struct upstream_draft *draft,
                          struct config *config)
{
    struct config_upstream *into = &config->upstreams[config->upstream_count];
    const char             *name = draft->name ? draft->name : draft->connector;

    if (!name)
        return; /* said already */
    if (draft->connector && strcmp(draft->connector, "desk") == 0)
        check_desk(p, draft);
    if (!takes_tickets(draft) && draft->connector_file)
        slot_problem(p, ".connector_file", "means nothing for " CONFIG_EXPORT);
    for (size_t u = 0; u < config->upstream_count; u++)
        if (strcmp(config->upstreams[u].name, name) == 0)
            slot_problem(p, ".name", "\"%s\" stands twice: first as upstreams[%zu]", name, u);
    *into = (struct config_upstream){
        .name = name,
        .connector = draft->connector,
        .connector_file = draft->connector_file,
        .ca_file = draft->ca_file,
        .proxy = draft->proxy,
        .from = strcmp(draft->from, "critical") == 0 ? SEVERITY_CRITICAL : SEVERITY_WARNING,
        .settings = draft->settings,
        .setting_count = draft->setting_count,
    };
    config->upstream_count++;
}

static void keep_upstreams(struct slot_parser *p, const struct config_draft *draft,
                           struct config *config)
{
    static const struct upstream_draft desk = { .connector = "desk", .from = "warning" };
    size_t                             before = slot_enter(p, "upstreams", 0);
    bool                               ticketed = false;

    for (size_t u = 0; u < draft->upstream_count; u++) {
        size_t at = slot_enter(p, NULL, u);

        ticketed = ticketed || takes_tickets(&draft->upstreams[u]);
        keep_upstream(p, &draft->upstreams[u], config);
        slot_leave(p, at);
    }
    if (!ticketed && config->upstream_count == CONFIG_UPSTREAMS_MAX)
        slot_problem(p, "", "none of them takes tickets, and there is no room for the desk");
    else if (!ticketed)
        keep_upstream(p, &desk, config);
    slot_leave(p, before);
}

static void settle_sources(struct slot_parser *p, const struct config *config)
{
    size_t before = slot_enter(p, "checks", 0);

    check_slots_settle(p, config->checks, config->check_count);
    slot_leave(p, before);
    before = slot_enter(p, "logs", 0);
    log_slots_settle(p, config->logs, config->log_count);
    slot_leave(p, before);
}

/* Rules that could not be read would give rise to mistakes that nobody made. */
static bool is_sound(const struct problems *problems, const char *part)
{
    for (size_t i = 0; i < problems->count; i++)
        if (strncmp(problems->items[i].path, part, strlen(part)) == 0)
            return false;
    return problems->omitted == 0;
}

static void keep_policy(struct slot_parser *p, const struct config_draft *draft, const struct rule *defaults,
                        size_t default_count, struct policy **ret)
{
    const struct rule_drafts drafts = { draft->rules, draft->rule_count, defaults, default_count, &draft->quiet };
    size_t                   before = slot_enter(p, "rules", 0);
    bool                     sound = is_sound(p->problems, p->path);

    if (sound)
        rule_drafts_apply(p, &drafts, ret);
    slot_leave(p, before);
    before = slot_enter(p, "quiet", 0);
    if (*ret && is_sound(p->problems, p->path))
        quiet_windows_apply(p, &draft->quiet, *ret);
    slot_leave(p, before);
}

static struct err make_config(struct slot_parser *p, const cJSON *tree, const struct rule *defaults,
                              size_t default_count, struct config **ret)
{
    struct config_draft *draft = text_pool_take(p->pool, sizeof *draft);

    if (!draft)
        return err_of(ERR_NO_MEMORY, "reading the configuration");
    slots_default(&config_slots, draft);
    slots_parse(p, &config_slots, tree, draft);
    keep_upstreams(p, draft, &draft->config);
    keep_policy(p, draft, defaults, default_count, &draft->config.policy);
    settle_sources(p, &draft->config);
    if (failed(p->err))
        return p->err;
    if (p->wrong)
        return err_of(ERR_MALFORMED, "reading the configuration");
    draft->config.pool = p->pool;
    *ret = &draft->config;
    return err_ok();
}

struct err config_parse(const char *text, size_t len, const struct rule *defaults,
                        size_t default_count, struct problems *problems, struct config **ret)
{
    struct text_pool  *pool = text_pool_new();
    struct problems    own = { 0 };
    struct cJSON      *tree = NULL;
    struct slot_parser p;
    struct err         e;

    if (!pool)
        return err_of(ERR_NO_MEMORY, "reading the configuration");
    slot_parser_begin(&p, problems ? problems : &own, pool);
    e = json_parse(text, len, &json_limits_config, p.problems, &tree);
    if (!failed(e))
        e = make_config(&p, tree, defaults, default_count, ret);
    cJSON_Delete(tree);
    if (failed(e))
        text_pool_free(&pool);
    return e;
}

void config_free(struct config **config)
{
    struct text_pool *pool = *config ? (*config)->pool : NULL; /* the config itself lies in it */

    *config = NULL;
    text_pool_free(&pool);
}

/* ---- what is printed from the rows ---- */

struct err config_example_print(struct buf *into)
{
    struct json_put j;

    json_put_begin(&j, into, true);
    json_put_object(&j, NULL);
    slots_example(&config_slots, &j);
    json_put_end(&j);
    return json_put_done(&j);
}

struct err config_schema_print(struct buf *into)
{
    struct json_put j;

    json_put_begin(&j, into, true);
    json_put_object(&j, NULL);
    json_put_text(&j, "$schema", "https://json-schema.org/draft/2020-12/schema");
    json_put_text(&j, "title", "Configuration of picket");
    json_put_text(&j, "type", "object");
    slots_schema(&config_slots, &j);
    json_put_end(&j);
    return json_put_done(&j);
}

struct err config_reference_print(struct buf *into)
{
    struct err e = buf_add_text(into, "| setting | value | default | meaning |\n|---|---|---|---|\n");

    return failed(e) ? e : slots_reference(&config_slots, "", into);
}
