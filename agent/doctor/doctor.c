#include "agent/doctor/doctor.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "agent/config_load.h"
#include "agent/paths.h"
#include "agent/upstream/setup.h"
#include "platform/child.h"
#include "platform/loop.h"
#include "platform/secret.h"
#include "platform/user.h"

enum { PARTS_MAX = CONFIG_UPSTREAMS_MAX + 1, FINDINGS_MAX = 48, FIRST_PATIENCE_S = 15, LAST_PATIENCE_MS = 500 };

struct doctor;

/* The stream to one process; it outlives its part's interest until the loop has closed it. */
struct wire {
    uv_pipe_t          pipe;
    struct part       *part; /* NULL once given up */
    struct plat_child *child;
};

struct part {
    struct doctor    *doctor;
    struct exam_order order;
    struct link_setup setup;
    struct wire      *wire;
    struct buf        input;
    uv_timer_t        timer;
    struct exam_begin at; /* the check it is at */
    bool              over;
    struct finding    findings[FINDINGS_MAX];
    size_t            count, told;
};

struct doctor {
    uv_loop_t          loop;
    struct part       *parts[PARTS_MAX];
    size_t             part_count;
    bool               offline, has_upstreams; /* they were looked for */
    doctor_finding_fn *on_finding;
    void              *context;
};

static void       begin_upstreams(struct doctor *d);
static struct err start(struct part *p);

/* ---- handing over, in order ---- */

static void tell_findings(struct doctor *d)
{
    for (size_t i = 0; i < d->part_count; i++) {
        struct part *p = d->parts[i];

        for (; p->told < p->count; p->told++)
            d->on_finding(d->context, &p->findings[p->told]);
        if (!p->over)
            return;
    }
}

static void add(struct part *p, const struct finding *f)
{
    if (p->count < FINDINGS_MAX)
        p->findings[p->count++] = *f;
}

static bool all_over(const struct doctor *d)
{
    for (size_t i = 0; i < d->part_count; i++)
        if (!d->parts[i]->over)
            return false;
    return true;
}

/* ---- one process ---- */

static void wire_closed(uv_handle_t *handle)
{
    free(container_of((uv_pipe_t *)handle, struct wire, pipe));
}

static void drop(struct part *p)
{
    if (!p->wire)
        return;
    p->wire->part = NULL;
    plat_child_close(&p->wire->child);
    uv_close((uv_handle_t *)&p->wire->pipe, wire_closed);
    p->wire = NULL;
    buf_clear(&p->input);
    uv_timer_stop(&p->timer);
}

static void finish(struct part *p)
{
    drop(p);
    if (p->over)
        return;
    p->over = true;
    uv_close((uv_handle_t *)&p->timer, NULL);
}

/* It broke off at a check: that is what was found, and the next checks of the machine go on in another process. */
static void broke_off(struct part *p, const char *how, const char *remedy)
{
    struct finding f = { .state = FINDING_FAILED };

    snprintf(f.check, sizeof f.check, "%s", p->at.check[0] ? p->at.check : "doctor");
    snprintf(f.about, sizeof f.about, "%.*s", (int)sizeof f.about - 1, p->setup.name);
    snprintf(f.text, sizeof f.text, "%s", how);
    snprintf(f.remedy, sizeof f.remedy, "%s", remedy);
    add(p, &f);
    drop(p);
    p->order.first = p->at.number + 1;
    p->order.blind = p->order.blind || p->at.number == 0;
    if (!p->at.check[0] || p->order.upstream || failed(start(p)))
        finish(p);
    tell_findings(p->doctor);
}

static void on_late(uv_timer_t *timer)
{
    struct part *p = container_of(timer, struct part, timer);
    char         how[80];

    snprintf(how, sizeof how, "not done within %u s: given up", (unsigned)p->at.limit_s);
    broke_off(p, how, "Something does not answer: a disk, a network file system, a name server, a proxy.");
}

static struct err take_frame(struct part *p, struct frame_reader *r)
{
    struct finding f;
    struct err     e;

