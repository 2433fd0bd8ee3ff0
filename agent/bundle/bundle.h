/* agent/bundle/bundle.h - what somebody who is to help needs to see of this machine, in one archive without secrets.
 *
 * Most of it is what our own commands print, each run as a process with a limit; the inventory goes without accounts, the
 * configuration without what may be secret. All passes the sieve. Runs a loop of its own. Thread: the first, when no other
 * loop runs on it.
 */
#ifndef PICKET_AGENT_BUNDLE_BUNDLE_H
#define PICKET_AGENT_BUNDLE_BUNDLE_H

#include "platform/buf.h"

enum { BUNDLE_MAX_BYTES = 48 * 1024 * 1024, BUNDLE_NAME_MAX = 100 };

struct bundle_options {
    const char *config;  /* NULL: the usual place */
    const char *state;   /* NULL: the usual place */
    bool        offline; /* the doctor asks nothing over the network */
};

/* Told once a file is in it; help: what it is. */
typedef void bundle_file_fn(void *context, const char *name, size_t bytes, const char *help);

/* The folder in the archive, and the archive's usual name without ".tar": "picket-support-HOST-20260105T101200Z". */
void bundle_name(char into[BUNDLE_NAME_MAX]);

/* A tar archive, into an empty buf of BUNDLE_MAX_BYTES. What cannot be had is a file that says why. */
struct err bundle_make(const struct bundle_options *options, const char *name, bundle_file_fn *on_file, void *context,
                       struct buf *into);

#endif
