/* tests/unit/play.h - plays a written conversation against a connector.
 *
 * A conversation is JSON (tests/contract/README.md tells its form): work in, each request that must come, the answer it
 * gets, and how the work must end. Everything is in this header: a test is one file.
 */
#ifndef PICKET_TESTS_PLAY_H
#define PICKET_TESTS_PLAY_H

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "proto/connector/connector.h"

enum { PLAY_WHY_MAX = 4000, PLAY_SETTINGS_MAX = 64, PLAY_STEPS_MAX = 100 };

struct play {
    const struct connector *connector;
    const cJSON            *file; /* of the conversations; for its fragments, settings and facts */
    uint64_t                now_ms;
    char                    why[PLAY_WHY_MAX];                                    /* what did not fit; "" if all did */
    const cJSON            *a_case;                                               /* the one that is played */
    void (*on_request)(const struct play *p, const struct task_request *request); /* sees each; may be NULL */
};

static inline bool play_fail(struct play *p, const char *format, ...) __attribute__((format(printf, 2, 3)));
static inline bool play_fail(struct play *p, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vsnprintf(p->why, sizeof p->why, format, args);
    va_end(args);
    return false;
}

/* A file, NUL-terminated; the caller frees. */
static inline char *play_file_read(const char *path, size_t *ret_len)
{
    FILE  *f = fopen(path, "rb");
    char  *text = f ? malloc(1 << 20) : NULL;
    size_t len = text ? fread(text, 1, (1 << 20) - 1, f) : 0;

    if (f)
        fclose(f);
    if (text)
        text[len] = '\0';
    if (ret_len)
        *ret_len = len;
    return text;
}

static inline const char *play_text(const cJSON *object, const char *name, const char *otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsString(item) ? item->valuestring : otherwise;
}

static inline double play_number(const cJSON *object, const char *name, double otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsNumber(item) ? item->valuedouble : otherwise;
}

static inline bool play_flag(const cJSON *object, const char *name, bool otherwise)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, name);

    return cJSON_IsBool(item) ? cJSON_IsTrue(item) : otherwise;
}

/* Facts with something in every field, changed by overrides (may be NULL). Texts are lent by overrides. */
static inline void play_facts(const cJSON *o, struct ticket_facts *ret)
{
    *ret = (struct ticket_facts){
        .ref = play_text(o, "ref", "picket-9b1c44d0a1b2c3d4"),
        .event_id = play_text(o, "event_id", "9b1c44d0a1b2c3d4-1-1"),
        .title = play_text(o, "title", "SRV-07: /var is 96 % full"),
        .text = play_text(o, "text", "Limit 90 % for 15 min.\nSince 2026-01-05T10:12:00Z."),
        .note = play_text(o, "note", "now 97 % (was 96 %)"),
        .severity = strcmp(play_text(o, "severity", "warning"), "critical") == 0 ? SEVERITY_CRITICAL : SEVERITY_WARNING,
        .cleared = play_flag(o, "cleared", false),
        .device_id = play_text(o, "device_id", "7f2c"),
        .device_name = play_text(o, "device_name", "SRV-07"),
        .device_url = play_text(o, "device_url", "https://docs.example.com/srv-07"),
        .client = play_text(o, "client", "ACME"),
        .site = play_text(o, "site", "Main"),
        .rule = play_text(o, "rule", "disk-full"),
        .instance = play_text(o, "instance", "/var"),
        .metric = play_text(o, "metric", "system.filesystem.utilization"),
        .value = play_text(o, "value", "96 %"),
        .level = play_text(o, "level", "90 %"),
        .raised_at = play_text(o, "raised_at", "2026-01-05T10:12:00Z"),
        .changed_at = play_text(o, "changed_at", "2026-01-05T10:12:00Z"),
        .cleared_at = play_text(o, "cleared_at", ""),
        .revision = (uint32_t)play_number(o, "revision", 1),
        .changes = (uint32_t)play_number(o, "changes", 1),
    };
}

/* Settings of a JSON object of texts; returns how many. */
static inline size_t play_settings(const cJSON *object, struct session_setting *into, size_t room)
{
    size_t count = 0;

    for (const cJSON *at = object ? object->child : NULL; at && count < room; at = at->next)
        if (cJSON_IsString(at))
            into[count++] = (struct session_setting){ at->string, at->valuestring };
    return count;
}

