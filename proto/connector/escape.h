/* proto/connector/escape.h - how a value is written where it is put, so that it cannot leave that place.
 *
 * Inside proto/connector only. Thread: any. Fails: NO_MEMORY, TOO_BIG (the buffer's limit), and what is said below.
 */
#ifndef PICKET_PROTO_CONNECTOR_ESCAPE_H
#define PICKET_PROTO_CONNECTOR_ESCAPE_H

#include "proto/connector/model.h"

/* Valid UTF-8 without control characters; line breaks become \n, tabs stay. */
struct err escape_clean(struct buf *into, const char *text, size_t len);

/* All but A-Z a-z 0-9 - . _ ~ as %XX: for queries, forms and segments of a path. */
struct err escape_percent(struct buf *into, const char *text, size_t len);

/* One segment of a path: MALFORMED for "", "." and "..", which servers and proxies take for something else. */
struct err escape_segment(struct buf *into, const char *text, size_t len);

/* Several segments, "v4_6/release/": each as above; slashes stay, one at the end too. */
struct err escape_path(struct buf *into, const char *text, size_t len);

/* A JSON string with its quotes. text is valid UTF-8. */
struct err escape_json(struct buf *into, const char *text, size_t len);

/* A value in a query language or markup, quoted as the file says. MALFORMED if empty where it is quoted, TOO_BIG over
 * the language's max. bare: without quotes (a checked number). */
struct err escape_language(struct buf *into, const struct language *language, bool bare, const char *text, size_t len);

/* No line break or other control character, and not over 4 KiB. */
bool header_value_ok(const char *text, size_t len);
bool header_name_ok(const char *name);

/* "host.example", "host.example:8443", "[::1]:8443"; nothing else. */
bool host_ok(const char *text, size_t len);
/* https://host[:port][/path][?query], nothing that a person or a parser could misread: no user, fragment, blank,
 * backslash or control character. */
bool url_ok(const char *text, bool query_allowed);
/* The same scheme, host and port? Both url_ok. */
bool url_same_host(const char *a, const char *b);
/* Where the host (with port) of a url_ok address stands. */
const char *url_host(const char *url, size_t *ret_len);

#endif
