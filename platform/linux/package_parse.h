/* platform/linux/package_parse.h - the formats of package databases. Pure: bytes in, packages out.
 *
 * bytes need no NUL and may hold anything. Thread: any.
 */
#ifndef PICKET_PLATFORM_LINUX_PACKAGE_PARSE_H
#define PICKET_PLATFORM_LINUX_PACKAGE_PARSE_H

#include "platform/packages.h"

enum { PACKAGE_NAME_MAX = 256, PACKAGE_VERSION_MAX = 256, PACKAGE_ARCHITECTURE_MAX = 32, RPM_HEADER_MAX = 32 << 20 };

/* Files of paragraphs: dpkg's status, apk's installed. MALFORMED if some were not understood (no name or version, or too
 * long); the others were given. */
struct package_format {
    const char *manager;
    const char *name, *version, *architecture, *status; /* beginnings of lines; status may be NULL */
};
extern const struct package_format package_dpkg, package_apk;

struct err plat_paragraphs_parse(const struct package_format *format, const char *text, size_t len,
                                 plat_package_fn *each, void *context);

/* A header as the rpm databases keep it (without the lead of a package file). */
struct plat_rpm {
    char name[PACKAGE_NAME_MAX];
    char version[PACKAGE_VERSION_MAX];           /* "1:2.3-4.el9": as rpm -qa says it */
    char architecture[PACKAGE_ARCHITECTURE_MAX]; /* "": none, as of public keys */
};
struct err plat_rpm_header_parse(const void *bytes, size_t len, struct plat_rpm *ret);

/* Packages.db. read: exactly len bytes from offset, or a failure. */
typedef struct err ndb_read_fn(void *context, uint64_t offset, void *into, size_t len);
struct err         plat_ndb_parse(ndb_read_fn *read, void *source, plat_package_fn *each, void *context);

#endif