/* A case's settings lie over those of the file; null takes one away. */
static inline size_t play_settings_of(const cJSON *file, const cJSON *a_case, struct session_setting *into, size_t room)
{
    const cJSON *base = cJSON_GetObjectItemCaseSensitive(file, "settings");
    const cJSON *over = cJSON_GetObjectItemCaseSensitive(a_case, "settings");
    size_t       count = play_settings(over, into, room);

    for (const cJSON *at = base ? base->child : NULL; at && count < room; at = at->next)
        if (cJSON_IsString(at) && !cJSON_GetObjectItemCaseSensitive(over, at->string))
            into[count++] = (struct session_setting){ at->string, at->valuestring };
    return count;
}

/* ---- requests ---- */

static inline const char *play_header(const struct task_request *r, const char *name)
{
    for (size_t i = 0; i < r->header_count; i++)
        if (strcasecmp(r->headers[i].name, name) == 0)
            return r->headers[i].value;
    return NULL;
}

static inline bool play_headers_fit(struct play *p, const struct task_request *r, const cJSON *want)
{
    for (const cJSON *at = want ? want->child : NULL; at; at = at->next) {
        const char *value = play_header(r, at->string);

        if (cJSON_IsNull(at) && value)
            return play_fail(p, "header %s should not be there, is \"%s\"", at->string, value);
        if (cJSON_IsString(at) && (!value || strcmp(value, at->valuestring) != 0))
            return play_fail(p, "header %s should be \"%s\", is \"%s\"", at->string, at->valuestring,
                             value ? value : "(none)");
    }
    return true;
}

/* "@any" in a script stands for whatever text is there: it is put into the script's place. */
static inline void play_fill_any(cJSON *want, const cJSON *sent)
{
    for (cJSON *at = want ? want->child : NULL; at; at = at->next) {
        const cJSON *other = at->string ? cJSON_GetObjectItemCaseSensitive(sent, at->string)
                             : sent     ? sent->child
                                        : NULL;

        if (cJSON_IsString(at) && strcmp(at->valuestring, "@any") == 0 && cJSON_IsString(other))
            cJSON_SetValuestring(at, other->valuestring);
        else
            play_fill_any(at, other);
    }
}

static inline bool play_body_fits(struct play *p, const struct task_request *r, const cJSON *want)
{
    cJSON      *json = cJSON_Duplicate(cJSON_GetObjectItemCaseSensitive(want, "body"), true);
    const char *form = play_text(want, "form", NULL);
    cJSON      *sent = r->body ? cJSON_Parse(r->body) : NULL;
    char       *text = json ? cJSON_PrintUnformatted(json) : NULL;
    bool        fits;

    play_fill_any(json, sent);
    fits = json ? cJSON_Compare(json, sent, true) : form ? r->body && strcmp(r->body, form) == 0 : r->body == NULL;

    if (!fits)
        play_fail(p, "%s: body should be\n  %s\nis\n  %s", r->operation,
                  text   ? text
                  : form ? form
                         : "(none)",
                  r->body ? r->body : "(none)");
    cJSON_free(text);
    cJSON_Delete(sent);
    cJSON_Delete(json);
    return fits;
}

static inline bool play_request_fits(struct play *p, const struct task_request *r, const cJSON *want)
{
    const char *operation = play_text(want, "operation", r->operation), *url = play_text(want, "url", NULL);
    const char *method = play_text(want, "method", "GET");

    if (strcmp(operation, r->operation) != 0)
        return play_fail(p, "should ask for %s, asks for %s (%s %s)", operation, r->operation, r->method, r->url);
    if (!url || strcmp(url, r->url) != 0 || strcmp(method, r->method) != 0)
        return play_fail(p, "%s should be\n  %s %s\nis\n  %s %s", r->operation, method,
                         url ? url : "(no url in the script)", r->method, r->url);
    if (!play_headers_fit(p, r, cJSON_GetObjectItemCaseSensitive(want, "headers")) || !play_body_fits(p, r, want))
        return false;
    if (r->answer_max_bytes == 0 || r->timeout_ms == 0 || r->header_count > 24)
        return play_fail(p, "%s has no limits", r->operation);
    return true;
}

