#include "powercut_vfs.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "powercut_parts.h"

struct open_file {
    sqlite3_file      base; /* first: what SQLite knows */
    struct powercut  *disk;
    struct disk_file *file;
    bool              syncs_folder, goes_with_close;
    int               lock;
};

/* ---- refusing ---- */

void powercut_fail(struct powercut *disk, enum powercut_call kind, unsigned call, int code, bool sticky)
{
    disk->plans[kind] = (struct plan){ call, code, sticky };
    disk->failed = false;
}

bool powercut_failed(const struct powercut *disk)
{
    return disk->failed;
}

static int planned(struct powercut *disk, enum powercut_call kind)
{
    struct plan *p = &disk->plans[kind];

    if (p->call == 0)
        return SQLITE_OK;
    if (p->call > 1) {
        p->call--;
        return SQLITE_OK;
    }
    disk->failed = true;
    if (!p->sticky)
        p->call = 0;
    return p->code;
}

void powercut_limit(struct powercut *disk, uint64_t bytes)
{
    disk->limit = bytes;
}

void powercut_read_only(struct powercut *disk, bool read_only)
{
    disk->read_only = read_only;
}

uint64_t powercut_bytes(const struct powercut *disk)
{
    uint64_t sum = 0;

    for (size_t i = 0; i < FILES_MAX; i++)
        sum += disk->files[i].there ? disk->files[i].seen.len : 0;
    return sum;
}

static void step(struct powercut *disk)
{
    if (disk->step)
        disk->step(disk->context);
}

/* ---- an open file ---- */

static int file_close(sqlite3_file *base)
{
    struct open_file *o = (struct open_file *)base;

    o->file->users--;
    if (o->goes_with_close)
        o->file->there = o->file->there_on_platter = false;
    return SQLITE_OK;
}

static int file_read(sqlite3_file *base, void *into, int len, sqlite3_int64 at)
{
    struct open_file   *o = (struct open_file *)base;
    const struct bytes *b = &o->file->seen;
    size_t              have = (size_t)at < b->len ? b->len - (size_t)at : 0;
    int                 code = planned(o->disk, POWERCUT_READ);

    if (code != SQLITE_OK)
        return code;
    if (have >= (size_t)len) {
        memcpy(into, b->data + at, (size_t)len);
        return SQLITE_OK;
    }
    memset(into, 0, (size_t)len);
    if (have)
        memcpy(into, b->data + at, have);
    return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *base, const void *from, int len, sqlite3_int64 at)
{
    struct open_file *o = (struct open_file *)base;
    size_t            end = (size_t)at + (size_t)len, was = o->file->seen.len;
    int               code;

    step(o->disk);
    code = planned(o->disk, POWERCUT_WRITE);
    if (code != SQLITE_OK)
        return code;
    if (o->disk->read_only)
        return SQLITE_IOERR_WRITE;
    if (o->disk->limit && end > was && powercut_bytes(o->disk) + end - was > o->disk->limit)
        return SQLITE_FULL;
    powercut_put(&o->file->seen, (size_t)at, from, (size_t)len);
    powercut_change(o->file, (size_t)at, from, (size_t)len, false);
    return SQLITE_OK;
}

static int file_truncate(sqlite3_file *base, sqlite3_int64 len)
{
    struct open_file *o = (struct open_file *)base;

    step(o->disk);
    if (o->disk->read_only)
        return SQLITE_IOERR_TRUNCATE;
    if ((size_t)len < o->file->seen.len) {
        powercut_resize(&o->file->seen, (size_t)len);
        powercut_change(o->file, (size_t)len, NULL, 0, true);
    }
    return SQLITE_OK;
}

static int file_sync(sqlite3_file *base, int flags)
{
    struct open_file *o = (struct open_file *)base;
    int               code;

    (void)flags;
    step(o->disk);
    code = planned(o->disk, POWERCUT_SYNC);
    if (code != SQLITE_OK) {
        powercut_forget(o->file); /* the system counts the pages as clean now */
        return code;
    }
    /* not simply what is seen: bytes whose flush failed once do not come with a later one */
    for (const struct change *c = o->file->changes; c; c = c->next)
        powercut_apply(o->disk, &o->file->platter, c, POWERCUT_KEEP_ALL);
    powercut_forget(o->file);
    o->file->there_on_platter = o->file->there;
    for (size_t i = 0; o->syncs_folder && i < FILES_MAX; i++)
        o->disk->files[i].there_on_platter = o->disk->files[i].there;
    o->syncs_folder = false;
    return SQLITE_OK;
}

static int file_size(sqlite3_file *base, sqlite3_int64 *ret)
{
    *ret = (sqlite3_int64)((struct open_file *)base)->file->seen.len;
    return SQLITE_OK;
}

static int file_lock(sqlite3_file *base, int lock)
{
    ((struct open_file *)base)->lock = lock;
    return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *base, int *ret)
{
    *ret = ((struct open_file *)base)->lock >= SQLITE_LOCK_RESERVED;
    return SQLITE_OK;
}

static int file_control(sqlite3_file *base, int op, void *argument)
{
    (void)base;
    (void)op;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR;
}

