/* Disks that refuse: full, failing, read-only. Memory goes on; once the disk is well again all is on it. */
#include "agent/outbox/desk.h"
#include "outbox_rig.h"
#include "powercut_vfs.h"

#include <errno.h>
#include <sys/mount.h>

static const struct outbox_options options = { .path = "outbox.db", .max_bytes = 1 << 20, .vfs = "refusing" };

/* A short life with all that is stored. The disk may refuse at any point: every call succeeds all the same. */
static void live(struct outbox *o)
{
    static const char *const upstreams[] = { "desk" };
    char                     bytes[3000] = "", instance[32];
    struct delivery          d;

    for (unsigned i = 0; i < 4; i++) {
        struct alert a = rig_alert("disk-full", instance);

        snprintf(instance, sizeof instance, "mountpoint=/%u", i);
        rig_ok(outbox_alert_put(o, &a));
        rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
        outbox_delivery_get(o, a.id, "psa", &d);
        d.maybe_created = true;
        rig_ok(outbox_delivery_put(o, &d));
        rig_ok(outbox_samples_put(o, i * 1000, i * 1000 + 999, 7, bytes, sizeof bytes));
        a.revision++;
        a.change = "now 98.0 %";
        a.open = i % 2;
        rig_ok(outbox_alert_put(o, &a));
        rig_ok(desk_deliver(o, outbox_alert_get(o, a.id), "desk"));
    }
    outbox_retire(o, upstreams, 1);
}

static char *picture_of_a_good_life(void)
{
    struct outbox_options in_memory = options;
    struct outbox        *o;
    char                 *picture;

    in_memory.path = NULL;
    o = rig_open_with(&in_memory);
    live(o);
    picture = rig_picture(o);
    outbox_close(&o);
    return picture;
}

static void assert_holds(struct outbox *o, const char *want)
{
    char *got = rig_picture(o);

    assert_string_equal(got, want);
    free(got);
}

struct blocks {
    unsigned count;
};

static bool count_block(void *context, int64_t first_ms, int64_t last_ms, uint32_t count, const void *bytes, size_t len)
{
    (void)first_ms;
    (void)last_ms;
    (void)bytes;
    assert_int_equal(count, 7);
    assert_int_equal(len, 3000);
    ((struct blocks *)context)->count++;
    return true;
}

static unsigned blocks_in(struct outbox *o)
{
    struct blocks b = { 0 };

    rig_ok(outbox_samples_each(o, INT64_MIN, INT64_MAX, count_block, &b));
    return b.count;
}

static const struct {
    const char        *name;
    enum powercut_call kind;
    int                code;
    bool               sticky;
    enum err_code      want;
} refusals[] = {
    { "full", POWERCUT_WRITE, SQLITE_FULL, true, ERR_NO_SPACE },
    { "full once", POWERCUT_WRITE, SQLITE_FULL, false, ERR_NO_SPACE },
    { "writes fail", POWERCUT_WRITE, SQLITE_IOERR_WRITE, true, ERR_OS },
    { "a write fails", POWERCUT_WRITE, SQLITE_IOERR_WRITE, false, ERR_OS },
    { "flushes fail", POWERCUT_SYNC, SQLITE_IOERR_FSYNC, true, ERR_OS },
    { "a flush fails", POWERCUT_SYNC, SQLITE_IOERR_FSYNC, false, ERR_OS },
    { "reads fail", POWERCUT_READ, SQLITE_IOERR_READ, true, ERR_OS },
    { "a read fails", POWERCUT_READ, SQLITE_IOERR_READ, false, ERR_OS },
};

/* From the n-th call on it refuses; then the disk is well again, and then the power goes. False: it never refused. */
static bool refuse(size_t r, unsigned n, const char *want)
{
    struct powercut     *disk = powercut_open("refusing", n);
    struct outbox       *o = rig_open_with(&options);
    struct outbox_health h;
    bool                 refused;

    powercut_fail(disk, refusals[r].kind, n, refusals[r].code, refusals[r].sticky);
    live(o);
    refused = powercut_failed(disk);
    assert_holds(o, want);
    h = rig_health(o);
    if (refused && !h.durable) {
        assert_int_equal(h.why.code, refusals[r].want);
        assert_true(h.since_ms > 0);
    }
    assert_true(refused || h.durable);
    powercut_fail(disk, refusals[r].kind, 0, 0, false);
    outbox_tick(o);
    rig_durable(o);
    assert_holds(o, want);
    assert_int_equal(blocks_in(o), 4);
    outbox_close(&o);
    powercut_close(disk);
    return refused;
}

