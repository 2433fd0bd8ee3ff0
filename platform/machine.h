/* platform/machine.h - what this machine and its system are called.
 *
 * Thread: any; milliseconds at most; files only, no name is looked up. Each text is empty where the system does not
 * say; without control characters, but not always UTF-8; terminated.
 */
#ifndef PICKET_PLATFORM_MACHINE_H
#define PICKET_PLATFORM_MACHINE_H

#include <stdint.h>

#include "platform/err.h"

struct plat_machine {
    char     host_name[256];
    char     os_name[128];     /* "Debian GNU/Linux 12 (bookworm)" */
    char     os_id[32];        /* "debian" */
    char     os_version[32];   /* "12" */
    char     kernel[128];      /* "Linux 6.1.0-18-amd64" */
    char     architecture[32]; /* "x86_64" */
    char     id[33];           /* 32 hex digits, made at installation. Its owner may take it for a secret (systemd asks
                                 * to): hash it with a name of ours before it leaves the machine */
    uint32_t cpus;             /* logical and online; 0: unknown */
};

/* Fails only if the system does not even tell its kernel; *ret is then untouched. */
struct err plat_machine_read(struct plat_machine *ret);

#endif
