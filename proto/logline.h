/* proto/logline.h - lines out of the bytes of a log, and whether the configuration looks for them.
 *
 * Whoever writes a log chooses its bytes. Of a line the first LOG_LINE_MAX bytes count; what is not UTF-8 became U+FFFD and
 * what controls a terminal a blank, so that a line is safe to show. Judging a line takes at most (bytes of its globs) *
 * LOG_LINE_MAX steps. Pure; no memory is taken. Thread: any.
 */
#ifndef PICKET_PROTO_LOGLINE_H
#define PICKET_PROTO_LOGLINE_H

#include "proto/config.h"

enum { LOG_LINE_MAX = 4096 };

typedef void log_line_fn(void *context, const char *line);

/* Each line that has ended. Returns how many bytes were dealt with: what is left is the beginning of a line. more: there are
 * bytes behind these; then a line that fills all of them is judged by its beginning, and *beyond says that its rest is passed
 * over with the next call. */
size_t log_lines_each(const char *bytes, size_t len, bool more, bool *beyond, log_line_fn *each, void *context);

/* raw, as a line: without NULs before it and \r behind it. */
void log_line_clean(const char *raw, size_t len, char into[LOG_LINE_MAX + 1]);

bool log_line_fits(const struct config_log *log, const char *line);

#endif
