#include "check.h"

/* The real collector over interfaces and a clock of our own. */
#include "agent/collect/network.c"

#include "platform/clock.h"

static uint64_t clock_ms;

uint64_t plat_clock_steady_ms(void)
{
    return clock_ms;
}

static struct plat_interface given;

struct err plat_network_read(plat_interface_fn *each, void *context)
{
    given.name = "eth0";
    each(context, &given);
    return err_ok();
}

void plat_network_done(void)
{
}

struct seen {
    struct sink sink;
    double      value[LIMIT + 1];
    int         traffic, link;
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    ptrdiff_t    which = sample->metric - metrics;
    char         instance[100];

    attrs_print(sample->attrs, sample->attr_count, instance, sizeof instance);
    if (which == UP || which == LIMIT) {
        assert_string_equal(instance, "name=eth0");
        s->link++;
    } else {
        assert_memory_equal(instance, "name=eth0 direction=", strlen("name=eth0 direction="));
        s->traffic++;
    }
    if (!strstr(instance, "transmit"))
        s->value[which] = sample->value;
}

static struct seen read_at(uint64_t ms)
{
    struct seen s = { .sink = { on_sample } };

    clock_ms = ms;
    assert_int_equal(collect_network.read(&s.sink).code, ERR_OK);
    return s;
}

static int forget(void **state)
{
    (void)state;
    collect_network.done();
    given = (struct plat_interface){ 0 };
    return 0;
}

static void a_link_is_told_from_the_first_reading_on(void **state)
{
    struct seen s;

    (void)state;
    given.link = PLAT_LINK_UP;
    given.speed_bytes_per_s = 125000000;
    s = read_at(1000);
    assert_true(s.link == 2 && s.traffic == 0 && s.value[UP] == 1 && s.value[LIMIT] == 125000000);
    given.link = PLAT_LINK_DOWN;
    given.speed_bytes_per_s = 0;
    s = read_at(2000);
    assert_true(s.link == 1 && s.traffic == 6 && s.value[UP] == 0);
}

static void what_a_driver_does_not_tell_is_not_given(void **state)
{
    (void)state;
    assert_int_equal(read_at(1000).link, 0);
}

static void another_interface_under_the_name_starts_anew(void **state)
{
    struct seen s;

    (void)state;
    given.identity = 7;
    given.received_bytes = 1000;
    read_at(1000);
    given.received_bytes = 3000;
    s = read_at(2000);
    assert_true(s.traffic == 6 && s.value[IO] == 2000);
    given.identity = 8; /* renamed: its counters are of another, and larger */
    given.received_bytes = 5000000000;
    assert_int_equal(read_at(3000).traffic, 0);
    given.received_bytes += 500;
    s = read_at(4000);
    assert_true(s.traffic == 6 && s.value[IO] == 500);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_link_is_told_from_the_first_reading_on, forget),
        cmocka_unit_test_setup(what_a_driver_does_not_tell_is_not_given, forget),
        cmocka_unit_test_setup(another_interface_under_the_name_starts_anew, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
