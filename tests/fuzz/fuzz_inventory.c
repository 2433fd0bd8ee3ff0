/* Rows of an inventory as a child wrote them or a damaged database has them: two lists of lines, with an empty line between
 * them. They are compared as the agent does it, and what differs is blanked and printed. What comes out of a comparison of one
 * with itself is nothing. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/cli/inventory_text.h"
#include "agent/inventory/json.h"
#include "agent/inventory/merge.h"
#include "agent/inventory/rows.h"

struct lines {
    const char *at, *end;
    char        row[INVENTORY_ROW_MAX + 1];
};

/* "12 TAB row": whatever number and row, as from a database. */
static struct err next_line(void *context, int *ret_section, const char **ret_row)
{
    struct lines *l = context;
    size_t        len = strcspn(l->at, "\n"), kept;

    *ret_row = NULL;
    if (l->at >= l->end || len == 0)
        return err_ok();
    *ret_section = atoi(l->at);
    kept = len > 3 ? len - 3 : 0;
    if (kept > INVENTORY_ROW_MAX)
        kept = INVENTORY_ROW_MAX;
    memcpy(l->row, l->at + (len - kept), kept);
    l->row[kept] = '\0';
    *ret_row = l->row;
    l->at += len + (l->at[len] == '\n');
    return err_ok();
}

struct found {
    struct json_put j;
    FILE           *out;
    bool            none_wanted;
};

static struct err differs(void *context, int section, const char *was, const char *now, bool noted)
{
    struct found           *f = context;
    char                    a[INVENTORY_ROW_MAX + 1], b[INVENTORY_ROW_MAX + 1];
    struct inventory_change change = { 0, section, a, b };

    (void)noted;
    if (f->none_wanted || (!was && !now) || strlen(was ? was : "") > INVENTORY_ROW_MAX ||
        strlen(now ? now : "") > INVENTORY_ROW_MAX)
        abort();
    snprintf(a, sizeof a, "%s", was ? was : "");
    snprintf(b, sizeof b, "%s", now ? now : "");
    inventory_change_json(&change, &f->j);
    inventory_change_print(f->out, true, &change);
    inventory_blank(inventory_kinds_of(section), a);
    inventory_blank(inventory_kinds_of(section), b);
    inventory_change_json(&change, &f->j);
    return err_ok();
}

static void compare(const char *was, const char *was_end, const char *now, const char *now_end, bool none_wanted)
{
    struct lines          a = { .at = was, .end = was_end }, b = { .at = now, .end = now_end };
    struct inventory_side left = { next_line, &a }, right = { next_line, &b };
    struct found          f = { .out = fopen("/dev/null", "w"), .none_wanted = none_wanted };
    struct buf            text;

    if (!f.out)
        return;
    buf_init(&text, 1 << 20);
    json_put_begin(&f.j, &text, false);
    json_put_array(&f.j, NULL);
    (void)inventory_merge(&left, &right, differs, &f);
    json_put_end(&f.j);
    (void)json_put_done(&f.j);
    buf_done(&text);
    fclose(f.out);
}

static void read_as_file(const uint8_t *data, size_t size)
{
    static struct inventory_reader r;
    static int                     fd = -1;
    const char                    *row = "";
    int                            section = 0;

    if (fd < 0) {
        char path[] = "/tmp/fuzz-inventory-XXXXXX";

        fd = mkstemp(path);
        if (fd < 0)
            return;
        unlink(path);
    }
    if (ftruncate(fd, 0) != 0 || pwrite(fd, data, size, 0) != (ssize_t)size)
        return;
    inventory_reader_init(&r, fd);
    while (row && !failed(inventory_reader_next(&r, &section, &row)))
        if (row && (!inventory_kinds_of(section) || strlen(row) > INVENTORY_ROW_MAX))
            abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *middle;

    if (!text)
        return 0;
    read_as_file(data, size);
    memcpy(text, data, size);
    text[size] = '\0';
    middle = strstr(text, "\n\n");
    compare(text, text + size, text, text + size, true);
    if (middle) {
        middle[1] = '\0';
        compare(text, middle + 1, middle + 2, text + size, false);
    }
    free(text);
    return 0;
}
