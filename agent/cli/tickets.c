#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/cli/command.h"
#include "agent/cli/print.h"
#include "agent/cli/table.h"
#include "agent/control/ask.h"
#include "platform/clock.h"
#include "proto/json.h"

enum { ALL, JSON, STATE };

static const struct option_row options[] = {
    [ALL] = { "all", 'a', NULL, "closed tickets of the local desk too" },
    [JSON] = { "json", 'j', NULL, "as JSON" },
    [STATE] = { "state", 0, "DIR", "the agent whose state folder this is" },
    { 0 },
};

static const struct {
    const char       *word;
    enum talk_request request;
    bool              takes_text;
} actions[] = {
    { "show", TALK_TICKET, false },
    { "note", TALK_NOTE, true },
    { "close", TALK_CLOSE, false },
    { "reopen", TALK_REOPEN, false },
};

struct listing {
    bool            json;
    struct json_put out;
    struct buf      text;
    struct table    table;
    size_t          tickets;
    bool            in_notes;
    bool            whole; /* one ticket with all of it */
};

static void tame(const char *text, char *into, size_t size)
{
    text_tame(text, into, size);
}

static const struct table_column columns[] = {
    { .title = "UPSTREAM" }, { .title = "TICKET" },           { .title = "STATE" },
    { .title = "SEVERITY" }, { .title = "SINCE" },            { .title = "TITLE", .gives = true },
};

static enum table_tone tone_of(const struct talk_ticket *t)
{
    if (strcmp(t->state, "closed") == 0)
        return TABLE_DIM;
    return strcmp(t->severity, "critical") == 0 ? TABLE_BAD : TABLE_WARN;
}

static void put_row(struct listing *l, const struct talk_ticket *t)
{
    char            since[CLOCK_TEXT_BYTES];
    enum table_tone tone = tone_of(t);

    if (l->tickets++ == 0)
        table_begin(&l->table, columns, ARRAY_LEN(columns));
    table_put(&l->table, TABLE_PLAIN, t->upstream);
    table_put(&l->table, TABLE_PLAIN, t->id[0] ? t->id : "-");
    table_put(&l->table, TABLE_PLAIN, t->state);
    table_put(&l->table, tone, t->severity);
    table_put(&l->table, TABLE_PLAIN, plat_clock_print(t->opened, since));
    table_put(&l->table, TABLE_PLAIN, t->title);
}

static void print_whole(const struct talk_ticket *t)
{
    char title[300], at[CLOCK_TEXT_BYTES];

    tame(t->title, title, sizeof title);
    printf("Ticket %s (%s, %s)  %s\n", t->id, t->state, t->severity, title);
    printf("  opened  %s\n", plat_clock_print(t->opened, at));
    if (t->closed)
        printf("  closed  %s\n", plat_clock_print(t->closed, at));
    printf("  ref     %s\n\n", t->ref);
}

static void print_lines(const char *text, const char *indent)
{
    char line[2200];

    while (*text) {
        size_t len = strcspn(text, "\n");
        snprintf(line, sizeof line, "%.*s", (int)len, text);
        tame(line, line, sizeof line);
        printf("%s%s\n", indent, line);
        text += len + (text[len] == '\n');
    }
}

static void print_note(const struct talk_note *n)
{
    char at[CLOCK_TEXT_BYTES], author[80];

    tame(n->author, author, sizeof author);
    printf("\n  %s, %s:\n", plat_clock_print(n->at, at), author);
    print_lines(n->text, "    ");
}

static void json_answer(struct listing *l, const struct record *record, const void *value)
{
    if (record == &talk_note_record && !l->in_notes) {
        l->in_notes = true;
        json_put_array(&l->out, "notes");
    }
    if (record == &talk_text_record)
        json_put_text(&l->out, "text", ((const struct talk_text *)value)->text);
    else if (l->whole && record == &talk_ticket_record)
        record_json(record, value, &l->out, "ticket");
    else
        record_json(record, value, &l->out, NULL);
}

