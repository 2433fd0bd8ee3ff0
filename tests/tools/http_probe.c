/* The HTTP client on its own, for end-to-end tests.
 *
 *     http_probe [--ca FILE] [--proxy URL] [--idle SECONDS] [--confine yes]
 *
 * Standard input: a line of JSON for each step, carried out in turn:
 *     {"method": "POST", "url": "...", "headers": {"a": "b"}, "body": "...",
 *      "connect_ms": 1, "total_ms": 1, "max": 1, "cancel_ms": 1}      an exchange
 *     [{...}, {...}]                                                  several at once
 *     {"wait_ms": 500}                                                nothing for a while
 * Standard output: a line of JSON for each exchange, in the order of their ends, and for each wait:
 * {"rss_kb", "peak_kb", "active"}. With --confine the first line is {"confined": what holds}. At the end the client is closed and {"closed": true} tells that the loop had
 * nothing left.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cjson/cJSON.h>

#include "platform/confine.h"
#include "platform/http.h"

struct step {
    struct http_exchange *exchange; /* NULL once it ended */
    uv_timer_t            cancel;
    struct http_request   request;
};

static struct http *client;
static unsigned     running;

/* Opened before anything is walled off. Not getrusage: its peak is that of whoever started us, before exec. */
static FILE *memory_status;

static void add_memory(cJSON *to)
{
    char   line[256];
    double kb;

    rewind(memory_status);
    while (fgets(line, sizeof line, memory_status)) {
        if (sscanf(line, "VmRSS: %lf", &kb) == 1)
            cJSON_AddNumberToObject(to, "rss_kb", kb);
        if (sscanf(line, "VmHWM: %lf", &kb) == 1)
            cJSON_AddNumberToObject(to, "peak_kb", kb);
    }
}

static void print(cJSON *object)
{
    char *text = cJSON_PrintUnformatted(object);

    puts(text);
    fflush(stdout);
    cJSON_free(text);
    cJSON_Delete(object);
}

static void step_closed(uv_handle_t *handle)
{
    free(container_of(handle, struct step, cancel));
}

static void step_end(struct step *step)
{
    running--;
    uv_close((uv_handle_t *)&step->cancel, step_closed);
}

static void on_done(void *context, struct http_answer *answer)
{
    cJSON *out = cJSON_CreateObject(), *headers = cJSON_AddObjectToObject(out, "headers");

    cJSON_AddStringToObject(out, "err", err_name(answer->err.code));
    cJSON_AddStringToObject(out, "why", answer->why);
    cJSON_AddBoolToObject(out, "sent", answer->sent);
    cJSON_AddNumberToObject(out, "status", answer->status);
    cJSON_AddNumberToObject(out, "took_ms", (double)answer->took_ms);
    cJSON_AddNumberToObject(out, "body_len", (double)answer->body.len);
    if (answer->body.len < 4096)
        cJSON_AddStringToObject(out, "body", buf_text(&answer->body));
    for (size_t i = 0; i < answer->header_count; i++)
        cJSON_AddStringToObject(headers, answer->headers[i].name, answer->headers[i].value);
    add_memory(out);
    print(out);
    ((struct step *)context)->exchange = NULL;
    step_end(context);
}

static void on_cancel(uv_timer_t *timer)
{
    struct step *step = container_of(timer, struct step, cancel);
    cJSON       *out = cJSON_CreateObject();

    if (!step->exchange)
        return;
    http_cancel(&step->exchange);
    cJSON_AddBoolToObject(out, "cancelled", true);
    print(out);
    step_end(step);
}

static const char *text_of(const cJSON *object, const char *name)
{
    return cJSON_GetStringValue(cJSON_GetObjectItem(object, name));
}

static uint32_t number_of(const cJSON *object, const char *name)
{
    const cJSON *item = cJSON_GetObjectItem(object, name);

    return item ? (uint32_t)item->valuedouble : 0;
}

