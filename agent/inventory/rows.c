#include "agent/inventory/rows.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

/* ---- out ---- */

struct writer {
    int        fd;
    struct buf block;
    struct err err;
};

static void flush(struct writer *w)
{
    for (size_t done = 0; !failed(w->err) && done < w->block.len;) {
        uv_buf_t bytes = uv_buf_init(w->block.data + done, (unsigned)(w->block.len - done));
        uv_fs_t  request;
        int      put = uv_fs_write(NULL, &request, w->fd, &bytes, 1, -1, NULL);

        uv_fs_req_cleanup(&request);
        if (put > 0)
            done += (size_t)put;
        else
            w->err = err_from_os(put, "handing over an inventory");
    }
    buf_clear(&w->block);
}

static bool write_row(void *context, int section, const char *row)
{
    struct writer *w = context;

    if (w->block.len + strlen(row) + 16 > INVENTORY_BLOCK)
        flush(w);
    if (!failed(w->err))
        w->err = buf_printf(&w->block, "%d\t%s\n", section, row);
    return !failed(w->err);
}

struct err inventory_write(const struct inventory *d, int fd)
{
    struct writer w = { .fd = fd, .err = err_ok() };

    buf_init(&w.block, 2 * INVENTORY_BLOCK);
    inventory_each(d, write_row, &w);
    if (!failed(w.err))
        w.err = buf_add_text(&w.block, "end\n");
    flush(&w);
    buf_done(&w.block);
    return w.err;
}

/* ---- in ---- */

void inventory_reader_init(struct inventory_reader *r, int fd)
{
    *r = (struct inventory_reader){ .fd = fd };
}

static struct err malformed(void)
{
    return err_of(ERR_MALFORMED, "reading an inventory");
}

/* More bytes behind those that are left. */
static struct err refill(struct inventory_reader *r)
{
    uv_buf_t bytes;
    uv_fs_t  request;
    int      got;

    memmove(r->block, r->block + r->at, r->len - r->at);
    r->len -= r->at;
    r->at = 0;
    bytes = uv_buf_init(r->block + r->len, (unsigned)(INVENTORY_BLOCK - r->len));
    got = uv_fs_read(NULL, &request, r->fd, &bytes, 1, (int64_t)r->offset, NULL);
    uv_fs_req_cleanup(&request);
    if (got < 0)
        return err_from_os(got, "reading an inventory");
    if (got == 0)
        return malformed(); /* its end was not seen, or a line is longer than any may be */
    r->offset += (uint64_t)got;
    r->len += (size_t)got;
    return err_ok();
}

static struct err next_line(struct inventory_reader *r, char **ret)
{
    char *end;

    while ((end = memchr(r->block + r->at, '\n', r->len - r->at)) == NULL) {
        struct err e = refill(r);

        if (failed(e))
            return e;
    }
    *end = '\0';
    *ret = r->block + r->at;
    r->at = (size_t)(end - r->block) + 1;
    return strlen(*ret) == (size_t)(end - *ret) ? err_ok() : malformed();
}

struct err inventory_reader_next(void *reader, int *ret_section, const char **ret_row)
{
    struct inventory_reader *r = reader;
    char                    *line = NULL, *row;
    long                     section;
    struct err               e = r->ended ? err_ok() : next_line(r, &line);

    if (failed(e))
        return e;
    if (r->ended || strcmp(line, "end") == 0) {
        r->ended = true;
        *ret_row = NULL;
        return e;
    }
    section = strtol(line, &row, 10);
    if (row == line || *row != '\t' || section < 1 || section < r->section || section >= INVENTORY_SECTIONS ||
        strlen(row + 1) > INVENTORY_ROW_MAX)
        return malformed();
    r->section = (int)section;
    *ret_section = (int)section;
    *ret_row = row + 1;
    return e;
}
