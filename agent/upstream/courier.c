#include "agent/upstream/courier.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/upstream/feed.h"
#include "agent/upstream/lane.h"
#include "agent/upstream/setup.h"
#include "platform/child.h"
#include "platform/confine.h"
#include "platform/log.h"
#include "platform/loop.h"

enum { STOP_PATIENCE_MS = 5000, INPUT_MAX_BYTES = 4 * FRAME_MAX_BYTES };

struct courier {
    uv_loop_t                  loop;
    uv_pipe_t                  link;
    uv_timer_t                 stop_timer;
    struct buf                 input;
    struct lane               *lanes[LINK_UPSTREAMS_MAX]; /* of an upstream one of the two, if it is set up */
    struct feed               *feeds[LINK_UPSTREAMS_MAX];
    struct plat_confine_options may;
    struct plat_confine_report confined;
    uint64_t                   stop_by_ms;
    bool                       going, ending;
};

struct outgoing {
    uv_write_t request;
    struct buf bytes;
};

static void on_end_timer(uv_timer_t *timer);

/* Lanes call us from within themselves: what closes them waits for the loop. */
static void end_soon(struct courier *c)
{
    if (!c->ending)
        uv_timer_start(&c->stop_timer, on_end_timer, 0, 0);
}

static void on_written(uv_write_t *request, int status)
{
    struct outgoing *out = container_of(request, struct outgoing, request);

    (void)status; /* a link that broke ends us when it is read */
    buf_done(&out->bytes);
    free(out);
}

/* Sends what print put into the bytes; out of memory loses the message, and the warden asks again after we end. */
static void link_send(struct courier *c, struct outgoing *out, struct err printed)
{
    uv_buf_t bytes;

    if (failed(printed) || c->ending) {
        if (failed(printed))
            end_soon(c);
        buf_done(&out->bytes);
        free(out);
        return;
    }
    bytes = uv_buf_init(out->bytes.data, (unsigned)out->bytes.len);
    if (uv_write(&out->request, (uv_stream_t *)&c->link, &bytes, 1, on_written) != 0) {
        on_written(&out->request, 0);
        end_soon(c);
    }
}

static struct outgoing *outgoing_new(struct courier *c)
{
    struct outgoing *out = calloc(1, sizeof *out);

    if (!out) {
        end_soon(c);
        return NULL;
    }
    buf_init(&out->bytes, FRAME_MAX_BYTES);
    return out;
}

static bool any_busy(const struct courier *c)
{
    for (size_t i = 0; i < ARRAY_LEN(c->lanes); i++)
        if ((c->lanes[i] && lane_busy(c->lanes[i])) || (c->feeds[i] && feed_busy(c->feeds[i])))
            return true;
    return false;
}

static void on_done(void *context, const struct link_done *done)
{
    struct courier  *c = context;
    struct outgoing *out = outgoing_new(c);

    if (out)
        link_send(c, out, link_done_put(&out->bytes, done));
}

static void on_taken(void *context, const struct link_taken *taken)
{
    struct courier  *c = context;
    struct outgoing *out = outgoing_new(c);

    if (out)
        link_send(c, out, link_taken_put(&out->bytes, taken));
}

static void on_news(void *context, const struct link_news *news)
{
    struct courier  *c = context;
    struct outgoing *out = outgoing_new(c);

    if (out)
        link_send(c, out, link_news_put(&out->bytes, news));
    if (news->mood == LINK_RETRYING && plat_confine_outdated(&c->confined)) {
        log_info("courier", "the resolver's or a certificate file was replaced: starting anew to see it");
        end_soon(c);
    }
}

static void end(struct courier *c)
{
    if (c->ending)
        return;
    c->ending = true;
    for (size_t i = 0; i < ARRAY_LEN(c->lanes); i++) {
        lane_close(&c->lanes[i]);
        feed_close(&c->feeds[i]);
    }
    uv_close((uv_handle_t *)&c->stop_timer, NULL);
    uv_close((uv_handle_t *)&c->link, NULL);
}

