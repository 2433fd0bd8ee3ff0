/* What smartctl prints. The first byte is its exit status, or 's': a list of devices; the rest is its output. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "agent/collect/diskline.h"
#include "agent/collect/smartctl_health.h"
#include "proto/smartctl.h"

static bool check_device(void *context, const char *path, const char *type)
{
    size_t *count = context;

    if (strncmp(path, "/dev/", 5) != 0 || strstr(path, "..") || strlen(path) > 32 || strlen(type) > 31 ||
        type[0] == '-' || !smartctl_type_is_hidden_disk(type) || !smartctl_path_is_device(path))
        abort();
    return ++*count < 8;
}

static bool is_share(double value)
{
    return isnan(value) || (value >= 0 && value <= 1);
}

/* Whatever it was, the warden understands what is told of it. */
static void check_disk(const struct plat_disk_health *disk)
{
    struct plat_disk_health back;
    struct buf              line;

    if (!is_share(disk->health.wear) || !is_share(disk->health.spare) || disk->health.error_count > SMART_ERRORS_MAX)
        abort();
    buf_init(&line, 2048);
    if (failed(diskline_print(disk, &line)) || memchr(line.data, '\n', line.len - 1) ||
        failed(diskline_parse(line.data, line.len - 1, &back)) || back.answer != disk->answer ||
        strcmp(back.model, disk->model) != 0 || strcmp(back.serial, disk->serial) != 0)
        abort();
    buf_done(&line);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size); /* libFuzzer has no header for it */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct plat_disk_health    disk = { .device = "bus/0 megaraid,3", .answer = DISK_FOREIGN };
    struct plat_program_result r = { .end = PROGRAM_EXITED, .err_text = "" };
    size_t                     count = 0;
    char                      *text;

    if (size == 0)
        return 0;
    text = malloc(size); /* of exactly this size, so that reading on is seen */
    if (!text)
        return 0;
    memcpy(text, data + 1, size - 1);
    if (data[0] == 's') {
        (void)smartctl_scan_parse(text, size - 1, check_device, &count);
    } else {
        r.status = data[0];
        r.out = text;
        r.out_len = size - 1;
        smartctl_health_take(&r, &disk);
        check_disk(&disk);
    }
    free(text);
    return 0;
}
