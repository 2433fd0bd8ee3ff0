/* connector_drive NAME-or-FILE - a connector's session on a pipe, for tests in other languages.
 *
 * Lines of JSON. First line in: {"settings": {"url": "https://...", ...}}. Then for each piece of work one line in:
 * {"work": {"ticket_id": "", "maybe_created": false, "facts": {...}}}, {"test": true} or {"later_s": 60}; the answers are lines
 *   {"send": {"operation", "method", "url", "headers": {}, "body": text or null, "writes"}}   and one line in is awaited:
 *        {"answer": {"status", "headers": {}, "body": text}} or {"lost": "sent"|"unsent"}
 *   {"wait_ms": n}                 the clock was put forward; wait as long or go on
 *   {"done": {"outcome", ...}}     the end of this work
 *   {"problems": [{"path", "text"}]}   file or settings are wrong: the program ends with 1
 */
#include "../unit/play.h"

static char line[8 << 20];

static cJSON *line_read(void)
{
    cJSON *json;

    if (!fgets(line, sizeof line, stdin))
        return NULL;
    json = cJSON_Parse(line);
    if (!json) {
        fprintf(stderr, "connector_drive: not JSON: %.100s\n", line);
        exit(2);
    }
    return json;
}

static void line_print(const char *name, cJSON *item)
{
    cJSON *object = cJSON_CreateObject();
    char  *text;

    cJSON_AddItemToObject(object, name, item);
    text = cJSON_PrintUnformatted(object);
    puts(text);
    fflush(stdout);
    cJSON_free(text);
    cJSON_Delete(object);
}

static cJSON *problems_json(const struct problems *problems)
{
    cJSON *array = cJSON_CreateArray();

    for (size_t i = 0; i < problems->count; i++) {
        cJSON *at = cJSON_CreateObject();

        cJSON_AddStringToObject(at, "path", problems->items[i].path);
        cJSON_AddStringToObject(at, "text", problems->items[i].text);
        cJSON_AddItemToArray(array, at);
    }
    return array;
}

static cJSON *request_json(const struct task_request *r)
{
    cJSON *object = cJSON_CreateObject(), *headers;

    cJSON_AddStringToObject(object, "operation", r->operation);
    cJSON_AddStringToObject(object, "method", r->method);
    cJSON_AddStringToObject(object, "url", r->url);
    headers = cJSON_AddObjectToObject(object, "headers");
    for (size_t i = 0; i < r->header_count; i++)
        cJSON_AddStringToObject(headers, r->headers[i].name, r->headers[i].value);
    if (r->body)
        cJSON_AddStringToObject(object, "body", r->body);
    else
        cJSON_AddNullToObject(object, "body");
    cJSON_AddBoolToObject(object, "writes", r->writes);
    return object;
}

static cJSON *result_json(const struct task *task)
{
    struct task_result r;
    cJSON             *object = cJSON_CreateObject();

    task_result(task, &r);
    cJSON_AddStringToObject(object, "outcome", play_outcome(r.outcome));
    cJSON_AddStringToObject(object, "ticket_id", r.ticket_id);
    cJSON_AddStringToObject(object, "ticket_url", r.ticket_url);
    cJSON_AddStringToObject(object, "note", r.note);
    cJSON_AddStringToObject(object, "why", r.why);
    cJSON_AddBoolToObject(object, "maybe_created", r.maybe_created);
    cJSON_AddBoolToObject(object, "cleared_told", r.cleared_told);
    cJSON_AddNumberToObject(object, "retry_ms", (double)r.retry_ms);
    cJSON_AddNumberToObject(object, "status", r.status);
    if (r.problems)
        cJSON_AddItemToObject(object, "problems", problems_json(r.problems));
    return object;
}

/* "headers": {"Retry-After": "3"}, "body": "text" are just what play_answer takes, but for "text". */
static void answer_put(struct play *p, struct task *task)
{
    cJSON *step = line_read();
    cJSON *answer = cJSON_GetObjectItemCaseSensitive(step, "answer");
    cJSON *body = cJSON_DetachItemFromObjectCaseSensitive(answer, "body");

    if (cJSON_IsString(body))
        cJSON_AddItemToObject(answer, "text", body);
    else
        cJSON_Delete(body);
    play_answer(p, task, step);
    cJSON_Delete(step);
}

static void task_run(struct play *p, struct task *task)
{
    struct task_request request;
    uint64_t            wait_ms;

    for (;;) {
        switch (task_next(task, p->now_ms, &request, &wait_ms)) {
        case TASK_DONE:
            line_print("done", result_json(task));
            return;
        case TASK_WAIT:
            line_print("wait_ms", cJSON_CreateNumber((double)wait_ms));
            p->now_ms += wait_ms;
            break;
        case TASK_SEND:
            line_print("send", request_json(&request));
            p->now_ms += 10;
            answer_put(p, task);
            break;
        }
    }
}

static void command(struct play *p, struct session *session, const cJSON *line_in)
{
    const cJSON       *work = cJSON_GetObjectItemCaseSensitive(line_in, "work");
    struct ticket_work w = { .ticket_id = play_text(work, "ticket_id", ""),
                             .maybe_created = play_flag(work, "maybe_created", false) };
    struct task       *task = NULL;
    struct err         e;

    p->now_ms += (uint64_t)(play_number(line_in, "later_s", 0) * 1000);
    session_clock_set(session, p->now_ms, 1767606920000LL + (int64_t)p->now_ms);
    if (!work && !play_flag(line_in, "test", false))
        return;
    play_facts(cJSON_GetObjectItemCaseSensitive(work, "facts"), &w.facts);
    e = work ? session_ticket(session, &w, &task) : session_test(session, &task);
    if (failed(e))
        exit(1);
    task_run(p, task);
    task_free(&task);
}

static struct connector *connector_open(const char *name, struct problems *problems)
{
    struct connector *connector = NULL;
    size_t            len;
    char             *text = strchr(name, '/') ? play_file_read(name, &len) : NULL;

    if (text)
        (void)connector_parse(text, len, problems, &connector);
    else
        (void)connector_builtin(name, problems, &connector);
    free(text);
    return connector;
}

int main(int argc, char **argv)
{
    struct session_setting settings[PLAY_SETTINGS_MAX];
    struct problems        problems = { .count = 0 };
    struct connector      *connector = argc == 2 ? connector_open(argv[1], &problems) : NULL;
    cJSON                 *first = connector ? line_read() : NULL, *next;
    struct session        *session = NULL;
    struct play            p = { .connector = connector, .now_ms = 1000000 };
    size_t count = play_settings(cJSON_GetObjectItemCaseSensitive(first, "settings"), settings, PLAY_SETTINGS_MAX);

    if (!connector || failed(session_new(connector, settings, count, &problems, &session))) {
        line_print("problems", problems_json(&problems));
        return 1;
    }
    while ((next = line_read()) != NULL) {
        command(&p, session, next);
        cJSON_Delete(next);
    }
    session_free(&session);
    connector_free(&connector);
    cJSON_Delete(first);
    return 0;
}
