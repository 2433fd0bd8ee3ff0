/* platform/windows/acl.h - who but the administrator, the system and us has a right to a file or folder.
 *
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_WINDOWS_ACL_H
#define PICKET_PLATFORM_WINDOWS_ACL_H

#include <windows.h>

#include "platform/err.h"

enum acl_right { ACL_TO_READ, ACL_TO_WRITE };

/* EXPOSED: another has that right, or it is another's. The handle must be open with READ_CONTROL. */
struct err acl_check(HANDLE file, enum acl_right right);

/* What to make a file or folder with so that it is ours alone, whatever it would inherit. End with acl_private_done. */
struct err acl_private(SECURITY_ATTRIBUTES *ret);
void       acl_private_done(SECURITY_ATTRIBUTES *attributes);

/* The same for a file that is there. The handle must be open with WRITE_DAC. */
struct err acl_make_private(HANDLE file);

/* Of whom we run as; at most SECURITY_MAX_SID_SIZE bytes. */
struct err acl_self(void *sid);

#endif
