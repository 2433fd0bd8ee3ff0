/* A file system has lost its writing if it is read-only as a whole (or says that it is broken) although it was meant to
 * be written. That the kernel made it so shows in the two places where mountinfo has "ro": an administrator who mounts
 * read-only sets both, the kernel after an error only that of the file system (before Linux 6.15; ext4 since then says
 * "emergency_ro" and nothing else changes). The mount is looked up as process 1 has it, for a service may live in a
 * copy of the mounts in which a sandbox made them read-only and where later remounts do not show. And a file system
 * that /etc/fstab wants written but that is read-only, as after a failed check at boot, has lost it too. */
#include "platform/filesystems.h"

#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>

#include "platform/clock.h"
#include "platform/linux/mounts.h"
#include "platform/linux/procfile.h"

/* The kernel is asked whether something was mounted or unmounted, and only then the list is read. It does not say when an
 * error made a file system read-only: mostly statvfs does, and the list is read from time to time all the same; a bit less
 * than the usual period, to be sure to do it then. A list of hundreds of kilobytes, as with many containers, is not kept. */
enum { LIST_SMALL_BYTES = 16 << 10, LIST_STALE_MS = 50 * 1000, LIST_MAX_BYTES = 16 << 20 };

static struct procfile list = {
    .path = "/proc/self/mountinfo", .step = "reading the list of mounts", .max_bytes = LIST_MAX_BYTES, .rows = true
};
static struct plat_mounts mounts; /* of it, those to be asked */
static uint64_t           list_hash, list_read_ms;
static bool               list_known, list_doubted;

/* FNV-1a: to see whether the text changed without keeping it. */
static uint64_t hash_of(const char *text, size_t len)
{
    uint64_t hash = 0xcbf29ce484222325;

    for (size_t i = 0; i < len; i++)
        hash = (hash ^ (unsigned char)text[i]) * 0x100000001b3;
    return hash;
}

static bool is_stale(uint64_t now_ms)
{
    struct pollfd changed = { .fd = procfile_descriptor(&list), .events = POLLPRI };

    if (!list_known || list_doubted || changed.fd < 0 || now_ms - list_read_ms >= LIST_STALE_MS)
        return true;
    return poll(&changed, 1, 0) != 0;
}

/* Is what the list says really what we find there? It may be hidden below another mount, be a single file, or we may
 * live in a root of our own. Subvolumes and layers have numbers of their own, so there the number tells nothing. */
static bool is_there(const struct plat_mount *m)
{
    struct stat st;

    if (stat(m->mount_point, &st) != 0 || !S_ISDIR(st.st_mode))
        return false;
    return strcmp(m->type, "btrfs") == 0 || strcmp(m->type, "bcachefs") == 0 || strcmp(m->type, "overlay") == 0 ||
           strcmp(m->type, "aufs") == 0 || st.st_dev == makedev(m->major_number, m->minor_number);
}

static enum plat_intent intent_of_process_1(const struct plat_mount *m)
{
    struct procfile file = {
        .path = "/proc/1/mountinfo", .step = list.step, .max_bytes = LIST_MAX_BYTES, .rows = true
    };
    const char      *text;
    size_t           len;
    enum plat_intent intent = PLAT_INTENT_UNKNOWN;

    if (!failed(procfile_read(&file, &text, &len)))
        intent = plat_mounts_intent(text, len, m);
    procfile_close(&file);
    return intent;
}

static enum plat_intent intent_of_fstab(const struct plat_mount *m)
{
    struct procfile  file = { .path = "/etc/fstab", .step = "reading /etc/fstab", .max_bytes = 1 << 20, .rows = true };
    const char      *text;
    size_t           len;
    enum plat_intent intent = PLAT_INTENT_UNKNOWN;

    if (!failed(procfile_read(&file, &text, &len)))
        intent = plat_fstab_intent(text, len, m->mount_point);
    procfile_close(&file);
    return intent;
}

static bool was_meant_for_writing(const struct plat_mount *m)
{
    enum plat_intent intent = intent_of_process_1(m);

    if (intent == PLAT_INTENT_WRITE || (intent == PLAT_INTENT_UNKNOWN && !m->mount_read_only))
        return true;
    return intent_of_fstab(m) == PLAT_INTENT_WRITE;
}

/* Leaves out what is not there and what is read-only by choice; settles who has lost writing. */
static void examine(struct plat_mounts *m)
{
    for (size_t i = m->count; i > 0; i--) {
        struct plat_mount *mount = &m->items[i - 1];
        bool               read_only = mount->read_only || mount->broken;

        if (read_only && !mount->broken)
            mount->broken = was_meant_for_writing(mount);
        if (!is_there(mount) || (read_only && !mount->broken))
            plat_mounts_remove(m, i - 1);
    }
}

static struct err read_list(uint64_t now_ms)
{
    struct plat_mounts now;
    const char        *text;
    size_t             len;
    uint64_t           hash;
    struct err         e = procfile_read(&list, &text, &len);

    if (failed(e))
        return e;
    hash = hash_of(text, len);
    if (!list_known || hash != list_hash) {
        e = plat_mounts_choose(text, len, &now);
        if (!failed(e)) {
            examine(&now);
            plat_mounts_done(&mounts);
            mounts = now;
            list_hash = hash;
            list_known = true;
        }
    }
    if (!failed(e)) {
        list_read_ms = now_ms;
        list_doubted = false;
    }
    if (len > LIST_SMALL_BYTES)
        procfile_drop(&list);
    return e;
}

/* False if it cannot be asked, or has no size. */
static bool ask(const struct plat_mount *m, struct plat_filesystem *ret)
{
    struct statvfs st;
    uint64_t       unit;

    if (statvfs(m->mount_point, &st) != 0 || st.f_blocks == 0)
        return false;
    if (((st.f_flag & ST_RDONLY) != 0) != (m->read_only || m->mount_read_only))
        list_doubted = true; /* it became read-only, or writable again */
    unit = st.f_frsize ? st.f_frsize : st.f_bsize;
    if (unit == 0 || st.f_blocks > UINT64_MAX / unit)
        return false;
    if (st.f_bfree > st.f_blocks)
        st.f_bfree = st.f_blocks;
    if (st.f_bavail > st.f_bfree) /* ext4 with more reserved than free is said to have a huge number */
        st.f_bavail = 0;
    *ret = (struct plat_filesystem){
        .mount_point = m->mount_point,
        .device = m->device,
        .type = m->type,
        .total_bytes = st.f_blocks * unit,
        .used_bytes = (st.f_blocks - st.f_bfree) * unit,
        .available_bytes = st.f_bavail * unit,
        .inodes = st.f_files,
        .inodes_free = st.f_ffree < st.f_files ? st.f_ffree : st.f_files,
        .lost_writing = m->broken,
    };
    return true;
}

struct err plat_filesystems_read(plat_filesystem_fn *each, void *context)
{
    uint64_t               now_ms = plat_clock_steady_ms();
    struct plat_filesystem filesystem;
    struct err             e = is_stale(now_ms) ? read_list(now_ms) : err_ok();

    if (failed(e))
        return e;
    for (size_t i = 0; i < mounts.count; i++)
        if (ask(&mounts.items[i], &filesystem))
            each(context, &filesystem);
    return e;
}

void plat_filesystems_done(void)
{
    procfile_close(&list);
    plat_mounts_done(&mounts);
    list_known = false;
}
