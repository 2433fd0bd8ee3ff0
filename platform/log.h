/* platform/log.h - one line to whoever reads our log.
 *
 * Lines go to standard error: with a "<level>" prefix when it is the journal, with a local time when it
 * is a terminal or file. A line says what it is about ("collector=memory", "upstream=psa") and what
 * happens next. Control characters and line breaks in it are printed as \xNN: a log line is one line,
 * whatever a vendor's answer held. Secrets never, not even at debug. platform/ and proto/ do not log;
 * whoever decides what to do about an error does.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_LOG_H
#define PICKET_PLATFORM_LOG_H

#include <stdbool.h>

#include "platform/err.h"

enum log_level {
    LOG_LEVEL_ERROR, /* someone must act */
    LOG_LEVEL_WARN,  /* something was lost, but we go on */
    LOG_LEVEL_INFO,  /* a change of state */
    LOG_LEVEL_DEBUG,
};

/* name appears in every line ("picket", "courier"); a literal. */
void log_open(const char *name, enum log_level level);
void log_set_level(enum log_level level);
bool log_level_parse(const char *text, enum log_level *ret); /* "error" ... "debug" */

void log_error(const char *about, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_warn(const char *about, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_info(const char *about, const char *format, ...) __attribute__((format(printf, 2, 3)));
void log_debug(const char *about, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
