/* The server's side of platform/control.h. */
#include "platform/control.h"

#include <assert.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/posix/control_path.h"

enum {
    LINKS_MAX = 16,
    INPUT_MAX_BYTES = 64 * 1024 + 4,
    OUTPUT_MAX_BYTES = 1024 * 1024,
    IDLE_MS = 10 * 1000,
    READ_BYTES = 4096,
    WAITING_MAX = 16 /* connections the kernel may hold for us */
};

struct plat_control {
    uv_pipe_t                   listener, spare; /* spare: for connections that are refused */
    bool                        refusing, one_waits, closed;
    struct plat_control_options options;
    struct plat_control_link   *links;
    size_t                      link_count;
};

struct plat_control_link {
    uv_pipe_t                 pipe;
    uv_timer_t                idle;
    unsigned                  handles; /* not closed yet */
    struct plat_control      *control; /* NULL once the link is ending for good */
    struct plat_control_link *next, **link;
    struct plat_control_peer  peer;
    struct buf                input;
    size_t                    unsent;
    bool                      ending; /* close when unsent is 0 */
    bool                      in_handler;
    char                      chunk[READ_BYTES];
};

struct sending {
    uv_write_t                request;
    struct plat_control_link *link;
    size_t                    len;
    char                      bytes[];
};

/* ---- the end of a link ---- */

static void handle_closed(uv_handle_t *handle)
{
    struct plat_control_link *link = handle->data;

    if (--link->handles > 0)
        return;
    buf_done(&link->input);
    free(link);
}

static void drop(struct plat_control_link *link)
{
    struct plat_control *control = link->control;

    if (!control)
        return;
    link->control = NULL;
    *link->link = link->next;
    if (link->next)
        link->next->link = link->link;
    control->link_count--;
    uv_close((uv_handle_t *)&link->pipe, handle_closed); /* ends its writes too */
    uv_close((uv_handle_t *)&link->idle, handle_closed);
    if (control->options.on_closed)
        control->options.on_closed(control->options.context, link);
}

static void on_idle(uv_timer_t *timer)
{
    drop(container_of(timer, struct plat_control_link, idle));
}

static void still_alive(struct plat_control_link *link)
{
    uv_timer_start(&link->idle, on_idle, link->control->options.idle_ms, 0);
}

void plat_control_link_end(struct plat_control_link *link)
{
    link->ending = true;
    if (link->unsent == 0 && !link->in_handler)
        drop(link);
}

/* ---- bytes ---- */

static void sent(uv_write_t *request, int status)
{
    struct sending           *sending = container_of(request, struct sending, request);
    struct plat_control_link *link = sending->link;

    link->unsent -= sending->len;
    free(sending);
    if (!link->control)
        return;
    if (status != 0 || (link->ending && link->unsent == 0))
        drop(link);
    else
        still_alive(link);
}

struct err plat_control_link_send(struct plat_control_link *link, const void *bytes, size_t len)
{
    struct sending *sending;
    uv_buf_t        buf;
    int             status;

    if (!link->control || link->ending)
        return err_of(ERR_NOT_FOUND, "answering on the control socket");
    if (len > link->control->options.output_max - link->unsent) {
        plat_control_link_end(link);
        return err_of(ERR_TOO_BIG, "answering on the control socket");
    }
    sending = malloc(sizeof *sending + len);
    if (!sending)
        return err_of(ERR_NO_MEMORY, "answering on the control socket");
    sending->link = link;
    sending->len = len;
    memcpy(sending->bytes, bytes, len);
    buf = uv_buf_init(sending->bytes, (unsigned)len);
    status = uv_write(&sending->request, (uv_stream_t *)&link->pipe, &buf, 1, sent);
    if (status != 0) {
        free(sending);
        return err_from_os(status, "answering on the control socket");
    }
    link->unsent += len;
    return err_ok();
}

static void lend_chunk(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    struct plat_control_link *link = handle->data;

    (void)wanted;
    *ret = uv_buf_init(link->chunk, sizeof link->chunk);
}

static void use_input(struct plat_control_link *link)
{
    const struct plat_control_options *o = &link->control->options;
    size_t                             used;

    link->in_handler = true;
    used = o->on_input(o->context, link, link->input.data, link->input.len);
    link->in_handler = false;
    assert(used <= link->input.len);
    memmove(link->input.data, link->input.data + used, link->input.len - used);
    buf_cut(&link->input, link->input.len - used);
}

static void on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *chunk)
{
    struct plat_control_link *link = stream->data;

    if (len == 0)
        return;
    if (len < 0) {
        /* the other side may have said all and be listening still */
        uv_read_stop(stream);
        if (len == UV_EOF && link->unsent > 0)
            link->ending = true;
        else
            drop(link);
        return;
    }
    if (link->ending)
        return; /* nobody listens any more */
    still_alive(link);
    if (failed(buf_add(&link->input, chunk->base, (size_t)len))) {
        drop(link);
        return;
    }
    use_input(link); /* may drop */
    if (link->control && link->ending && link->unsent == 0)
        drop(link);
}

/* ---- the beginning of a link ---- */

static struct err know_peer(uv_pipe_t *pipe, struct plat_control_peer *ret)
{
    struct plat_user self;
    struct ucred     who;
    socklen_t        size = sizeof who;
    uv_os_fd_t       socket;

