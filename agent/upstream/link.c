#include "agent/upstream/link.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/upstream/courier.h"
#include "agent/upstream/setup.h"
#include "platform/child.h"
#include "platform/lock.h"

enum {
    RESTART_FIRST_MS = 1000,
    RESTART_MOST_MS = 60 * 1000,
    STEADY_MS = 5 * 60 * 1000, /* a courier that lived this long begins with a short wait again */
    LOCK_RETRY_MS = 200,
    STOP_PATIENCE_MS = 6000,
    UNSENT_MAX_BYTES = 1024 * 1024,
    INPUT_MAX_BYTES = 2 * FRAME_MAX_BYTES,
};

enum link_state { DOWN, STARTING, UP, STOPPING };

/* The stream to one courier; it outlives the courier until the loop has closed it. */
struct wire {
    uv_pipe_t            pipe;
    struct courier_link *link; /* NULL once given up */
};

struct courier_link {
    uv_loop_t                  *loop;
    struct courier_link_options options;
    enum link_state             state;
    struct plat_child          *child;
    struct wire                *wire;
    struct buf                  input;
    uv_timer_t                  timer;
    uint64_t                    restart_ms, started_ms;
    bool                        lock_said, nobody_said;
    void (*on_closed)(void *context);
    void *closed_context;
};

struct outgoing {
    uv_write_t request;
    struct buf bytes;
};

static void start(struct courier_link *l);
static void lost(struct courier_link *l);

static void wire_closed(uv_handle_t *handle)
{
    free(container_of((uv_pipe_t *)handle, struct wire, pipe));
}

static void wire_drop(struct courier_link *l)
{
    if (!l->wire)
        return;
    l->wire->link = NULL;
    uv_close((uv_handle_t *)&l->wire->pipe, wire_closed);
    l->wire = NULL;
    buf_clear(&l->input);
}

static void on_written(uv_write_t *request, int status)
{
    struct outgoing *out = container_of(request, struct outgoing, request);

    (void)status; /* a broken wire shows when it is read */
    buf_done(&out->bytes);
    free(out);
}

/* Takes out. */
static struct err wire_send(struct courier_link *l, struct outgoing *out, struct err printed)
{
    uv_buf_t bytes = uv_buf_init(out->bytes.data, (unsigned)out->bytes.len);
    int      status = 0;

    if (!failed(printed))
        status = uv_write(&out->request, (uv_stream_t *)&l->wire->pipe, &bytes, 1, on_written);
    if (failed(printed) || status != 0) {
        buf_done(&out->bytes);
        free(out);
    }
    return failed(printed) ? printed : status ? err_from_os(status, "writing to the courier") : err_ok();
}

static struct outgoing *outgoing_new(size_t limit)
{
    struct outgoing *out = calloc(1, sizeof *out);

    if (out)
        buf_init(&out->bytes, limit);
    return out;
}

struct err courier_link_send(struct courier_link *l, const struct link_work *work)
{
    struct outgoing *out;

    if (uv_stream_get_write_queue_size((uv_stream_t *)&l->wire->pipe) > UNSENT_MAX_BYTES)
        return err_of(ERR_TOO_BIG, "writing to the courier");
    out = outgoing_new(FRAME_MAX_BYTES);
    if (!out)
        return err_of(ERR_NO_MEMORY, "writing to the courier");
    return wire_send(l, out, link_work_put(&out->bytes, work));
}

struct err courier_link_send_samples(struct courier_link *l, struct buf *message)
{
    struct outgoing *out = NULL;
    struct err       e = err_ok();

    if (uv_stream_get_write_queue_size((uv_stream_t *)&l->wire->pipe) > UNSENT_MAX_BYTES)
        e = err_of(ERR_TOO_BIG, "writing to the courier");
    else if (!(out = outgoing_new(FRAME_MAX_BYTES)))
        e = err_of(ERR_NO_MEMORY, "writing to the courier");
    if (failed(e)) {
        buf_done(message);
        return e;
    }
    out->bytes = *message;
    *message = (struct buf){ 0 };
    return wire_send(l, out, err_ok());
}

static struct err on_frame(struct courier_link *l, struct frame_reader *r)
{
    const struct courier_link_listener *to = &l->options.listener;
    struct link_ready ready;
    struct link_done  done;
    struct link_news  news;
    struct link_taken taken;
    struct err        e;

