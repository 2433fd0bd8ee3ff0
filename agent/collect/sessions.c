#include "platform/sessions.h"
#include "agent/collect/collect.h"
#include "platform/buf.h"

enum { SESSIONS, USERS };

// clang-format off
static const struct metric metrics[] = {
    [SESSIONS] = { "system.session.count", UNIT_SESSIONS, METRIC_GAUGE,
        "people who are logged on, as often as they are; not those whose session is ending" },
    [USERS] = { "system.session.users", UNIT_USERS, METRIC_GAUGE, "different accounts among them, 64 at most" },
};
// clang-format on

static struct err read_sessions(struct sink *out)
{
    static const struct attr kinds[] = { { "system.session.kind", "local" }, { "system.session.kind", "remote" } };
    struct plat_sessions     s;
    struct err               e = plat_sessions_read("", &s);

    if (failed(e))
        return e;
    sink_put_at(out, &metrics[SESSIONS], s.local, &kinds[0], 1);
    sink_put_at(out, &metrics[SESSIONS], s.remote, &kinds[1], 1);
    sink_put(out, &metrics[USERS], s.users);
    return e;
}

const struct collector collect_sessions = {
    .name = "sessions",
    .help = "How many people are logged on, by the files of systemd-logind (or elogind), else by utmp; who they are is "
            "not kept. "
            "Login screens and services are not counted. The convention has no metrics for it.",
    .series = "sessions one for each system.session.kind: local (a screen or console of the machine), remote (over the "
              "network)",
    .period_s = 300,
    .metrics = metrics,
    .metric_count = ARRAY_LEN(metrics),
    .read = read_sessions,
};
