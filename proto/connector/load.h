/* proto/connector/load.h - walking a connector's JSON with a path for every complaint.
 *
 * An object is read by a table of members: a name, whether it must be there, and who reads it. What the table
 * does not list is a problem. Readers never stop at the first mistake; the caller looks at load_failed at the end.
 * Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_LOAD_H
#define PICKET_PROTO_CONNECTOR_LOAD_H

#include <cjson/cJSON.h>

#include "proto/connector/model.h"

struct loader {
    struct connector *c;
    struct problems  *problems;
    size_t            problem_count; /* also those that did not fit */
    bool              no_memory;
    char              path[PROBLEM_PATH_MAX];
    struct needs     *needs;       /* of what is being read; NULL: nobody asks */
    unsigned          scopes;      /* bits of the scopes that have values here */
    uint8_t           picks_known; /* a pick may use those before it */
    bool              uses_facts, by_severity;
};

typedef void load_fn(struct loader *l, const cJSON *item, void *into);

struct member {
    const char *name;
    bool        required;
    load_fn    *load;
};

void load_problem(struct loader *l, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool load_failed(const struct loader *l);

/* Paths: "settings.board", "errors[2]". */
size_t load_enter(struct loader *l, const char *name);
size_t load_enter_index(struct loader *l, size_t index);
void   load_leave(struct loader *l, size_t mark);

/* item must be an object; each member goes to its reader with its path entered. */
void load_object(struct loader *l, const cJSON *item, const struct member *members, size_t count, void *into);

/* NULL with a problem where it is not what it should be. */
const char *load_text(struct loader *l, const cJSON *item);
bool        load_bool(struct loader *l, const cJSON *item, bool otherwise);
int64_t     load_integer(struct loader *l, const cJSON *item, int64_t least, int64_t most);
/* Index of the word in names (NULL ends), -1 with a problem that lists them. */
int load_word(struct loader *l, const cJSON *item, const char *const *names);
/* A name of ours: a-z, 0-9, _ and -, starting with a letter. */
bool load_name_ok(const char *name);
/* "x" or ["x", "y"]: copied, NULL ends. NULL with a problem. */
const char *const *load_texts(struct loader *l, const cJSON *item, size_t limit);
/* A pointer or up to POINTERS_LIMIT of them. */
void load_pointers(struct loader *l, const cJSON *item, void *into_pointers);
void load_pointer(struct loader *l, const cJSON *item, void *into_text);
void load_about(struct loader *l, const cJSON *item, void *unused); /* words for the reader of the file */

void *load_take(struct loader *l, size_t size); /* zeroed, of the pool; NULL: no memory, noted */
const char *load_copy(struct loader *l, const char *text); /* of the pool; "": no memory, noted */

size_t load_count(const cJSON *item); /* of an array or object */

#endif
