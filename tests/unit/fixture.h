/* tests/unit/fixture.h - a captured file of tests/unit/fixtures. */
#ifndef PICKET_TESTS_UNIT_FIXTURE_H
#define PICKET_TESTS_UNIT_FIXTURE_H

#include <stdio.h>
#include <stdlib.h>

/* The whole file, in memory of exactly its size (nothing behind it, so that a sanitizer sees who reads on); the caller
 * frees it. Fails the test if it is not there. */
static inline char *fixture_read(const char *name, size_t *ret_len)
{
    char  path[512], *text;
    FILE *file;
    long  len;

    snprintf(path, sizeof path, "%s/tests/unit/fixtures/%s", PICKET_SOURCE_DIR, name);
    file = fopen(path, "rb");
    if (!file)
        fail_msg("no fixture %s", path);
    fseek(file, 0, SEEK_END);
    len = ftell(file);
    rewind(file);
    text = malloc(len > 0 ? (size_t)len : 1);
    assert_non_null(text);
    assert_int_equal(fread(text, 1, (size_t)len, file), len);
    fclose(file);
    *ret_len = (size_t)len;
    return text;
}

#endif
