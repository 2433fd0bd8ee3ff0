#include "agent/config_check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/moment.h"
#include "agent/config_sources.h"
#include "agent/upstream/feed_settings.h"
#include "agent/upstream/feed_trial.h"
#include "agent/upstream/settings.h"
#include "agent/upstream/setup.h"
#include "agent/upstream/trial.h"
#include "platform/file.h"
#include "platform/secret.h"
#include "platform/user.h"
#include "proto/connector/embedded.h"
#include "proto/nearest.h"

enum { CA_FILE_MAX = 1024 * 1024 };

struct checking {
    const char        *path; /* of the configuration, or NULL */
    struct problems   *problems;
    struct problems    of_upstream;
    struct link_setup  setup;
    size_t             upstream;
    bool               wrong;
};

/* What was found below an upstream, as found below the configuration. */
static void pass_on(struct checking *c)
{
    for (size_t i = 0; i < c->of_upstream.count; i++) {
        const struct problem *p = &c->of_upstream.items[i];
        char                  path[PROBLEM_PATH_MAX];

        if (snprintf(path, sizeof path, "upstreams[%zu]%s%s", c->upstream, p->path[0] ? "." : "", p->path) < 0)
            path[0] = '\0';
        problem_add(c->problems, path, "%s", p->text);
        c->wrong = true;
    }
    c->problems->omitted += c->of_upstream.omitted;
    c->of_upstream = (struct problems){ 0 };
}

/* Returns whether it is there, built in or as a file. */
static bool check_name(struct checking *c)
{
    const char    *name = c->setup.connector;
    struct nearest best = nearest_begin(name, strlen(name));

    nearest_offer(&best, "desk");
    nearest_offer(&best, CONFIG_EXPORT);
    for (const struct embedded_file *file = connector_files; file->name; file++) {
        if (strcmp(file->name, name) == 0)
            return true;
        nearest_offer(&best, file->name);
    }
    if (c->setup.connector_file[0])
        return true;
    if (best.found)
        problem_add(&c->of_upstream, "connector", "there is no built-in \"%.60s\"; \"%s\" perhaps?", name, best.found);
    else
        problem_add(&c->of_upstream, "connector", "there is no built-in \"%.60s\"; \"connector_file\" names one of your own",
                    name);
    return false;
}

static void check_ca_file(struct checking *c)
{
    struct buf text;
    char       why[160];
    struct err e;

    if (!c->setup.ca_file[0])
        return;
    buf_init(&text, CA_FILE_MAX);
    e = plat_file_read(c->setup.ca_file, &text);
    if (failed(e))
        problem_add(&c->of_upstream, "ca_file", "%s", err_print(e, why, sizeof why));
    else if (!strstr(buf_text(&text), "-----BEGIN CERTIFICATE-----"))
        problem_add(&c->of_upstream, "ca_file", "expected certificates (-----BEGIN CERTIFICATE-----), found none");
    buf_done(&text);
}

static bool is_secret(const struct connector *connector, const char *name)
{
    for (size_t i = 0; i < connector_setting_count(connector); i++) {
        struct connector_setting setting;

        connector_setting_get(connector, i, &setting);
        if (strcmp(setting.name, name) == 0)
            return setting.secret;
    }
    return false;
}

static bool said_already(const struct checking *c, const char *path)
{
    for (size_t i = 0; i < c->of_upstream.count; i++)
        if (strcmp(c->of_upstream.items[i].path, path) == 0)
            return true;
    return false;
}

/* The administrator can read it; can the account that will? */
static void check_reader(struct checking *c, const char *path, const struct link_setting *setting)
{
    struct plat_user courier;
    char             remedy[PROBLEM_TEXT_MAX];
    struct err       e;

    if (said_already(c, path) || !plat_user_is_administrator() || failed(plat_user_find(SECRET_USER, &courier)))
        return;
    e = plat_secret_try_as(setting->value, SECRET_USER);
    if (failed(e))
        problem_add(&c->of_upstream, path, "%s", plat_secret_remedy(setting->value, e, remedy, sizeof remedy));
}

/* connector: NULL of an upstream that takes samples. */
static void check_secrets(struct checking *c, const struct connector *connector)
{
    for (size_t i = 0; i < c->setup.setting_count; i++) {
        const struct link_setting *setting = &c->setup.settings[i];
        char                       path[PROBLEM_PATH_MAX];

        snprintf(path, sizeof path, "settings.%s", setting->name);
        if (setting->is_file)
            check_reader(c, path, setting);
        else if (c->path && plat_file_is_public(c->path) &&
                 (connector ? is_secret(connector, setting->name) : feed_setting_is_secret(setting->name)))
            problem_add(&c->of_upstream, path,
                        "a secret in a file that others can read: put it into one of its own, {\"file\": "
                        "\"/etc/picket/secrets/%.40s\"}",
                        setting->name);
    }
}

