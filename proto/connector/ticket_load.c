/* The role "ticket": its operations, and what each of them must have to be safe. */
#include <string.h>

#include "proto/connector/parts_load.h"
#include "proto/connector/request_load.h"
#include "proto/connector/template.h"

// clang-format off
static const struct {
    const char *member, *name;
    bool writes, creates;
    bool match, closed, id;      /* these must be there */
} ops[TICKET_OPS] = {
    [OP_FIND]   = { "find",   "ticket.find",   false, false, true,  false, true  },
    [OP_GET]    = { "get",    "ticket.get",    false, false, false, true,  false },
    [OP_PEOPLE] = { "people", "ticket.people", false, false, false, false, false },
    [OP_CREATE] = { "create", "ticket.create", true,  true,  false, false, true  },
    [OP_NOTE]   = { "note",   "ticket.note",   true,  false, false, false, false },
    [OP_CLOSE]  = { "close",  "ticket.close",  true,  false, false, false, false },
    [OP_EVENT]  = { "event",  "ticket.event",  true,  false, false, false, false },
};
// clang-format on

static bool gives_id(const struct connector *c, const struct operation *op)
{
    for (size_t i = 0; i < op->value_count; i++)
        if (op->values[i].found == c->found_id)
            return true;
    return false;
}

static void check(struct loader *l, unsigned which, const struct operation *op)
{
    if (ops[which].writes && !op->expect && !op->trust_status && !op->read_back)
        load_problem(l, "a write is not believed for its status: it needs \"expect\", \"read_back\" or a reason in "
                        "\"trust_status\"");
    if (ops[which].match && !op->match)
        load_problem(
            l, "\"match\" is missing: the reference in an answer is compared here, whatever the server searched for");
    if (ops[which].closed && !op->closed)
        load_problem(l, "\"closed\" is missing: how a closed ticket is known");
    if (ops[which].id && !gives_id(l->c, op))
        load_problem(l, "\"values\" must have \"id\"");
    if (op->read_back && !l->c->has_op[OP_GET])
        load_problem(l, "\"read_back\" needs the operation \"get\"");
    if (which == OP_PEOPLE && !op->touched)
        load_problem(l, "\"touched\" is missing");
}

static void op_load(struct loader *l, const cJSON *item, unsigned which)
{
    struct operation *op = &l->c->ops[which];

    op->name = ops[which].name;
    op->writes = ops[which].writes;
    op->creates = ops[which].creates;
    operation_load(l, item, op);
    l->c->has_op[which] = true;
    check(l, which, op);
}

/* The order is that of the checks: get before those that read back. */
static void get_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    op_load(l, item, OP_GET);
}

static void find_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    op_load(l, item, OP_FIND);
}

static void people_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    op_load(l, item, OP_PEOPLE);
}

static void create_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    op_load(l, item, OP_CREATE);
}

static void note_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    op_load(l, item, OP_NOTE);
}

static void close_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    op_load(l, item, OP_CLOSE);
}

static void event_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    op_load(l, item, OP_EVENT);
}

static void dedupe_load(struct loader *l, const cJSON *item, void *unused)
{
    static const char *const names[] = {
        [DEDUPE_EXACT] = "exact", [DEDUPE_SEARCH] = "search", [DEDUPE_NONE] = "none", NULL
    };
    int index = load_word(l, item, names);

    (void)unused;
    l->c->dedupe = index < 0 ? DEDUPE_NONE : (enum dedupe_class)index;
}

static void settle_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    l->c->settle_s = (uint32_t)load_integer(l, item, 0, 600);
}

static void url_load(struct loader *l, const cJSON *item, void *unused)
{
    (void)unused;
    if (cJSON_IsString(item))
        template_load(l, item->valuestring, PLACE_BASE, NULL, &l->c->ticket_url);
    else
        load_problem(l, "expected a text");
}

static const struct member ticket_members[] = {
    { "about", false, load_about },   { "dedupe", true, dedupe_load },  { "settle_s", false, settle_load },
    { "url", false, url_load },       { "get", false, get_load },       { "find", false, find_load },
    { "people", false, people_load }, { "create", false, create_load }, { "note", false, note_load },
    { "close", false, close_load },   { "event", false, event_load },
};

void ticket_load(struct loader *l, const cJSON *item, void *unused)
{
    struct connector *c = l->c;
    bool              none;

    l->scopes = SCOPES_OF_TASK | 1U << SCOPE_FOUND | 1U << SCOPE_TICKET;
    c->settle_s = 10;
    load_object(l, item, ticket_members, ARRAY_LEN(ticket_members), unused);
    none = c->dedupe == DEDUPE_NONE;
    if (none != c->has_op[OP_EVENT] || none == (c->has_op[OP_FIND] && c->has_op[OP_CREATE]))
        load_problem(l, "dedupe \"none\" has \"event\"; \"exact\" and \"search\" have \"find\" and \"create\" instead");
    if (!none && !c->has_op[OP_NOTE])
        load_problem(l, "\"note\" is missing");
    if (c->has_op[OP_CLOSE] && !c->has_op[OP_GET])
        load_problem(l, "\"close\" needs \"get\": a ticket that people work on is not closed");
    if (c->ops[OP_CLOSE].note == NOTE_AFTER && !c->ops[OP_NOTE].on_closed)
        load_problem(l, "close has its note \"after\", but note is not \"on_closed\"");
}

void tests_load(struct loader *l, const cJSON *item, void *unused)
{
    size_t count = load_count(item);

    (void)unused;
    l->scopes = SCOPES_OF_TASK;
    if (!cJSON_IsArray(item) || count > TESTS_LIMIT) {
        load_problem(l, "expected an array of at most %d operations", TESTS_LIMIT);
        return;
    }
    l->c->tests = load_take(l, count * sizeof *l->c->tests);
    for (const cJSON *at = item->child; l->c->tests && at; at = at->next) {
        struct operation *op = &l->c->tests[l->c->test_count];
        size_t            mark = load_enter_index(l, l->c->test_count);

        op->name = "test";
        operation_load(l, at, op);
        if (strcmp(op->request.method ? op->request.method : "", "GET") != 0 && !op->expect)
            load_problem(l, "a test changes nothing: it uses GET, or says in \"expect\" what it reads");
        l->c->test_count++;
        load_leave(l, mark);
    }
}
