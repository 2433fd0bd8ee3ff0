/* platform/confine.h - a process that gives up what it does not need.
 *
 * What the courier may still do afterwards: talk on what it has open, make outgoing connections,
 * resolve names, start threads, read the files named here and those that names and TLS need
 * (resolver, hosts, certificates, time zone).
 * What it may not: write or create any file, run a program, make a process, look into another
 * process, serve a port, signal others, gain rights. It ends when its parent does.
 *
 * Call it first thing, before threads and before uv_loop_init (libuv must not choose io_uring,
 * which is refused). Secrets are read before. It cannot be undone. What the system lacks is left
 * out and said in the report; that is no failure. A build with a memory checker keeps its system
 * calls, because its leak check needs them, and says so.
 * Thread: the first and only.
 * Fails:  NOT_FOUND when the parent is gone: end now. Otherwise what the system said to something
 *         it always grants.
 */
#ifndef PICKET_PLATFORM_CONFINE_H
#define PICKET_PLATFORM_CONFINE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

enum { CONFINE_READABLE_MAX = 16, CONFINE_STAMPS_MAX = 32, CONFINE_PATH_BYTES = 256 };

struct plat_confine_options {
    /* files, or folders with all below; one that is missing is no failure */
    const char *readable[CONFINE_READABLE_MAX];
    size_t      readable_count;
    /* a descriptor whose other end only the parent has (plat_child_link); -1: no parent */
    int parent_link;
};

struct plat_confine_report {
    /* "no new privileges, no capabilities, files walled (Landlock 6), calls filtered (seccomp)" */
    char text[240];
    bool files, calls; /* whether these two hold */
    /* which file each allowed path was; see plat_confine_outdated */
    struct {
        char     path[CONFINE_PATH_BYTES];
        uint64_t device, file;
    } stamps[CONFINE_STAMPS_MAX];
    size_t stamp_count;
};

struct err plat_confine_courier(const struct plat_confine_options *options, struct plat_confine_report *ret);

/* What there is to confine with; changes nothing. UNSUPPORTED: this system has nothing that we know. */
struct plat_confine_offer {
    int  files; /* the version of Landlock; 0: none */
    bool calls; /* filters of system calls */
};
struct err plat_confine_offered(struct plat_confine_offer *ret);

/* Rights to a file are bound to the file, not to its name. True once one of them was replaced (a
 * new resolv.conf after the network changed, a renewed certificate): the process should end and be
 * started anew. Cheap. */
bool plat_confine_outdated(const struct plat_confine_report *report);

#endif
