#include "platform/units.h"

void plat_units_each(const struct plat_source *from, plat_unit_fn *each, void *context)
{
    (void)each;
    (void)context;
    from->gap(from->context, "services", err_of(ERR_UNSUPPORTED, "listing services"));
}
