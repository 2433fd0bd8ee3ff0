#include "check.h"

/* The real collector over processes and a clock of our own. */
#include "agent/collect/top.c"

static uint64_t            clock_ms;
static struct plat_process given[10];
static size_t              given_count;
static struct err          answer;

uint64_t plat_clock_steady_ms(void)
{
    return clock_ms;
}

struct err plat_proclist_read(plat_process_fn *each, void *context)
{
    for (size_t i = 0; i < given_count; i++)
        each(context, &given[i]);
    return answer;
}

struct err plat_cpu_read(struct plat_cpus *ret)
{
    *ret = (struct plat_cpus){ .count = 2 };
    return err_ok();
}

void plat_cpu_done(void)
{
}

struct seen {
    struct sink sink;
    char        text[1000];
    double      defunct;
};

static void on_sample(struct sink *self, const struct sample *sample)
{
    struct seen *s = container_of(self, struct seen, sink);
    char         instance[200];
    size_t       len = strlen(s->text);

    if (sample->metric == &metrics[DEFUNCT]) {
        s->defunct = sample->value;
        return;
    }
    attrs_print(sample->attrs, sample->attr_count, instance, sizeof instance);
    snprintf(s->text + len, sizeof s->text - len, "%s %s %g;", sample->metric == &metrics[MEMORY] ? "mem" : "cpu",
             instance, sample->value);
}

static struct seen read_at(uint64_t ms)
{
    struct seen s = { .sink = { on_sample }, .defunct = -1 };

    clock_ms = ms;
    assert_int_equal(collect_top.read(&s.sink).code, ERR_OK);
    return s;
}

static int forget(void **state)
{
    (void)state;
    collect_top.done();
    given_count = 0;
    answer = err_ok();
    return 0;
}

static void the_five_that_took_most_since_the_last_reading(void **state)
{
    struct seen s;

    (void)state;
    for (size_t i = 0; i < 7; i++)
        given[given_count++] = (struct plat_process){ i + 1, "p", 1, 100000 * i, 0, false };
    s = read_at(1000);
    assert_string_equal(s.text, "");
    for (size_t i = 0; i < 7; i++)
        given[i].cpu_ms += (7 - i) * 100;
    s = read_at(2000); /* two CPUs: 2000 ms to be had */
    assert_string_equal(s.text, "cpu name=p pid=1 0.35;cpu name=p pid=2 0.3;cpu name=p pid=3 0.25;cpu name=p pid=4 0.2;"
                                "cpu name=p pid=5 0.15;");
}

static void one_that_is_new_counts_whole_even_under_an_old_id(void **state)
{
    struct seen s;

    (void)state;
    given[0] = (struct plat_process){ 5, "old", 100, 50000, 0, false };
    given_count = 1;
    read_at(1000);
    given[0] = (struct plat_process){ 4, "before", 150, 200, 0, false };
    given[1] = (struct plat_process){ 5, "new", 160, 1000, 0, false };
    given[2] = (struct plat_process){ 9, "behind", 170, 100, 0, false };
    given_count = 3;
    s = read_at(2000);
    assert_string_equal(s.text, "cpu name=new pid=5 0.5;cpu name=before pid=4 0.1;cpu name=behind pid=9 0.05;");
}

static void memory_and_zombies_need_one_reading(void **state)
{
    struct seen s;

    (void)state;
    given[0] = (struct plat_process){ 1, "small", 1, 0, 4096, false };
    given[1] = (struct plat_process){ 2, "dead", 1, 0, 0, true };
    given[2] = (struct plat_process){ 3, "l\xff", 1, 0, 8192, false };
    given_count = 3;
    s = read_at(1000);
    assert_string_equal(s.text, "mem name=l\xef\xbf\xbd pid=3 8192;mem name=small pid=1 4096;");
    assert_true(s.defunct == 1);
}

static void readings_too_close_and_failed_ones_lose_nothing(void **state)
{
    struct seen s;

    (void)state;
    given[0] = (struct plat_process){ 1, "p", 1, 1000, 0, false };
    given_count = 1;
    read_at(1000);
    given[0].cpu_ms = 1010;
    assert_string_equal(read_at(1050).text, "");
    answer = err_of(ERR_UNSUPPORTED, "testing");
    clock_ms = 1500;
    assert_int_equal(collect_top.read(&s.sink).code, ERR_UNSUPPORTED);
    answer = err_ok();
    given[0].cpu_ms = 2000;
    assert_string_equal(read_at(2000).text, "cpu name=p pid=1 0.5;");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(the_five_that_took_most_since_the_last_reading, forget),
        cmocka_unit_test_setup(one_that_is_new_counts_whole_even_under_an_old_id, forget),
        cmocka_unit_test_setup(memory_and_zombies_need_one_reading, forget),
        cmocka_unit_test_setup(readings_too_close_and_failed_ones_lose_nothing, forget),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