    if (uv_fileno((uv_handle_t *)pipe, &socket) != 0 || getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &who, &size) != 0)
        return err_from_os(errno, "asking who connected");
    plat_user_self(&self);
    memset(ret, 0, sizeof *ret);
    if (failed(plat_user_of_id(who.uid, &ret->user)))
        snprintf(ret->user.name, sizeof ret->user.name, "%u", (unsigned)who.uid);
    ret->user.id = who.uid;
    ret->user.group = who.gid;
    ret->administrator = who.uid == 0;
    ret->same_user = who.uid == self.id;
    ret->process = (uint64_t)who.pid;
    return err_ok();
}

static struct plat_control_link *link_new(struct plat_control *control)
{
    struct plat_control_link *link = calloc(1, sizeof *link);
    uv_loop_t                *loop = control->listener.loop;

    if (!link)
        return NULL;
    uv_pipe_init(loop, &link->pipe, 0);
    uv_timer_init(loop, &link->idle);
    link->pipe.data = link->idle.data = link;
    link->handles = 2;
    buf_init(&link->input, control->options.input_max);
    link->control = control;
    link->next = control->links;
    link->link = &control->links;
    if (link->next)
        link->next->link = &link->next;
    control->links = link;
    control->link_count++;
    return link;
}

static void refuse(struct plat_control *control);

static void refused(uv_handle_t *handle)
{
    struct plat_control *control = container_of((uv_pipe_t *)handle, struct plat_control, spare);

    control->refusing = false;
    if (control->closed) {
        free(control);
    } else if (control->one_waits) {
        control->one_waits = false;
        refuse(control);
    }
}

/* A connection has to be accepted to be refused, and accepting needs a handle: libuv tells of no other until then. */
static void refuse(struct plat_control *control)
{
    control->one_waits = control->refusing;
    if (control->refusing)
        return;
    control->refusing = true;
    uv_pipe_init(control->listener.loop, &control->spare, 0);
    (void)uv_accept((uv_stream_t *)&control->listener, (uv_stream_t *)&control->spare);
    uv_close((uv_handle_t *)&control->spare, refused);
}

static void on_connection(uv_stream_t *listener, int status)
{
    struct plat_control      *control = container_of(listener, struct plat_control, listener);
    struct plat_control_link *link = status == 0 ? link_new(control) : NULL;

    if (status != 0)
        return;
    if (!link)
        refuse(control);
    else if (uv_accept(listener, (uv_stream_t *)&link->pipe) != 0 || control->link_count > control->options.links_max ||
        failed(know_peer(&link->pipe, &link->peer)) ||
        uv_read_start((uv_stream_t *)&link->pipe, lend_chunk, on_read) != 0)
        drop(link);
    else
        still_alive(link);
}

const struct plat_control_peer *plat_control_link_peer(const struct plat_control_link *link)
{
    return &link->peer;
}

/* ---- the server ---- */

/* A path outlives a killed server. Whether somebody still serves it, only connecting tells. */
static struct err take_over(const char *path)
{
    struct plat_control_call *call = NULL;
    struct err                e = plat_control_connect(path, 1000, &call);
    struct stat               what;

    plat_control_hang_up(&call);
    if (!failed(e) || e.code == ERR_TIMED_OUT)
        return err_of(ERR_BUSY, "opening the control socket");
    if (e.code != ERR_NOT_FOUND)
        return e;
    if (lstat(path, &what) != 0)
        return errno == ENOENT ? err_ok() : err_from_os(errno, "opening the control socket");
    if (!S_ISSOCK(what.st_mode)) /* refuses connections just like an old socket, but is not ours to remove */
        return err_of(ERR_BUSY, "opening the control socket");
    return unlink(path) == 0 ? err_ok() : err_from_os(errno, "replacing an old control socket");
}

static struct plat_control_options with_defaults(const struct plat_control_options *given)
{
    struct plat_control_options o = *given;

    o.path = NULL; /* was lent */
    o.links_max = o.links_max ? o.links_max : LINKS_MAX;
    o.input_max = o.input_max ? o.input_max : INPUT_MAX_BYTES;
    o.output_max = o.output_max ? o.output_max : OUTPUT_MAX_BYTES;
    o.idle_ms = o.idle_ms ? o.idle_ms : IDLE_MS;
    return o;
}

static void listener_closed(uv_handle_t *handle)
{
    struct plat_control *control = container_of((uv_pipe_t *)handle, struct plat_control, listener);

    control->closed = true;
    if (!control->refusing)
        free(control);
}

struct err plat_control_open(uv_loop_t *loop, const struct plat_control_options *options, struct plat_control **ret)
{
    struct plat_control *control;
    struct sockaddr_un   address;
    struct err           e = control_address(options->path, &address);
    int                  status;

    if (!failed(e))
        e = take_over(options->path);
    if (failed(e))
        return e;
    control = calloc(1, sizeof *control);
    if (!control)
        return err_of(ERR_NO_MEMORY, "opening the control socket");
    control->options = with_defaults(options);
    uv_pipe_init(loop, &control->listener, 0);
    status = uv_pipe_bind(&control->listener, options->path);
    if (status == 0) /* everyone may ask; who it is decides about the answer */
        status = uv_pipe_chmod(&control->listener, UV_READABLE | UV_WRITABLE);
    if (status == 0)
        status = uv_listen((uv_stream_t *)&control->listener, WAITING_MAX, on_connection);
    if (status != 0) {
        uv_close((uv_handle_t *)&control->listener, listener_closed);
        return err_from_os(status, "opening the control socket");
    }
    *ret = control;
    return e;
}

void plat_control_close(struct plat_control **control)
{
    struct plat_control *c = *control;

    if (!c)
        return;
    *control = NULL;
    while (c->links)
        drop(c->links);
    uv_close((uv_handle_t *)&c->listener, listener_closed); /* removes the path */
}
