/* platform/environment.h - what this system runs in: a virtual machine, a container, another system's guest; and what that
 * allows it.
 *
 * root: as in platform/source.h. Thread: any; files only, milliseconds at most. Never fails: each text is a lower-case word
 * as systemd-detect-virt says it ("kvm", "vmware", "hyperv", "xen", "wsl"; "docker", "podman", "lxc", "kubernetes"), "none"
 * where there is none, and "" where it cannot be told. The limits are those of the whole container, not of one service in it.
 */
#ifndef PICKET_PLATFORM_ENVIRONMENT_H
#define PICKET_PLATFORM_ENVIRONMENT_H

#include <stdint.h>

struct plat_environment {
    char     virtualization[16]; /* "vm-other": a hypervisor that does not say its name */
    char     container[16];
    char     cgroups[8];         /* which kind of control groups is mounted: "v1", "v2", "hybrid" (both) */
    uint64_t memory_limit_bytes; /* 0: none, or none that can be seen */
    uint64_t cpu_limit_millis;   /* thousandths of a CPU; 0 as above */
};

void plat_environment_read(const char *root, struct plat_environment *ret);

#endif