/* ---- answers ---- */

static inline void play_answer(struct play *p, struct task *task, const cJSON *step)
{
    const cJSON       *given = cJSON_GetObjectItemCaseSensitive(step, "answer");
    const cJSON       *headers = cJSON_GetObjectItemCaseSensitive(given, "headers");
    const cJSON       *body = cJSON_GetObjectItemCaseSensitive(given, "body");
    const char        *lost = play_text(step, "lost", NULL), *names[32] = { NULL };
    char              *printed = body ? cJSON_PrintUnformatted(body) : NULL;
    struct task_answer a = { .arrived = !lost,
                             .sent = lost && strcmp(lost, "sent") == 0,
                             .why = "no answer in time",
                             .status = (int)play_number(given, "status", 200),
                             .headers = names };
    size_t             n = 0;

    for (const cJSON *at = headers ? headers->child : NULL; at && n < 30; at = at->next) {
        names[n++] = at->string;
        names[n++] = at->valuestring;
    }
    a.body = printed ? printed : play_text(given, "text", NULL);
    a.body_len = a.body ? strlen(a.body) : 0;
    task_answer_put(task, p->now_ms, &a);
    cJSON_free(printed);
}

/* ---- results ---- */

static inline const char *play_outcome(enum task_outcome outcome)
{
    static const char *const names[] = { "created", "adopted", "noted", "closed",  "left_open",
                                         "sent",    "ok",      "later", "refused", "gone" };

    return names[outcome];
}

static inline bool play_problems_fit(struct play *p, const struct task_result *got, const cJSON *want)
{
    size_t i = 0;

    if (!want)
        return true;
    for (const cJSON *at = want->child; at; at = at->next, i++) {
        const char *path = play_text(at, "path", ""), *text = play_text(at, "text", "");

        if (!got->problems || i >= got->problems->count)
            return play_fail(p, "there should be a problem with \"%s\"", path);
        if (strcmp(got->problems->items[i].path, path) != 0 || !strstr(got->problems->items[i].text, text))
            return play_fail(p, "problem %zu should be %s: ...%s..., is %s: %s", i, path, text,
                             got->problems->items[i].path, got->problems->items[i].text);
    }
    if (got->problems && got->problems->count > i)
        return play_fail(p, "one problem too many: %s: %s", got->problems->items[i].path, got->problems->items[i].text);
    return true;
}

static inline bool play_result_fits(struct play *p, const struct task *task, const cJSON *want)
{
    struct task_result got;
    const char        *outcome = play_text(want, "outcome", "?");

    task_result(task, &got);
    if (strcmp(outcome, play_outcome(got.outcome)) != 0)
        return play_fail(p, "should end as %s, ends as %s: \"%s\" \"%s\"", outcome, play_outcome(got.outcome), got.why,
                         got.note);
    if (strcmp(play_text(want, "ticket_id", ""), got.ticket_id) != 0)
        return play_fail(p, "ticket_id should be \"%s\", is \"%s\"", play_text(want, "ticket_id", ""), got.ticket_id);
    if (strcmp(play_text(want, "ticket_url", got.ticket_url), got.ticket_url) != 0)
        return play_fail(p, "ticket_url should be \"%s\", is \"%s\"", play_text(want, "ticket_url", ""),
                         got.ticket_url);
    if (!strstr(got.note, play_text(want, "note", "")) || !strstr(got.why, play_text(want, "why", "")))
        return play_fail(p, "note \"%s\" or why \"%s\" is not as written", got.note, got.why);
    if (play_flag(want, "maybe_created", false) != got.maybe_created)
        return play_fail(p, "maybe_created is %d", got.maybe_created);
    if (play_flag(want, "cleared_told", false) != got.cleared_told)
        return play_fail(p, "cleared_told is %d", got.cleared_told);
    if (play_number(want, "retry_ms", (double)got.retry_ms) != (double)got.retry_ms)
        return play_fail(p, "retry_ms is %llu", (unsigned long long)got.retry_ms);
    return play_problems_fit(p, &got, cJSON_GetObjectItemCaseSensitive(want, "problems"));
}

