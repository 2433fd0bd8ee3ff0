/* platform/linux/contained.h - is this the inside of a container, whose kernel, clock and disks are its host's?
 *
 * Thread: the loop's. Asked once, and remembered.
 */
#ifndef PICKET_PLATFORM_LINUX_CONTAINED_H
#define PICKET_PLATFORM_LINUX_CONTAINED_H

#include <stdbool.h>

bool plat_is_contained(void);

/* Is Linux a guest of Windows (WSL), which ends it without telling it? */
bool plat_is_wsl(void);

#endif
