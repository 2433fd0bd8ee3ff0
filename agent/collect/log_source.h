/* agent/collect/log_source.h - one log of the configuration: how far it was read, and what was found.
 *
 *     logs.c         whose turn it is, and what is handed over
 *     log_file.c     a file, slice by slice
 *     log_journal.c  the journal, by a program
 *     log_marks.c    how far each is, in a file
 *
 * Inside these only. Thread: the loop's.
 */
#ifndef PICKET_AGENT_COLLECT_LOG_SOURCE_H
#define PICKET_AGENT_COLLECT_LOG_SOURCE_H

#include <uv.h>

#include "agent/collect/metric.h"
#include "platform/logfile.h"
#include "proto/journal.h"

enum { LOG_SLICE = 32 * 1024 };

struct plat_program;

/* How far a log was read. What lies before offset is remembered by a sum over its last bytes: a file that was cut and grew
 * again, or has the number of one that was removed, differs there. The device's number is not kept, for it may be another one
 * after a reboot. */
struct log_position {
    bool     known;
    uint64_t inode, offset; /* of a file; inode 0: there was none, so that all of the next one is new */
    uint32_t print;
    char     cursor[JOURNAL_CURSOR_MAX];
    uint64_t matches;
};

struct log_part {
    int                    file; /* -1 */
    struct plat_logfile_at at;   /* as it was seen last */
    uint64_t               offset;
    bool                   beyond; /* the rest of a long line is passed over */
    bool                   ended;  /* nothing new up to at.size */
    bool                   moved;  /* since its position was remembered */
};

/* OLD_LINGERS: it was read to its end, but its writer may not have noticed yet that it has another name. */
enum log_old { OLD_NONE, OLD_UNREAD, OLD_LINGERS, OLD_LAST };

struct log_source {
    const struct config_log *config;
    bool                     look_back;
    struct log_position      at, judged; /* judged: what was handed over; kept when the next reading begins */

    struct log_part now, old;
    enum log_old    old_state;

    struct plat_program *program;
    uv_loop_t           *loop;
    uint64_t             stamp, asked_ms;
    bool                 has_stamp, asked;
    unsigned             portions, backlogs;
    void (*on_rest)(struct log_source *s);

    uint64_t lines, recent, skipped; /* skipped: bytes */
    bool     looked_at, unreadable, was_unreadable;
    char     line[ATTR_VALUE_MAX], reason[ATTR_VALUE_MAX];
};

void log_source_take(void *context, const char *line); /* a log_line_fn */
void log_source_refuse(struct log_source *s, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_source_refuse_err(struct log_source *s, struct err e);

/* What became of it since the last reading. After it slices, while there is more (buffer: LOG_SLICE + 1 bytes; returns whether
 * there is), and the end. */
void log_file_begin(struct log_source *s);
bool log_file_has_more(const struct log_source *s);
bool log_file_slice(struct log_source *s, char *buffer);
void log_file_end(struct log_source *s);
void log_file_close(struct log_source *s);

/* Returns whether a program runs now: then on_rest follows from the loop. What is not due, or has not grown, stands. */
bool log_journal_start(struct log_source *s, uv_loop_t *loop);
void log_journal_close(struct log_source *s);

/* Fills `at` of those that were kept. NOT_FOUND: nothing was. */
struct err log_marks_load(const char *path, struct log_source *all, size_t count);
/* Writes `judged` of each. */
struct err log_marks_save(const char *path, const struct log_source *all, size_t count);

#endif
