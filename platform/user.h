/* platform/user.h - accounts of this machine.
 *
 * Thread: the loop's (the system's look-ups are not safe elsewhere). May read files, never asks the
 * network where the program is linked statically.
 */
#ifndef PICKET_PLATFORM_USER_H
#define PICKET_PLATFORM_USER_H

#include <stdbool.h>
#include <stdint.h>

#include "platform/err.h"

enum { USER_NAME_BYTES = 64 };

struct plat_user {
    uint32_t id, group; /* the system's numbers */
    char     name[USER_NAME_BYTES];
};

/* NOT_FOUND: there is no such account. */
struct err plat_user_find(const char *name, struct plat_user *ret);
struct err plat_user_of_id(uint32_t id, struct plat_user *ret);

/* Whom we run as: never fails. An account without a name gets its number as name. */
void plat_user_self(struct plat_user *ret);

/* May we do everything here: become another user, read every file? */
bool plat_user_is_administrator(void);

#endif
