#include <stdio.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/print.h"
#include "agent/cli/table.h"
#include "agent/doctor/doctor.h"

enum { CONFIG, STATE, JSON, OFFLINE };

static const struct option_row options[] = {
    [CONFIG] = { "config", 'c', "FILE", "the configuration to look at" },
    [STATE] = { "state", 0, "DIR", "the agent whose state folder this is" },
    [JSON] = { "json", 'j', NULL, "as JSON" },
    [OFFLINE] = { "offline", 0, NULL, "ask nothing over the network" },
    { 0 },
};

enum { CHECK_COLUMNS = 15, STATE_COLUMNS = 9, INDENT = CHECK_COLUMNS + STATE_COLUMNS };

struct output {
    bool            json;
    struct json_put out;
    char            about[64]; /* of the last line */
    size_t          counts[FINDING_STATES];
};

static enum table_tone tone_of(enum finding_state state)
{
    static const enum table_tone tones[] = { TABLE_GOOD, TABLE_WARN, TABLE_BAD, TABLE_DIM };

    return tones[state];
}

static void print_line(struct output *o, const struct finding *f)
{
    enum finding_state state = (enum finding_state)f->state;
    char               text[sizeof f->text], about[sizeof f->about];
    const char        *word = finding_state_name(state);

    if (strcmp(o->about, f->about) != 0) {
        printf("\nupstream %s\n", text_tame(f->about, about, sizeof about));
        snprintf(o->about, sizeof o->about, "%s", f->about);
    }
    text_tame(f->text, text, sizeof text);
    printf("%-*s%s%s%s%*s", CHECK_COLUMNS, f->check, table_tone_on(stdout, tone_of(state)), word,
           table_tone_off(stdout, tone_of(state)), STATE_COLUMNS - (int)strlen(word), "");
    print_rest(stdout, INDENT, text);
    if (!f->remedy[0])
        return;
    printf("%*s-> ", INDENT, "");
    print_rest(stdout, INDENT + 3, text_tame(f->remedy, text, sizeof text));
}

static void on_finding(void *context, const struct finding *f)
{
    struct output *o = context;

    o->counts[f->state]++;
    if (!o->json) {
        print_line(o, f);
        fflush(stdout);
        return;
    }
    json_put_object(&o->out, NULL);
    json_put_text(&o->out, "check", f->check);
    json_put_text(&o->out, "upstream", f->about[0] ? f->about : NULL);
    json_put_text(&o->out, "state", finding_state_name((enum finding_state)f->state));
    json_put_text(&o->out, "text", f->text);
    json_put_text(&o->out, "remedy", f->remedy[0] ? f->remedy : NULL);
    json_put_end(&o->out);
}

static int end_output(struct output *o, struct buf *text)
{
    const size_t *n = o->counts;
    struct err    e = err_ok();

    if (o->json) {
        json_put_end(&o->out);
        json_put_flag(&o->out, "healthy", n[FINDING_FAILED] == 0);
        json_put_end(&o->out);
        e = json_put_done(&o->out);
        fputs(buf_text(text), stdout);
    } else {
        printf("\n%zu ok, %zu warning%s, %zu failed, %zu skipped\n", n[FINDING_OK], n[FINDING_WARNING],
               n[FINDING_WARNING] == 1 ? "" : "s", n[FINDING_FAILED], n[FINDING_SKIPPED]);
    }
    return failed(e) || n[FINDING_FAILED] ? EXIT_FAILED : EXIT_DONE;
}

static int look(const struct doctor_options *wish, struct output *o)
{
    struct buf text;
    struct err e;
    char       why[160];
    int        status = EXIT_FAILED;

    buf_init(&text, 1024 * 1024);
    json_put_begin(&o->out, &text, true);
    json_put_object(&o->out, NULL);
    json_put_array(&o->out, "checks");
    e = doctor_run(wish, on_finding, o);
    if (failed(e))
        fprintf(stderr, "picket doctor: %s\n", err_print(e, why, sizeof why));
    else
        status = end_output(o, &text);
    buf_done(&text);
    return status;
}

static int run(int argc, char **argv)
{
    struct option_scan    scan = { .command = &command_doctor, .argc = argc, .argv = argv };
    struct doctor_options wish = { 0 };
    struct output         o = { 0 };

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        o.json = o.json || option == JSON;
        wish.offline = wish.offline || option == OFFLINE;
        if (option == CONFIG)
            wish.config = scan.value;
        if (option == STATE)
            wish.state = scan.value;
    }
    if (scan.at < argc)
        return usage_error(&command_doctor, "\"%s\" is one word too many", argv[scan.at]);
    return look(&wish, &o);
}

const struct command command_doctor = {
    .name = "doctor",
    .summary = "Look for what is wrong, and say what to do about it.",
    .usage = "",
    .help = "One line a check: ok, warning, failed or skipped, each with what was seen, and below it what to do. First this "
            "machine: the configuration and its secrets, folders, disk, database, memory, kernel, the running agent and its "
            "courier. Then the way to each upstream: its name, a proxy, the connection, TLS with the chain of certificates, "
            "its clock against ours, and whether it takes the credentials and knows what the settings name.\n"
            "Nothing is changed, nothing is created, and the running agent is left alone. What asks the network runs confined, "
            "with the courier's account. A check that hangs is given up, and the others go on.\n"
            "\n"
            "Run it as root to see everything. Exit codes: 0 nothing failed, 1 something did.",
    .options = options,
    .run = run,
};
