/* proto/json_put.h - JSON out, value by value, without a tree.
 *
 *     json_put_begin(&j, &text, true);
 *     json_put_object(&j, NULL);
 *     json_put_text(&j, "name", "disk-full");
 *     json_put_end(&j);
 *     e = json_put_done(&j);
 *
 * A key is given inside objects and NULL inside arrays and at the top. Text that is not UTF-8 gets U+FFFD; a number that
 * is not finite is null. The first failure sticks and comes out of json_put_done. Thread: any, one owner.
 */
#ifndef PICKET_PROTO_JSON_PUT_H
#define PICKET_PROTO_JSON_PUT_H

#include "platform/buf.h"

enum { JSON_PUT_DEPTH = 16 };

struct json_put {
    struct buf *into;
    struct err  err;
    bool        indented;
    size_t      depth;
    char        closer[JSON_PUT_DEPTH];
    bool        filled[JSON_PUT_DEPTH]; /* a comma is due */
};

void       json_put_begin(struct json_put *j, struct buf *into, bool indented);
void       json_put_object(struct json_put *j, const char *key);
void       json_put_array(struct json_put *j, const char *key);
void       json_put_end(struct json_put *j); /* of the innermost object or array */
void       json_put_text(struct json_put *j, const char *key, const char *text); /* NULL: null */
void       json_put_number(struct json_put *j, const char *key, double value);
void       json_put_whole(struct json_put *j, const char *key, int64_t value);
void       json_put_flag(struct json_put *j, const char *key, bool value);
void       json_put_null(struct json_put *j, const char *key);
struct err json_put_done(struct json_put *j); /* indented: ends with a line break */

#endif
