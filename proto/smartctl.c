#include "proto/smartctl.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "proto/json.h"
#include "proto/text.h"

/* A disk with 30 attributes has 900 values and six levels; a scan five values a device. */
static const struct json_limits limits = { SMARTCTL_OUTPUT_MAX, 16, 20000 };

/* ---- single values ---- */

static const cJSON *get(const cJSON *object, const char *key)
{
    return cJSON_GetObjectItemCaseSensitive(object, key);
}

static const cJSON *get_below(const cJSON *tree, const char *outer, const char *inner)
{
    return get(get(tree, outer), inner);
}

static const char *text_of(const cJSON *item)
{
    return cJSON_IsString(item) ? item->valuestring : "";
}

/* A whole number that is none below 0 nor above most; NaN is any other. */
static double whole(const cJSON *item, double most)
{
    double value = cJSON_IsNumber(item) ? item->valuedouble : (double)NAN;

    return value >= 0 && value <= most && floor(value) == value ? value : (double)NAN;
}

static bool is_false(const cJSON *item)
{
    return cJSON_IsFalse(item);
}

/* As the disks' own names are read: printable, without blanks around them. */
static void copy_name(const char *text, char into[SMARTCTL_NAME_MAX])
{
    size_t len = 0;

    for (; *text && len + 1 < SMARTCTL_NAME_MAX; text++) {
        char c = *text < ' ' || *text > '~' ? ' ' : *text;

        if (len || c != ' ')
            into[len++] = c;
    }
    while (len && into[len - 1] == ' ')
        len--;
    into[len] = '\0';
}

static void copy_message(const cJSON *messages, char into[SMARTCTL_MESSAGE_MAX])
{
    const cJSON *one, *first = NULL;

    cJSON_ArrayForEach(one, messages)
    {
        if (!first || (strcmp(text_of(get(one, "severity")), "error") == 0 &&
                       strcmp(text_of(get(first, "severity")), "error") != 0))
            first = one;
    }
    if (!first)
        return;
    utf8_copy(into, SMARTCTL_MESSAGE_MAX, text_of(get(first, "string")), strlen(text_of(get(first, "string"))));
    text_blank_controls(into);
}

/* ---- a report ---- */

static const double RAW_MOST = 281474976710655.0 /* 48 bits */, COUNT_MOST = 9007199254740992.0 /* 53 bits */;

static bool read_attribute(const cJSON *item, struct smartctl_attribute *ret)
{
    const double id = whole(get(item, "id"), 255), value = whole(get(item, "value"), 255);
    const double worst = whole(get(item, "worst"), 255), threshold = whole(get(item, "thresh"), 255);
    const double flags = whole(get_below(item, "flags", "value"), 65535);
    const double raw = whole(get_below(item, "raw", "value"), RAW_MOST);

    if (!(id > 0) || isnan(value) || isnan(flags) || isnan(raw))
        return false;
    *ret = (struct smartctl_attribute){
        .id = (uint8_t)id,
        .value = (uint8_t)value,
        .worst = isnan(worst) ? 0 : (uint8_t)worst,
        .threshold = isnan(threshold) ? 0 : (uint8_t)threshold, /* 0 is always passed */
        .flags = (uint16_t)flags,
        .raw = (uint64_t)raw,
    };
    return true;
}

static void read_ata(const cJSON *tree, struct smartctl_report *r)
{
    const cJSON *one;

    r->is_ssd = whole(get(tree, "rotation_rate"), 0) == 0;
    cJSON_ArrayForEach(one, get_below(tree, "ata_smart_attributes", "table"))
    {
        if (r->attribute_count < SMARTCTL_ATTRIBUTES_MAX && read_attribute(one, &r->attributes[r->attribute_count]))
            r->attribute_count++;
    }
}

static void read_nvme(const cJSON *tree, struct smartctl_report *r)
{
    const cJSON *log = get(tree, "nvme_smart_health_information_log");

    r->nvme_warning = whole(get(log, "critical_warning"), 255);
    r->nvme_spare = whole(get(log, "available_spare"), 255);
    r->nvme_used = whole(get(log, "percentage_used"), 255);
    r->nvme_media_errors = whole(get(log, "media_errors"), COUNT_MOST);
    r->nvme_powered_on_h = whole(get(log, "power_on_hours"), RAW_MOST);
    r->has_nvme = !isnan(r->nvme_warning) && !isnan(r->nvme_spare) && !isnan(r->nvme_used) &&
                  !isnan(r->nvme_media_errors) && !isnan(r->nvme_powered_on_h);
}

