#include "agent/doctor/exam.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/config_load.h"
#include "platform/child.h"

/* ---- saying ---- */

static void send_record(struct exam *x, const struct record *record, const void *value)
{
    struct buf bytes;
    size_t     sent = 0;

    buf_init(&bytes, FRAME_MAX_BYTES);
    if (!failed(x->lost))
        x->lost = record_put(record, value, &bytes);
    while (!failed(x->lost) && sent < bytes.len) {
        uv_buf_t rest = uv_buf_init(bytes.data + sent, (unsigned)(bytes.len - sent));
        uv_fs_t  request;
        int      n = uv_fs_write(NULL, &request, EXAM_LINK, &rest, 1, -1, NULL);

        uv_fs_req_cleanup(&request);
        if (n < 0)
            x->lost = err_from_os(n, "telling the doctor");
        else
            sent += (size_t)n;
    }
    buf_done(&bytes);
}

static void print_safely(char *into, size_t size, const char *format, va_list args)
{
    char text[1024];

    vsnprintf(text, sizeof text, format, args);
    utf8_copy(into, size, text, strlen(text));
}

void exam_advise(struct exam *x, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_safely(x->finding.remedy, sizeof x->finding.remedy, format, args);
    va_end(args);
}

void exam_say(struct exam *x, enum finding_state state, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    print_safely(x->finding.text, sizeof x->finding.text, format, args);
    va_end(args);
    x->finding.state = state;
    send_record(x, &finding_record, &x->finding);
    x->finding.remedy[0] = '\0';
}

/* ---- being told ---- */

static struct err take_frame(struct exam *x, struct frame_reader *r, bool *ret_whole)
{
    struct err e;

    if (r->type == exam_order_record.type) {
        e = record_get(&exam_order_record, r, &x->order);
        *ret_whole = !x->order.upstream;
        return e;
    }
    if (r->type == LINK_SETUP) {
        *ret_whole = true;
        return link_setup_get(r, &x->setup);
    }
    return err_of(ERR_MALFORMED, "reading a message that has no place here");
}

static struct err read_order(struct exam *x)
{
    struct buf          input;
    struct frame_reader r;
    char                bytes[4096];
    size_t              used = 0, taken = 0;
    bool                whole = false;
    struct err          e = err_ok();

    buf_init(&input, 4 * FRAME_MAX_BYTES);
    while (!failed(e) && !whole) {
        uv_buf_t into = uv_buf_init(bytes, sizeof bytes);
        uv_fs_t  request;
        int      n = uv_fs_read(NULL, &request, EXAM_LINK, &into, 1, -1, NULL);

        uv_fs_req_cleanup(&request);
        if (n <= 0)
            e = n < 0 ? err_from_os(n, "reading the order")
                      : err_of(ERR_NOT_FOUND, "reading the order of a doctor that is gone");
        else
            e = buf_add(&input, bytes, (size_t)n);
        while (!failed(e) && !whole) {
            e = frame_next(input.data + taken, input.len - taken, &r, &used);
            if (failed(e) || !r.at)
                break;
            taken += used;
            e = take_frame(x, &r, &whole);
        }
    }
    buf_done(&input);
    return e;
}

/* ---- the checks in turn ---- */

static void run_checks(struct exam *x, const struct exam_check *checks)
{
    for (uint64_t i = 0; checks[i].name && !failed(x->lost); i++) {
        struct exam_begin begin = { .number = i, .limit_s = checks[i].limit_s };

        if (i < x->order.first)
            continue;
        snprintf(begin.check, sizeof begin.check, "%s", checks[i].name);
        snprintf(x->finding.check, sizeof x->finding.check, "%s", checks[i].name);
        snprintf(x->finding.about, sizeof x->finding.about, "%.*s", (int)sizeof x->finding.about - 1, x->setup.name);
        send_record(x, &exam_begin_record, &begin);
        checks[i].run(x);
    }
    send_record(x, &exam_end_record, NULL);
}

void exam_load_config(struct exam *x)
{
    (void)config_load(x->order.config, x->order.named, &x->problems, x->origin, sizeof x->origin, &x->config);
}

/* Like the courier: with its account, without files, without other programs. */
static struct err confine(struct exam *x)
{
    struct plat_confine_options may = { .parent_link = EXAM_LINK };

    if (x->setup.ca_file[0])
        may.readable[may.readable_count++] = x->setup.ca_file;
    if (x->setup.connector_file[0])
        may.readable[may.readable_count++] = x->setup.connector_file;
    for (size_t i = 0; i < x->setup.setting_count && may.readable_count < CONFINE_READABLE_MAX; i++)
        if (x->setup.settings[i].is_file)
            may.readable[may.readable_count++] = x->setup.settings[i].value;
    x->is_confined = true;
    return plat_confine_courier(&may, &x->confined);
}

int exam_main(void)
{
    struct exam *x = calloc(1, sizeof *x);
    struct err   e = x ? read_order(x) : err_of(ERR_NO_MEMORY, "beginning to look");

    if (!failed(e) && x->order.upstream)
        e = confine(x);
    if (!failed(e) && !x->order.upstream && !x->order.blind && x->order.first > 0)
        exam_load_config(x); /* the first check did, in a process that was given up later */
    if (!failed(e))
        run_checks(x, x->order.upstream ? exam_of_upstream : exam_of_machine);
    if (x)
        config_free(&x->config);
    free(x);
    return failed(e);
}
