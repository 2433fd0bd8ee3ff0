/* This machine's checks: the configuration, what the agent says of itself, what the system offers. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/config_check.h"
#include "agent/control/ask.h"
#include "agent/doctor/exam.h"
#include "agent/upstream/setup.h"
#include "platform/clock.h"
#include "platform/memory.h"
#include "platform/timekeeping.h"
#include "platform/user.h"

/* ---- the configuration and its secrets ---- */

static bool is_of_secret(const struct problem *p)
{
    return strstr(p->path, ".settings.") != NULL;
}

/* The first of a kind, and how many more there are. */
static bool say_problems(struct exam *x, const struct problems *all, bool of_secrets)
{
    const struct problem *first = NULL;
    size_t                more = 0;

    for (size_t i = 0; i < all->count; i++) {
        if (is_of_secret(&all->items[i]) != of_secrets)
            continue;
        more += first != NULL;
        first = first ? first : &all->items[i];
    }
    if (!first)
        return false;
    exam_advise(x, "picket config check names every mistake. What is in force stays in force until systemctl reload picket.");
    if (more)
        exam_say(x, FINDING_FAILED, "%s: %s (and %zu more)", first->path, first->text, more);
    else
        exam_say(x, FINDING_FAILED, "%s%s%s", first->path, first->path[0] ? ": " : "", first->text);
    return true;
}

/* Is the configuration one that we may judge as the agent would see it? Its secrets are not ours to read. */
static bool is_of_another(const struct exam *x)
{
    return x->order.of_system && !plat_user_is_administrator();
}

static void check_configuration(struct exam *x)
{
    const char *file = plat_path_exists(x->order.config) ? x->order.config : NULL;
    size_t      rules = 0;

    exam_load_config(x);
    if (!x->config) {
        if (!say_problems(x, &x->problems, false) && !say_problems(x, &x->problems, true))
            exam_say(x, FINDING_FAILED, "%s cannot be read", x->order.config);
        return;
    }
    (void)config_check(x->config, file, &x->problems);
    if (say_problems(x, &x->problems, false))
        return;
    for (size_t i = 0; i < x->config->policy->count; i++)
        rules += x->config->policy->rules[i].enabled;
    exam_say(x, FINDING_OK, "%s: %zu rules, %zu upstream%s", x->origin, rules, x->config->upstream_count,
             x->config->upstream_count == 1 ? "" : "s");
}

static void check_secrets(struct exam *x)
{
    size_t files = 0;

    if (!x->config) {
        exam_say(x, FINDING_SKIPPED, "the configuration does not say which there are");
        return;
    }
    for (size_t u = 0; u < x->config->upstream_count; u++)
        for (size_t s = 0; s < x->config->upstreams[u].setting_count; s++)
            files += x->config->upstreams[u].settings[s].file != NULL;
    if (files && is_of_another(x)) {
        exam_advise(x, "Run this as root.");
        exam_say(x, FINDING_SKIPPED, "the agent's secrets are not ours to read");
    } else if (!say_problems(x, &x->problems, true)) {
        if (files == 0)
            exam_say(x, FINDING_OK, "none is kept in a file");
        else
            exam_say(x, FINDING_OK, "%zu file%s, closed to everyone else", files, files == 1 ? "" : "s");
    }
}

/* ---- the running agent ---- */

struct answer {
    struct talk_agent agent;
    bool              known;
};

static void on_agent(void *context, const struct record *record, const void *value)
{
    struct answer *a = context;

    if (record != &talk_agent_record)
        return;
    a->agent = *(const struct talk_agent *)value;
    a->known = true;
}

static struct err ask(const struct exam *x, struct answer *ret, char *why)
{
    const struct talk_ask nothing = { 0 };

    return ask_agent_at(x->order.control, TALK_STATUS, &nothing, on_agent, ret, why);
}

static void judge_agent(struct exam *x, const struct talk_agent *a)
{
    uint64_t age_s = a->round_age_ms / 1000;

    if (a->configuration_error[0]) {
        exam_advise(x, "Mend it (picket config check), then systemctl reload picket.");
        exam_say(x, FINDING_WARNING, "a changed configuration was not taken: %s", a->configuration_error);
    } else if (!a->durable) {
        exam_advise(x, "See what the disk lacks. Nothing is lost while the agent runs.");
        exam_say(x, FINDING_WARNING, "%" PRIu64 " changes are in memory only: %s", a->unsaved, a->durable_why);
    } else if (a->rounds == 0) {
        exam_say(x, FINDING_OK, "process %" PRIu64 " as %s, %s; it has just begun", a->process, a->user, a->version);
    } else if (a->round_age_ms > 3000 * a->period_s) {
        exam_advise(x, "Something holds it up: journalctl -u picket; if it stays so, systemctl restart picket and report it.");
        exam_say(x, FINDING_FAILED, "its last reading is %" PRIu64 " s old, and there should be one every %" PRIu64 " s", age_s,
                 a->period_s);
    } else {
        exam_say(x, FINDING_OK, "process %" PRIu64 " as %s, %s; last reading %" PRIu64 " s ago, one every %" PRIu64 " s",
                 a->process, a->user, a->version, age_s, a->period_s);
    }
}

