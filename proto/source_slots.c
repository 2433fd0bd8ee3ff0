#include "proto/source_slots.h"

#include <cjson/cJSON.h>
#include <stddef.h>
#include <string.h>

#include "proto/text.h"

static bool is_user(const char *text)
{
    return text[0] && text[0] != '-' && !strpbrk(text, " :/") && !text_has_controls(text, "");
}

static bool is_field(const char *text)
{
    return text[0] && !text_has_controls(text, "");
}

static const struct slot_form user_form = { "the name of an account", NULL, is_user, 60 };
static const struct slot_form field_form = { "text", NULL, is_field, 100 };

static const char *const severities[] = { "warning", "critical", NULL };
static const char *const priorities[] = { "emerg", "alert", "crit", "err", "warning", "notice", "info", "debug", NULL };

/* ---- a command: a program and its arguments ---- */

static void keep_argument(struct slot_parser *p, const cJSON *item, size_t i, const char **into)
{
    bool   is_text = cJSON_IsString(item) && strlen(item->valuestring) <= CHECK_ARG_MAX_BYTES;
    size_t before = slot_enter(p, NULL, i);

    if (!is_text)
        slot_problem(p, "", "expected text of at most %d bytes", CHECK_ARG_MAX_BYTES);
    else if (i == 0 && !slot_form_path.fits(item->valuestring))
        slot_problem(p, "", "expected the plugin's whole path, as in \"/usr/lib/nagios/plugins/check_ssh\"");
    else
        *into = slot_copy(p, item->valuestring);
    slot_leave(p, before);
}

static void parse_command(struct slot_parser *p, const cJSON *json, void *base)
{
    struct config_check *check = base;
    size_t               count = (size_t)cJSON_GetArraySize(json), i = 0;
    const char         **args;

    if (!cJSON_IsArray(json) || count == 0 || count > CHECK_ARGS_MAX) {
        slot_problem(p, "", "expected a list of at most %d texts, the plugin's path first: there is no shell that would split "
                            "a line", CHECK_ARGS_MAX);
        return;
    }
    args = text_pool_take(p->pool, (count + 1) * sizeof *args);
    if (!args) {
        p->err = err_of(ERR_NO_MEMORY, "keeping settings");
        return;
    }
    for (const cJSON *item = json->child; item; item = item->next, i++)
        keep_argument(p, item, i, &args[i]);
    check->command = args;
}

static void schema_command(struct json_put *into)
{
    json_put_text(into, "type", "array");
    json_put_whole(into, "minItems", 1);
    json_put_whole(into, "maxItems", CHECK_ARGS_MAX);
    json_put_object(into, "items");
    json_put_text(into, "type", "string");
    json_put_whole(into, "maxLength", CHECK_ARG_MAX_BYTES);
    json_put_end(into);
}

static const struct slot_other command_kind = { parse_command, schema_command, "list of texts" };

/* ---- the journal's entries that a rule looks at ---- */

// clang-format off
#define AT(field) offsetof(struct config_journal, field)
static const struct slot journal_rows[] = {
    { .name = "unit", .kind = SLOT_TEXT, .offset = AT(unit), .form = &field_form,
      .help = "of this systemd unit, written out (`ssh.service`)" },
    { .name = "identifier", .kind = SLOT_TEXT, .offset = AT(identifier), .form = &field_form,
      .help = "of this syslog identifier (`sshd`, `kernel`)" },
    { .name = "priority", .kind = SLOT_WORD, .offset = AT(priority), .words = priorities,
      .help = "at least this important" },
    { .name = "period_s", .kind = SLOT_WHOLE, .offset = AT(period_s), .least = 10, .most = 86400, .fallback = "60",
      .help = "seconds from one question to the next" },
};
#undef AT
// clang-format on

static const struct slot_table journal_slots = {
    journal_rows, ARRAY_LEN(journal_rows), sizeof(struct config_journal),
};

static void parse_journal(struct slot_parser *p, const cJSON *json, void *base)
{
    struct config_log     *log = base;
    struct config_journal *journal = text_pool_take(p->pool, sizeof *journal);

    if (!journal) {
        p->err = err_of(ERR_NO_MEMORY, "keeping settings");
        return;
    }
    slots_default(&journal_slots, journal);
    slots_parse(p, &journal_slots, json, journal);
    log->journal = journal;
}

