/* platform/roots.h - where this system keeps the certificates that everyone trusts.
 *
 * Thread: any. Touches files.
 * Fails:  NOT_FOUND when there is none at any of the usual places.
 */
#ifndef PICKET_PLATFORM_ROOTS_H
#define PICKET_PLATFORM_ROOTS_H

#include "platform/err.h"

/* A PEM file with all of them; the path is a literal. */
struct err plat_roots_find(const char **ret_path);

#endif
