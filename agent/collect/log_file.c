#include <inttypes.h>
#include <string.h>

#include "agent/collect/log_source.h"
#include "platform/buf.h"

/* LOOK_BACK: what a look from the command line reads. Beyond BACKLOG_MAX the newest BACKLOG_KEPT bytes are read. */
enum { PRINT_BYTES = 64, LOOK_BACK = 1024 * 1024, BACKLOG_MAX = 256 * 1024 * 1024, BACKLOG_KEPT = 16 * 1024 * 1024 };

/* ---- where one is in a file ---- */

/* The sum of the bytes before offset (FNV-1a). *ret_midway: offset is not at the beginning of a line. */
static struct err print_of(int file, uint64_t offset, uint32_t *ret, bool *ret_midway)
{
    unsigned char bytes[PRINT_BYTES];
    size_t        want = offset < sizeof bytes ? (size_t)offset : sizeof bytes, len = 0;
    uint32_t      sum = 0x811c9dc5u;
    struct err    e = want ? plat_logfile_read(file, offset - want, bytes, want, &len) : err_ok();

    if (failed(e))
        return e;
    for (size_t i = 0; i < len; i++)
        sum = (sum ^ bytes[i]) * 0x01000193u;
    *ret = sum;
    *ret_midway = len && bytes[len - 1] != '\n';
    return e;
}

/* Is what was read of it still there? Then reading goes on at offset. */
static bool goes_on(struct log_part *part, uint64_t offset, uint32_t print)
{
    uint32_t sum;
    bool     midway;

    if (part->at.size < offset || failed(print_of(part->file, offset, &sum, &midway)) || sum != print)
        return false;
    part->offset = offset;
    part->beyond = midway;
    return true;
}

static void begin_at(struct log_part *part, uint64_t offset)
{
    uint32_t sum;

    part->offset = offset;
    part->beyond = part->ended = false;
    part->moved = true;
    (void)print_of(part->file, offset, &sum, &part->beyond);
}

static bool is_same(const struct plat_logfile_at *a, const struct plat_logfile_at *b)
{
    return a->device == b->device && a->inode == b->inode;
}

/* ---- from file to file ---- */

static void close_old(struct log_source *s)
{
    plat_logfile_close(&s->old.file);
    s->old_state = OLD_NONE;
}

static void make_old(struct log_source *s)
{
    close_old(s);
    s->old = s->now;
    s->old.ended = false;
    s->old_state = OLD_UNREAD;
    s->now.file = -1;
}

/* It has another name or is gone; what was not read of it may still be found. */
static void find_old(struct log_source *s)
{
    struct err e = plat_logfile_find(s->config->file, s->at.inode, &s->old.file, &s->old.at);

    s->old.ended = false;
    s->old_state = failed(e) ? OLD_NONE : OLD_UNREAD;
    if (!failed(e) && goes_on(&s->old, s->at.offset, s->at.print))
        return;
    close_old(s);
    log_source_refuse(
        s,
        "the rest of the file that was there before was not found (compressed or removed while the agent was "
        "stopped?): what came after its byte %" PRIu64 " was not looked at",
        s->at.offset);
}

/* The first time in this run. */
static void open_first(struct log_source *s)
{
    struct log_part *now = &s->now;

    if (s->look_back)
        begin_at(now, now->at.size > LOOK_BACK ? now->at.size - LOOK_BACK : 0);
    else if (!s->at.known)
        begin_at(now, now->at.size);
    else if (s->at.inode == 0)
        begin_at(now, 0);
    else if (s->at.inode != now->at.inode || !goes_on(now, s->at.offset, s->at.print)) {
        if (s->at.inode != now->at.inode)
            find_old(s);
        begin_at(now, 0);
    }
}

static void open_now(struct log_source *s)
{
    struct log_part next = { .file = -1 };
    struct err      e = plat_logfile_open(s->config->file, &next.file, &next.at);
    bool            first = s->now.file < 0;

    if (failed(e)) {
        log_source_refuse_err(s, e);
        return;
    }
    if (!first)
        make_old(s);
    s->now = next;
    if (first && s->old_state == OLD_NONE)
        open_first(s);
}

