#include "check.h"

#include <dirent.h>

#include "agent/collect/collect.h"

static int open_descriptors(void)
{
    DIR *dir = opendir("/proc/self/fd");
    int  count = 0;

    assert_non_null(dir);
    while (readdir(dir))
        count++;
    closedir(dir);
    return count;
}

static void ignore(struct sink *self, const struct sample *sample)
{
    (void)self;
    (void)sample;
}

static void a_collector_that_is_done_holds_nothing_and_can_begin_again(void **state)
{
    struct sink sink = { ignore };
    int         before = open_descriptors();

    (void)state;
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < collector_count; i++)
            (void)collectors[i]->read(&sink);
        for (size_t i = 0; i < collector_count; i++)
            if (collectors[i]->done) {
                collectors[i]->done();
                collectors[i]->done();
            }
        assert_int_equal(open_descriptors(), before);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_collector_that_is_done_holds_nothing_and_can_begin_again),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
