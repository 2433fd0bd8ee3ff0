/* kill -9 at any moment: another process works, says what it was promised, and is killed; then we look. */
#include "agent/outbox/desk.h"
#include "outbox_rig.h"

#include <signal.h>
#include <sys/wait.h>
#include <time.h>

enum { IDS_MAX = 16 * 65536, ROUNDS = 200, LONGEST_US = 12000 };

struct report {
    int64_t  id;
    uint32_t revision, told;
};

struct seen {
    uint32_t revision, told;
    unsigned tickets;
};

static struct seen seen[IDS_MAX];

/* ---- the one that is killed ---- */

static void tell(int pipe_end, int64_t id, uint32_t revision, uint32_t told)
{
    struct report r = { id, revision, told };

    if (write(pipe_end, &r, sizeof r) != (ssize_t)sizeof r)
        _exit(3);
}

static void change(struct outbox *o, int pipe_end, const struct alert *was)
{
    char            words[32], ref[ALERT_REF_MAX];
    struct alert    a = *was;
    struct delivery d;

    snprintf(ref, sizeof ref, "%lld", (long long)a.id); /* killed right after it was raised, it had none */
    a.ref = ref;
    a.revision++;
    a.open = a.revision < 4;
    snprintf(words, sizeof words, "r%u", a.revision);
    a.change = words;
    if (failed(outbox_alert_put(o, &a)))
        _exit(4);
    outbox_delivery_get(o, a.id, "desk", &d);
    tell(pipe_end, a.id, a.revision, d.told_revision);
    if (failed(desk_deliver(o, outbox_alert_get(o, a.id), "desk")))
        _exit(5);
    tell(pipe_end, a.id, a.revision, a.revision);
}

static void raise_one(struct outbox *o, int pipe_end)
{
    char         ref[ALERT_REF_MAX], instance[32];
    struct alert a = rig_alert("kill", instance);

    a.ref = "";
    snprintf(instance, sizeof instance, "i%d", rand());
    if (failed(outbox_alert_put(o, &a)))
        _exit(4);
    tell(pipe_end, a.id, 1, 0);
    a = *outbox_alert_get(o, a.id);
    snprintf(ref, sizeof ref, "%lld", (long long)a.id);
    a.ref = ref;
    if (failed(outbox_alert_put(o, &a)) || failed(desk_deliver(o, outbox_alert_get(o, a.id), "desk")))
        _exit(5);
    tell(pipe_end, a.id, 1, 1);
}

struct pick {
    unsigned skip;
    int64_t  id;
};

static bool pick_open(void *context, const struct alert *a)
{
    struct pick *p = context;

    if (!a->open)
        return true;
    p->id = a->id;
    return p->skip-- > 0;
}

static void work(const char *path, int pipe_end)
{
    static const char *const    upstreams[] = { "desk" };
    const struct outbox_options options = { .path = path, .max_bytes = 16 << 20 };
    struct outbox              *o = NULL;
    char                        bytes[1500] = "";

    if (failed(outbox_open(&options, &o)) || !rig_health(o).durable || rig_health(o).set_aside)
        _exit(2);
    for (;;) {
        struct pick p = { (unsigned)rand() % 8, 0 };

        outbox_alert_each(o, pick_open, &p);
        if (p.id == 0 || rand() % 4 == 0)
            raise_one(o, pipe_end);
        else
            change(o, pipe_end, outbox_alert_get(o, p.id));
        if (rand() % 4 == 0)
            outbox_retire(o, upstreams, 1);
        if (rand() % 4 == 0 && failed(outbox_samples_put(o, 1, 2, 3, bytes, sizeof bytes)))
            _exit(6);
    }
}

/* ---- the one that looks ---- */

static void read_reports(int pipe_end)
{
    struct report r;

    while (read(pipe_end, &r, sizeof r) == (ssize_t)sizeof r) {
        assert_true(r.id > 0 && r.id < IDS_MAX);
        seen[r.id].revision = r.revision;
        seen[r.id].told = r.told;
    }
}

static bool count_ticket(void *context, const struct desk_ticket *t)
{
    int64_t id = strtoll(t->ref, NULL, 10);

    (void)context;
    assert_true(id > 0 && id < IDS_MAX);
    if (seen[id].tickets++)
        fail_msg("two tickets of alert %lld", (long long)id);
    return true;
}

static void look(const char *path, int64_t *last)
{
    struct outbox *o = rig_open(path);

    rig_durable(o);
    assert_null(rig_health(o).set_aside);
    for (size_t i = 0; i < IDS_MAX; i++)
        seen[i].tickets = 0;
    rig_ok(desk_ticket_each(o, true, count_ticket, NULL));
    for (int64_t id = 1; id < IDS_MAX && (seen[id].revision || outbox_alert_get(o, id)); id++) {
        const struct alert *a = outbox_alert_get(o, id);
        struct delivery     d;

        *last = id;
        if (!a && seen[id].revision < 3)
            fail_msg("alert %lld is lost", (long long)id);
        if (!a)
            continue; /* retired */
        outbox_delivery_get(o, id, "desk", &d);
        if (a->revision < seen[id].revision || a->revision > seen[id].revision + 1 || d.told_revision < seen[id].told ||
            d.told_revision > a->revision)
            fail_msg("alert %lld: r%u told r%u, promised r%u told r%u", (long long)id, a->revision, d.told_revision,
                     seen[id].revision, seen[id].told);
        assert_int_equal(seen[id].tickets, d.told_revision > 0);
        seen[id].revision = a->revision;
        seen[id].told = d.told_revision;
    }
    outbox_close(&o);
}

static uint64_t now_us(void)
{
    struct timespec t;

    assert_int_equal(clock_gettime(CLOCK_MONOTONIC, &t), 0);
    return (uint64_t)t.tv_sec * 1000000 + (uint64_t)t.tv_nsec / 1000;
}

static void killed_at_any_moment_it_keeps_what_it_promised(void **state)
{
    struct rig_folder f;
    unsigned          rounds = rig_rounds(ROUNDS);
    int64_t           last = 0;
    uint64_t          began, open_us = 0; /* what opening it takes here and now, on a machine that may be busy */

    (void)state;
    srand((unsigned)rig_seed("kill"));
    rig_folder_make(&f);
    for (unsigned r = 0; r < rounds; r++) {
        int   ends[2], status;
        pid_t child;
        int   wait_us = rand() % (int)(LONGEST_US + 2 * open_us), seed = rand();

        assert_int_equal(pipe(ends), 0);
        child = fork();
        assert_true(child >= 0);
        if (child == 0) {
            close(ends[0]);
            srand((unsigned)seed);
            work(f.db, ends[1]);
        }
        close(ends[1]);
        usleep((useconds_t)wait_us);
        assert_int_equal(kill(child, SIGKILL), 0);
        read_reports(ends[0]);
        close(ends[0]);
        assert_int_equal(waitpid(child, &status, 0), child);
        if (!WIFSIGNALED(status))
            fail_msg("it ended by itself: %d", WEXITSTATUS(status));
        began = now_us();
        look(f.db, &last);
        open_us = now_us() - began;
    }
    printf("  %u kills, %lld alerts\n", rounds, (long long)last);
    assert_true(last > rounds / 4);
    rig_folder_remove(&f);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(killed_at_any_moment_it_keeps_what_it_promised) };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