static int file_characteristics(sqlite3_file *base)
{
    (void)base;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE; /* as SQLite takes every disk of Unix to be */
}

static const sqlite3_io_methods methods = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

/* ---- the folder ---- */

static struct disk_file *find(struct powercut *disk, const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++)
        if (disk->files[i].there && strcmp(disk->files[i].name, name) == 0)
            return &disk->files[i];
    return NULL;
}

/* The place of a file that had this name, so that a cut may bring the old one back. */
static struct disk_file *make(struct powercut *disk, const char *name)
{
    struct disk_file *f = NULL;

    for (size_t i = 0; i < FILES_MAX && !f; i++)
        if (strcmp(disk->files[i].name, name) == 0)
            f = &disk->files[i];
    for (size_t i = 0; i < FILES_MAX && !f; i++)
        if (disk->files[i].name[0] == '\0')
            f = &disk->files[i];
    f = powercut_must(f);
    snprintf(f->name, sizeof f->name, "%s", name);
    f->there = true;
    powercut_resize(&f->seen, 0);
    powercut_change(f, 0, NULL, 0, true);
    return f;
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags, int *ret_flags)
{
    struct powercut  *disk = vfs->pAppData;
    struct open_file *o = (struct open_file *)base;
    char              passing[32];
    int               code = planned(disk, POWERCUT_OPEN);

    memset(o, 0, sizeof *o);
    if (code != SQLITE_OK)
        return code;
    if (!name) {
        snprintf(passing, sizeof passing, "passing-%llx", (unsigned long long)powercut_random(disk));
        name = passing;
        o->goes_with_close = true;
    }
    o->disk = disk;
    o->file = find(disk, name);
    if (!o->file) {
        if (disk->read_only || !(flags & SQLITE_OPEN_CREATE))
            return SQLITE_CANTOPEN;
        o->file = make(disk, name);
        o->syncs_folder = flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL);
    }
    o->file->users++;
    o->base.pMethods = &methods;
    if (ret_flags)
        *ret_flags =
            disk->read_only ? (flags & ~(SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE)) | SQLITE_OPEN_READONLY : flags;
    return SQLITE_OK;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    struct powercut  *disk = vfs->pAppData;
    struct disk_file *f;

    step(disk);
    if (disk->read_only)
        return SQLITE_IOERR_DELETE;
    f = find(disk, name);
    if (!f)
        return SQLITE_IOERR_DELETE_NOENT;
    f->there = false;
    if (sync_folder)
        f->there_on_platter = false;
    return SQLITE_OK;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret)
{
    const struct disk_file *f = find(vfs->pAppData, name);

    *ret = f && (flags != SQLITE_ACCESS_EXISTS || f->seen.len > 0);
    return SQLITE_OK;
}

static int disk_full_path(sqlite3_vfs *vfs, const char *name, int size, char *into)
{
    (void)vfs;
    snprintf(into, (size_t)size, "%s", name);
    return SQLITE_OK;
}

static int disk_randomness(sqlite3_vfs *vfs, int len, char *into)
{
    for (int i = 0; i < len; i++)
        into[i] = (char)powercut_random(vfs->pAppData);
    return len;
}

static int disk_sleep(sqlite3_vfs *vfs, int us)
{
    (void)vfs;
    return us;
}

static int disk_time(sqlite3_vfs *vfs, double *ret)
{
    (void)vfs;
    *ret = 2460000.5;
    return SQLITE_OK;
}

static int disk_last_error(sqlite3_vfs *vfs, int size, char *into)
{
    (void)vfs;
    if (size)
        *into = '\0';
    return 0;
}

struct powercut *powercut_open(const char *vfs_name, uint64_t seed)
{
    struct powercut *disk = powercut_must(calloc(1, sizeof *disk));

    snprintf(disk->vfs_name, sizeof disk->vfs_name, "%s", vfs_name);
    disk->random = seed * UINT64_C(0x9e3779b97f4a7c15) | 1;
    for (size_t i = 0; i < FILES_MAX; i++)
        disk->files[i].last = &disk->files[i].changes;
    disk->vfs = (sqlite3_vfs){
        .iVersion = 1,
        .szOsFile = sizeof(struct open_file),
        .mxPathname = NAME_MAX_BYTES - 1,
        .zName = disk->vfs_name,
        .pAppData = disk,
        .xOpen = disk_open,
        .xDelete = disk_delete,
        .xAccess = disk_access,
        .xFullPathname = disk_full_path,
        .xRandomness = disk_randomness,
        .xSleep = disk_sleep,
        .xCurrentTime = disk_time,
        .xGetLastError = disk_last_error,
    };
    sqlite3_vfs_register(&disk->vfs, 0);
    return disk;
}

void powercut_close(struct powercut *disk)
{
    sqlite3_vfs_unregister(&disk->vfs);
    for (size_t i = 0; i < FILES_MAX; i++) {
        powercut_forget(&disk->files[i]);
        free(disk->files[i].seen.data);
        free(disk->files[i].platter.data);
    }
    free(disk);
}

void powercut_on_step(struct powercut *disk, powercut_step_fn *fn, void *context)
{
    disk->step = fn;
    disk->context = context;
}