static void check_agent(struct exam *x)
{
    struct answer a = { .known = false };
    char          why[ASK_WHY_MAX];
    struct err    e = ask(x, &a, why);

    if (!failed(e) && a.known) {
        judge_agent(x, &a.agent);
    } else if (e.code == ERR_NOT_FOUND) {
        exam_advise(x, "%s", x->order.of_system ? "systemctl start picket; systemctl status picket says why it ended."
                                                : "Start it: picket run --show, or install the package.");
        exam_say(x, FINDING_FAILED, "none is running: nobody answers at %s", x->order.control);
    } else {
        exam_advise(x, "If it does not answer at all: journalctl -u picket, then systemctl restart picket.");
        exam_say(x, FINDING_FAILED, "%s", why);
    }
}

static bool wants_courier(const struct exam *x)
{
    for (size_t i = 0; x->config && i < x->config->upstream_count; i++)
        if (!upstream_is_desk(&x->config->upstreams[i]))
            return true;
    return false;
}

static void check_courier(struct exam *x)
{
    struct answer a = { .known = false };
    char          why[ASK_WHY_MAX];

    if (!wants_courier(x)) {
        exam_say(x, FINDING_SKIPPED, "no upstream needs one");
    } else if (failed(ask(x, &a, why)) || !a.known) {
        exam_say(x, FINDING_SKIPPED, "the agent does not answer");
    } else if (!a.agent.courier_process) {
        exam_advise(x, "journalctl -u picket says why it ends; it is started again within a minute.");
        exam_say(x, FINDING_FAILED, "it does not run: nothing reaches the upstreams");
    } else if (strstr(a.agent.courier_confinement, "not walled") || strstr(a.agent.courier_confinement, "not filtered")) {
        exam_advise(x, "It works, with less between it and this machine: a kernel from 5.13 on with Landlock and seccomp has "
                       "both.");
        exam_say(x, FINDING_WARNING, "process %" PRIu64 " as %s: %s", a.agent.courier_process, a.agent.courier_user,
                 a.agent.courier_confinement);
    } else {
        exam_say(x, FINDING_OK, "process %" PRIu64 " as %s: %s", a.agent.courier_process, a.agent.courier_user,
                 a.agent.courier_confinement);
    }
}

/* ---- the system ---- */

static const uint64_t LEAST_MEMORY = 32 * 1024 * 1024;

static void check_memory(struct exam *x)
{
    struct plat_memory m;
    struct err         e = plat_memory_read(&m);
    char               why[160];

    plat_memory_done();
    if (failed(e)) {
        exam_say(x, FINDING_SKIPPED, "%s", err_print(e, why, sizeof why));
    } else if (m.available_bytes < LEAST_MEMORY) {
        exam_advise(x, "Find out what takes it: the system may soon end programs, the agent among them.");
        exam_say(x, FINDING_WARNING, "%" PRIu64 " MB of %" PRIu64 " MB are left", m.available_bytes >> 20, m.total_bytes >> 20);
    } else {
        exam_say(x, FINDING_OK, "%" PRIu64 " MB of %" PRIu64 " MB are left", m.available_bytes >> 20, m.total_bytes >> 20);
    }
}

/* What the kernel knows of it; how far it is from each upstream's is found on the way there. */
static void check_clock(struct exam *x)
{
    struct plat_timekeeping t;
    char                    now[CLOCK_TEXT_BYTES];

    plat_clock_print(plat_clock_wall_ms(), now);
    if (failed(plat_timekeeping_read(&t))) {
        exam_say(x, FINDING_SKIPPED, "%s; this system does not say whether it is kept right", now);
    } else if (t.synchronised) {
        exam_say(x, FINDING_OK, "%s, synchronised to %.1f s at the worst", now, t.maximum_error_s);
    } else {
        exam_advise(x, t.kept ? "A program keeps the time and does not succeed: can it reach its servers (chronyc sources, "
                                "timedatectl timesync-status; UDP port 123)?"
                              : "Install one that keeps the time: systemd-timesyncd or chrony. If the machine gets it in "
                                "another way, all is well.");
        exam_say(x, FINDING_WARNING, "%s, and nothing says that it is right", now);
    }
}

/* What the courier's walls would be; this process is no courier, and stays as it is. */
static void check_kernel(struct exam *x)
{
    struct plat_confine_offer offer;

    if (failed(plat_confine_offered(&offer))) {
        exam_say(x, FINDING_SKIPPED, "this system offers no confinement that is known");
    } else if (offer.files && offer.calls) {
        exam_say(x, FINDING_OK, "offers Landlock %d and seccomp", offer.files);
    } else {
        exam_advise(x, "The agent works, with less between the courier and this machine. Landlock came with Linux 5.13; it may "
                       "have to be named in the kernel's lsm= parameter.");
        exam_say(x, FINDING_WARNING, "%s%s%s", offer.files ? "" : "no Landlock", offer.files || offer.calls ? "" : ", ",
                 offer.calls ? "" : "no seccomp");
    }
}

const struct exam_check exam_of_machine[] = {
    { "configuration", 15, check_configuration },
    { "secrets", 15, check_secrets },
    { "folders", 10, exam_folders },
    { "disk", 10, exam_disk },
    { "database", 60, exam_database },
    { "leftovers", 10, exam_leftovers },
    { "paths", 10, exam_paths },
    { "memory", 10, check_memory },
    { "kernel", 10, check_kernel },
    { "clock", 10, check_clock },
    { "agent", 15, check_agent },
    { "courier", 15, check_courier },
    { NULL, 0, NULL },
};
