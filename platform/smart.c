#include "platform/smart.h"

#include <math.h>
#include <string.h>

#include "platform/buf.h"

static const char step[] = "reading what the disk says of its health";

void smart_health_init(struct smart_health *h)
{
    *h = (struct smart_health){ .wear = NAN, .spare = NAN, .temperature_c = NAN, .powered_on_s = NAN };
}

void smart_error_add(struct smart_health *h, const char *kind, uint64_t count)
{
    for (size_t i = 0; i < h->error_count; i++)
        if (strcmp(h->errors[i].kind, kind) == 0)
            return;
    if (h->error_count < SMART_ERRORS_MAX)
        h->errors[h->error_count++] = (struct smart_error){ kind, count };
}

static uint64_t little(const uint8_t *at, size_t bytes)
{
    uint64_t value = 0;

    while (bytes-- > 0)
        value = value << 8 | at[bytes];
    return value;
}

/* From 0 to what some disks say beyond their end. */
static double share(uint64_t percent)
{
    return percent < 100 ? (double)percent / 100 : 1;
}

/* ---- ATA ---- */

enum { ATTRIBUTES = 30, ATTRIBUTE_BYTES = 12, FIRST_ATTRIBUTE = 2 };

static uint16_t word(const uint8_t *page, size_t number)
{
    return (uint16_t)(page[2 * number] | page[2 * number + 1] << 8);
}

static bool sums_to_nothing(const uint8_t *page)
{
    uint8_t sum = 0;

    for (size_t i = 0; i < SMART_PAGE_BYTES; i++)
        sum = (uint8_t)(sum + page[i]);
    return sum == 0;
}

/* Each word has its first character in its high byte. */
static void copy_text(const uint8_t *page, size_t first, size_t words, char into[SMART_NAME_MAX])
{
    size_t len = 0;

    for (size_t i = 0; i < 2 * words && len + 1 < SMART_NAME_MAX; i++) {
        char c = (char)page[2 * first + (i ^ 1)];

        if (c == '\0')
            break;
        if (c < ' ' || c > '~')
            c = ' ';
        if (len || c != ' ')
            into[len++] = c;
    }
    while (len && into[len - 1] == ' ')
        len--;
    into[len] = '\0';
}

/* Words 82 to 87 hold only where two bits of word 83 (and 87) say so. */
struct err smart_ata_identity_parse(const uint8_t *page, struct smart_ata *ret)
{
    struct smart_ata a = { .is_ssd = word(page, 217) == 1 };
    bool             supported_holds = (word(page, 83) & 0xc000) == 0x4000;
    bool             enabled_holds = (word(page, 87) & 0xc000) == 0x4000;

    if (page[510] == 0xa5 && !sums_to_nothing(page))
        return err_of(ERR_MALFORMED, step);
    copy_text(page, 27, 20, a.model);
    copy_text(page, 10, 10, a.serial);
    a.has_smart = supported_holds && (word(page, 82) & 1);
    a.smart_is_on = a.has_smart && (!enabled_holds || (word(page, 85) & 1));
    a.has_logs = supported_holds && (word(page, 84) & 0xc020) == 0x4020;
    if (a.model[0] == '\0')
        return err_of(ERR_MALFORMED, step);
    *ret = a;
    return err_ok();
}

/* What predicts a failure, and means the same with all makers. bytes: of the raw value; what is above them is used for
 * other things by some. */
static const struct {
    uint8_t     id, bytes;
    const char *kind;
} counters[] = {
    { 5, 4, "reallocated" },          { 187, 2, "bad_sector.reported" },      { 188, 2, "timeout" },
    { 197, 4, "bad_sector.pending" }, { 198, 4, "bad_sector.uncorrectable" }, { 199, 4, "crc" },
};

static const char media[] = "bad_sector.media";

const char *smart_error_kind(const char *kind)
{
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        if (strcmp(counters[i].kind, kind) == 0)
            return counters[i].kind;
    return strcmp(kind, media) == 0 ? media : NULL;
}

/* How much of an SSD is left, in percent, as its normalised value. Some makers use 177 and 231 for other things, so the
 * surer ones come first; 0 is no value. */
static const uint8_t wear_ids[] = { 233, 202, 177, 231, 173 };

static const uint8_t *find_attribute(const uint8_t *data, uint8_t id)
{
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (data[FIRST_ATTRIBUTE + i * ATTRIBUTE_BYTES] == id)
            return data + FIRST_ATTRIBUTE + i * ATTRIBUTE_BYTES;
    return NULL;
}

/* One that its maker counts among those that come before a failure is at its threshold; 0, 254, 255 are no values. */
static bool is_over(const uint8_t *attribute, const uint8_t *thresholds)
{
    const uint8_t *limit = attribute[0] ? find_attribute(thresholds, attribute[0]) : NULL;
    const bool     prefailure = attribute[1] & 1;
    const uint8_t  value = attribute[3];

    return limit && prefailure && limit[1] > 0 && limit[1] < 254 && value > 0 && value < 254 && value <= limit[1];
}

static void judge(const uint8_t *data, const uint8_t *thresholds, struct smart_health *h)
{
    if (h->verdict == SMART_UNKNOWN)
        h->verdict = SMART_FINE;
    for (size_t i = 0; i < ATTRIBUTES; i++)
        if (is_over(data + FIRST_ATTRIBUTE + i * ATTRIBUTE_BYTES, thresholds))
            h->verdict = SMART_FAILING;
}

struct err smart_ata_parse(const uint8_t *data, const uint8_t *thresholds, bool is_ssd, struct smart_health *h)
{
    const uint8_t *at;

