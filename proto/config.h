/* proto/config.h - /etc/picket/picket.json as a struct.
 *
 * What may stand in it is one table of slots (proto/config.c) from which parsing, the example, the JSON Schema and
 * the help are all made. Every mistake is a problem with its path; a text with any problem yields no config.
 * No file at all is a valid configuration: defaults, the local desk.
 * Ownership: a config owns its text and its policy; all lies in one pool. Thread: any, one owner.
 */
#ifndef PICKET_PROTO_CONFIG_H
#define PICKET_PROTO_CONFIG_H

#include "proto/json.h"
#include "proto/policy.h"

enum { CONFIG_UPSTREAMS_MAX = 8, CONFIG_NAME_MAX = 40, CONFIG_PERIOD_MIN_S = 1, CONFIG_SETTINGS_MAX = 64 };

#define CONFIG_EXPORT "otlp" /* the connector of an upstream that takes samples, not tickets */

/* A setting of a connector: a literal, or a file that holds it (then a secret: never printed). */
struct config_setting {
    const char *name;
    const char *value; /* NULL where file is given */
    const char *file;
};

struct config_upstream {
    const char *name;      /* ours: in logs, status, deliveries: [a-z0-9-]+ */
    const char *connector; /* "desk", CONFIG_EXPORT, or the name of a connector file */
    const char *connector_file; /* a path that overrides the built-in one; NULL */
    const char *ca_file;   /* PEM; NULL: the system's roots */
    const char *proxy;     /* "http://proxy:3128", "none"; NULL: the environment's */
    enum severity from;    /* the least severity that becomes a ticket here */
    const struct config_setting *settings;
    size_t      setting_count;
};

enum {
    CONFIG_CHECKS_MAX = 100,
    CHECK_ARGS_MAX = 60,
    CHECK_ARG_MAX_BYTES = 1000,
    CONFIG_LOGS_MAX = 50,
    LOG_GLOBS_MAX = 16,
    LOG_GLOB_MAX_BYTES = 200,
};

/* A monitoring plugin that is run now and then. */
struct config_check {
    const char        *name;
    const char *const *command; /* ends with NULL; the first is a path */
    uint32_t           period_s, retry_s, timeout_s;
    const char        *user;
};

struct config_journal {
    const char *unit, *identifier, *priority; /* NULL: any; a priority is a word, "err" */
    uint32_t    period_s;
};

/* Lines that are counted. One of file and journal. */
struct config_log {
    const char                  *name, *file;
    const struct config_journal *journal;
    const char *const           *match, *const *unmatch; /* globs, each begins and ends with *; the last is NULL; unmatch:
                                                          * may be NULL. With ignore_case in small letters. */
    const char                  *severity;               /* "warning", "critical" */
    int                          ignore_case, optional;
};

struct config {
    const char *device_name;   /* NULL: the host's name */
    const char *client, *site; /* the MSP's names for whose this is; NULL */
    const char *device_url;    /* link put into tickets; NULL */
    const char *log_level;     /* "info" */
    uint32_t    period_s;      /* 60 */
    uint32_t    inventory_hours; /* 24; 0 never */
    uint32_t    outbox_mb;     /* 16 */
    uint32_t    history_hours; /* how long samples are kept: 72 */
    int         metrics_socket; /* 1: figures are served to whoever scrapes, at run_dir/metrics.sock */
    uint32_t    remind_hours;  /* a note on an alert that stays open: 24; 0 never */
    uint32_t    storm_alerts, storm_min; /* more new alerts within that time are one ticket: 10, 10; 0 alerts: never */
    struct config_upstream upstreams[CONFIG_UPSTREAMS_MAX];
    size_t      upstream_count; /* the desk, too, where none takes tickets */
    uint32_t    checks_at_once; /* 2 */
    struct config_check *checks;
    size_t      check_count;
    struct config_log *logs;
    size_t      log_count;
    struct policy *policy;      /* defaults with the configuration's changes */
    struct text_pool *pool;
};

/* defaults: the built-in rules that "rules" changes by name; lent, and must outlive the configuration. MALFORMED
 * or TOO_BIG come with problems. */
struct err config_parse(const char *text, size_t len, const struct rule *defaults, size_t default_count,
                        struct problems *problems, struct config **ret);
void       config_free(struct config **config);

struct err config_example_print(struct buf *into); /* JSON with every setting at its default */
struct err config_schema_print(struct buf *into);  /* JSON Schema, draft 2020-12 */
struct err config_reference_print(struct buf *into); /* a Markdown table of every setting, for docs/configuration.md */

#endif
