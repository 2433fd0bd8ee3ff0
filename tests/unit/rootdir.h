/* tests/unit/rootdir.h - a small tree of files that stands for a system's root. */
#ifndef PICKET_TESTS_UNIT_ROOTDIR_H
#define PICKET_TESTS_UNIT_ROOTDIR_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tempdir.h"

static inline char *rootdir_make(void)
{
    static char path[TEMPDIR_BYTES];

    tempdir_make(NULL, "picket-root", path);
    return path;
}

static inline void rootdir_parents(const char *path)
{
    char part[512];

    snprintf(part, sizeof part, "%s", path);
    for (char *slash = strchr(part + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        mkdir(part, 0755);
        *slash = '/';
    }
}

static inline void rootdir_put(const char *root, const char *path, const void *bytes, size_t len)
{
    char  whole[512];
    FILE *file;

    snprintf(whole, sizeof whole, "%s%s", root, path);
    rootdir_parents(whole);
    file = fopen(whole, "wb");
    assert_non_null(file);
    assert_int_equal(fwrite(bytes, 1, len, file), len);
    fclose(file);
}

static inline void rootdir_write(const char *root, const char *path, const char *text)
{
    rootdir_put(root, path, text, strlen(text));
}

static inline void rootdir_link(const char *root, const char *path, const char *target)
{
    char whole[512];

    snprintf(whole, sizeof whole, "%s%s", root, path);
    rootdir_parents(whole);
    assert_int_equal(symlink(target, whole), 0);
}

static inline void rootdir_remove(const char *root)
{
    tempdir_remove(root);
}

#endif