/* The same, and then the power goes: what was durable in the end is there, whatever the refusal spoilt. */
static void refuse_and_cut(size_t r, unsigned n)
{
    struct powercut      *disk = powercut_open("refusing", n), *after = powercut_open("after", n);
    struct outbox        *o = rig_open_with(&options), *again;
    struct outbox_options other = options;
    char                 *before, *got;

    powercut_fail(disk, refusals[r].kind, n, refusals[r].code, refusals[r].sticky);
    live(o);
    powercut_fail(disk, refusals[r].kind, 0, 0, false);
    outbox_tick(o);
    rig_durable(o);
    rig_ok(desk_note_add(o, 2, "anna", "after all that")); /* a flush that also ends what came before it */
    rig_durable(o);

    before = rig_picture(o);

    powercut_cut(disk, after, POWERCUT_DROP_ALL);
    other.vfs = "after";
    again = rig_open_with(&other);
    rig_durable(again);
    assert_null(rig_health(again).set_aside);
    got = rig_picture(again);
    assert_string_equal(got, before);
    free(got);
    free(before);
    outbox_close(&again);
    outbox_close(&o);
    powercut_close(after);
    powercut_close(disk);
}

static void wherever_the_disk_refuses_memory_goes_on_and_is_written_later(void **state)
{
    char *want = picture_of_a_good_life();

    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(refusals); r++) {
        unsigned n = 1;

        for (; refuse(r, n, want); n += n < 40 ? 1 : rig_rounds(1) > 1 ? 1 : 3) /* the later ones are alike */
            refuse_and_cut(r, n);
        printf("  %s: %u calls\n", refusals[r].name, n - 1);
        assert_true(n > 1);
    }
    free(want);
}

static void a_disk_that_refuses_the_opening_is_tried_again(void **state)
{
    char *want = picture_of_a_good_life();

    (void)state;
    for (size_t r = 0; r < ARRAY_LEN(refusals); r++)
        for (unsigned n = 1;; n++) {
            struct powercut *disk = powercut_open("refusing", n);
            struct outbox   *o;
            bool             refused;

            powercut_fail(disk, refusals[r].kind, n, refusals[r].code, refusals[r].sticky);
            o = rig_open_with(&options);
            refused = powercut_failed(disk);
            live(o);
            assert_holds(o, want);
            powercut_fail(disk, refusals[r].kind, 0, 0, false);
            outbox_tick(o);
            assert_holds(o, want);
            rig_durable(o);
            outbox_close(&o);
            o = rig_open_with(&options);
            rig_durable(o);
            assert_holds(o, want);
            outbox_close(&o);
            powercut_close(disk);
            if (!refused)
                break;
        }
    free(want);
}

/* What could not be read is left alone, whatever happens in this run. */
static void a_file_that_cannot_be_read_at_the_start_is_left_alone(void **state)
{
    unsigned left = 0;

    (void)state;
    for (unsigned n = 1;; n++) {
        struct powercut *disk = powercut_open("refusing", n);
        struct outbox   *o = rig_open_with(&options);
        char            *before, *after;
        bool             refused;

        live(o);
        before = rig_picture(o);
        outbox_close(&o);
        powercut_fail(disk, POWERCUT_READ, n, SQLITE_IOERR_READ, true);
        o = rig_open_with(&options);
        refused = powercut_failed(disk);
        powercut_fail(disk, POWERCUT_READ, 0, 0, false);
        if (refused) {
            left++;
            assert_false(rig_health(o).durable);
            live(o);
            outbox_tick(o);
            assert_false(rig_health(o).durable);
        }
        outbox_close(&o);
        o = rig_open_with(&options);
        rig_durable(o);
        after = rig_picture(o);
        assert_string_equal(after, before);
        free(before);
        free(after);
        outbox_close(&o);
        powercut_close(disk);
        if (!refused)
            break;
    }
    assert_true(left > 3);
}

