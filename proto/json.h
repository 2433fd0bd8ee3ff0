/* proto/json.h - JSON text in, a checked tree or named problems out.
 *
 * For everything a person writes (configuration, policy, connectors) and for vendors' answers. Parsing is cJSON's;
 * here are the limits it lacks: size, depth, number of values, doubled keys, bytes after the end, NUL in strings,
 * invalid UTF-8. A problem names the place (JSON path "upstreams[0].settings.board" and, for syntax, line and column)
 * and what was expected. cJSON trees do not leave proto/.
 * Thread: any.
 */
#ifndef PICKET_PROTO_JSON_H
#define PICKET_PROTO_JSON_H

#include <stddef.h>
#include <stdint.h>

#include "platform/buf.h"
#include "platform/err.h"

struct cJSON;

enum { PROBLEMS_MAX = 32, PROBLEM_PATH_MAX = 160, PROBLEM_TEXT_MAX = 400 /* a remedy with paths */ };

struct problem {
    char path[PROBLEM_PATH_MAX]; /* "" is the document itself */
    char text[PROBLEM_TEXT_MAX]; /* "expected a number from 1 to 86400, got \"soon\"" */
};

/* All zero is empty. Beyond PROBLEMS_MAX only counted. */
struct problems {
    struct problem items[PROBLEMS_MAX];
    size_t         count;   /* those kept */
    size_t         omitted; /* those not */
};

void problem_add(struct problems *to, const char *path, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

struct json_limits {
    size_t bytes, depth, values;
};

extern const struct json_limits json_limits_config; /* 1 MiB, 32, 20,000 */
extern const struct json_limits json_limits_answer; /* 4 MiB, 64, 200,000 */

/* MALFORMED or TOO_BIG with a problem added (problems may be NULL), or NO_MEMORY; the caller frees *ret with cJSON_Delete.
 * text needs no NUL. */
struct err json_parse(const char *text, size_t len, const struct json_limits *limits,
                      struct problems *problems, struct cJSON **ret);

/* Prints compact (or indented) JSON into a buf; keys in the tree's order. */
struct err json_print(const struct cJSON *tree, bool indented, struct buf *into);

/* Is this well-formed UTF-8 (RFC 3629) without NUL? */
bool utf8_valid(const char *text, size_t len);

/* Copies text, replacing what is not UTF-8 by U+FFFD and cutting at a character's border: always terminated,
 * always valid. Returns the length. */
size_t utf8_copy(char *into, size_t size, const char *text, size_t len);

#endif
