#include "platform/packages.h"

void plat_packages_each(const struct plat_source *from, plat_package_fn *each, void *context)
{
    (void)each;
    (void)context;
    from->gap(from->context, "packages", err_of(ERR_UNSUPPORTED, "listing what is installed"));
}

int64_t plat_packages_changed_s(const char *root)
{
    (void)root;
    return 0;
}