static void schema_journal(struct json_put *into)
{
    json_put_text(into, "type", "object");
    slots_schema(&journal_slots, into);
}

static const struct slot_other journal_kind = { parse_journal, schema_journal,
                                                "`unit`, `identifier`, `priority` (a word from `emerg` to `debug`: at least as "
                                                "important), `period_s` (60), or `{}` for all entries" };

/* ---- what a line looks like: one glob, or several of which one will do ---- */

static void lower(char *text)
{
    for (; *text; text++)
        if (*text >= 'A' && *text <= 'Z')
            *text = (char)(*text - 'A' + 'a');
}

/* It may fit anywhere in a line. */
static const char *keep_glob(struct slot_parser *p, const cJSON *item)
{
    bool   is_text = cJSON_IsString(item) && item->valuestring[0] && strlen(item->valuestring) <= LOG_GLOB_MAX_BYTES;
    size_t len;
    char  *kept;

    if (!is_text || text_has_controls(item->valuestring, "")) {
        slot_problem(p, "", "expected text of at most %d bytes that a line has in it (* is any run of characters, ? is one)",
                     LOG_GLOB_MAX_BYTES);
        return NULL;
    }
    len = strlen(item->valuestring);
    kept = text_pool_take(p->pool, len + 3);
    if (!kept) {
        p->err = err_of(ERR_NO_MEMORY, "keeping settings");
        return NULL;
    }
    kept[0] = '*';
    memcpy(kept + 1, item->valuestring, len);
    memcpy(kept + 1 + len, "*", 2);
    if (strspn(kept, "*") == len + 2)
        slot_problem(p, "", "every line would fit");
    return kept;
}

static const char **keep_globs(struct slot_parser *p, const cJSON *json)
{
    size_t       count = cJSON_IsArray(json) ? (size_t)cJSON_GetArraySize(json) : 1, i = 0;
    const char **globs;

    if (count == 0 || count > LOG_GLOBS_MAX) {
        slot_problem(p, "", "expected a text, or a list of at most %d of which one will do", LOG_GLOBS_MAX);
        return NULL;
    }
    globs = text_pool_take(p->pool, (count + 1) * sizeof *globs);
    if (!globs) {
        p->err = err_of(ERR_NO_MEMORY, "keeping settings");
        return NULL;
    }
    if (!cJSON_IsArray(json))
        globs[0] = keep_glob(p, json);
    for (const cJSON *item = cJSON_IsArray(json) ? json->child : NULL; item; item = item->next, i++) {
        size_t before = slot_enter(p, NULL, i);

        globs[i] = keep_glob(p, item);
        slot_leave(p, before);
    }
    return globs;
}

static void parse_match(struct slot_parser *p, const cJSON *json, void *base)
{
    ((struct config_log *)base)->match = keep_globs(p, json);
}

static void parse_unmatch(struct slot_parser *p, const cJSON *json, void *base)
{
    ((struct config_log *)base)->unmatch = keep_globs(p, json);
}

static void put_glob_schema(struct json_put *into)
{
    json_put_text(into, "type", "string");
    json_put_whole(into, "minLength", 1);
    json_put_whole(into, "maxLength", LOG_GLOB_MAX_BYTES);
}

static void schema_globs(struct json_put *into)
{
    json_put_array(into, "anyOf");
    json_put_object(into, NULL);
    put_glob_schema(into);
    json_put_end(into);
    json_put_object(into, NULL);
    json_put_text(into, "type", "array");
    json_put_whole(into, "minItems", 1);
    json_put_whole(into, "maxItems", LOG_GLOBS_MAX);
    json_put_object(into, "items");
    put_glob_schema(into);
    json_put_end(into);
    json_put_end(into);
    json_put_end(into);
}

static const struct slot_other match_kind = { parse_match, schema_globs, "text, or list of texts" };
static const struct slot_other unmatch_kind = { parse_unmatch, schema_globs, "text, or list of texts" };

/* ---- the rows ---- */

