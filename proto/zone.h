/* proto/zone.h - a time zone as the system's files describe it (TZif, RFC 9636): what is the local time of a moment?
 *
 * The C library reads its zone once and, linked static, never again; so the file is read and parsed here, and again when it
 * changed. Times are seconds since 1970, UTC, unless they are called local: seconds since 1970-01-01 00:00 on the wall there.
 * Ownership: the caller's, by zone_free. Thread: any. No clock, no file.
 */
#ifndef PICKET_PROTO_ZONE_H
#define PICKET_PROTO_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

struct zone;

enum { ZONE_FILE_MAX = 64 * 1024, ZONE_NAME_BYTES = 64 };

/* MALFORMED: it is no such file, or damaged; TOO_BIG. *ret is untouched on failure. */
struct err zone_parse(const void *bytes, size_t len, struct zone **ret);
/* UTC, for a machine that names no zone. */
struct err zone_new_utc(struct zone **ret);
void       zone_free(struct zone **zone);

/* How far the wall is ahead of UTC at that moment. */
int32_t zone_offset_s(const struct zone *zone, int64_t at_s);

/* The first moment at which the wall shows local_s or more. A time that the wall shows twice is the first of the two; one that
 * it leaves out is the moment of the leap. */
int64_t zone_moment_of(const struct zone *zone, int64_t local_s);

/* "Europe/Berlin": may it be a name in the system's folder of zones? */
bool zone_name_fits(const char *name);

/* Calendar: days since 1970-01-01, a Thursday. month and day from 1. */
int64_t civil_days(int64_t year, int month, int day);
/* 0 is Monday. */
int  civil_weekday(int64_t days);

#endif
