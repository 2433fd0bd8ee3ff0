#include "platform/confine.h"

#include <stdio.h>
#include <string.h>

struct err plat_confine_courier(const struct plat_confine_options *options, struct plat_confine_report *ret)
{
    (void)options;
    memset(ret, 0, sizeof *ret);
    snprintf(ret->text, sizeof ret->text, "not confined (we know no way on this system)");
    return err_ok();
}

bool plat_confine_outdated(const struct plat_confine_report *report)
{
    (void)report;
    return false;
}

struct err plat_confine_offered(struct plat_confine_offer *ret)
{
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "asking what there is to confine with");
}