/* ---- cases ---- */

struct play_script {
    const cJSON *steps[PLAY_STEPS_MAX];
    size_t       count;
};

/* A text among the steps is the name of a fragment. */
static inline void play_unfold(const struct play *p, const cJSON *steps, struct play_script *into)
{
    const cJSON *fragments = cJSON_GetObjectItemCaseSensitive(p->file, "fragments");

    for (const cJSON *at = steps ? steps->child : NULL; at && into->count < PLAY_STEPS_MAX; at = at->next)
        if (cJSON_IsString(at))
            play_unfold(p, cJSON_GetObjectItemCaseSensitive(fragments, at->valuestring), into);
        else
            into->steps[into->count++] = at;
}

static inline bool play_steps(struct play *p, struct task *task, const struct play_script *script)
{
    struct task_request request;
    uint64_t            wait_ms;
    size_t              i = 0;

    for (;;) {
        enum task_next next = task_next(task, p->now_ms, &request, &wait_ms);
        const cJSON   *step = i < script->count ? script->steps[i] : NULL;

        if (next == TASK_DONE)
            return !step || play_fail(p, "ends before step %zu (%s)", i,
                                      play_text(cJSON_GetObjectItem(step, "ask"), "operation", "wait"));
        if (!step)
            return play_fail(p, "one step more than written: %s", next == TASK_WAIT ? "a wait" : request.operation);
        i++;
        if (next == TASK_WAIT) {
            if (play_number(step, "wait_ms", -1) != (double)wait_ms)
                return play_fail(p, "step %zu: waits %llu ms", i - 1, (unsigned long long)wait_ms);
            p->now_ms += wait_ms;
            continue;
        }
        if (p->on_request)
            p->on_request(p, &request);
        if (!play_request_fits(p, &request, cJSON_GetObjectItemCaseSensitive(step, "ask")))
            return false;
        p->now_ms += (uint64_t)play_number(step, "after_ms", 250);
        play_answer(p, task, step);
    }
}

static inline bool play_task(struct play *p, struct session *session, const cJSON *work)
{
    struct play_script script = { .count = 0 };
    struct ticket_work w = { .ticket_id = play_text(work, "ticket_id", ""),
                             .maybe_created = play_flag(work, "maybe_created", false),
                             .settled = play_flag(work, "settled", false) };
    struct task       *task = NULL;
    bool               fits;

    play_facts(cJSON_GetObjectItemCaseSensitive(work, "facts"), &w.facts);
    p->now_ms += (uint64_t)(play_number(work, "later_s", 0) * 1000);
    session_clock_set(session, p->now_ms,
                      1767606920000LL + (int64_t)p->now_ms); /* a case begins at 2026-01-05T10:12:00Z */
    if (failed(play_flag(work, "test", false) ? session_test(session, &task) : session_ticket(session, &w, &task)))
        return play_fail(p, "the task could not begin");
    play_unfold(p, cJSON_GetObjectItemCaseSensitive(work, "steps"), &script);
    fits = play_steps(p, task, &script) && play_result_fits(p, task, cJSON_GetObjectItemCaseSensitive(work, "result"));
    task_free(&task);
    return fits;
}

/* True if the case went as written; otherwise why says where it left the script. */
static inline bool play_case(struct play *p, const cJSON *a_case)
{
    struct session_setting settings[PLAY_SETTINGS_MAX];
    size_t                 count = play_settings_of(p->file, a_case, settings, PLAY_SETTINGS_MAX);
    const cJSON           *tasks = cJSON_GetObjectItemCaseSensitive(a_case, "tasks");
    struct problems        problems = { .count = 0 };
    struct session        *session = NULL;
    bool                   fits = true;

    p->a_case = a_case;
    p->now_ms = 1000000;
    p->why[0] = '\0';
    if (failed(session_new(p->connector, settings, count, &problems, &session)))
        return play_fail(p, "settings: %s: %s", problems.items[0].path, problems.items[0].text);
    if (!tasks)
        fits = play_task(p, session, a_case);
    for (const cJSON *at = tasks ? tasks->child : NULL; at && fits; at = at->next)
        fits = play_task(p, session, at);
    session_free(&session);
    return fits;
}

#endif
