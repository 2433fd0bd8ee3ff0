#include "agent/collect/smartctl_health.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/json.h"
#include "proto/smartctl.h"
#include "proto/text.h"

void smartctl_health_say(struct plat_disk_health *disk, enum plat_disk_answer answer, const char *format, ...)
{
    char    text[2 * PLAT_DISK_WHY_MAX];
    va_list args;

    va_start(args, format);
    vsnprintf(text, sizeof text, format, args);
    va_end(args);
    disk->answer = answer;
    utf8_copy(disk->why, sizeof disk->why, text, strlen(text));
    text_blank_controls(disk->why);
}

/* ---- the figures, written as the pages that they were, so that the same rules read them ---- */

static void put_little(uint8_t *at, uint64_t value, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
}

static void set_checksum(uint8_t *page)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < SMART_PAGE_BYTES - 1; i++)
        sum = (uint8_t)(sum + page[i]);
    page[SMART_PAGE_BYTES - 1] = (uint8_t)-sum;
}

static void take_ata(const struct smartctl_report *r, struct smart_health *h)
{
    enum { FIRST = 2, EACH = 12 };
    uint8_t data[SMART_PAGE_BYTES] = { 0 }, thresholds[SMART_PAGE_BYTES] = { 0 };

    for (size_t i = 0; i < r->attribute_count; i++) {
        const struct smartctl_attribute *a = &r->attributes[i];
        uint8_t                         *at = data + FIRST + i * EACH, *limit = thresholds + FIRST + i * EACH;

        at[0] = limit[0] = a->id;
        put_little(at + 1, a->flags, 2);
        at[3] = a->value;
        at[4] = a->worst;
        put_little(at + 5, a->raw, 6);
        limit[1] = a->threshold;
    }
    set_checksum(data);
    set_checksum(thresholds);
    (void)smart_ata_parse(data, thresholds, r->is_ssd, h);
}

static void take_nvme(const struct smartctl_report *r, struct smart_health *h)
{
    uint8_t page[SMART_PAGE_BYTES] = { 0 };

    page[0] = (uint8_t)r->nvme_warning;
    page[3] = (uint8_t)r->nvme_spare;
    page[5] = (uint8_t)r->nvme_used;
    put_little(page + 128, (uint64_t)r->nvme_powered_on_h, 6);
    put_little(page + 160, (uint64_t)r->nvme_media_errors, 8);
    (void)smart_nvme_parse(page, h);
}

static void take_scsi(const struct smartctl_report *r, struct smart_health *h)
{
    const uint8_t exceptions[] = { 0x2f, 0, 0, 7, 0, 0, 3, 3, (uint8_t)(isnan(r->scsi_asc) ? 0 : r->scsi_asc), 0, 0 };
    const uint8_t media[] = { 0x11, 0, 0, 8, 0, 1, 3, 4, 0, 0, 0, (uint8_t)(isnan(r->scsi_used) ? 0 : r->scsi_used) };

    if (r->has_verdict && !r->passed && !isnan(r->scsi_asc)) /* smartctl calls a warning of heat a failure as well */
        (void)smart_scsi_exceptions_parse(exceptions, sizeof exceptions, h);
    if (!isnan(r->scsi_used))
        (void)smart_scsi_media_parse(media, sizeof media, h);
    if (!isnan(r->scsi_grown_defects))
        smart_error_add(h, smart_error_kind("reallocated"), (uint64_t)r->scsi_grown_defects);
    if (!isnan(r->scsi_read_errors))
        smart_error_add(h, smart_error_kind("bad_sector.reported"), (uint64_t)r->scsi_read_errors);
}

static void take_health(const struct smartctl_report *r, int status, struct smart_health *h)
{
    if (r->has_verdict)
        h->verdict = r->passed ? SMART_FINE : SMART_FAILING;
    if (status & (SMARTCTL_FAILING | SMARTCTL_AT_THRESHOLD))
        h->verdict = SMART_FAILING;
    if (r->attribute_count)
        take_ata(r, h);
    if (r->has_nvme)
        take_nvme(r, h);
    take_scsi(r, h);
    /* smartctl knows in which units its maker counts. 0 degrees is what controllers say of their volumes. */
    if (r->temperature_c > 0)
        h->temperature_c = r->temperature_c;
    if (!isnan(r->powered_on_h))
        h->powered_on_s = r->powered_on_h * 3600;
}

/* ---- what became of the run ---- */

static bool is_refusal(const char *message)
{
    return strstr(message, "Permission denied") || strstr(message, "Operation not permitted");
}

/* A disk that does not answer when it is asked for its power mode counts as asleep with smartctl, in the deepest way. */
static void take_sleep(const struct smartctl_report *r, struct plat_disk_health *disk)
{
    disk->answer = DISK_ASLEEP;
    if (strstr(r->message, "SLEEP mode"))
        smartctl_health_say(disk, DISK_SILENT, "it does not say whether it sleeps, so smartctl left it alone (%s)",
                            r->message);
}

static void take_report(const struct smartctl_report *r, int status, struct plat_disk_health *disk)
{
    if (r->model[0])
        memcpy(disk->model, r->model, sizeof disk->model);
    if (r->serial[0])
        memcpy(disk->serial, r->serial, sizeof disk->serial);
    if (status == SMARTCTL_ASLEEP)
        take_sleep(r, disk);
    else if (status & SMARTCTL_NOT_OPENED)
        smartctl_health_say(disk, is_refusal(r->message) ? DISK_DENIED : DISK_FAILED, "smartctl: %s", r->message);
    else if (status & SMARTCTL_MISUSED)
        smartctl_health_say(disk, DISK_FOREIGN, "smartctl cannot ask it either: %s", r->message);
    else
        take_health(r, status, &disk->health);
    if (status & (SMARTCTL_NOT_OPENED | SMARTCTL_MISUSED))
        return;
    disk->answer = DISK_TOLD;
    if (disk->health.verdict == SMART_UNKNOWN && disk->health.error_count == 0)
        smartctl_health_say(disk, DISK_SILENT, "%s%s%s", plat_disk_answer_text(DISK_SILENT),
                            r->message[0] ? "; smartctl: " : "", r->message);
}

void smartctl_health_take(const struct plat_program_result *result, struct plat_disk_health *disk)
{
    struct smartctl_report r;
    struct err             e;
    char                   end[80];

    smart_health_init(&disk->health);
    disk->why[0] = '\0';
    plat_program_end_print(result, end, sizeof end);
    if (result->end != PROGRAM_EXITED) {
        smartctl_health_say(disk, DISK_FAILED, "smartctl got no answer from it: %s", end);
        return;
    }
    if (result->out_cut) {
        smartctl_health_say(disk, DISK_FAILED, "smartctl printed more than %d bytes", SMARTCTL_OUTPUT_MAX);
        return;
    }
    e = smartctl_report_parse(result->out, result->out_len, &r);
    if (failed(e))
        smartctl_health_say(disk, DISK_FAILED,
                            "smartctl printed no JSON of its own (%s, %s): it takes version 7.0 or later",
                            err_text(e.code), end);
    else
        take_report(&r, result->status, disk);
}
