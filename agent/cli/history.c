#include "agent/cli/history.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "agent/control/ask_samples.h"
#include "agent/outbox/peek.h"
#include "platform/clock.h"

struct fetching {
    struct history *history;
    int64_t         from_ms, to_ms; /* of the stretch */
    uint64_t        samples;
    struct err      err;
};

/* A block reaches over the ends of its stretch. */
static bool on_sample(void *context, const struct block_sample *sample)
{
    struct fetching *f = context;

    if (sample->wall_ms < f->from_ms || sample->wall_ms >= f->to_ms)
        return true;
    f->samples++;
    f->err = history_put(f->history, sample);
    return !failed(f->err);
}

static void take_block(struct fetching *f, const void *bytes, size_t len)
{
    struct err e = block_read(bytes, len, on_sample, f);

    if (!failed(f->err))
        f->err = e;
}

static bool on_stored(void *context, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes, size_t len)
{
    struct fetching *f = context;

    (void)first_ms;
    (void)last_ms;
    (void)count;
    take_block(f, bytes, len);
    return !failed(f->err);
}

static struct err peek(const char *state, struct fetching *f)
{
    struct paths paths;
    struct err   e = paths_of_database(state, &paths);

    return failed(e) ? e : outbox_peek_samples(paths.outbox, f->from_ms, f->to_ms - 1, on_stored, f);
}

/* One stretch; running becomes false where nobody answers. */
static struct err fetch(const char *state, struct fetching *f, bool *running, char *why)
{
    struct err e = err_ok();

    why[0] = '\0';
    if (*running) {
        e = ask_samples(state, f->from_ms, on_sample, f, why);
        *running = e.code != ERR_NOT_FOUND;
    }
    if (!*running) {
        why[0] = '\0';
        e = peek(state, f);
    }
    if (!failed(e))
        e = f->err;
    return failed(e) ? e : history_end_stretch(f->history);
}

static int say(const struct command *command, const char *why, struct err e)
{
    char text[200];

    fprintf(stderr, "picket %s: %s\n", command->name, why[0] ? why : err_print(e, text, sizeof text));
    return EXIT_FAILED;
}

int history_write(const struct command *command, const char *state, history_write_fn *write, void *context)
{
    struct fetching f = { .history = NULL };
    char            device[256] = "", why[ASK_WHY_MAX] = "";
    size_t          size = sizeof device;
    int64_t         end_ms = plat_clock_wall_ms() + TALK_HISTORY_MS;
    bool            running = true;
    struct err      e;

    (void)uv_os_gethostname(device, &size);
    e = history_new(device, write, context, &f.history);
    f.from_ms = end_ms - (HISTORY_HOURS + 1) * (int64_t)TALK_HISTORY_MS;
    for (; !failed(e) && f.from_ms < end_ms; f.from_ms = f.to_ms) {
        f.to_ms = f.from_ms + TALK_HISTORY_MS;
        e = fetch(state, &f, &running, why);
    }
    history_free(&f.history);
    if (failed(e))
        return say(command, why, e);
    if (f.samples == 0)
        return say(command, "nothing was recorded in the last three days", err_ok());
    return EXIT_DONE;
}
