/* platform/smart.h - what disks say about their own health, from the bytes of their answers.
 *
 * ATA: identification, SMART data and thresholds, device statistics (ACS-4); NVMe: log page 02h (NVMe 1.4); SCSI: log pages
 * 2Fh and 11h (SPC-4, SBC-3). Pure: any bytes may come; what a page does not tell, or tells in a way that cannot be, stays
 * unknown.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_SMART_H
#define PICKET_PLATFORM_SMART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "platform/err.h"

enum { SMART_PAGE_BYTES = 512, SMART_ERRORS_MAX = 8, SMART_NAME_MAX = 64 };

enum smart_verdict { SMART_UNKNOWN, SMART_FINE, SMART_FAILING };

struct smart_error {
    const char *kind; /* a literal, as error.type is written: "bad_sector.pending" */
    uint64_t    count;
};

/* What is unknown is NaN. smart_health_init makes one of which nothing is known. */
struct smart_health {
    enum smart_verdict verdict;
    double             wear;  /* 0 new, 1 as many writes as it was made for, or more */
    double             spare; /* 0 to 1 of its spare blocks are left */
    double             temperature_c;
    double             powered_on_s;
    struct smart_error errors[SMART_ERRORS_MAX];
    size_t             error_count;
};

void smart_health_init(struct smart_health *h);

/* kind is a literal that smart_error_kind knows. Beyond SMART_ERRORS_MAX, and a second one of a kind: not added. */
void smart_error_add(struct smart_health *h, const char *kind, uint64_t count);

/* The literal for a kind of error; NULL: no disk is said to have such. */
const char *smart_error_kind(const char *kind);

struct smart_ata {
    char model[SMART_NAME_MAX], serial[SMART_NAME_MAX]; /* printable, without blanks around them */
    bool has_smart, smart_is_on, is_ssd, has_logs;
};

/* Every page is SMART_PAGE_BYTES long. MALFORMED: its checksum or its own marks are wrong; *ret and h are untouched. */
struct err smart_ata_identity_parse(const uint8_t *page, struct smart_ata *ret);
struct err smart_ata_parse(const uint8_t *data, const uint8_t *thresholds, bool is_ssd, struct smart_health *h);
struct err smart_ata_statistics_parse(const uint8_t *page, struct smart_health *h); /* log 04h, page 7: wear */
struct err smart_nvme_parse(const uint8_t *page, struct smart_health *h);

/* Log pages of SCSI, len bytes of them. */
struct err smart_scsi_exceptions_parse(const uint8_t *page, size_t len, struct smart_health *h); /* 2Fh */
struct err smart_scsi_media_parse(const uint8_t *page, size_t len, struct smart_health *h);      /* 11h: wear */

/* What an ATA command left in the registers, from the sense data of its pass-through (SAT-3), either format. */
struct smart_registers {
    uint8_t error, status, count, lba_low, lba_mid, lba_high;
};
struct err smart_registers_parse(const uint8_t *sense, size_t len, struct smart_registers *ret);

#endif
