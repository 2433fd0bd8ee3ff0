/* platform/linux/account_parse.h - passwd, group and shadow. Pure. Thread: any.
 *
 * text needs no NUL and may hold anything. MALFORMED if some line was not understood; the others were given. Lines for
 * directory services ("+", "-") are passed over.
 */
#ifndef PICKET_PLATFORM_LINUX_ACCOUNT_PARSE_H
#define PICKET_PLATFORM_LINUX_ACCOUNT_PARSE_H

#include <stddef.h>

#include "platform/accounts.h"

/* shadow: NULL where it may not be read; then passwords are unknown, but where passwd itself says more than "x". */
struct err plat_passwd_parse(const char *text, size_t len, const char *shadow, size_t shadow_len, plat_account_fn *each,
                             void *context);
struct err plat_group_parse(const char *text, size_t len, plat_group_fn *each, void *context);

#endif
