/* platform/executable.h - may this file be run on our behalf?
 *
 * A program that someone else can exchange does what they want with the rights we run it with. So the file and every folder
 * on the way to it, also by links, must be changeable by the administrator alone (or by us, where we are not he).
 * Thread: any that may wait for the disk.
 */
#ifndef PICKET_PLATFORM_EXECUTABLE_H
#define PICKET_PLATFORM_EXECUTABLE_H

#include <stddef.h>

#include "platform/err.h"

enum { EXECUTABLE_REMEDY_MAX = 400 };

/* NOT_FOUND; MALFORMED: no file; DENIED: nobody may execute it; EXPOSED. What to do about it is put into remedy:
 * "chmod go-w /opt/plugins"; "" where nothing is known. */
struct err plat_executable_check(const char *path, char remedy[EXECUTABLE_REMEDY_MAX]);

/* The same for a file that an interpreter is to read; it need not be executable. */
struct err plat_script_check(const char *path, char remedy[EXECUTABLE_REMEDY_MAX]);

#endif