static void on_end_timer(uv_timer_t *timer)
{
    end(container_of(timer, struct courier, stop_timer));
}

static void on_stop_timer(uv_timer_t *timer)
{
    struct courier *c = container_of(timer, struct courier, stop_timer);

    if (!any_busy(c) || uv_now(&c->loop) >= c->stop_by_ms)
        end(c);
}

static void stop(struct courier *c)
{
    for (size_t i = 0; i < ARRAY_LEN(c->lanes); i++) {
        if (c->lanes[i])
            lane_stop(c->lanes[i]);
        if (c->feeds[i])
            feed_stop(c->feeds[i]);
    }
    c->stop_by_ms = uv_now(&c->loop) + STOP_PATIENCE_MS;
    uv_timer_start(&c->stop_timer, on_stop_timer, 0, 50);
}

static struct err on_setup(struct courier *c, struct frame_reader *r)
{
    struct link_setup *setup = calloc(1, sizeof *setup);
    struct err         e = setup ? link_setup_get(r, setup) : err_of(ERR_NO_MEMORY, "reading the set-up");

    if (!failed(e) && (c->lanes[setup->upstream] || c->feeds[setup->upstream]))
        e = err_of(ERR_MALFORMED, "reading a second set-up for one upstream");
    if (!failed(e))
        e = setup_takes_samples(setup) ? feed_new(setup, &c->feeds[setup->upstream])
                                       : lane_new(setup, &c->lanes[setup->upstream]);
    if (!failed(e) && setup->ca_file[0] && c->may.readable_count < CONFINE_READABLE_MAX) {
        const char *kept = strdup(setup->ca_file); /* lives as long as the process */
        if (kept)
            c->may.readable[c->may.readable_count++] = kept;
    }
    free(setup);
    return e;
}

static struct err on_work(struct courier *c, struct frame_reader *r)
{
    struct link_work work;
    struct err       e = link_work_get(r, &work);

    if (failed(e))
        return e;
    if (!c->lanes[work.upstream])
        e = err_of(ERR_MALFORMED, "reading work for an upstream that is not set up");
    else
        e = lane_put(c->lanes[work.upstream], &work);
    if (failed(e))
        free(work.owned);
    return e;
}

static struct err on_samples(struct courier *c, struct frame_reader *r)
{
    struct link_samples batch = { 0 };
    struct err          e = link_samples_get(r, &batch);

    if (!failed(e))
        e = c->feeds[batch.upstream] ? feed_put(c->feeds[batch.upstream], &batch)
                                     : err_of(ERR_MALFORMED, "reading samples for an upstream that takes none");
    link_samples_done(&batch);
    return e;
}

static struct err on_frame(struct courier *c, struct frame_reader *r)
{
    if (r->type == LINK_SETUP && !c->going)
        return on_setup(c, r);
    if (r->type == LINK_GO && !c->going) {
        c->going = true;
        return frame_done(r);
    }
    if (r->type == LINK_WORK && c->going)
        return on_work(c, r);
    if (r->type == LINK_SAMPLES && c->going)
        return on_samples(c, r);
    if (r->type == LINK_STOP && c->going) {
        stop(c);
        return frame_done(r);
    }
    return err_of(ERR_MALFORMED, "reading a message that has no place here");
}

/* Handles the whole frames in input; before GO it stops behind GO. */
static struct err take_frames(struct courier *c)
{
    struct frame_reader r;
    size_t              used = 0, taken = 0;
    struct err          e = err_ok();
    bool                was_going = c->going;

    while (!failed(e) && !c->ending && was_going == c->going) {
        e = frame_next(c->input.data + taken, c->input.len - taken, &r, &used);
        if (failed(e) || !r.at)
            break;
        e = on_frame(c, &r);
        taken += used;
    }
    if (taken) {
        memmove(c->input.data, c->input.data + taken, c->input.len - taken);
        buf_cut(&c->input, c->input.len - taken);
    }
    return e;
}

