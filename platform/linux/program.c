#include "platform/program.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/buf.h"
#include "platform/linux/inherit.h"

enum { OUT, ERR, PIPES, DRAIN_MS = 500, CHUNK_BYTES = 16 * 1024 };

/* Writable, as execve's signature wants it. */
static char  path_line[] = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
static char  locale_line[] = "LC_ALL=C.UTF-8";
static char  home_line[] = "HOME=/";
static char *environment[] = { path_line, locale_line, home_line, NULL };

struct plat_program {
    uv_process_t          process;
    uv_timer_t            timer;
    uv_pipe_t             pipes[PIPES];
    struct buf            text[PIPES];
    bool                  ended[PIPES]; /* nothing more will come */
    plat_program_done_fn *on_done;      /* NULL: told, or nobody wants to know any more */
    void                 *context;
    uint64_t              began_ms, took_ms, timeout_ms;
    int                   status, signal;
    unsigned              open; /* handles that the loop still holds */
    bool                  cut, exited, timed_out, closing, owned, in_our_group;
};

/* Where all output of one loop lands first: nobody reads it in two places at once. */
static char chunk[CHUNK_BYTES];

/* ---- the end ---- */

static void forget(struct plat_program *p)
{
    for (int i = 0; i < PIPES; i++)
        buf_done(&p->text[i]);
    free(p);
}

static void closed(uv_handle_t *handle)
{
    struct plat_program *p = handle->data;

    if (--p->open == 0 && !p->owned)
        forget(p);
}

static void close_handle(uv_handle_t *handle)
{
    if (handle->loop && !uv_is_closing(handle)) /* without a loop it was never begun */
        uv_close(handle, closed);
}

/* The process's own handle stays until the system has buried it, or it would be left a zombie. */
static void close_handles(struct plat_program *p)
{
    close_handle((uv_handle_t *)&p->timer);
    for (int i = 0; i < PIPES; i++)
        close_handle((uv_handle_t *)&p->pipes[i]);
    if (p->exited)
        close_handle((uv_handle_t *)&p->process);
}

/* The group outlives its leader: its number is not used again while anyone is in it. */
static void kill_group(const struct plat_program *p)
{
    if (p->process.pid > 1 && !p->in_our_group)
        kill(-p->process.pid, SIGKILL);
    else if (p->process.pid > 1 && !p->exited)
        kill(p->process.pid, SIGKILL); /* not once it is buried: the number may be another's */
}

static void finish(struct plat_program *p)
{
    plat_program_done_fn      *on_done = p->on_done;
    struct plat_program_result r = {
        .end = p->timed_out ? PROGRAM_TIMED_OUT : p->signal ? PROGRAM_SIGNALLED : PROGRAM_EXITED,
        .status = p->status,
        .signal = p->signal,
        .out = buf_text(&p->text[OUT]),
        .out_len = p->text[OUT].len,
        .err_text = buf_text(&p->text[ERR]),
        .err_len = p->text[ERR].len,
        .out_cut = p->cut,
        .took_ms = p->took_ms,
    };

    p->on_done = NULL;
    close_handles(p);
    if (on_done)
        on_done(p->context, &r); /* may close p */
}

static void look_whether_done(struct plat_program *p)
{
    if (!p->closing && p->exited && p->ended[OUT] && p->ended[ERR])
        finish(p);
}

static void drained(uv_timer_t *timer)
{
    struct plat_program *p = timer->data;

    p->ended[OUT] = p->ended[ERR] = true;
    look_whether_done(p);
}

static void process_exited(uv_process_t *process, int64_t status, int signal)
{
    struct plat_program *p = process->data;

    p->exited = true;
    p->status = (int)status;
    p->signal = signal;
    p->took_ms = uv_now(process->loop) - p->began_ms;
    if (p->closing) {
        close_handle((uv_handle_t *)process);
        return;
    }
    if (!p->ended[OUT] || !p->ended[ERR]) {
        kill_group(p); /* somebody else of it holds the pipe */
        uv_timer_start(&p->timer, drained, DRAIN_MS, 0);
    }
    look_whether_done(p);
}

static void too_late(uv_timer_t *timer)
{
    struct plat_program *p = timer->data;

    p->timed_out = true;
    kill_group(p);
}

void plat_program_close(struct plat_program **program)
{
    struct plat_program *p = *program;

    if (!p)
        return;
    *program = NULL;
    p->on_done = NULL;
    p->closing = true;
    p->owned = false;
    if (!p->exited)
        kill_group(p);
    close_handles(p);
    if (p->open == 0)
        forget(p);
}

uint64_t plat_program_id(const struct plat_program *p)
{
    return (uint64_t)p->process.pid;
}

/* ---- what it says ---- */

static void lend_chunk(uv_handle_t *handle, size_t suggested, uv_buf_t *ret)
{
    (void)handle;
    (void)suggested;
    *ret = uv_buf_init(chunk, sizeof chunk);
}

