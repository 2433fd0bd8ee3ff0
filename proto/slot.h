/* proto/slot.h - a struct of settings as rows: parsing, defaults, example, JSON Schema and reference come from them.
 *
 * To add a setting: its field and its row. A row without a fallback is left "not named" when nothing names it: NULL for
 * texts and lists, NaN for numbers, SLOT_UNNAMED for whole numbers, -1 for flags.
 * Every mistake is a problem with its path; parsing goes on to find them all.
 * Ownership: texts and lists are taken from the pool. Thread: any. cJSON trees do not leave proto/.
 */
#ifndef PICKET_PROTO_SLOT_H
#define PICKET_PROTO_SLOT_H

#include "proto/json.h"
#include "proto/json_put.h"
#include "proto/pool.h"

#define SLOT_UNNAMED UINT32_MAX

enum slot_kind {
    SLOT_TEXT,   /* const char * */
    SLOT_WORD,   /* const char *: one of words */
    SLOT_WHOLE,  /* uint32_t from least to most */
    SLOT_NUMBER, /* double */
    SLOT_FLAG,   /* int: 0 or 1 */
    SLOT_GROUP,  /* an object: inner's rows, their offsets beginning at ours */
    SLOT_LIST,   /* a list of objects: a pointer to structs of inner's size; how many: size_t at count_offset */
    SLOT_OTHER,  /* what only its owner understands */
};

/* How a text must look; NULL in a row: any text without control characters. */
struct slot_form {
    const char *expected; /* "an address that begins with https://" */
    const char *pattern;  /* the same as a regular expression (ECMA 262), for the schema; NULL */
    bool (*fits)(const char *text);
    size_t max_bytes;
};

extern const struct slot_form slot_form_line; /* any text without control characters, at most 200 bytes */
extern const struct slot_form slot_form_name; /* [a-z0-9-]+, at most 48 */
extern const struct slot_form slot_form_path; /* absolute */
extern const struct slot_form slot_form_link; /* http:// or https:// */

struct slot_parser;
struct slot_table;
struct cJSON;

struct slot_other {
    void (*parse)(struct slot_parser *p, const struct cJSON *json, void *base);
    void (*schema)(struct json_put *into); /* members of the row's schema, without description */
    const char *type;                      /* for the reference */
};

struct slot {
    const char              *name, *help;
    enum slot_kind           kind;
    size_t                   offset;
    const char              *fallback; /* "60", "info", "true"; NULL: none */
    const char              *example;  /* shown where there is no fallback; NULL: null */
    double                   least, most;
    const struct slot_form  *form;
    const char *const       *words; /* ends with NULL */
    const struct slot_table *inner;
    const struct slot_other *other;
    size_t                   count_offset, count_max;
    bool                     required;
    bool                     shown;   /* LIST: the example has one item */
    bool                     omitted; /* the example goes without */
};

struct slot_table {
    const struct slot *rows;
    size_t             count;
    size_t             size; /* of the struct */
};

struct slot_parser {
    struct problems  *problems;
    struct text_pool *pool;
    bool              wrong; /* any problem so far */
    struct err        err;   /* NO_MEMORY */
    size_t            path_len;
    char              path[PROBLEM_PATH_MAX];
};

void slot_parser_begin(struct slot_parser *p, struct problems *problems, struct text_pool *pool);

/* Fallbacks, and "not named" for the rest. */
void slots_default(const struct slot_table *table, void *base);

/* Over what base holds already. */
void slots_parse(struct slot_parser *p, const struct slot_table *table, const struct cJSON *json,
                 void *base);

/* For rules that rows cannot say. The path is the parser's and what is given ("" or ".name"). */
void slot_problem(struct slot_parser *p, const char *below, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Where the parser stands, while it looks at a member ("settings") or an item (key NULL). Returns what leave takes. */
size_t slot_enter(struct slot_parser *p, const char *key, size_t index);
void   slot_leave(struct slot_parser *p, size_t before);
/* A copy in the pool; NULL when out of memory, which is then in p->err. */
const char *slot_copy(struct slot_parser *p, const char *text);

void       slots_schema(const struct slot_table *table, struct json_put *into); /* members of the object's schema */
void       slots_example(const struct slot_table *table, struct json_put *into);
struct err slots_reference(const struct slot_table *table, const char *prefix, struct buf *into);

#endif