    switch (r->type) {
    case LINK_READY:
        e = l->state == STARTING ? link_ready_get(r, &ready)
                                 : err_of(ERR_MALFORMED, "reading a second READY");
        if (failed(e))
            return e;
        l->state = UP;
        to->on_up(to->context, &ready);
        return e;
    case LINK_DONE:
        e = link_done_get(r, &done);
        if (!failed(e))
            to->on_done(to->context, &done);
        return e;
    case LINK_NEWS:
        e = link_news_get(r, &news);
        if (!failed(e))
            to->on_news(to->context, &news);
        return e;
    case LINK_TAKEN:
        e = link_taken_get(r, &taken);
        if (!failed(e))
            to->on_taken(to->context, &taken);
        return e;
    default:
        return err_of(ERR_MALFORMED, "reading a message that the courier may not send");
    }
}

static struct err take_frames(struct courier_link *l)
{
    struct frame_reader r;
    size_t              used = 0, taken = 0;
    struct err          e = err_ok();

    while (!failed(e) && l->wire) {
        e = frame_next(l->input.data + taken, l->input.len - taken, &r, &used);
        if (failed(e) || !r.at)
            break;
        e = on_frame(l, &r);
        taken += used;
    }
    if (taken) {
        memmove(l->input.data, l->input.data + taken, l->input.len - taken);
        buf_cut(&l->input, l->input.len - taken);
    }
    return e;
}

static void give_memory(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    static char bytes[4096]; /* one courier, one read at a time */

    (void)handle;
    (void)wanted;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct courier_link *l = container_of((uv_pipe_t *)stream, struct wire, pipe)->link;
    struct err           e;
    char                 text[160];

    if (!l || n == 0)
        return;
    if (n < 0) {
        lost(l);
        return;
    }
    e = buf_add(&l->input, bytes->base, (size_t)n);
    if (!failed(e))
        e = take_frames(l);
    if (failed(e)) {
        log_error("courier", "%s: ending it", err_print(e, text, sizeof text));
        lost(l);
    }
}

static void finish_close(uv_handle_t *timer)
{
    struct courier_link *l = container_of((uv_timer_t *)timer, struct courier_link, timer);
    void (*on_closed)(void *) = l->on_closed;
    void *context = l->closed_context;

    buf_done(&l->input);
    free(l);
    if (on_closed)
        on_closed(context);
}

static void on_timer(uv_timer_t *timer)
{
    struct courier_link *l = container_of(timer, struct courier_link, timer);

    if (l->state == STOPPING)
        lost(l);
    else
        start(l);
}

/* However it ended: no courier is left, and its lock will soon be free. */
static void lost(struct courier_link *l)
{
    bool stopping = l->state == STOPPING, was_there = l->state != DOWN;

    wire_drop(l);
    plat_child_close(&l->child);
    l->state = DOWN;
    if (stopping) {
        uv_close((uv_handle_t *)&l->timer, finish_close);
        return;
    }
    if (uv_now(l->loop) - l->started_ms > STEADY_MS)
        l->restart_ms = RESTART_FIRST_MS;
    uv_timer_start(&l->timer, on_timer, l->restart_ms, 0);
    log_warn("courier", "it ended; starting another in %u s", (unsigned)(l->restart_ms / 1000));
    l->restart_ms = l->restart_ms * 2 > RESTART_MOST_MS ? RESTART_MOST_MS : l->restart_ms * 2;
    if (was_there)
        l->options.listener.on_down(l->options.listener.context);
}

static void on_child_exit(void *context, int64_t status, int signal)
{
    struct courier_link *l = context;

    if (l->state != STOPPING || status != 0 || signal != 0)
        log_warn("courier", "exit code %d, signal %d", (int)status, signal);
    lost(l);
}

/* Root gives the network to an account that owns nothing; others cannot. */
static struct plat_user *courier_user(struct courier_link *l, struct plat_user *into)
{
    if (!plat_user_is_administrator())
        return NULL;
    if (!failed(plat_user_find("_picket", into)))
        return into;
    if (failed(plat_user_find("nobody", into)))
        *into = (struct plat_user){ 65534, 65534, "nobody" };
    if (!l->nobody_said)
        log_warn("courier", "there is no account _picket: running as %s; "
             "make one with: adduser --system --group --no-create-home _picket", into->name);
    l->nobody_said = true;
    return into;
}