/* What is too much is read all the same, so that the program can go on to its end. */
static void keep(struct plat_program *p, int which, size_t len)
{
    struct buf *text = &p->text[which];
    size_t      room = text->limit - text->len;

    if (len > room && which == OUT)
        p->cut = true;
    if (failed(buf_add(text, chunk, len < room ? len : room)) && which == OUT)
        p->cut = true;
}

static void came(uv_stream_t *stream, ssize_t len, const uv_buf_t *bytes)
{
    struct plat_program *p = stream->data;
    int                  which = stream == (uv_stream_t *)&p->pipes[OUT] ? OUT : ERR;

    (void)bytes;
    if (len > 0)
        keep(p, which, (size_t)len);
    if (len >= 0)
        return;
    p->ended[which] = true;
    uv_read_stop(stream);
    look_whether_done(p);
}

/* ---- the beginning ---- */

struct err plat_program_find(const char *name, char *into, size_t size)
{
    for (const char *at = path_line + strlen("PATH="); *at;) {
        size_t len = strcspn(at, ":");
        int    need = snprintf(into, size, "%.*s/%s", (int)len, at, name);

        if (need > 0 && (size_t)need < size && access(into, X_OK) == 0)
            return err_ok();
        at += len + (at[len] == ':');
    }
    return err_of(ERR_NOT_FOUND, "looking for a program");
}

static int init_handles(uv_loop_t *loop, struct plat_program *p)
{
    int status = uv_timer_init(loop, &p->timer);

    p->timer.data = p->process.data = p;
    p->open = 1;
    for (int i = 0; i < PIPES && status == 0; i++) {
        status = uv_pipe_init(loop, &p->pipes[i], 0);
        p->pipes[i].data = p;
        p->open += status == 0;
    }
    return status;
}

static int spawn(uv_loop_t *loop, const struct plat_program_options *options, const char *file, struct plat_program *p)
{
    char                *args[PROGRAM_ARGS_MAX + 1] = { NULL };
    uv_stdio_container_t stdio[3] = { { .flags = UV_IGNORE } };
    uv_process_options_t o = {
        .exit_cb = process_exited,
        .file = file,
        .args = args,
        .env = options->keep_environment ? NULL : environment,
        .cwd = options->folder ? options->folder : "/",
        .flags = options->stay_in_group ? 0 : UV_PROCESS_DETACHED,
        .stdio = stdio,
        .stdio_count = 3,
    };

    for (size_t i = 0; options->args[i]; i++)
        memcpy(&args[i], &options->args[i], sizeof *args); /* execve's signature wants them writable */
    for (int i = 0; i < PIPES; i++) {
        stdio[1 + i].flags = (uv_stdio_flags)(UV_CREATE_PIPE | UV_WRITABLE_PIPE);
        stdio[1 + i].data.stream = (uv_stream_t *)&p->pipes[i];
    }
    if (options->become) {
        o.flags |= UV_PROCESS_SETUID | UV_PROCESS_SETGID; /* and no other groups */
        o.uid = options->become->id;
        o.gid = options->become->group;
    }
    inherit_no_descriptors();
    p->open++;
    return uv_spawn(loop, &p->process, &o);
}

static int listen_to(struct plat_program *p)
{
    int status = uv_timer_start(&p->timer, too_late, p->timeout_ms, 0);

    for (int i = 0; i < PIPES && status == 0; i++)
        status = uv_read_start((uv_stream_t *)&p->pipes[i], lend_chunk, came);
    return status;
}

/* The loop's clock stands still within a round: how long this took is not the program's. */
static struct err start(uv_loop_t *loop, const struct plat_program_options *options, const char *file,
                        struct plat_program *p)
{
    int status = init_handles(loop, p);

    uv_update_time(loop);
    p->began_ms = uv_now(loop);
    p->timeout_ms = options->timeout_ms;
    p->in_our_group = options->stay_in_group;
    p->on_done = options->on_done;
    p->context = options->context;
    buf_init(&p->text[OUT], options->output_max < PROGRAM_OUT_MAX ? options->output_max : PROGRAM_OUT_MAX);
    buf_init(&p->text[ERR], PROGRAM_ERR_MAX);
    if (status == 0)
        status = spawn(loop, options, file, p);
    if (status != 0)
        p->exited = true; /* there is nothing to bury */
    if (status == 0)
        status = listen_to(p);
    return status == 0 ? err_ok() : err_from_os(status, "starting a program");
}

struct err plat_program_start(uv_loop_t *loop, const struct plat_program_options *options, struct plat_program **ret)
{
    char                 found[512];
    const char          *file = options->args[0];
    struct plat_program *p;
    size_t               count = 0;
    struct err           e = err_ok();

    while (options->args[count])
        count++;
    if (count == 0 || count > PROGRAM_ARGS_MAX)
        return err_of(ERR_TOO_BIG, "starting a program");
    if (!strchr(file, '/')) {
        e = plat_program_find(file, found, sizeof found);
        file = found;
    }
    if (failed(e))
        return e;
    p = calloc(1, sizeof *p);
    if (!p)
        return err_of(ERR_NO_MEMORY, "starting a program");
    p->owned = true;
    e = start(loop, options, file, p);
    if (failed(e))
        plat_program_close(&p);
    else
        *ret = p;
    return e;
}
