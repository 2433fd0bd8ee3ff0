#include "agent/stocktake.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "agent/outbox/inventory.h"
#include "platform/child.h"
#include "platform/log.h"
#include "platform/paths.h"

/* The first one waits until the machine has started; at an hour's beginning a thousand machines do not begin together. */
enum { FIRST_LEAST_MS = 3 * 60 * 1000, FIRST_MOST_MS = 10 * 60 * 1000, PATIENCE_MS = 3 * 60 * 1000 };
enum { HOUR_MS = 3600 * 1000, LEAST_MS = 10 * 60 * 1000 };

struct stocktake {
    uv_loop_t         *loop;
    struct outbox     *outbox;
    const char        *folder;
    struct plat_child *child;    /* NULL: WAITING */
    int                file;     /* what the child writes; -1 */
    bool               began;    /* once in this life */
    bool               overdue;  /* it was killed for that */
    bool               failing;  /* the last one did not come about */
    uint64_t           first_ms; /* steady: when the first one is due; 0: not known yet */
    uint64_t           at_ms;    /* steady: when the last one began */
    int64_t            wall_ms;  /* the same for people */
};

/* ---- when ---- */

static uint64_t first_delay_ms(void)
{
    uint16_t chance = 0;

    (void)uv_random(NULL, NULL, &chance, sizeof chance, 0, NULL);
    return FIRST_LEAST_MS + (uint64_t)(FIRST_MOST_MS - FIRST_LEAST_MS) * chance / UINT16_MAX;
}

/* Either way: a clock that was set back a day is no reason to wait two. */
static bool wall_moved(int64_t from_ms, int64_t to_ms, uint64_t by_ms)
{
    uint64_t moved = to_ms > from_ms ? (uint64_t)to_ms - (uint64_t)from_ms : (uint64_t)from_ms - (uint64_t)to_ms;

    return moved >= by_ms;
}

static bool is_due(const struct stocktake *s, uint32_t hours, uint64_t steady_ms, int64_t wall_ms)
{
    uint64_t period_ms = (uint64_t)(s->failing ? 1 : hours) * HOUR_MS, passed_ms = steady_ms - s->at_ms;

    if (!s->began)
        return steady_ms >= s->first_ms;
    return passed_ms >= period_ms || (passed_ms >= LEAST_MS && wall_moved(s->wall_ms, wall_ms, period_ms));
}

/* ---- the file between the two processes ---- */

static void close_file(struct stocktake *s)
{
    uv_fs_t request;

    if (s->file < 0)
        return;
    (void)uv_fs_close(NULL, &request, s->file, NULL);
    uv_fs_req_cleanup(&request);
    s->file = -1;
}

/* Nobody else finds it, and it goes with the last of us who has it open. */
static struct err open_file(struct stocktake *s)
{
    char    pattern[PLAT_PATH_BYTES + 32];
    uv_fs_t request, removal;

    snprintf(pattern, sizeof pattern, "%s/inventory-XXXXXX", s->folder);
    s->file = uv_fs_mkstemp(NULL, &request, pattern, NULL);
    if (s->file >= 0) {
        (void)uv_fs_unlink(NULL, &removal, request.path, NULL);
        uv_fs_req_cleanup(&removal);
    }
    uv_fs_req_cleanup(&request);
    return s->file >= 0 ? err_ok() : err_from_os(s->file, "making a file for an inventory");
}

/* ---- one of them ---- */

/* The same failure is said when it starts and when it ends. */
static void ended(struct stocktake *s, struct err e, uint64_t changes)
{
    char text[200];

    if (!failed(e))
        log_info("inventory", "taken; changes since the last one: %" PRIu64, changes);
    else if (!s->failing)
        log_warn("inventory", "not taken: %s; trying again every hour", err_print(e, text, sizeof text));
    s->failing = failed(e);
}

static void on_exit_of_child(void *context, int64_t status, int signal)
{
    struct stocktake *s = context;
    uint64_t          changes = 0;
    struct err        e;

    plat_child_close(&s->child);
    if (s->overdue)
        e = err_of(ERR_TIMED_OUT, "reading the machine");
    else if (status != 0 || signal != 0)
        e = err_of(ERR_OS, "reading the machine (the process that does it failed)");
    else
        e = outbox_inventory_take(s->outbox, s->file, s->wall_ms, &changes);
    close_file(s);
    ended(s, e, changes);
}

static struct err spawn(struct stocktake *s)
{
    static const char *const  args[] = { "picket-inventory", "probe", "inventory", "--rows", NULL };
    struct plat_child_options o = {
        .args = args, .pass = { s->file }, .pass_count = 1, .on_exit = on_exit_of_child, .context = s
    };

    return plat_child_spawn(s->loop, &o, &s->child);
}

struct err stocktake_begin(struct stocktake *s, uint64_t steady_ms, int64_t wall_ms)
{
    struct err e;

    if (s->child)
        return err_of(ERR_BUSY, "taking an inventory");
    s->began = true;
    s->overdue = false;
    s->at_ms = steady_ms;
    s->wall_ms = wall_ms;
    e = open_file(s);
    if (!failed(e))
        e = spawn(s);
    if (failed(e))
        close_file(s);
    return e;
}

/* ---- from beginning to end ---- */

void stocktake_run(struct stocktake *s, uint32_t hours, uint64_t steady_ms, int64_t wall_ms)
{
    struct err e;

    if (!s->first_ms)
        s->first_ms = steady_ms + first_delay_ms();
    if (s->child && !s->overdue && steady_ms - s->at_ms > PATIENCE_MS) {
        s->overdue = true;
        plat_child_kill(s->child);
    }
    if (s->child || hours == 0 || !is_due(s, hours, steady_ms, wall_ms))
        return;
    e = stocktake_begin(s, steady_ms, wall_ms);
    if (failed(e))
        ended(s, e, 0);
}

struct err stocktake_new(uv_loop_t *loop, struct outbox *outbox, const char *folder, struct stocktake **ret)
{
    struct stocktake *s = calloc(1, sizeof *s);

    if (!s)
        return err_of(ERR_NO_MEMORY, "preparing inventories");
    s->loop = loop;
    s->outbox = outbox;
    s->folder = folder;
    s->file = -1;
    *ret = s;
    return err_ok();
}

void stocktake_free(struct stocktake **stocktake)
{
    struct stocktake *s = *stocktake;

    if (!s)
        return;
    plat_child_close(&s->child);
    close_file(s);
    free(s);
    *stocktake = NULL;
}
