/* platform/environment.h - what this system runs in: a virtual machine, a container, another system's guest.
 *
 * root: as in platform/source.h. Thread: any; files only, milliseconds at most. Never fails: each text is a lower-case word
 * as systemd-detect-virt says it ("kvm", "vmware", "hyperv", "xen", "wsl"; "docker", "podman", "lxc", "kubernetes"), "none"
 * where there is none, and "" where it cannot be told.
 */
#ifndef PICKET_PLATFORM_ENVIRONMENT_H
#define PICKET_PLATFORM_ENVIRONMENT_H

struct plat_environment {
    char virtualization[16]; /* "vm-other": a hypervisor that does not say its name */
    char container[16];
};

void plat_environment_read(const char *root, struct plat_environment *ret);

#endif
