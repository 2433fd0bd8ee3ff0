/* platform/packages.h - what is installed, as the package managers' own files say.
 *
 * dpkg, rpm (SQLite and ndb databases), apk, flatpak (the system's), snap. No program is started. Databases are read while
 * their owners may write them: what was torn then is a gap, and the next reading has it.
 * Thread: any that may wait for the disk: seconds, and megabytes of heap where a database is large.
 */
#ifndef PICKET_PLATFORM_PACKAGES_H
#define PICKET_PLATFORM_PACKAGES_H

#include <stddef.h>
#include <stdint.h>

#include "platform/source.h"

/* Lent for the call; "" is unknown. */
struct plat_package {
    const char *manager, *name, *version, *architecture;
};

typedef void plat_package_fn(void *context, const struct plat_package *package);

void plat_packages_each(const struct plat_source *from, plat_package_fn *each, void *context);

/* When a database was changed last, Unix seconds, the newest of them; 0: there is none. A stat for each. */
int64_t plat_packages_changed_s(const char *root);

#endif
