#include "platform/linux/mounts.h"

#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/filesystems.h"
#include "platform/linux/scan.h"

enum { PATH_BYTES = 4096, WORD_BYTES = 256 };

static const char step[] = "reading the list of mounts";

/* Made to be written, on a device of this machine. */
static const char *const local_types[] = {
    "bcachefs", "btrfs",  "exfat", "ext2",  "ext3",     "ext4",  "f2fs", "hfs",  "hfsplus", "jfs", "minix",
    "msdos",    "nilfs2", "ntfs",  "ntfs3", "reiserfs", "ubifs", "ufs",  "vfat", "xfs",     "zfs",
};

/* Worth reporting if they are the root: a container's, a machine's that runs from memory. */
static const char *const root_types[] = { "aufs", "overlay", "ramfs", "tmpfs" };

/* What may take for ever to answer. Everything of FUSE, too; and autofs, where a path below it waits for the daemon. */
static const char *const remote_types[] = {
    "9p",     "afs",   "autofs", "beegfs", "ceph",  "cifs",     "coda",  "gfs2", "glusterfs", "gpfs",
    "lustre", "ncpfs", "nfs",    "nfs4",   "ocfs2", "orangefs", "pvfs2", "smb3", "smbfs",     "virtiofs",
};

static bool is_one_of(const char *type, const char *const *types, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(type, types[i]) == 0)
            return true;
    return false;
}

static bool is_remote(const char *type)
{
    return strncmp(type, "fuse", 4) == 0 || is_one_of(type, remote_types, ARRAY_LEN(remote_types));
}

static bool is_root(const char *mount_point)
{
    return strcmp(mount_point, "/") == 0;
}

static bool is_octal(const char *at, size_t len)
{
    return len >= 4 && at[0] == '\\' && at[1] >= '0' && at[1] <= '3' && at[2] >= '0' && at[2] <= '7' && at[3] >= '0' &&
           at[3] <= '7';
}

/* "/media/My\040Disk" to "/media/My Disk". False if it does not fit or an escape stands for NUL. */
static bool unescape(struct scan from, char *into, size_t size)
{
    size_t out = 0;

    for (size_t i = 0; i < from.len; out++) {
        char c = from.at[i++];

        if (is_octal(from.at + i - 1, from.len - i + 1)) {
            c = (char)((from.at[i] - '0') << 6 | (from.at[i + 1] - '0') << 3 | (from.at[i + 2] - '0'));
            i += 3;
        }
        if (c == '\0' || out + 1 >= size)
            return false;
        into[out] = c;
    }
    into[out] = '\0';
    return true;
}

