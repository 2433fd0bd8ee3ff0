/* tests/lib/cmocka/cmocka.h - as much of cmocka as our unit tests use, for where the library itself is not to be had.
 *
 * The same names, the same words on standard output (tests/lib/tally.py reads them); a test that fails ends at once by longjmp. One
 * program includes it once. No mocking, no memory check: those are done where the library is real.
 */
#ifndef PICKET_TESTS_LIB_CMOCKA_CMOCKA_H
#define PICKET_TESTS_LIB_CMOCKA_CMOCKA_H

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

typedef void CMUnitTestFunction(void **state);
typedef int  CMFixtureFunction(void **state);

struct CMUnitTest {
    const char         *name;
    CMUnitTestFunction *test_func;
    CMFixtureFunction  *setup_func, *teardown_func;
    void               *initial_state; /* NULL: the group's */
};

enum { CMOCKA_FAILED = 1, CMOCKA_SKIPPED };

static jmp_buf cmocka_back;

#define cmocka_unit_test(f)     \
    {                           \
#f, f, NULL, NULL, NULL \
    }
#define cmocka_unit_test_setup(f, setup) \
    {                                    \
#f, f, setup, NULL, NULL         \
    }
#define cmocka_unit_test_teardown(f, teardown) \
    {                                          \
#f, f, NULL, teardown, NULL            \
    }
#define cmocka_unit_test_setup_teardown(f, setup, down) \
    {                                                   \
#f, f, setup, down, NULL                        \
    }
#define cmocka_run_group_tests(tests, setup, teardown) \
    cmocka_run(tests, sizeof(tests) / sizeof((tests)[0]), setup, teardown)

/* ---- what a test says ---- */

static inline __attribute__((format(printf, 1, 2))) void print_message(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    fflush(stdout);
}

#define print_error print_message

static inline __attribute__((noreturn, format(printf, 3, 4))) void cmocka_fail(const char *file, int line,
                                                                               const char *format, ...)
{
    va_list args;

    printf("[  ERROR   ] --- ");
    va_start(args, format);
    vprintf(format, args);
    va_end(args);
    printf("\n[   LINE   ] --- %s:%d: error: Failure!\n", file, line);
    fflush(stdout);
    longjmp(cmocka_back, CMOCKA_FAILED);
}

#define fail_msg(...) cmocka_fail(__FILE__, __LINE__, __VA_ARGS__)
#define fail() fail_msg("failed")
#define skip() longjmp(cmocka_back, CMOCKA_SKIPPED)

/* ---- what it asserts ---- */

static inline void cmocka_check(int holds, const char *what, const char *file, int line)
{
    if (!holds)
        cmocka_fail(file, line, "%s", what);
}

static inline void cmocka_integers(intmax_t a, intmax_t b, int want_equal, const char *file, int line)
{
    if ((a == b) != want_equal)
        cmocka_fail(file, line, "%#jx %s %#jx", (uintmax_t)a, want_equal ? "!=" : "==", (uintmax_t)b);
}

static inline void cmocka_strings(const char *a, const char *b, int want_equal, const char *file, int line)
{
    if ((strcmp(a, b) == 0) != want_equal)
        cmocka_fail(file, line, "\"%s\" %s \"%s\"", a, want_equal ? "!=" : "==", b);
}

static inline void cmocka_memory(const void *a, const void *b, size_t size, const char *file, int line)
{
    if (memcmp(a, b, size) != 0)
        cmocka_fail(file, line, "%zu bytes differ", size);
}

static inline void cmocka_range(uintmax_t value, uintmax_t least, uintmax_t most, const char *file, int line)
{
    if (value < least || value > most)
        cmocka_fail(file, line, "%ju is not within %ju-%ju", value, least, most);
}

static inline void cmocka_floats(double a, double b, double apart, const char *file, int line)
{
    if (!(fabs(a - b) <= apart))
        cmocka_fail(file, line, "%g != %g", a, b);
}

#define assert_true(c) cmocka_check(!!(c), #c, __FILE__, __LINE__)
#define assert_false(c) cmocka_check(!(c), "!(" #c ")", __FILE__, __LINE__)
#define assert_non_null(p) cmocka_check((p) != NULL, #p " != NULL", __FILE__, __LINE__)
#define assert_null(p) cmocka_check((p) == NULL, #p " == NULL", __FILE__, __LINE__)
#define assert_ptr_equal(a, b) cmocka_check((const void *)(a) == (const void *)(b), #a " == " #b, __FILE__, __LINE__)
#define assert_int_equal(a, b) cmocka_integers((intmax_t)(a), (intmax_t)(b), 1, __FILE__, __LINE__)
#define assert_int_not_equal(a, b) cmocka_integers((intmax_t)(a), (intmax_t)(b), 0, __FILE__, __LINE__)
#define assert_string_equal(a, b) cmocka_strings(a, b, 1, __FILE__, __LINE__)
#define assert_string_not_equal(a, b) cmocka_strings(a, b, 0, __FILE__, __LINE__)
#define assert_memory_equal(a, b, n) cmocka_memory(a, b, n, __FILE__, __LINE__)
#define assert_in_range(v, least, top) cmocka_range((uintmax_t)(v), least, top, __FILE__, __LINE__)
#define assert_float_equal(a, b, e) cmocka_floats(a, b, e, __FILE__, __LINE__)

/* ---- running them ---- */

/* 0, CMOCKA_FAILED or CMOCKA_SKIPPED */
static inline int cmocka_guarded(const struct CMUnitTest *t, void **state)
{
    int outcome = setjmp(cmocka_back);

    if (outcome == 0)
        t->test_func(state);
    return outcome;
}

static inline int cmocka_fixture(CMFixtureFunction *fixture, void **state)
{
    int outcome = setjmp(cmocka_back);

    return outcome != 0 || (fixture && fixture(state) != 0) ? CMOCKA_FAILED : 0;
}

static inline int cmocka_one(const struct CMUnitTest *t, void *group_state)
{
    static const char *const words[] = { "[       OK ]", "[  FAILED  ]", "[  SKIPPED ]" };
    void                    *state = t->initial_state ? t->initial_state : group_state;
    int                      outcome;

    print_message("[ RUN      ] %s\n", t->name);
    outcome = cmocka_fixture(t->setup_func, &state);
    if (outcome == 0)
        outcome = cmocka_guarded(t, &state);
    if (cmocka_fixture(t->teardown_func, &state) != 0)
        outcome = CMOCKA_FAILED;
    print_message("%s %s\n", words[outcome], t->name);
    return outcome;
}

static inline int cmocka_run(const struct CMUnitTest *tests, size_t count, CMFixtureFunction *setup,
                             CMFixtureFunction *teardown)
{
    void *state = NULL;
    int   failures = 0;

    if (cmocka_fixture(setup, &state) != 0) {
        print_message("the setup of the whole program failed\n");
        return 1;
    }
    for (size_t i = 0; i < count; i++)
        failures += cmocka_one(&tests[i], state) == CMOCKA_FAILED;
    return failures + (cmocka_fixture(teardown, &state) != 0);
}

#endif