static struct err read_setup(struct courier *c)
{
    char       bytes[4096];
    struct err e = err_ok();

    while (!failed(e) && !c->going) {
        uv_buf_t into = uv_buf_init(bytes, sizeof bytes);
        uv_fs_t  request;
        int      n = uv_fs_read(NULL, &request, COURIER_LINK, &into, 1, -1, NULL);

        uv_fs_req_cleanup(&request);
        if (n == 0)
            return err_of(ERR_NOT_FOUND, "reading the set-up from a warden that is gone");
        e = n < 0 ? err_from_os(n, "reading the set-up") : buf_add(&c->input, bytes, (size_t)n);
        if (!failed(e))
            e = take_frames(c);
    }
    return e;
}

static void give_memory(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    static char bytes[8192]; /* one link, one read at a time */

    (void)handle;
    (void)wanted;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct courier *c = container_of((uv_pipe_t *)stream, struct courier, link);
    struct err      e = err_ok();
    char            text[160];

    if (n < 0) { /* the warden is gone, or wants us gone */
        end(c);
        return;
    }
    e = buf_add(&c->input, bytes->base, (size_t)n);
    if (!failed(e))
        e = take_frames(c);
    if (failed(e)) {
        log_error("link", "%s: ending; the warden starts anew", err_print(e, text, sizeof text));
        end(c);
    }
}

static void say_ready(struct courier *c)
{
    struct link_ready ready = { 0 };
    struct plat_user  self;
    struct outgoing  *out = outgoing_new(c);

    if (!out)
        return;
    plat_user_self(&self);
    utf8_copy(ready.user, sizeof ready.user, self.name, strlen(self.name));
    utf8_copy(ready.confinement, sizeof ready.confinement, c->confined.text, strlen(c->confined.text));
    link_send(c, out, link_ready_put(&out->bytes, &ready));
}

static struct err open_lanes(struct courier *c)
{
    const struct lane_listener listener = { on_done, on_news, c };
    const struct feed_listener samples = { on_taken, on_news, c };
    struct err                 e = err_ok();

    for (size_t i = 0; i < ARRAY_LEN(c->lanes) && !failed(e); i++) {
        if (c->lanes[i])
            e = lane_open(c->lanes[i], &c->loop, &listener);
        else if (c->feeds[i])
            e = feed_open(c->feeds[i], &c->loop, &samples);
    }
    return e;
}

static struct err open_link(struct courier *c)
{
    struct err e = plat_loop_init(&c->loop);
    int        status;

    if (failed(e))
        return e;
    status = uv_pipe_init(&c->loop, &c->link, 0);
    if (status == 0)
        status = uv_pipe_open(&c->link, COURIER_LINK);
    if (status == 0)
        status = uv_timer_init(&c->loop, &c->stop_timer);
    if (status == 0)
        status = uv_read_start((uv_stream_t *)&c->link, give_memory, on_read);
    return status == 0 ? err_ok() : err_from_os(status, "opening the link to the warden");
}

int courier_main(enum log_level level)
{
    static struct courier c;
    char                  text[160];
    struct err            e;

    log_open("picket-courier", level);
    plat_child_name_self("picket-courier");
    buf_init(&c.input, INPUT_MAX_BYTES);
    c.may.parent_link = COURIER_LINK;
    e = read_setup(&c);
    if (!failed(e))
        e = plat_confine_courier(&c.may, &c.confined);
    if (!failed(e))
        e = open_link(&c);
    if (failed(e)) {
        log_error("courier", "%s: ending", err_print(e, text, sizeof text));
        return 1;
    }
    say_ready(&c);
    e = open_lanes(&c);
    if (!failed(e))
        e = take_frames(&c); /* what came behind GO */
    if (failed(e)) {
        log_error("courier", "%s: ending", err_print(e, text, sizeof text));
        end(&c);
    }
    uv_run(&c.loop, UV_RUN_DEFAULT);
    buf_done(&c.input);
    return uv_loop_close(&c.loop) == 0 && !failed(e) ? 0 : 1;
}