    if (r->type == exam_begin_record.type) {
        e = record_get(&exam_begin_record, r, &p->at);
        if (failed(e))
            return e;
        uv_timer_start(&p->timer, on_late, p->at.limit_s * 1000, 0);
        if (p->at.number > 0 && !p->order.blind)
            begin_upstreams(p->doctor);
        return e;
    }
    if (r->type == finding_record.type) {
        e = record_get(&finding_record, r, &f);
        if (!failed(e) && f.state >= FINDING_STATES)
            e = err_of(ERR_MALFORMED, "reading a finding");
        if (!failed(e))
            add(p, &f);
        return e;
    }
    if (r->type != exam_end_record.type)
        return err_of(ERR_MALFORMED, "reading what was found");
    finish(p);
    return err_ok();
}

static struct err take_frames(struct part *p)
{
    struct frame_reader r;
    size_t              used = 0, taken = 0;
    struct err          e = err_ok();

    while (!failed(e) && p->wire) {
        e = frame_next(p->input.data + taken, p->input.len - taken, &r, &used);
        if (failed(e) || !r.at)
            break;
        taken += used;
        e = take_frame(p, &r);
    }
    if (taken && taken <= p->input.len) {
        memmove(p->input.data, p->input.data + taken, p->input.len - taken);
        buf_cut(&p->input, p->input.len - taken);
    }
    return e;
}

static void give_memory(uv_handle_t *handle, size_t wanted, uv_buf_t *ret)
{
    static char bytes[8192]; /* used up within each read */

    (void)handle;
    (void)wanted;
    *ret = uv_buf_init(bytes, sizeof bytes);
}

static void on_read(uv_stream_t *stream, ssize_t n, const uv_buf_t *bytes)
{
    struct part *p = container_of((uv_pipe_t *)stream, struct wire, pipe)->part;
    struct err   e = err_ok();

    if (!p || n == 0)
        return;
    if (n > 0)
        e = buf_add(&p->input, bytes->base, (size_t)n);
    if (n > 0 && !failed(e))
        e = take_frames(p);
    if (n < 0 || failed(e))
        broke_off(p, "the process that looked at it ended before it was done", "That is a fault of ours: please report it.");
    else
        tell_findings(p->doctor);
}

static struct err spawn(struct part *p, int theirs, struct plat_child **ret)
{
    static const char *const   args[] = { "picket", "examine", NULL };
    struct plat_user           courier;
    struct plat_child_options  o = { .args = args, .pass = { theirs }, .pass_count = 1 };

    if (p->order.upstream && plat_user_is_administrator() && !failed(plat_user_find(SECRET_USER, &courier)))
        o.become = &courier;
    return plat_child_spawn(&p->doctor->loop, &o, ret);
}

static struct err send_order(struct part *p)
{
    struct buf bytes;
    uv_buf_t   all;
    int        sent = 0;
    struct err e;

    buf_init(&bytes, 4 * FRAME_MAX_BYTES);
    e = record_put(&exam_order_record, &p->order, &bytes);
    if (!failed(e) && p->order.upstream)
        e = link_setup_put(&bytes, &p->setup);
    all = uv_buf_init(bytes.data, (unsigned)bytes.len);
    if (!failed(e))
        sent = uv_try_write((uv_stream_t *)&p->wire->pipe, &all, 1); /* a new socket takes far more than this */
    if (!failed(e) && sent != (int)bytes.len)
        e = err_from_os(sent < 0 ? sent : UV_EIO, "telling a process what to look at");
    buf_done(&bytes);
    return e;
}

static void close_descriptor(int fd)
{
    uv_fs_t request;

    (void)uv_fs_close(NULL, &request, fd, NULL);
    uv_fs_req_cleanup(&request);
}

static struct err start(struct part *p)
{
    int          ours, theirs;
    struct wire *w = calloc(1, sizeof *w);
    struct err   e = w ? plat_child_link(&ours, &theirs) : err_of(ERR_NO_MEMORY, "starting to look");

    if (failed(e)) {
        free(w);
        return e;
    }
    p->wire = w;
    p->at = (struct exam_begin){ .limit_s = FIRST_PATIENCE_S, .number = p->order.first };
    w->part = p;
    uv_pipe_init(&p->doctor->loop, &w->pipe, 0);
    if (uv_pipe_open(&w->pipe, ours) != 0)
        e = err_of(ERR_OS, "opening the link to a process");
    if (!failed(e))
        e = spawn(p, theirs, &w->child);
    close_descriptor(theirs);
    if (!failed(e))
        e = send_order(p);
    if (!failed(e) && uv_read_start((uv_stream_t *)&w->pipe, give_memory, on_read) != 0)
        e = err_of(ERR_OS, "reading the link to a process");
    if (failed(e))
        drop(p);
    else
        uv_timer_start(&p->timer, on_late, FIRST_PATIENCE_S * 1000, 0);
    return e;
}