static void begin(uv_loop_t *loop, const cJSON *in)
{
    struct step *step = calloc(1, sizeof *step);
    const cJSON *header;
    struct err   e;
    uint32_t     cancel_ms = number_of(in, "cancel_ms");

    step->request = (struct http_request){
        .method = text_of(in, "method") ? text_of(in, "method") : "GET",
        .url = text_of(in, "url"),
        .body = text_of(in, "body"),
        .connect_timeout_ms = number_of(in, "connect_ms"),
        .total_timeout_ms = number_of(in, "total_ms"),
        .answer_max_bytes = number_of(in, "max"),
    };
    if (step->request.body)
        step->request.body_len = strlen(step->request.body);
    cJSON_ArrayForEach(header, cJSON_GetObjectItem(in, "headers"))
    {
        if (step->request.header_count < HTTP_HEADERS_MAX)
            step->request.headers[step->request.header_count++] =
                (struct http_header){ header->string, header->valuestring };
    }
    uv_timer_init(loop, &step->cancel);
    running++;
    e = http_send(client, &step->request, on_done, step, &step->exchange);
    if (failed(e)) {
        cJSON *out = cJSON_CreateObject();

        cJSON_AddStringToObject(out, "refused", err_name(e.code));
        cJSON_AddStringToObject(out, "step", e.step);
        print(out);
        step_end(step);
    } else if (cancel_ms) {
        uv_timer_start(&step->cancel, on_cancel, cancel_ms, 0);
    }
}

static void on_waited(uv_timer_t *timer)
{
    *(bool *)timer->data = true;
}

static void count_active(uv_handle_t *handle, void *context)
{
    if (uv_is_active(handle) && !uv_is_closing(handle))
        (*(unsigned *)context)++;
}

static void wait_for(uv_loop_t *loop, uint32_t ms)
{
    uv_timer_t timer;
    bool       over = false;
    unsigned   active = 0;
    cJSON     *out = cJSON_CreateObject();

    uv_timer_init(loop, &timer);
    timer.data = &over;
    uv_timer_start(&timer, on_waited, ms, 0);
    while (!over)
        uv_run(loop, UV_RUN_ONCE);
    uv_walk(loop, count_active, &active);
    uv_close((uv_handle_t *)&timer, NULL);
    uv_run(loop, UV_RUN_NOWAIT);
    add_memory(out);
    cJSON_AddNumberToObject(out, "active", active); /* handles that would wake us */
    print(out);
}

static void carry_out(uv_loop_t *loop, const cJSON *in)
{
    const cJSON *one;

    if (cJSON_GetObjectItem(in, "wait_ms")) {
        wait_for(loop, number_of(in, "wait_ms"));
        return;
    }
    if (cJSON_IsArray(in))
        cJSON_ArrayForEach(one, in) begin(loop, one);
    else
        begin(loop, in);
    while (running)
        uv_run(loop, UV_RUN_ONCE);
}

static void confine(const char *ca_file)
{
    struct plat_confine_options options = { .readable = { ca_file },
                                            .readable_count = ca_file ? 1 : 0,
                                            .parent_link = -1 };
    struct plat_confine_report  report;
    struct err                  e = plat_confine_courier(&options, &report);
    cJSON                      *out = cJSON_CreateObject();

    cJSON_AddStringToObject(out, "confined", failed(e) ? err_name(e.code) : report.text);
    print(out);
}

int main(int argc, char **argv)
{
    static char         line[1024 * 1024];
    struct http_options options = { .agent = "picket-probe/1" };
    uv_loop_t           loop;
    struct err          e;
    bool                confined = false;
    cJSON              *end = cJSON_CreateObject();

    for (int i = 1; i + 1 < argc; i += 2) {
        if (strcmp(argv[i], "--ca") == 0)
            options.ca_file = argv[i + 1];
        else if (strcmp(argv[i], "--proxy") == 0)
            options.proxy = argv[i + 1];
        else if (strcmp(argv[i], "--idle") == 0)
            options.idle_s = (uint32_t)atoi(argv[i + 1]);
        else if (strcmp(argv[i], "--confine") == 0)
            confined = true;
    }
    memory_status = fopen("/proc/self/status", "r");
    if (!memory_status)
        return 1;
    if (confined)
        confine(options.ca_file);
    uv_loop_init(&loop);
    e = http_open(&loop, &options, &client);
    if (failed(e)) {
        cJSON_AddStringToObject(end, "open", err_name(e.code));
        print(end);
        fclose(memory_status);
        uv_loop_close(&loop);
        return 1;
    }
    while (fgets(line, sizeof line, stdin)) {
        cJSON *in = cJSON_Parse(line);

        if (in)
            carry_out(&loop, in);
        cJSON_Delete(in);
    }
    http_close(&client);
    uv_run(&loop, UV_RUN_DEFAULT);
    cJSON_AddBoolToObject(end, "closed", uv_loop_close(&loop) == 0);
    add_memory(end);
    print(end);
    fclose(memory_status);
    return 0;
}
