/* tests/unit/check.h - cmocka with the headers that it wants before it. */
#ifndef PICKET_TESTS_UNIT_CHECK_H
#define PICKET_TESTS_UNIT_CHECK_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

/* Ends the test; why it cannot run here is counted and shown by tests/run. */
#define skip_because(why)            \
    do {                             \
        print_message("%s\n", why); \
        skip();                      \
    } while (0)

#endif
