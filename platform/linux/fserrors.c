#include "platform/fserrors.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/linux/health_parse.h"
#include "platform/linux/scan.h"
#include "platform/linux/sysfile.h"

enum { NAME_MAX_BYTES = 128 };

static const char step[] = "reading the errors of file systems";

/* Each folder below path; false if there is no path. The first failure of each() ends it. */
typedef struct err folder_fn(void *context, const char *name);

static bool each_folder(const char *path, folder_fn *each, void *context, struct err *ret)
{
    DIR *dir = opendir(path);

    if (!dir)
        return false;
    for (struct dirent *entry; !failed(*ret) && (entry = readdir(dir));)
        if ((entry->d_type == DT_DIR || entry->d_type == DT_UNKNOWN) && entry->d_name[0] != '.' &&
            strcmp(entry->d_name, "features") != 0)
            *ret = each(context, entry->d_name);
    closedir(dir);
    return true;
}

/* What went away meanwhile was unmounted. */
static struct err unless_gone(struct err e)
{
    return e.code == ERR_NOT_FOUND ? err_ok() : e;
}

/* ---- ext4 ---- */

static struct err read_ext4(void *context, const char *device)
{
    const struct plat_fserrors_listener *l = context;
    struct plat_fserrors                 errors = { .type = "ext4", .name = device, .label = device, .kind = "all" };

    if (sysfile_u64(&errors.count, "/sys/fs/ext4/%s/errors_count", device))
        l->on_count(l->context, &errors);
    return err_ok();
}

/* ---- btrfs ---- */

struct volume {
    const struct plat_fserrors_listener *listener;
    const char                          *uuid;
    char                                 label[NAME_MAX_BYTES * 2];
    uint32_t                             missing;
};

struct err plat_btrfs_stats_parse(const char *text, size_t len, plat_btrfs_stat_fn *each, void *context)
{
    static const char end[] = "_errs";
    struct scan       all = { text, len }, line, word;
    size_t            understood = 0;

    while (scan_line(&all, &line)) {
        char     kind[24];
        uint64_t count;

        if (!scan_word(&line, &word) || word.len < sizeof end || !scan_u64(&line, &count) || line.len)
            continue; /* "invalid" where it cannot be told yet */
        if (memcmp(word.at + word.len - (sizeof end - 1), end, sizeof end - 1) != 0)
            continue;
        word.len -= sizeof end - 1;
        if (!scan_copy(word, kind, sizeof kind))
            continue;
        understood++;
        each(context, kind, count);
    }
    return understood ? err_ok() : err_of(ERR_MALFORMED, step);
}

struct disk {
    const struct volume *volume;
    const char          *name;
};

static void on_stat(void *context, const char *kind, uint64_t count)
{
    const struct disk         *d = context;
    const struct plat_fserrors errors = {
        .type = "btrfs", .name = d->name, .label = d->volume->label, .kind = kind, .count = count
    };

    d->volume->listener->on_count(d->volume->listener->context, &errors);
}

static struct err read_disk(void *context, const char *number)
{
    struct volume *v = context;
    char           text[256 + 1], name[NAME_MAX_BYTES];
    struct disk    d = { v, name };
    uint64_t       missing = 0;
    char           path[NAME_MAX_BYTES + 64];
    struct scan    all;

    snprintf(path, sizeof path, "/sys/fs/btrfs/%.64s/devinfo/%.32s", v->uuid, number);
    snprintf(name, sizeof name, "%.64s/%.32s", v->uuid, number);
    if (sysfile_u64(&missing, "%s/missing", path) && missing)
        v->missing++;
    if (failed(sysfile_read_all(step, text, sizeof text, "%s/error_stats", path)))
        return err_ok(); /* only since Linux 5.14 */
    all = (struct scan){ text, strlen(text) };
    if (scan_begins(all, "invalid"))
        return err_ok();
    return plat_btrfs_stats_parse(text, strlen(text), on_stat, &d);
}

static struct err read_volume(void *context, const char *uuid)
{
    struct volume v = { .listener = context, .uuid = uuid };
    char          path[NAME_MAX_BYTES + 64];
    struct err    e = err_ok();

    (void)sysfile_read(step, v.label, sizeof v.label, "/sys/fs/btrfs/%.64s/label", uuid);
    snprintf(path, sizeof path, "/sys/fs/btrfs/%.64s/devinfo", uuid);
    if (each_folder(path, read_disk, &v, &e) && !failed(e))
        v.listener->on_missing(v.listener->context, uuid, v.label, v.missing);
    return unless_gone(e);
}

struct err plat_fserrors_read(const struct plat_fserrors_listener *listener)
{
    struct plat_fserrors_listener l = *listener;
    struct err                    e = err_ok();
    bool                          ext4 = each_folder("/sys/fs/ext4", read_ext4, &l, &e);
    bool                          btrfs = !failed(e) && each_folder("/sys/fs/btrfs", read_volume, &l, &e);

    return ext4 || btrfs ? e : err_of(ERR_UNSUPPORTED, "no file system here counts its errors");
}
