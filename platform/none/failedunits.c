#include "platform/failedunits.h"

struct err plat_failed_units_command(const char *const **ret_args)
{
    (void)ret_args;
    return err_of(ERR_UNSUPPORTED, "asking a service manager what failed");
}

struct err plat_failed_units_parse(const char *text, size_t len, plat_failed_unit_fn *each, void *context)
{
    (void)text;
    (void)len;
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "asking a service manager what failed");
}
