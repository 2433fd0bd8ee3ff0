/* proto/smartctl.h - what smartctl (smartmontools 7.0 or later) prints with --json about a disk, and about which there are.
 *
 * Pure: any text may come. What is not told, or told in a way that cannot be, stays unknown. What the figures mean for a
 * disk's health is for others to say.
 * Thread: any.
 */
#ifndef PICKET_PROTO_SMARTCTL_H
#define PICKET_PROTO_SMARTCTL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

/* SMARTCTL_OUTPUT_MAX: of one run. A disk with all its attributes takes 10 kB, a scan 150 bytes a disk. */
enum {
    SMARTCTL_OUTPUT_MAX = 256 * 1024,
    SMARTCTL_NAME_MAX = 64,
    SMARTCTL_MESSAGE_MAX = 160,
    SMARTCTL_ATTRIBUTES_MAX = 30
};

/* Its exit status is a mask. Those above tell of logs and of the past. */
enum {
    SMARTCTL_MISUSED = 1 << 0,      /* the command line, or the kind of device, is none that it knows */
    SMARTCTL_NOT_OPENED = 1 << 1,   /* or not identified, or asleep */
    SMARTCTL_INCOMPLETE = 1 << 2,   /* a command to the disk failed; the others may have told something */
    SMARTCTL_FAILING = 1 << 3,      /* the disk says so */
    SMARTCTL_AT_THRESHOLD = 1 << 4, /* an attribute that comes before a failure is */
    SMARTCTL_ASLEEP =
        SMARTCTL_MISUSED | SMARTCTL_NOT_OPENED, /* asked with -n standby,3: both at once is nothing else */
};

struct smartctl_attribute {
    uint8_t  id, value, worst, threshold;
    uint16_t flags;
    uint64_t raw; /* 48 bits */
};

/* Figures that are unknown are NaN, flags false, texts "". */
struct smartctl_report {
    char model[SMARTCTL_NAME_MAX], serial[SMARTCTL_NAME_MAX]; /* printable ASCII, as the disks' own are */
    char message[SMARTCTL_MESSAGE_MAX]; /* its first complaint, else the first thing it said; UTF-8 without controls */
    bool has_verdict, passed;
    bool smart_is_off; /* or the disk has none */
    bool is_ssd;
    double temperature_c, powered_on_h;

    struct smartctl_attribute attributes[SMARTCTL_ATTRIBUTES_MAX]; /* ATA */
    size_t                    attribute_count;

    bool   has_nvme; /* a health log whose figures fit into its bytes */
    double nvme_warning, nvme_spare, nvme_used, nvme_media_errors, nvme_powered_on_h;

    double scsi_asc; /* what it warns of */
    double scsi_used, scsi_grown_defects, scsi_read_errors;
};

/* MALFORMED, TOO_BIG, NO_MEMORY; *ret is untouched then. text needs no NUL. */
struct err smartctl_report_parse(const char *text, size_t len, struct smartctl_report *ret);

/* Of smartctl --scan, those devices that a RAID controller hides; lent for the call. Others, and what is not named as we
 * would name it on a command line, are passed over. Each until one says false. */
typedef bool smartctl_device_fn(void *context, const char *path, const char *type);
struct err   smartctl_scan_parse(const char *text, size_t len, smartctl_device_fn *each, void *context);

/* "megaraid,3", "sat+megaraid,3", "cciss,0", "areca,1/2": a kind of controller and numbers. */
bool smartctl_type_is_hidden_disk(const char *type);
/* "/dev/bus/0": folders and a name of letters, digits, '-' and '_'. */
bool smartctl_path_is_device(const char *path);

#endif