/* A file of the same number: has it grown, or been cut? */
static void look_again(struct log_source *s, const struct plat_logfile_at *at)
{
    bool changed = at->size != s->now.at.size || at->changed_ns != s->now.at.changed_ns;

    s->now.at = *at;
    if (!changed)
        return;
    s->now.ended = false;
    if (!goes_on(&s->now, s->now.offset, s->at.print))
        begin_at(&s->now, 0);
}

static void note_missing(struct log_source *s)
{
    if (s->now.file >= 0)
        make_old(s);
    if (!s->at.known)
        s->at = (struct log_position){ .known = true, .matches = s->at.matches };
    if (!s->config->optional)
        log_source_refuse(s, "there is no such file");
}

static void skip_backlog(struct log_source *s, struct log_part *part)
{
    uint64_t left = part->file >= 0 && part->at.size > part->offset ? part->at.size - part->offset : 0;

    if (left <= BACKLOG_MAX)
        return;
    s->skipped += left - BACKLOG_KEPT;
    log_source_refuse(s, "it grows faster than it can be read: %" PRIu64 " MiB were not looked at",
                      (left - BACKLOG_KEPT) / 1024 / 1024);
    begin_at(part, part->at.size - BACKLOG_KEPT);
}

void log_file_begin(struct log_source *s)
{
    struct plat_logfile_at at;
    struct err             e = plat_logfile_look(s->config->file, &at);

    s->unreadable = false;
    if (s->old_state == OLD_LINGERS)
        s->old_state = OLD_LAST;
    if (e.code == ERR_NOT_FOUND)
        note_missing(s);
    else if (failed(e))
        log_source_refuse_err(s, e);
    else if (s->now.file >= 0 && is_same(&at, &s->now.at))
        look_again(s, &at);
    else
        open_now(s);
    skip_backlog(s, &s->old);
    skip_backlog(s, &s->now);
}

/* ---- reading ---- */

/* Returns whether there is more of this file. */
static bool slice_of(struct log_source *s, struct log_part *part, bool last, char *buffer)
{
    size_t     len = 0, used;
    struct err e = plat_logfile_read(part->file, part->offset, buffer, LOG_SLICE, &len);
    bool       more = len == LOG_SLICE;

    if (failed(e)) {
        log_source_refuse_err(s, e);
        return false;
    }
    if (last && !more && len && buffer[len - 1] != '\n')
        buffer[len++] = '\n'; /* it will never end */
    used = log_lines_each(buffer, len, more, &part->beyond, log_source_take, s);
    part->offset += used;
    part->ended = !more;
    part->moved = part->moved || used > 0;
    return more;
}

bool log_file_has_more(const struct log_source *s)
{
    return s->old_state == OLD_UNREAD || s->old_state == OLD_LAST || (s->now.file >= 0 && !s->now.ended);
}

bool log_file_slice(struct log_source *s, char *buffer)
{
    if (s->old_state != OLD_UNREAD && s->old_state != OLD_LAST)
        return slice_of(s, &s->now, false, buffer);
    if (slice_of(s, &s->old, s->old_state == OLD_LAST, buffer))
        return true;
    if (s->old_state == OLD_LAST)
        close_old(s);
    else
        s->old_state = OLD_LINGERS;
    return log_file_has_more(s);
}

void log_file_end(struct log_source *s)
{
    struct log_part *part = s->old_state == OLD_UNREAD ? &s->old : &s->now;
    bool             midway;

    if (part->file < 0) {
        if (s->at.known && s->old_state != OLD_NONE)
            s->at.inode = 0; /* it is gone, and was read */
        return;
    }
    if (s->at.known && s->at.inode == part->at.inode && !part->moved)
        return;
    part->moved = false;
    s->at.known = true;
    s->at.inode = part->at.inode;
    s->at.offset = part->offset;
    (void)print_of(part->file, part->offset, &s->at.print, &midway);
}

void log_file_close(struct log_source *s)
{
    plat_logfile_close(&s->now.file);
    plat_logfile_close(&s->old.file);
}