static void a_full_disk_keeps_samples_within_bounds_in_memory(void **state)
{
    struct powercut     *disk = powercut_open("refusing", 1);
    struct outbox       *o = rig_open_with(&options);
    char                 bytes[3000] = "";
    struct outbox_counts counts;

    (void)state;
    powercut_limit(disk, 1);
    for (unsigned i = 0; i < 100; i++)
        rig_ok(outbox_samples_put(o, i, i, 7, bytes, sizeof bytes));
    assert_int_equal(rig_health(o).why.code, ERR_NO_SPACE);
    outbox_counts(o, &counts);
    assert_true(counts.sample_blocks >= 10 && counts.sample_blocks <= 16);
    powercut_limit(disk, 0);
    outbox_tick(o);
    rig_durable(o);
    outbox_counts(o, &counts);
    assert_int_equal(counts.gaps, 1);
    assert_true(blocks_in(o) >= 10);
    outbox_close(&o);
    powercut_close(disk);
}

/* ---- real disks; they need an administrator ---- */

static bool mount_small(struct rig_folder *f, const char *size)
{
    rig_folder_make(f);
    if (geteuid() == 0 && mount("tmpfs", f->path, "tmpfs", 0, size) == 0)
        return true;
    printf("  skipped: mounting a small disk: %s\n", strerror(geteuid() == 0 ? errno : EPERM));
    rig_folder_remove(f);
    return false;
}

static void unmount(struct rig_folder *f)
{
    assert_int_equal(umount(f->path), 0);
    rig_folder_remove(f);
}

static void a_real_full_disk_is_survived(void **state)
{
    static char       junk[4096];
    char             *want = picture_of_a_good_life(), filler[100];
    struct rig_folder f;
    struct outbox    *o;
    FILE             *file;

    (void)state;
    if (!mount_small(&f, "size=256k,mode=700")) {
        free(want);
        skip_because("a small file system cannot be mounted here");
    }
    snprintf(filler, sizeof filler, "%s/filler", f.path);
    file = fopen(filler, "wb");
    assert_non_null(file);
    setvbuf(file, NULL, _IONBF, 0);
    while (fwrite(junk, 1, sizeof junk, file) == sizeof junk)
        ;
    fclose(file);

    o = rig_open(f.db);
    assert_int_equal(rig_health(o).why.code, ERR_NO_SPACE);
    live(o);
    assert_holds(o, want);
    outbox_tick(o);
    assert_int_equal(rig_health(o).why.code, ERR_NO_SPACE);
    assert_int_equal(truncate(filler, 0), 0);
    outbox_tick(o);
    rig_durable(o);
    outbox_close(&o);

    o = rig_open(f.db);
    rig_durable(o);
    assert_holds(o, want);
    outbox_close(&o);
    unmount(&f);
    free(want);
}

static void remount(const struct rig_folder *f, bool read_only)
{
    assert_int_equal(mount("tmpfs", f->path, "tmpfs", MS_REMOUNT | (read_only ? MS_RDONLY : 0), "size=2m"), 0);
}

static void a_read_only_disk_is_read_and_written_once_it_can_be(void **state)
{
    struct rig_folder f;
    struct outbox    *o;
    char             *before, *later;

    (void)state;
    if (!mount_small(&f, "size=2m,mode=700"))
        skip_because("a small file system cannot be mounted here");
    o = rig_open(f.db);
    live(o);
    before = rig_picture(o);
    outbox_close(&o);

    remount(&f, true);
    o = rig_open(f.db);
    assert_false(rig_health(o).durable);
    assert_int_equal(rig_health(o).why.code, ERR_READ_ONLY);
    assert_holds(o, before);
    assert_int_equal(blocks_in(o), 4);
    rig_ok(desk_note_add(o, 2, "anna", "on a read-only disk"));
    later = rig_picture(o);
    outbox_tick(o);
    assert_int_equal(rig_health(o).why.code, ERR_READ_ONLY);
    remount(&f, false);
    outbox_tick(o);
    rig_durable(o);
    outbox_close(&o);

    o = rig_open(f.db);
    rig_durable(o);
    assert_holds(o, later);
    outbox_close(&o);
    unmount(&f);
    free(before);
    free(later);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(wherever_the_disk_refuses_memory_goes_on_and_is_written_later),
        cmocka_unit_test(a_disk_that_refuses_the_opening_is_tried_again),
        cmocka_unit_test(a_file_that_cannot_be_read_at_the_start_is_left_alone),
        cmocka_unit_test(a_full_disk_keeps_samples_within_bounds_in_memory),
        cmocka_unit_test(a_real_full_disk_is_survived),
        cmocka_unit_test(a_read_only_disk_is_read_and_written_once_it_can_be),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
