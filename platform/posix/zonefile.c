#include "platform/zonefile.h"

#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>

#include "platform/file.h"

/* Where distributions keep them. */
static const char *const folders[] = { "/usr/share/zoneinfo", "/usr/lib/zoneinfo", "/etc/zoneinfo" };

static struct err read_at(const char *path, struct buf *into, struct plat_zone_mark *ret)
{
    struct stat at;

    if (stat(path, &at) != 0)
        return err_from_os(errno, "looking for a time zone");
    if (into) {
        struct err e = plat_file_read(path, into);

        if (failed(e))
            return e;
    }
    *ret = (struct plat_zone_mark){
        .device = (uint64_t)at.st_dev,
        .inode = (uint64_t)at.st_ino,
        .size = (uint64_t)at.st_size,
        .changed_ns = (int64_t)at.st_mtim.tv_sec * 1000000000 + at.st_mtim.tv_nsec,
    };
    return err_ok();
}

struct err plat_zone_read(const char *name, struct buf *into, struct plat_zone_mark *ret)
{
    struct err e = err_of(ERR_NOT_FOUND, "looking for a time zone");
    char       path[256];

    if (!name)
        return read_at("/etc/localtime", into, ret);
    for (size_t i = 0; i < sizeof folders / sizeof *folders && e.code == ERR_NOT_FOUND; i++) {
        snprintf(path, sizeof path, "%s/%s", folders[i], name);
        e = read_at(path, into, ret);
    }
    return e;
}
