/* platform/windows/wide.h - our texts are UTF-8, Windows' are UTF-16.
 *
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_WINDOWS_WIDE_H
#define PICKET_PLATFORM_WINDOWS_WIDE_H

#include <windows.h>

#include "platform/err.h"

enum { WIDE_PATH_MAX = 1024 };

/* TOO_BIG, MALFORMED: no UTF-8. */
struct err wide_path(const char *path, wchar_t into[WIDE_PATH_MAX]);

/* Cut to what fits; "" if it cannot be told. Control characters become blanks: it is for people. */
void wide_print(const wchar_t *text, char *into, size_t size);

/* What GetLastError() says. */
struct err wide_error(const char *step);

/* A text below HKEY_LOCAL_MACHINE, as wide_print gives it. */
void wide_registry(const wchar_t *key, const wchar_t *name, char *into, size_t size);

#endif
