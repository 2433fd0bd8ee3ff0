#include "platform/accounts.h"

void plat_accounts_each(const struct plat_source *from, plat_account_fn *each, void *context)
{
    (void)each;
    (void)context;
    from->gap(from->context, "accounts", err_of(ERR_UNSUPPORTED, "listing accounts"));
}

void plat_groups_each(const struct plat_source *from, plat_group_fn *each, void *context)
{
    (void)each;
    (void)context;
    from->gap(from->context, "groups", err_of(ERR_UNSUPPORTED, "listing groups"));
}
