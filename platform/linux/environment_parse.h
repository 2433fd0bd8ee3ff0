/* platform/linux/environment_parse.h - what texts of firmware and kernel say of where we run. Pure; text ends with NUL. */
#ifndef PICKET_PLATFORM_LINUX_ENVIRONMENT_PARSE_H
#define PICKET_PLATFORM_LINUX_ENVIRONMENT_PARSE_H

#include <stdbool.h>

const char *plat_firmware_means(const char *text); /* NULL: nothing that we know */
const char *plat_cgroup_means(const char *text);   /* /proc/1/cgroup; NULL: no container that we know */
bool        plat_cpuinfo_has_hypervisor(const char *text);

#endif
