/* platform/linux/packages_rpm.h - rpm's part of platform/packages.h. */
#ifndef PICKET_PLATFORM_LINUX_PACKAGES_RPM_H
#define PICKET_PLATFORM_LINUX_PACKAGES_RPM_H

#include "platform/packages.h"

void        plat_rpm_each(const struct plat_source *from, plat_package_fn *each, void *context);
const char *plat_rpm_database(const char *root); /* its file; NULL: there is none */

#endif
