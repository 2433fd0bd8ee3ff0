/* tests/unit/tempdir.h - a folder of the test's own, on any system. */
#ifndef PICKET_TESTS_UNIT_TEMPDIR_H
#define PICKET_TESTS_UNIT_TEMPDIR_H

#include <stdio.h>
#include <uv.h>

#include "check.h"
#include "platform/buf.h"

enum { TEMPDIR_BYTES = 64 };

/* In the folder below, or, with NULL, where the system keeps what is temporary. */
static inline void tempdir_make(const char *below, const char *name, char into[TEMPDIR_BYTES])
{
    char    folder[TEMPDIR_BYTES - 24], wanted[TEMPDIR_BYTES];
    size_t  size = sizeof folder;
    uv_fs_t made;

    if (below)
        snprintf(folder, sizeof folder, "%s", below);
    else
        assert_int_equal(uv_os_tmpdir(folder, &size), 0);
    snprintf(wanted, sizeof wanted, "%s/%s-XXXXXX", folder, name);
    assert_int_equal(uv_fs_mkdtemp(NULL, &made, wanted, NULL), 0);
    snprintf(into, TEMPDIR_BYTES, "%s", made.path);
    uv_fs_req_cleanup(&made);
}

static inline void tempdir_remove(const char *path)
{
    uv_dirent_t entry;
    uv_fs_t     list, one;
    struct buf  below;

    assert_true(uv_fs_scandir(NULL, &list, path, 0, NULL) >= 0);
    while (uv_fs_scandir_next(&list, &entry) == 0) {
        buf_init(&below, 4096);
        assert_false(failed(buf_printf(&below, "%s/%s", path, entry.name)));
        if (entry.type == UV_DIRENT_DIR) {
            tempdir_remove(below.data);
        } else {
            assert_int_equal(uv_fs_unlink(NULL, &one, below.data, NULL), 0);
            uv_fs_req_cleanup(&one);
        }
        buf_done(&below);
    }
    uv_fs_req_cleanup(&list);
    assert_int_equal(uv_fs_rmdir(NULL, &one, path, NULL), 0);
    uv_fs_req_cleanup(&one);
}

#endif