static bool parse_number(struct scan text, uint32_t *ret)
{
    uint64_t number;

    if (!scan_u64(&text, &number) || text.len || number > UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

struct row_text {
    char mount_point[PATH_BYTES], device[PATH_BYTES], type[WORD_BYTES];
};

/* "36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 - ext3 /dev/root rw,errors=continue"; proc_pid_mountinfo(5) */
static bool parse_row(struct scan line, struct row_text *text, struct plat_mount *ret)
{
    struct scan ids, major, root, mount_point, options, mark, type, device, super;

    if (!scan_field(&line, &ids) || !scan_field(&line, &ids) || !scan_until(&line, ':', &major) ||
        !scan_field(&line, &ids) || !scan_field(&line, &root) || !scan_field(&line, &mount_point) ||
        !scan_field(&line, &options))
        return false;
    do /* any number of optional fields, then the mark */
        if (!scan_field(&line, &mark))
            return false;
    while (!scan_is(mark, "-"));
    if (!scan_field(&line, &type) || !scan_field(&line, &device) || !scan_field(&line, &super))
        return false;
    *ret = (struct plat_mount){
        .mount_point = text->mount_point,
        .device = text->device,
        .type = text->type,
        .whole = scan_is(root, "/"),
        .mount_read_only = scan_lists(options, "ro"),
        .read_only = scan_lists(super, "ro"),
        .broken = scan_lists(super, "emergency_ro") || scan_lists(super, "shutdown"),
    };
    return parse_number(major, &ret->major_number) && parse_number(ids, &ret->minor_number) &&
           unescape(mount_point, text->mount_point, sizeof text->mount_point) &&
           unescape(device, text->device, sizeof text->device) && scan_copy(type, text->type, sizeof text->type);
}

struct err plat_mounts_parse(const char *text, size_t len, plat_mount_fn *each, void *context)
{
    struct scan       all = { text, len }, line;
    struct plat_mount row;
    struct row_text  *row_text = malloc(sizeof *row_text);
    struct err        e = err_ok();

    if (!row_text)
        return err_of(ERR_NO_MEMORY, step);
    while (!failed(e) && scan_line(&all, &line))
        if (parse_row(line, row_text, &row))
            each(context, &row);
        else
            e = err_of(ERR_MALFORMED, step);
    free(row_text);
    return e;
}

/* --- choosing -------------------------------------------------------------------------------------------------- */

struct choice {
    struct plat_mounts mounts;
    struct buf         remote; /* mount points, each with a NUL */
    struct err         err;
};

static void mount_free(struct plat_mount *m)
{
    free(m->mount_point);
    free(m->device);
    free(m->type);
}

void plat_mounts_remove(struct plat_mounts *m, size_t i)
{
    mount_free(&m->items[i]);
    m->count--;
    memmove(&m->items[i], &m->items[i + 1], (m->count - i) * sizeof *m->items);
}

void plat_mounts_done(struct plat_mounts *m)
{
    for (size_t i = 0; i < m->count; i++)
        mount_free(&m->items[i]);
    free(m->items);
    *m = (struct plat_mounts){ 0 };
}

static bool is_wanted(const struct plat_mount *row)
{
    return is_one_of(row->type, local_types, ARRAY_LEN(local_types)) ||
           (is_root(row->mount_point) && is_one_of(row->type, root_types, ARRAY_LEN(root_types)));
}

static bool same_pool(const struct plat_mount *a, const struct plat_mount *b)
{
    size_t len = strcspn(a->device, "/");

    return strcmp(a->type, "zfs") == 0 && strcmp(b->type, "zfs") == 0 && len == strcspn(b->device, "/") &&
           memcmp(a->device, b->device, len) == 0;
}

static bool same_filesystem(const struct plat_mount *a, const struct plat_mount *b)
{
    return (a->major_number == b->major_number && a->minor_number == b->minor_number) || same_pool(a, b);
}

static bool is_better(const struct plat_mount *a, const struct plat_mount *than)
{
    if (is_root(a->mount_point) != is_root(than->mount_point))
        return is_root(a->mount_point);
    if (a->whole != than->whole)
        return a->whole;
    return strlen(a->mount_point) < strlen(than->mount_point);
}

static struct err add(struct plat_mounts *m, const struct plat_mount *row)
{
    struct plat_mount copy = *row;

    if (m->count == m->room) {
        size_t             room = m->room ? m->room * 2 : 4;
        struct plat_mount *items = realloc(m->items, room * sizeof *items);

        if (!items)
            return err_of(ERR_NO_MEMORY, step);
        m->items = items;
        m->room = room;
    }
    copy.mount_point = strdup(row->mount_point);
    copy.device = strdup(row->device);
    copy.type = strdup(row->type);
    if (!copy.mount_point || !copy.device || !copy.type) {
        mount_free(&copy);
        return err_of(ERR_NO_MEMORY, step);
    }
    m->items[m->count++] = copy;
    return err_ok();
}

/* A later mount at the same place hides what was there. */
static void uncover(struct choice *c, const struct plat_mount *row)
{
    for (size_t i = 0; i < c->mounts.count; i++)
        if (strcmp(c->mounts.items[i].mount_point, row->mount_point) == 0) {
            plat_mounts_remove(&c->mounts, i);
            return;
        }
}

static void consider(void *context, const struct plat_mount *row)
{
    struct choice *c = context;

    if (failed(c->err))
        return;
    uncover(c, row);
    if (is_remote(row->type)) {
        c->err = buf_add(&c->remote, row->mount_point, strlen(row->mount_point) + 1);
        return;
    }
    if (!is_wanted(row))
        return;
    for (size_t i = 0; i < c->mounts.count; i++)
        if (same_filesystem(row, &c->mounts.items[i])) {
            if (!is_better(row, &c->mounts.items[i]))
                return;
            plat_mounts_remove(&c->mounts, i);
            break;
        }
    if (c->mounts.count < PLAT_FILESYSTEMS_MAX)
        c->err = add(&c->mounts, row);
}

/* Does the path lead through a mount that may hang? */
static bool is_below_remote(const struct buf *remote, const char *path)
{
    for (size_t at = 0; at < remote->len;) {
        const char *above = remote->data + at;
        size_t      len = strlen(above);

        if (strncmp(path, above, len) == 0 && path[len] == '/')
            return true;
        at += len + 1;
    }
    return false;
}

struct err plat_mounts_choose(const char *text, size_t len, struct plat_mounts *ret)
{
    struct choice c = { .err = err_ok() };
    struct err    e;

    buf_init(&c.remote, 1 << 20);
    *ret = (struct plat_mounts){ 0 };
    e = plat_mounts_parse(text, len, consider, &c);
    if (!failed(e))
        e = c.err;
    for (size_t i = c.mounts.count; i > 0; i--)
        if (is_below_remote(&c.remote, c.mounts.items[i - 1].mount_point))
            plat_mounts_remove(&c.mounts, i - 1);
    if (failed(e))
        plat_mounts_done(&c.mounts);
    else
        *ret = c.mounts;
    buf_done(&c.remote);
    return e;
}

/* --- what was meant -------------------------------------------------------------------------------------------- */

struct wish {
    const struct plat_mount *of;
    enum plat_intent         here, anywhere;
};

static void look_for_wish(void *context, const struct plat_mount *row)
{
    struct wish     *w = context;
    enum plat_intent intent = row->mount_read_only ? PLAT_INTENT_READ : PLAT_INTENT_WRITE;

    if (row->major_number != w->of->major_number || row->minor_number != w->of->minor_number)
        return;
    if (strcmp(row->mount_point, w->of->mount_point) == 0)
        w->here = intent;
    if (w->anywhere != PLAT_INTENT_WRITE)
        w->anywhere = intent;
}

enum plat_intent plat_mounts_intent(const char *text, size_t len, const struct plat_mount *of)
{
    struct wish w = { of, PLAT_INTENT_UNKNOWN, PLAT_INTENT_UNKNOWN };

    if (failed(plat_mounts_parse(text, len, look_for_wish, &w)))
        return PLAT_INTENT_UNKNOWN;
    return w.here != PLAT_INTENT_UNKNOWN ? w.here : w.anywhere;
}

/* "UUID=... /srv ext4 defaults,nofail 0 2" */
enum plat_intent plat_fstab_intent(const char *text, size_t len, const char *mount_point)
{
    struct scan all = { text, len }, line, device, place, type, options;
    char        path[PATH_BYTES];

    while (scan_line(&all, &line)) {
        if (!scan_word(&line, &device) || device.at[0] == '#' || !scan_word(&line, &place) ||
            !scan_word(&line, &type) || !scan_word(&line, &options) || !unescape(place, path, sizeof path) ||
            strcmp(path, mount_point) != 0 || scan_lists(options, "noauto"))
            continue;
        return scan_lists(options, "ro") ? PLAT_INTENT_READ : PLAT_INTENT_WRITE;
    }
    return PLAT_INTENT_UNKNOWN;
}