static void check_settings(struct checking *c)
{
    struct connector *connector = NULL;
    struct session   *session = NULL;
    struct err        e = settings_connector(&c->setup, &c->of_upstream, &connector);

    if (!failed(e)) {
        e = settings_session(&c->setup, connector, &c->of_upstream, &session);
        check_secrets(c, connector);
    }
    if (failed(e) && c->of_upstream.count == 0)
        problem_add(&c->of_upstream, "", "%s", err_text(e.code));
    session_free(&session);
    connector_free(&connector);
}

static void check_feed(struct checking *c)
{
    struct feed_settings *settings = calloc(1, sizeof *settings);
    struct err            e = settings ? feed_settings_read(&c->setup, &c->of_upstream, settings)
                                       : err_of(ERR_NO_MEMORY, "checking the configuration");

    check_secrets(c, NULL);
    if (failed(e) && c->of_upstream.count == 0)
        problem_add(&c->of_upstream, "", "%s", err_text(e.code));
    if (settings)
        feed_settings_done(settings);
    free(settings);
}

static void check_upstream(struct checking *c)
{
    check_ca_file(c);
    if (setup_takes_samples(&c->setup))
        check_feed(c);
    else if (check_name(c))
        check_settings(c);
    pass_on(c);
}

static void check_file(struct checking *c)
{
    if (!c->path || plat_file_guarded(c->path, NULL).code != ERR_EXPOSED)
        return;
    problem_add(c->problems, "",
                "others can change this file, or the folder it is in, and so what is sent where: let both belong to root, and "
                "chmod go-w");
    c->wrong = true;
}

static void check_zones(struct checking *c, const struct policy *policy)
{
    struct err why = err_ok();
    int        w = moment_zone_missing(policy, &why);
    char       path[PROBLEM_PATH_MAX], text[160];

    if (w < 0)
        return;
    snprintf(path, sizeof path, "quiet.windows[%d].zone", w);
    if (why.code == ERR_NOT_FOUND)
        problem_add(c->problems, path,
                    "there is no time zone \"%s\" here: see /usr/share/zoneinfo, and install tzdata if it is empty",
                    policy->windows[w].zone ? policy->windows[w].zone : "");
    else
        problem_add(c->problems, path, "%s", err_print(why, text, sizeof text));
    c->wrong = true;
}

struct err config_check(const struct config *config, const char *path, struct problems *problems)
{
    struct checking *c = calloc(1, sizeof *c);
    bool             wrong;

    if (!c)
        return err_of(ERR_NO_MEMORY, "checking the configuration");
    c->path = path;
    c->problems = problems;
    check_file(c);
    check_zones(c, config->policy);
    c->wrong = config_sources_check(config, problems) || c->wrong;
    for (c->upstream = 0; c->upstream < config->upstream_count; c->upstream++) {
        if (upstream_is_desk(&config->upstreams[c->upstream]))
            continue;
        setup_fill(config, c->upstream, &c->setup);
        check_upstream(c);
    }
    wrong = c->wrong;
    free(c);
    return wrong ? err_of(ERR_MALFORMED, "checking the configuration") : err_ok();
}

struct err config_check_online(const struct config *config, struct problems *problems,
                               void (*on_try)(const char *upstream))
{
    struct checking *c = calloc(1, sizeof *c);
    bool             wrong;

    if (!c)
        return err_of(ERR_NO_MEMORY, "checking the configuration");
    c->problems = problems;
    for (c->upstream = 0; c->upstream < config->upstream_count; c->upstream++) {
        struct err e;

        if (upstream_is_desk(&config->upstreams[c->upstream]))
            continue;
        if (on_try)
            on_try(config->upstreams[c->upstream].name);
        setup_fill(config, c->upstream, &c->setup);
        e = setup_takes_samples(&c->setup) ? feed_trial_run(&c->setup, &c->of_upstream)
                                           : trial_run(&c->setup, &c->of_upstream);
        if (failed(e) && c->of_upstream.count == 0)
            problem_add(&c->of_upstream, "", "%s", err_text(e.code));
        pass_on(c);
    }
    wrong = c->wrong;
    free(c);
    return wrong ? err_of(ERR_OS, "trying the upstreams") : err_ok();
}