    if (!sums_to_nothing(data))
        return err_of(ERR_MALFORMED, step);
    if (thresholds && sums_to_nothing(thresholds))
        judge(data, thresholds, h);
    for (size_t i = 0; i < ARRAY_LEN(counters); i++)
        if ((at = find_attribute(data, counters[i].id)))
            smart_error_add(h, counters[i].kind, little(at + 5, counters[i].bytes));
    for (size_t i = 0; is_ssd && isnan(h->wear) && i < ARRAY_LEN(wear_ids); i++)
        if ((at = find_attribute(data, wear_ids[i])) && at[3] > 0 && at[3] <= 100)
            h->wear = share(100 - at[3]);
    at = find_attribute(data, 194);
    if (!at)
        at = find_attribute(data, 190);
    if (at && at[5] > 0 && at[5] < 150)
        h->temperature_c = at[5];
    if ((at = find_attribute(data, 9)))
        h->powered_on_s = (double)little(at + 5, 3) * 3600;
    return err_ok();
}

/* A value holds where its highest byte says supported and valid. */
struct err smart_ata_statistics_parse(const uint8_t *page, struct smart_health *h)
{
    enum { PAGE_NUMBER = 2, OUR_PAGE = 7, USED = 8, HOLDS = 0xc0 };

    if (page[PAGE_NUMBER] != OUR_PAGE)
        return err_of(ERR_MALFORMED, step);
    if ((page[USED + 7] & HOLDS) == HOLDS)
        h->wear = share(page[USED]);
    return err_ok();
}

/* ---- NVMe ---- */

struct err smart_nvme_parse(const uint8_t *page, struct smart_health *h)
{
    enum { TOO_WARM = 1 << 1, KELVIN = 273 };
    const uint64_t kelvin = little(page + 1, 2);
    bool           empty = true;

    for (size_t i = 0; i < SMART_PAGE_BYTES && empty; i++)
        empty = page[i] == 0;
    if (empty)
        return err_of(ERR_MALFORMED, step); /* a controller that has no such page but does not say so */
    h->verdict = page[0] & ~TOO_WARM ? SMART_FAILING : SMART_FINE;
    if (kelvin > KELVIN && kelvin < KELVIN + 150)
        h->temperature_c = (double)(kelvin - KELVIN);
    if (page[3] <= 100)
        h->spare = share(page[3]);
    h->wear = share(page[5]);
    h->powered_on_s = (double)little(page + 128, 6) * 3600;
    smart_error_add(h, media, little(page + 160, 8));
    return err_ok();
}

/* ---- SCSI ---- */

/* The parameter with this number in a log page: its value and length; NULL if it is not there, or not whole. */
static const uint8_t *find_parameter(const uint8_t *page, size_t len, uint8_t code, uint16_t number, uint8_t *ret_len)
{
    enum { HEADER = 4 };
    size_t end;

    if (len < HEADER || (page[0] & 0x3f) != code)
        return NULL;
    end = HEADER + ((size_t)page[2] << 8 | page[3]);
    if (end > len)
        end = len;
    for (size_t at = HEADER; at + HEADER <= end; at += HEADER + page[at + 3]) {
        if (at + HEADER + page[at + 3] > end)
            return NULL;
        if ((page[at] << 8 | page[at + 1]) == number) {
            *ret_len = page[at + 3];
            return page + at + HEADER;
        }
    }
    return NULL;
}

/* 5Dh: "failure prediction threshold exceeded"; 0Bh: a warning, as of temperature. */
struct err smart_scsi_exceptions_parse(const uint8_t *page, size_t len, struct smart_health *h)
{
    uint8_t        value_len = 0;
    const uint8_t *value = find_parameter(page, len, 0x2f, 0, &value_len);

    if (!value || value_len < 2)
        return err_of(ERR_MALFORMED, step);
    h->verdict = value[0] == 0x5d ? SMART_FAILING : SMART_FINE;
    if (value_len > 2 && value[2] > 0 && value[2] < 150)
        h->temperature_c = value[2];
    return err_ok();
}

struct err smart_scsi_media_parse(const uint8_t *page, size_t len, struct smart_health *h)
{
    uint8_t        value_len = 0;
    const uint8_t *value = find_parameter(page, len, 0x11, 1, &value_len);

    if (!value || value_len < 4)
        return err_of(ERR_MALFORMED, step);
    h->wear = share(value[3]);
    return err_ok();
}

/* ---- registers ---- */

static bool parse_descriptors(const uint8_t *sense, size_t len, struct smart_registers *ret)
{
    enum { HEADER = 8, OURS = 0x09, OURS_BYTES = 14 };
    size_t end = len < HEADER ? 0 : HEADER + (size_t)sense[7];

    if (end > len)
        end = len;
    for (size_t at = HEADER; at + 2 <= end; at += 2 + (size_t)sense[at + 1]) {
        const uint8_t *d = sense + at;

        if (d[0] != OURS || at + OURS_BYTES > end)
            continue;
        *ret = (struct smart_registers){ d[3], d[13], d[5], d[7], d[9], d[11] };
        return true;
    }
    return false;
}

struct err smart_registers_parse(const uint8_t *sense, size_t len, struct smart_registers *ret)
{
    enum { FIXED_BYTES = 18, ASC = 12, ASCQ = 13, PASS_THROUGH_INFORMATION = 0x1d };

    if (len >= 1 && (sense[0] & 0x7f) == 0x72 && parse_descriptors(sense, len, ret))
        return err_ok();
    if (len >= FIXED_BYTES && (sense[0] & 0x7f) == 0x70 && sense[ASC] == 0 && sense[ASCQ] == PASS_THROUGH_INFORMATION) {
        *ret = (struct smart_registers){ sense[3], sense[4], sense[6], sense[9], sense[10], sense[11] };
        return err_ok();
    }
    return err_of(ERR_MALFORMED, step);
}