static void read_scsi(const cJSON *tree, struct smartctl_report *r)
{
    const cJSON *counters = get(get(tree, "scsi_error_counter_log"), "read");

    r->scsi_asc = whole(get(get_below(tree, "smart_status", "scsi"), "asc"), 255);
    r->scsi_used = whole(get(tree, "scsi_percentage_used_endurance_indicator"), 255);
    r->scsi_grown_defects = whole(get(tree, "scsi_grown_defect_list"), COUNT_MOST);
    r->scsi_read_errors = whole(get(counters, "total_uncorrected_errors"), COUNT_MOST);
}

static void read_report(const cJSON *tree, struct smartctl_report *r)
{
    const cJSON *passed = get_below(tree, "smart_status", "passed"), *support = get(tree, "smart_support");
    const cJSON *model = get(tree, "model_name");

    copy_name(text_of(model ? model : get(tree, "scsi_model_name")), r->model);
    copy_name(text_of(get(tree, "serial_number")), r->serial);
    copy_message(get_below(tree, "smartctl", "messages"), r->message);
    r->has_verdict = cJSON_IsBool(passed);
    r->passed = cJSON_IsTrue(passed);
    r->smart_is_off = is_false(get(support, "available")) || is_false(get(support, "enabled"));
    r->temperature_c = whole(get_below(tree, "temperature", "current"), 149);
    r->powered_on_h = whole(get_below(tree, "power_on_time", "hours"), 1000000);
    read_ata(tree, r);
    read_nvme(tree, r);
    read_scsi(tree, r);
}

static struct err parse(const char *text, size_t len, cJSON **ret)
{
    struct err e = json_parse(text, len, &limits, NULL, ret);

    if (!failed(e) && !cJSON_IsObject(get(*ret, "smartctl"))) {
        cJSON_Delete(*ret);
        e = err_of(ERR_MALFORMED, "reading what smartctl said");
    }
    return e;
}

struct err smartctl_report_parse(const char *text, size_t len, struct smartctl_report *ret)
{
    struct smartctl_report r = { 0 };
    cJSON                 *tree = NULL;
    struct err             e = parse(text, len, &tree);

    if (failed(e))
        return e;
    read_report(tree, &r);
    cJSON_Delete(tree);
    *ret = r;
    return e;
}

/* ---- a scan ---- */

/* Kinds of controllers whose disks have numbers instead of names of their own, in what smartctl -d takes. */
static const char *const controllers[] = {
    "3ware", "aacraid", "areca", "cciss", "hpt", "megaraid", "ps3stor", "sssraid"
};

/* "3", "1/4", "0,1,12": up to four numbers of up to four digits. */
static bool are_numbers(const char *text)
{
    for (int count = 1; count <= 4; count++) {
        size_t digits = strspn(text, "0123456789");

        if (digits == 0 || digits > 4)
            return false;
        text += digits;
        if (*text == '\0')
            return true;
        if (*text != ',' && *text != '/')
            return false;
        text++;
    }
    return false;
}

bool smartctl_type_is_hidden_disk(const char *type)
{
    if (strncmp(type, "sat+", 4) == 0)
        type += 4;
    for (size_t i = 0; i < sizeof controllers / sizeof *controllers; i++) {
        size_t len = strlen(controllers[i]);

        if (strncmp(type, controllers[i], len) == 0 && type[len] == ',')
            return are_numbers(type + len + 1);
    }
    return false;
}

bool smartctl_path_is_device(const char *path)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-";
    size_t            len = strlen(path);

    if (len > 32 || strncmp(path, "/dev/", 5) != 0)
        return false;
    for (path += 5;; path++) {
        size_t word = strspn(path, letters);

        if (word == 0)
            return false;
        path += word;
        if (*path == '\0')
            return true;
        if (*path != '/')
            return false;
    }
}

struct err smartctl_scan_parse(const char *text, size_t len, smartctl_device_fn *each, void *context)
{
    cJSON       *tree = NULL;
    const cJSON *one;
    struct err   e = parse(text, len, &tree);

    if (failed(e))
        return e;
    cJSON_ArrayForEach(one, get(tree, "devices"))
    {
        const char *path = text_of(get(one, "name")), *type = text_of(get(one, "type"));

        if (smartctl_path_is_device(path) && smartctl_type_is_hidden_disk(type) && !each(context, path, type))
            break;
    }
    cJSON_Delete(tree);
    return e;
}
