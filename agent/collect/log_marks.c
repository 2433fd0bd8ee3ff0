#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/log_source.h"
#include "platform/buf.h"
#include "platform/draft.h"
#include "platform/private.h"

/* A line each:  file NAME MATCHES INODE OFFSET PRINT PATH   or   journal NAME MATCHES CURSOR */
enum { MARKS_MAX_BYTES = 1024 * 1024 };

static const char step[] = "keeping how far logs were read";

/* ---- reading ---- */

static struct log_source *find(struct log_source *all, size_t count, const char *name, const char *path)
{
    for (size_t i = 0; i < count; i++) {
        const struct config_log *config = all[i].config;

        if (strcmp(config->name, name) == 0 && (path ? config->file && strcmp(config->file, path) == 0 : !config->file))
            return &all[i];
    }
    return NULL;
}

/* A log of this name that is at another path now begins anew. */
static void take_line(char *line, struct log_source *all, size_t count)
{
    struct log_position at = { .known = true };
    struct log_source  *s = NULL;
    char                name[64], cursor[JOURNAL_CURSOR_MAX];
    int                 path = 0;

    if (sscanf(line, "file %63s %" SCNu64 " %" SCNu64 " %" SCNu64 " %" SCNx32 " %n", name, &at.matches, &at.inode,
               &at.offset, &at.print, &path) == 5 &&
        path)
        s = find(all, count, name, line + path);
    else if (sscanf(line, "journal %63s %" SCNu64 " %255s", name, &at.matches, cursor) == 3) {
        memcpy(at.cursor, cursor, strlen(cursor) + 1);
        s = find(all, count, name, NULL);
    }
    if (s)
        s->at = s->judged = at;
}

struct err log_marks_load(const char *path, struct log_source *all, size_t count)
{
    struct buf text;
    struct err e;
    char      *line, *rest;

    buf_init(&text, MARKS_MAX_BYTES);
    e = plat_private_read(path, &text);
    for (line = failed(e) || !text.data ? NULL : strtok_r(text.data, "\n", &rest); line;
         line = strtok_r(NULL, "\n", &rest))
        take_line(line, all, count);
    buf_done(&text);
    return e;
}

/* ---- writing ---- */

static struct err print_line(const struct log_source *s, struct buf *into)
{
    const struct log_position *at = &s->judged;

    if (s->config->file)
        return buf_printf(into, "file %s %" PRIu64 " %" PRIu64 " %" PRIu64 " %08" PRIx32 " %s\n", s->config->name,
                          at->matches, at->inode, at->offset, at->print, s->config->file);
    return at->cursor[0] ? buf_printf(into, "journal %s %" PRIu64 " %s\n", s->config->name, at->matches, at->cursor)
                         : err_ok();
}

struct err log_marks_save(const char *path, const struct log_source *all, size_t count)
{
    struct plat_draft *draft = NULL;
    struct buf         text;
    struct err         e = err_ok();

    buf_init(&text, MARKS_MAX_BYTES);
    for (size_t i = 0; i < count && !failed(e); i++)
        if (all[i].judged.known)
            e = print_line(&all[i], &text);
    if (!failed(e))
        e = plat_draft_open(path, &draft);
    if (!failed(e))
        e = plat_draft_write(draft, buf_text(&text), text.len);
    if (!failed(e))
        e = plat_draft_publish(&draft);
    plat_draft_discard(&draft);
    buf_done(&text);
    if (failed(e) && !e.os)
        e.step = step;
    return e;
}
