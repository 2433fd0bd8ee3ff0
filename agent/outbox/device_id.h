/* agent/outbox/device_id.h - which device this is, for as long as it is that device.
 *
 * 128 random bits, made once and kept in the file "device-id" of the state folder together with
 * a digest of the machine's own id. Where that differs later, the disk was copied to another
 * machine: it gets an id of its own, and what the outbox holds is the other's
 * (outbox_options.device_id sees to that).
 * Thread: any; touches files.
 */
#ifndef PICKET_AGENT_OUTBOX_DEVICE_ID_H
#define PICKET_AGENT_OUTBOX_DEVICE_ID_H

#include "agent/alert/alert.h"

enum device_id_how {
    DEVICE_ID_KEPT,
    DEVICE_ID_MADE,    /* the first start; or why says what was wrong with the file that was there */
    DEVICE_ID_CLONED,  /* this is a copy of another machine's disk: a new one was made */
    DEVICE_ID_DERIVED, /* the disk refuses (why): made of the machine's id, the same at every such start */
    DEVICE_ID_PASSING, /* the disk refuses, and the machine has no id: for this run */
};

struct device_id {
    char               text[DEVICE_ID_MAX]; /* 32 hex digits */
    enum device_id_how how;
    struct err         why;
};

/* machine_id: plat_machine.id; "" where unknown, which then counts as unchanged. Fails only for want of memory or
 * descriptors: another id would put the outbox aside, and the next start has what this one lacks. */
struct err device_id_find(const char *state_dir, const char *machine_id, struct device_id *ret);

#endif