static void on_answer(void *context, const struct record *record, const void *value)
{
    struct listing *l = context;

    if (l->json)
        json_answer(l, record, value);
    else if (record == &talk_ticket_record && l->whole)
        print_whole(value);
    else if (record == &talk_ticket_record)
        put_row(l, value);
    else if (record == &talk_text_record)
        print_lines(((const struct talk_text *)value)->text, "  ");
    else if (record == &talk_note_record)
        print_note(value);
}

static void listing_begin(struct listing *l)
{
    buf_init(&l->text, 16 * 1024 * 1024);
    if (!l->json)
        return;
    json_put_begin(&l->out, &l->text, true);
    json_put_object(&l->out, NULL);
    if (!l->whole)
        json_put_array(&l->out, "tickets");
}

static struct err listing_end(struct listing *l)
{
    struct err e = err_ok();

    if (l->json) {
        if (l->in_notes || !l->whole)
            json_put_end(&l->out);
        json_put_end(&l->out);
        e = json_put_done(&l->out);
        fputs(buf_text(&l->text), stdout);
    } else if (!l->whole && l->tickets) {
        e = table_end(&l->table, stdout);
    } else if (!l->whole) {
        puts("No open tickets.");
    }
    return e;
}

static int ask(struct listing *l, const char *state, enum talk_request request, const struct talk_ask *what)
{
    char       why[ASK_WHY_MAX];
    struct err e;

    listing_begin(l);
    e = ask_agent(state, request, what, on_answer, l, why);
    if (failed(e))
        fprintf(stderr, "picket tickets: %s\n", why);
    else
        e = listing_end(l);
    buf_done(&l->text);
    return failed(e) ? EXIT_FAILED : EXIT_DONE;
}

/* "show 3", "note 3 TEXT" */
static int act(struct listing *l, const char *state, int count, char **words)
{
    struct talk_ask what = { 0 };
    char           *end;
    size_t          i = 0;

    while (i < ARRAY_LEN(actions) && strcmp(actions[i].word, words[0]) != 0)
        i++;
    if (i == ARRAY_LEN(actions))
        return usage_error(&command_tickets, "\"%s\" is none of show, note, close, reopen", words[0]);
    if (count != (actions[i].takes_text ? 3 : 2))
        return usage_error(&command_tickets, "%s takes a ticket's number%s", words[0],
                           actions[i].takes_text ? " and a text in quotes" : "");
    what.number = strtoull(words[1], &end, 10);
    if (*end || what.number == 0 || what.number > INT64_MAX)
        return usage_error(&command_tickets, "\"%s\" is not the number of a ticket of the local desk", words[1]);
    if (actions[i].takes_text && strlen(words[2]) >= sizeof what.text)
        return usage_error(&command_tickets, "the note is longer than %zu bytes", sizeof what.text - 1);
    if (actions[i].takes_text)
        utf8_copy(what.text, sizeof what.text, words[2], strlen(words[2]));
    l->whole = true;
    return ask(l, state, actions[i].request, &what);
}

static int run(int argc, char **argv)
{
    struct option_scan scan = { .command = &command_tickets, .argc = argc, .argv = argv };
    struct listing     l = { 0 };
    struct talk_ask    what = { 0 };
    const char        *state = NULL;

    for (int option; (option = option_next(&scan)) != OPTION_END;) {
        if (option == OPTION_EXIT)
            return scan.status;
        what.all = what.all || option == ALL;
        l.json = l.json || option == JSON;
        if (option == STATE)
            state = scan.value;
    }
    if (scan.at < argc)
        return act(&l, state, argc - scan.at, argv + scan.at);
    return ask(&l, state, TALK_TICKETS, &what);
}

const struct command command_tickets = {
    .name = "tickets",
    .summary = "List the tickets of this machine; work on those of the local desk.",
    .usage = "[show NUMBER | note NUMBER TEXT | close NUMBER | reopen NUMBER]",
    .help = "Without a word it lists what is open, in every upstream. The other forms are for tickets of the "
            "local desk, the agent's own list: show one whole, write a note, close it, open it again. A ticket "
            "with a person's note is no longer closed by the agent when the breach ends.\n"
            "\n"
            "Changing a ticket needs the administrator, or the user the agent runs as.",
    .options = options,
    .run = run,
};
