/* proto/connector/civil.h - times as people and protocols write them, all UTC. Inside proto/connector only. Thread: any. */
#ifndef PICKET_PROTO_CONNECTOR_CIVIL_H
#define PICKET_PROTO_CONNECTOR_CIVIL_H

#include <stdbool.h>
#include <stdint.h>

enum { RFC3339_MAX = 32 };

/* "2026-01-05T10:12:00Z", a fraction is dropped; milliseconds since 1970. */
bool rfc3339_parse(const char *text, int64_t *ret_ms);
void rfc3339_print(int64_t ms, char into[RFC3339_MAX]);

/* "Sun, 06 Nov 1994 08:49:37 GMT" (RFC 9110, the form that must be sent); text may be NULL. */
bool http_date_parse(const char *text, int64_t *ret_ms);

#endif