// clang-format off
#define AT(field) offsetof(struct config_check, field)
static const struct slot check_rows[] = {
    { .name = "name", .kind = SLOT_TEXT, .offset = AT(name), .form = &slot_form_name, .required = true,
      .help = "how tickets and rules call it" },
    { .name = "command", .kind = SLOT_OTHER, .offset = AT(command), .other = &command_kind, .required = true,
      .help = "the plugin's path and its arguments, each a text of its own; there is no shell" },
    { .name = "period_s", .kind = SLOT_WHOLE, .offset = AT(period_s), .least = 1, .most = 604800, .fallback = "300",
      .help = "seconds from one run to the next; no shorter than `collect.period_s`" },
    { .name = "retry_s", .kind = SLOT_WHOLE, .offset = AT(retry_s), .least = 1, .most = 604800, .fallback = "60",
      .help = "the same for the three runs after its state changed" },
    { .name = "timeout_s", .kind = SLOT_WHOLE, .offset = AT(timeout_s), .least = 1, .most = 600, .fallback = "30",
      .help = "seconds after which it and all that it started is killed; the state is then unknown" },
    { .name = "user", .kind = SLOT_TEXT, .offset = AT(user), .form = &user_form, .fallback = "nobody",
      .help = "the account it runs as, where the agent runs as root; `root` only where it must" },
};
#undef AT

#define AT(field) offsetof(struct config_log, field)
static const struct slot log_rows[] = {
    { .name = "name", .kind = SLOT_TEXT, .offset = AT(name), .form = &slot_form_name, .required = true,
      .help = "how tickets and rules call it" },
    { .name = "file", .kind = SLOT_TEXT, .offset = AT(file), .form = &slot_form_path,
      .help = "the log file; one of `file` and `journal`" },
    { .name = "journal", .kind = SLOT_OTHER, .offset = AT(journal), .other = &journal_kind,
      .help = "which entries of systemd's journal" },
    { .name = "match", .kind = SLOT_OTHER, .offset = AT(match), .other = &match_kind, .required = true,
      .help = "what a line that counts has in it: `*` is any run of characters, `?` is one; of several one will do" },
    { .name = "unmatch", .kind = SLOT_OTHER, .offset = AT(unmatch), .other = &unmatch_kind,
      .help = "of those, the lines that do not count after all" },
    { .name = "ignore_case", .kind = SLOT_FLAG, .offset = AT(ignore_case), .fallback = "false",
      .help = "`true`: a and A are one (letters of ASCII)" },
    { .name = "severity", .kind = SLOT_WORD, .offset = AT(severity), .words = severities, .fallback = "warning",
      .help = "of the built-in rules' alert" },
    { .name = "optional", .kind = SLOT_FLAG, .offset = AT(optional), .fallback = "false",
      .help = "`true`: the file may be missing, as one that is made with the first error" },
};
#undef AT
// clang-format on

const struct slot_table check_slots = {
    check_rows, ARRAY_LEN(check_rows), sizeof(struct config_check),
};

const struct slot_table log_slots = {
    log_rows, ARRAY_LEN(log_rows), sizeof(struct config_log),
};

/* ---- what rows cannot say ---- */

void check_slots_settle(struct slot_parser *p, const struct config_check *checks, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t before = slot_enter(p, NULL, i);

        for (size_t k = 0; k < i; k++)
            if (checks[i].name && checks[k].name && strcmp(checks[k].name, checks[i].name) == 0)
                slot_problem(p, ".name", "\"%s\" stands twice: first as checks[%zu]", checks[i].name, k);
        slot_leave(p, before);
    }
}

static void lower_globs(const struct config_log *log, const char *const *globs)
{
    for (; log->ignore_case && globs && *globs; globs++)
        lower((char *)(uintptr_t)*globs); /* ours: it lies in the pool */
}

void log_slots_settle(struct slot_parser *p, const struct config_log *logs, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t before = slot_enter(p, NULL, i);

        for (size_t k = 0; k < i; k++)
            if (logs[i].name && logs[k].name && strcmp(logs[k].name, logs[i].name) == 0)
                slot_problem(p, ".name", "\"%s\" stands twice: first as logs[%zu]", logs[i].name, k);
        lower_globs(&logs[i], logs[i].match);
        lower_globs(&logs[i], logs[i].unmatch);
        if (!logs[i].file == !logs[i].journal)
            slot_problem(p, "", "expected one of \"file\" and \"journal\"");
        slot_leave(p, before);
    }
}
