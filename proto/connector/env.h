/* proto/connector/env.h - what the placeholders of a file stand for at one moment.
 *
 * Everything is lent; NULL members and arrays read as "". Inside proto/connector only.
 */
#ifndef PICKET_PROTO_CONNECTOR_ENV_H
#define PICKET_PROTO_CONNECTOR_ENV_H

#include "proto/connector/model.h"

enum { ENV_TROUBLE_MAX = 200, ENV_SCRATCH_MAX = 64 };

struct env {
    const struct connector    *c;
    const char *const         *settings; /* by index, as all the arrays */
    char *const               *discovered;
    char *const               *picks;
    char *const               *found;
    const struct ticket_facts *facts;
    enum severity              severity;
    const char                *note; /* instead of the facts' note; NULL */
    const char                *ticket_id, *by, *token, *signature, *cursor;
    const char                *request[5];
    uint32_t                   page_number, page_offset, page_size;
    int64_t                    wall_ms;
    bool                       wall_known;
    bool                       no_memory; /* a condition could not be looked at: nothing may follow from it */
    char                       trouble[ENV_TROUBLE_MAX]; /* why the last rendering failed, for people */
};

/* Never NULL; scratch holds what has to be printed. */
const char *env_value(const struct env *env, struct ref ref, char scratch[ENV_SCRATCH_MAX]);

/* "settings.board" of a file that is being read: false if there is no such scope or value. */
bool env_ref_find(const struct connector *c, const char *scope, size_t scope_len, const char *name, size_t name_len,
                  struct ref *ret);
/* "settings.board", for problems. */
void env_ref_print(const struct connector *c, struct ref ref, char *into, size_t size);

#endif
