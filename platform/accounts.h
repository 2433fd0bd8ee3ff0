/* platform/accounts.h - the accounts and groups that this machine itself keeps (not those of a directory service).
 *
 * Of a password only its state is told; the hash is overwritten before the call returns.
 * Thread: any that may wait for the disk; milliseconds.
 */
#ifndef PICKET_PLATFORM_ACCOUNTS_H
#define PICKET_PLATFORM_ACCOUNTS_H

#include <stdint.h>

#include "platform/source.h"

enum plat_password {
    PASSWORD_UNKNOWN, /* we may not know */
    PASSWORD_SET,
    PASSWORD_LOCKED,  /* none will do; a key may */
    PASSWORD_EMPTY,   /* none is asked for */
};

/* Lent for the call. */
struct plat_account {
    const char        *name, *full_name, *home, *shell;
    uint32_t           id, group;
    enum plat_password password;
    int64_t            password_changed_day; /* since 1970; -1: unknown */
};

struct plat_group {
    const char *name;
    uint32_t    id;
    const char *members; /* "alice,bob"; without those whose first group it is */
};

typedef void plat_account_fn(void *context, const struct plat_account *account);
typedef void plat_group_fn(void *context, const struct plat_group *group);

void plat_accounts_each(const struct plat_source *from, plat_account_fn *each, void *context);
void plat_groups_each(const struct plat_source *from, plat_group_fn *each, void *context);

#endif
