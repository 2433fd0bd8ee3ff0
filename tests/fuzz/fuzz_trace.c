/* Traces that someone wrote, played by the built-in rules. In whatever pieces they come, the outcome is the same. */
#include <stdlib.h>
#include <string.h>

#include "agent/replay/replay.h"
#include "agent/rule/rules.h"

static bool play(const uint8_t *data, size_t size, size_t piece, struct replay_result *ret, struct replay **at)
{
    static struct policy        policy;
    const struct replay_options o = { .policy = &policy, .remind_hours = 24, .rounds_max = 120 };
    struct err                  e;

    policy.rules = (struct rule *)(uintptr_t)default_rules;
    policy.count = default_rule_count;
    if (replay_new(&o, at).code != ERR_OK)
        abort();
    e = err_ok();
    for (size_t i = 0; i < size && !failed(e); i += piece)
        e = replay_feed(*at, data + i, size - i < piece ? size - i : piece);
    if (!failed(e))
        e = replay_end(*at, ret);
    if (failed(e) && strlen(replay_why(*at)) == 0)
        abort();
    return !failed(e);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct replay_result whole = { 0 }, parts = { 0 };
    struct replay       *one = NULL, *other = NULL;
    bool                 good;

    if (size > 20000)
        return 0;
    good = play(data, size, size ? size : 1, &whole, &one);
    if (good != play(data, size, 7, &parts, &other))
        abort();
    if (good && (whole.alert_count != parts.alert_count || whole.tickets != parts.tickets || whole.bare != parts.bare ||
                 whole.missed != parts.missed || whole.counts.samples != parts.counts.samples))
        abort();
    replay_free(&one);
    replay_free(&other);
    return 0;
}
