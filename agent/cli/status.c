#include <stdio.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/view.h"
#include "agent/control/ask.h"

enum { ALL, JSON, STATE };

static const struct option_row options[] = {
    [ALL] = { "all", 'a', NULL, "every figure, rule and collector" },
    [JSON] = { "json", 'j', NULL, "as JSON (always all)" },
    [STATE] = { "state", 0, "DIR", "the agent whose state folder this is" },
    { 0 },
};

struct output {
    bool                 json;
    struct view          view;
    struct json_put      out;
    const struct record *last;
    bool                 seen[8]; /* of arrays */
};

static const struct record *const arrays[] = {
    &talk_upstream_record, &talk_alert_record, &talk_rule_record, &talk_collector_record, &talk_figure_record,
};

/* One agent, then arrays: the records of a kind come in a row. */
static void json_answer(struct output *o, const struct record *record, const void *value)
{
    if (record == &talk_agent_record) {
        record_json(record, value, &o->out, record->name);
        return;
    }
    if (record != o->last) {
        if (o->last)
            json_put_end(&o->out);
        json_put_array(&o->out, record->name);
        o->last = record;
        for (size_t i = 0; i < ARRAY_LEN(arrays); i++)
            o->seen[i] = o->seen[i] || arrays[i] == record;
    }
    record_json(record, value, &o->out, NULL);
}

static void on_answer(void *context, const struct record *record, const void *value)
{
    struct output *o = context;

    if (o->json)
        json_answer(o, record, value);
    else
        view_put(&o->view, record, value);
}

static struct err end_json(struct output *o, struct buf *text)
{
    struct err e;

    if (o->last)
        json_put_end(&o->out);
    for (size_t i = 0; i < ARRAY_LEN(arrays); i++) {
        if (o->seen[i])
            continue;
        json_put_array(&o->out, arrays[i]->name);
        json_put_end(&o->out);
    }
    json_put_end(&o->out);
    e = json_put_done(&o->out);
    if (!failed(e))
        fputs(buf_text(text), stdout);
    return e;
}

static int print_status(struct output *o, const char *state, bool all)
{
    const struct talk_ask nothing = { 0 };
    char                  why[ASK_WHY_MAX];
    struct buf            text;
    struct err            e;

    buf_init(&text, 16 * 1024 * 1024);
    view_begin(&o->view, table_style_of(stdout), all);
    json_put_begin(&o->out, &text, true);
    json_put_object(&o->out, NULL);
    e = ask_agent(state, TALK_STATUS, &nothing, on_answer, o, why);
    if (failed(e))
        fprintf(stderr, "picket status: %s\n", why);
    else if (o->json)
        e = end_json(o, &text);
    view_end(&o->view, failed(e) || o->json ? NULL : stdout);
    buf_done(&text);
    return failed(e) ? EXIT_FAILED : EXIT_DONE;
}

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_status, .argc = argc, .argv = argv };
    struct output      o = { 0 };
    const char        *state = NULL;
    bool               all = false;

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        all = all || option == ALL;
        o.json = o.json || option == JSON;
        if (option == STATE)
            state = scan.value;
    }
    if (scan.at < argc)
        return usage_error(&command_status, "\"%s\" is one word too many", argv[scan.at]);
    return print_status(&o, state, all);
}

const struct command command_status = {
    .name = "status",
    .summary = "Show what the running agent measures, raises and reports.",
    .usage = "",
    .help = "Asks the agent that runs on this machine: the user's own trial first, then the installed one. Needs no "
            "rights beyond a local account. Exit code 1 when no agent answers.",
    .options = options,
    .run = run,
};
