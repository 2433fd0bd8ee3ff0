/* tests/lib/windows/cmocka.h - ours, and what tests call that Windows' C library calls otherwise. */
#ifndef PICKET_TESTS_LIB_WINDOWS_CMOCKA_H
#define PICKET_TESTS_LIB_WINDOWS_CMOCKA_H

#include "../cmocka/cmocka.h"

static inline int setenv(const char *name, const char *value, int replace)
{
    return replace || !getenv(name) ? _putenv_s(name, value) : 0;
}

static inline int unsetenv(const char *name)
{
    return _putenv_s(name, "");
}

#endif
