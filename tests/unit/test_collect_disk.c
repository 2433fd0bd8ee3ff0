#include "check.h"

/* The real collector over disks and a clock of our own. */
#include "agent/collect/disk.c"

#include "platform/clock.h"

static uint64_t clock_ms;

uint64_t plat_clock_steady_ms(void)
{
    return clock_ms;
}

static struct plat_disk disks[2];
static size_t           disk_count;

struct err plat_disks_read(plat_disk_fn *each, void *context)
{
    for (size_t i = 0; i < disk_count; i++)
        each(context, &disks[i]);
    return err_ok();
}

void plat_disks_done(void)
{
}

struct seen {
    struct sink sink;
    double      first[PENDING + 1], second[PENDING + 1]; /* by metric: read or all, written */
    int         samples;
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    ptrdiff_t    which = sample->metric - metrics;
    bool         writing = sample->attr_count == 2 && strcmp(sample->attrs[1].value, "write") == 0;

    assert_string_equal(sample->attrs[0].key, "system.device");
    assert_string_equal(sample->attrs[0].value, "sda");
    (writing ? s->second : s->first)[which] = sample->value;
    s->samples++;
}

static struct seen read_at(uint64_t ms, struct plat_disk disk)
{
    struct seen s = { .sink = { on_sample } };

    for (int i = 0; i <= PENDING; i++)
        s.first[i] = s.second[i] = -1;
    clock_ms = ms;
    disks[0] = disk;
    disks[0].name = "sda";
    disk_count = 1;
    assert_int_equal(collect_disk.read(&s.sink).code, ERR_OK);
    return s;
}

static int forget(void **state)
{
    (void)state;
    collect_disk.done();
    return 0;
}

static void latency_is_that_of_what_was_completed(void **state)
{
    struct seen s;

    (void)state;
    s = read_at(1000, (struct plat_disk){ .reads = 10, .writes = 10, .read_ms = 1000, .write_ms = 900 });
    assert_int_equal(s.samples, 0);
    s = read_at(3000, (struct plat_disk){ .reads = 30,
                                          .writes = 14,
                                          .read_ms = 1100,
                                          .write_ms = 940,
                                          .read_bytes = 8192,
                                          .busy_ms = 500,
                                          .under_way = 3 });
    assert_int_equal(s.samples, 8);
    assert_true(s.first[DURATION] == 0.005 && s.second[DURATION] == 0.010);
    assert_true(s.first[OPERATIONS] == 10 && s.second[OPERATIONS] == 2);
    assert_true(s.first[IO] == 4096 && s.first[UTILIZATION] == 0.25 && s.first[PENDING] == 3);
}

static void a_disk_at_rest_has_no_latency(void **state)
{
    struct plat_disk rest = { .reads = 10, .writes = 10, .read_ms = 1000, .write_ms = 900 };
    struct seen      s;

    (void)state;
    read_at(1000, rest);
    s = read_at(2000, rest);
    assert_int_equal(s.samples, 6);
    assert_true(s.first[DURATION] == -1 && s.second[DURATION] == -1 && s.first[OPERATIONS] == 0);
}

static void milliseconds_that_wrap_lose_nothing(void **state)
{
    struct seen s;

    (void)state;
    read_at(1000, (struct plat_disk){ .reads = 100, .writes = 10, .read_ms = UINT32_MAX - 49, .busy_ms = 4000000000 });
    s = read_at(2000, (struct plat_disk){ .reads = 110, .writes = 10, .read_ms = 50, .busy_ms = 4000000500 });
    assert_true(s.first[DURATION] == 0.010 && s.first[UTILIZATION] == 0.5);
}

static void another_disk_under_the_name_has_no_figures_at_first(void **state)
{
    struct seen s;

    (void)state;
    read_at(1000, (struct plat_disk){ .reads = 100, .writes = 10, .read_ms = UINT32_MAX - 49 });
    s = read_at(2000, (struct plat_disk){ .reads = 1, .writes = 0, .read_ms = 50 });
    assert_int_equal(s.samples, 0);
}

static void a_disk_that_was_away_starts_anew(void **state)
{
    struct seen s = { .sink = { on_sample } };

    (void)state;
    read_at(1000, (struct plat_disk){ .reads = 100 });
    disk_count = 0;
    clock_ms = 2000;
    assert_int_equal(collect_disk.read(&s.sink).code, ERR_OK);
    s = read_at(3000, (struct plat_disk){ .reads = 200 });
    assert_int_equal(s.samples, 0);
    s = read_at(4000, (struct plat_disk){ .reads = 210 });
    assert_true(s.first[OPERATIONS] == 10);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(latency_is_that_of_what_was_completed, forget),
        cmocka_unit_test_setup(a_disk_at_rest_has_no_latency, forget),
        cmocka_unit_test_setup(milliseconds_that_wrap_lose_nothing, forget),
        cmocka_unit_test_setup(another_disk_under_the_name_has_no_figures_at_first, forget),
        cmocka_unit_test_setup(a_disk_that_was_away_starts_anew, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