/* ---- all of them ---- */

static struct part *part_add(struct doctor *d, const struct exam_order *order)
{
    struct part *p = calloc(1, sizeof *p);

    if (!p)
        return NULL;
    p->doctor = d;
    p->order = *order;
    buf_init(&p->input, 4 * FRAME_MAX_BYTES);
    uv_timer_init(&d->loop, &p->timer);
    d->parts[d->part_count++] = p;
    return p;
}

static void begin(struct part *p)
{
    struct err e = start(p);
    char       why[160];

    if (failed(e))
        broke_off(p, err_print(e, why, sizeof why), "");
}

/* Once the machine's part has read the configuration: so it does not hang, and can be read here too. */
static void begin_upstreams(struct doctor *d)
{
    const struct exam_order *of_machine = &d->parts[0]->order;
    struct problems         *problems = calloc(1, sizeof *problems);
    struct config           *config = NULL;
    char                     origin[FILE_PATH_BYTES + 64];

    if (problems && !d->offline && !d->has_upstreams)
        (void)config_load(of_machine->config, of_machine->named, problems, origin, sizeof origin, &config);
    free(problems);
    d->has_upstreams = true;
    for (size_t i = 0; config && i < config->upstream_count; i++) {
        struct part *p = upstream_is_desk(&config->upstreams[i]) ? NULL : part_add(d, of_machine);

        if (!p)
            continue;
        p->order.upstream = true;
        p->order.first = 0;
        setup_fill(config, i, &p->setup);
        begin(p);
    }
    config_free(&config);
}

static void run_all(struct doctor *d)
{
    begin(d->parts[0]);
    while (!all_over(d))
        uv_run(&d->loop, UV_RUN_ONCE);
    tell_findings(d);
}

/* A process that not even a kill ends (a disk that hangs) is left to the system. */
static bool close_loop(struct doctor *d)
{
    for (int waited = 0; waited < LAST_PATIENCE_MS && uv_run(&d->loop, UV_RUN_NOWAIT); waited += 10)
        uv_sleep(10);
    return uv_loop_close(&d->loop) == 0;
}

/* Where the running agent keeps its files: the user's own trial, otherwise the machine's. */
static struct err find_paths(const struct doctor_options *options, struct exam_order *ret)
{
    struct paths paths;
    struct err   e = paths_find(options->state, &paths);

    if (failed(e))
        return e;
    ret->named = options->config != NULL;
    if (options->config)
        e = plat_path_complete(options->config, ret->config, sizeof ret->config);
    else
        snprintf(ret->config, sizeof ret->config, "%s", paths.config);
    if (!options->state && !paths.of_system && !plat_path_exists(paths.control)) {
        struct paths of_system;

        paths_system(&of_system);
        if (plat_path_exists(of_system.state_dir))
            paths = of_system;
    }
    snprintf(ret->state_dir, sizeof ret->state_dir, "%s", paths.state_dir);
    snprintf(ret->run_dir, sizeof ret->run_dir, "%s", paths.run_dir);
    snprintf(ret->outbox, sizeof ret->outbox, "%s", paths.outbox);
    snprintf(ret->control, sizeof ret->control, "%s", paths.control);
    ret->of_system = paths.of_system;
    return e;
}

struct err doctor_run(const struct doctor_options *options, doctor_finding_fn *on_finding, void *context)
{
    struct exam_order order = { .first = 0 };
    struct doctor    *d = calloc(1, sizeof *d);
    struct err        e = d ? find_paths(options, &order) : err_of(ERR_NO_MEMORY, "beginning to look");

    if (!failed(e))
        e = plat_loop_init(&d->loop);
    if (failed(e)) {
        free(d);
        return e;
    }
    d->on_finding = on_finding;
    d->context = context;
    d->offline = options->offline;
    if (part_add(d, &order))
        run_all(d);
    else
        e = err_of(ERR_NO_MEMORY, "beginning to look");
    if (!close_loop(d))
        return e; /* what the loop still holds is in use until the program ends */
    for (size_t i = 0; i < d->part_count; i++) {
        buf_done(&d->parts[i]->input);
        free(d->parts[i]);
    }
    free(d);
    return e;
}