static struct err spawn(struct courier_link *l, int theirs, int lock)
{
    static const char *const level_names[] = { "error", "warn", "info", "debug" };
    const char *const args[] = { "picket-courier", "courier", "--log-level",
                                 level_names[l->options.log_level], NULL };
    struct plat_user          user;
    struct plat_child_options o = { .args = args,
                                    .pass = { theirs, lock },
                                    .pass_count = 2,
                                    .become = courier_user(l, &user),
                                    .on_exit = on_child_exit,
                                    .context = l };

    return plat_child_spawn(l->loop, &o, &l->child);
}

/* Takes ours. */
static struct err wire_open(struct courier_link *l, int *ours)
{
    int status;

    l->wire = calloc(1, sizeof *l->wire);
    if (!l->wire)
        return err_of(ERR_NO_MEMORY, "starting the courier");
    l->wire->link = l;
    status = uv_pipe_init(l->loop, &l->wire->pipe, 0);
    if (status != 0) {
        free(l->wire);
        l->wire = NULL;
        return err_from_os(status, "starting the courier");
    }
    status = uv_pipe_open(&l->wire->pipe, *ours);
    if (status == 0) {
        *ours = -1;
        status = uv_read_start((uv_stream_t *)&l->wire->pipe, give_memory, on_read);
    }
    return status ? err_from_os(status, "starting the courier") : err_ok();
}

static struct err send_setup(struct courier_link *l)
{
    struct outgoing *out = outgoing_new(LINK_UPSTREAMS_MAX * FRAME_MAX_BYTES);

    if (!out)
        return err_of(ERR_NO_MEMORY, "starting the courier");
    return wire_send(l, out, setup_print(l->options.config, &out->bytes));
}

static void descriptor_end(int *fd)
{
    uv_fs_t request;

    if (*fd < 0)
        return;
    uv_fs_close(NULL, &request, *fd, NULL);
    uv_fs_req_cleanup(&request);
    *fd = -1;
}

static struct err bring_up(struct courier_link *l, int lock)
{
    int        ours = -1, theirs = -1;
    struct err e = plat_child_link(&ours, &theirs);

    if (!failed(e))
        e = spawn(l, theirs, lock);
    if (!failed(e))
        e = wire_open(l, &ours);
    if (!failed(e))
        e = send_setup(l);
    descriptor_end(&ours);
    descriptor_end(&theirs);
    return e;
}

static void start(struct courier_link *l)
{
    int        lock = -1;
    char       text[160];
    struct err e = plat_lock_take(l->options.lock_path, &lock);

    if (e.code == ERR_BUSY) {
        if (!l->lock_said)
            log_warn("courier", "an earlier one has not ended yet; waiting for it");
        l->lock_said = true;
        uv_timer_start(&l->timer, on_timer, LOCK_RETRY_MS, 0);
        return;
    }
    l->lock_said = false;
    l->started_ms = uv_now(l->loop);
    l->state = STARTING;
    if (!failed(e))
        e = bring_up(l, lock);
    else if (e.code == ERR_NO_SPACE || e.code == ERR_READ_ONLY)
        e = bring_up(l, l->options.spare_lock);
    plat_lock_release(&lock);
    if (!failed(e))
        return;
    log_error("courier", "%s", err_print(e, text, sizeof text));
    lost(l);
}

struct err courier_link_open(uv_loop_t *loop, const struct courier_link_options *options,
                             struct courier_link **ret)
{
    struct courier_link *l = calloc(1, sizeof *l);

    if (!l)
        return err_of(ERR_NO_MEMORY, "starting the courier");
    l->loop = loop;
    l->options = *options;
    l->restart_ms = RESTART_FIRST_MS;
    buf_init(&l->input, INPUT_MAX_BYTES);
    uv_timer_init(loop, &l->timer);
    *ret = l;
    uv_timer_start(&l->timer, on_timer, 0, 0); /* from the loop, so that no listener is called from here */
    return err_ok();
}

bool courier_link_is_up(const struct courier_link *l)
{
    return l->state == UP;
}

uint64_t courier_link_process(const struct courier_link *l)
{
    return l->child ? plat_child_id(l->child) : 0;
}

void courier_link_close(struct courier_link *l, void (*on_closed)(void *context), void *context)
{
    struct outgoing *out = l->state == UP ? outgoing_new(FRAME_MAX_BYTES) : NULL;
    bool             asked = out && !failed(wire_send(l, out, link_bare_put(&out->bytes, LINK_STOP)));

    l->on_closed = on_closed;
    l->closed_context = context;
    l->state = STOPPING;
    uv_timer_start(&l->timer, on_timer, asked ? STOP_PATIENCE_MS : 0, 0);
}
