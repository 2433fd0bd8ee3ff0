/* SQLite without memory, at every allocation in turn: nothing is lost, and it recovers. */
#include "agent/outbox/desk.h"
#include <sqlite3.h>

#include "outbox_rig.h"

static struct {
    sqlite3_mem_methods real;
    unsigned            fail_at; /* the n-th allocation from now; 0: none */
    bool                failed;
} memory;

static bool refuses(void)
{
    if (memory.fail_at == 0 || --memory.fail_at > 0)
        return false;
    memory.failed = true;
    return true;
}

static void *take(int size)
{
    return refuses() ? NULL : memory.real.xMalloc(size);
}

static void *grow(void *old, int size)
{
    return refuses() ? NULL : memory.real.xRealloc(old, size);
}

static int install(void **state)
{
    sqlite3_mem_methods mine;

    (void)state;
    sqlite3_config(SQLITE_CONFIG_GETMALLOC, &memory.real);
    mine = memory.real;
    mine.xMalloc = take;
    mine.xRealloc = grow;
    return sqlite3_config(SQLITE_CONFIG_MALLOC, &mine) == SQLITE_OK ? 0 : -1;
}

static void live(struct outbox *o)
{
    static const char *const upstreams[] = { "desk" };
    struct alert             a = rig_alert("cpu", "");
    char                     bytes[2000] = "";

    rig_ok(outbox_alert_put(o, &a));
    (void)desk_deliver(o, outbox_alert_get(o, a.id), "desk");
    a.revision++;
    a.open = false;
    a.change = "over";
    rig_ok(outbox_alert_put(o, &a));
    rig_ok(outbox_samples_put(o, 1, 2, 3, bytes, sizeof bytes));
    memory.fail_at = 0;
    outbox_tick(o);
    rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
    outbox_retire(o, upstreams, 1);
}

static void sqlite_may_run_out_of_memory_anywhere(void **state)
{
    unsigned n = 1, refused_to_open = 0;

    (void)state;
    for (;; n += n < 100 ? 1 : 7) { /* a stride, for there are two thousand */
        struct rig_folder     f;
        struct outbox_options options = { .max_bytes = 1 << 20 };
        struct outbox        *o = NULL;
        struct outbox_counts  c;
        struct err            e;

        rig_folder_make(&f);
        options.path = f.db;
        memory.failed = false;
        memory.fail_at = n;
        e = outbox_open(&options, &o);
        if (failed(e)) {
            assert_int_equal(e.code, ERR_NO_MEMORY);
            refused_to_open++;
            memory.fail_at = 0;
            o = rig_open_with(&options);
        }
        live(o);
        rig_durable(o);
        outbox_close(&o);
        o = rig_open_with(&options);
        rig_durable(o);
        assert_null(rig_health(o).set_aside);
        outbox_counts(o, &c);
        assert_int_equal(c.history, 1);
        assert_int_equal(c.sample_blocks, 1);
        outbox_close(&o);
        rig_folder_remove(&f);
        if (!memory.failed)
            break;
    }
    printf("  %u allocations, %u tries end the opening\n", n - 1, refused_to_open);
    assert_true(refused_to_open > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = { cmocka_unit_test(sqlite_may_run_out_of_memory_anywhere) };

    return cmocka_run_group_tests(tests, install, NULL);
}
