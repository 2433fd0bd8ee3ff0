#include "platform/raid.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "platform/buf.h"
#include "platform/linux/health_parse.h"
#include "platform/linux/procfile.h"
#include "platform/linux/scan.h"
#include "platform/linux/sysfile.h"

static struct procfile file = {
    .path = "/proc/mdstat", .step = "reading /proc/mdstat", .max_bytes = 256 << 10, .rows = true
};

/* ---- md: one paragraph an array ----
 *
 *     md0 : active raid1 sdb1[1](F) sda1[0] sdc1[2](S)
 *           1046528 blocks super 1.2 [2/1] [U_]
 *           [=>...................]  recovery =  8.5% (88960/1046528) finish=0.8min speed=17792K/sec
 */

struct array {
    struct plat_raid raid;
    char             name[PLAT_RAID_NAME_MAX], level[PLAT_RAID_LEVEL_MAX];
    bool             open;      /* a paragraph has begun */
    bool             container; /* of firmware RAID */
};

static bool holds(struct scan part, const char *text)
{
    size_t len = strlen(text);

    for (size_t i = 0; i + len <= part.len; i++)
        if (memcmp(part.at + i, text, len) == 0)
            return true;
    return false;
}

static void give(struct array *a, plat_raid_fn *each, void *context)
{
    if (a->open && !a->container)
        each(context, &a->raid);
    *a = (struct array){ .open = false };
}

/* "sdb1[1](W)(F)": the marks behind the place. */
static void count_member(struct array *a, struct scan member)
{
    if (holds(member, "(F)"))
        a->raid.failed++;
    else if (holds(member, "(S)"))
        a->raid.spare++;
}

/* "active", "active (read-only)", "inactive", "broken"; then the level, which an inactive one has not. */
static bool parse_first_line(struct array *a, struct scan line)
{
    struct scan word;

    if (!scan_word(&line, &word) || !scan_copy(word, a->name, sizeof a->name) || !scan_word(&line, &word) ||
        !scan_is(word, ":") || !scan_word(&line, &word))
        return false;
    a->open = true;
    a->raid.name = a->name;
    a->raid.level = a->level;
    a->raid.has_disks = true;
    a->raid.inactive = scan_is(word, "inactive");
    a->raid.degraded = scan_is(word, "broken") || scan_is(word, "FAILED");
    while (scan_word(&line, &word))
        if (holds(word, "["))
            count_member(a, word);
        else if (word.at[0] != '(' && !a->level[0])
            (void)scan_copy(word, a->level, sizeof a->level);
    return true;
}

/* "[3/2]": so many wanted, so many at work. */
static bool parse_strength(struct scan word, uint32_t *ret_missing)
{
    struct scan part, wanted, have;
    uint64_t    w, h;

    if (!scan_until(&word, '[', &part) || part.len || !scan_until(&word, '/', &wanted) ||
        !scan_until(&word, ']', &have) || !scan_u64(&wanted, &w) || wanted.len || !scan_u64(&have, &h) || have.len ||
        w > UINT16_MAX || h > w)
        return false;
    *ret_missing = (uint32_t)(w - h);
    return true;
}

/* "recovery =  8.5% (...": also "resync=DELAYED", which has no number yet. */
static void parse_progress(struct array *a, struct scan line)
{
    struct scan before, number;
    double      percent;

    if (!holds(line, "resync") && !holds(line, "recovery") && !holds(line, "reshape") && !holds(line, "check"))
        return;
    a->raid.syncing = true;
    while (scan_until(&line, '=', &before))
        if (holds(before, "resync") || holds(before, "recovery") || holds(before, "reshape") || holds(before, "check"))
            break;
    if (scan_until(&line, '%', &number) && scan_decimal(&number, &percent) && percent <= 100)
        a->raid.progress = percent / 100;
}

static void parse_further_line(struct array *a, struct scan line)
{
    struct scan words = line, word;
    uint32_t    missing;

    if (holds(line, "super external:imsm") || holds(line, "super external:ddf"))
        a->container = true;
    while (scan_word(&words, &word))
        if (parse_strength(word, &missing)) {
            a->raid.missing = missing;
            a->raid.degraded |= missing > 0;
        }
    parse_progress(a, line);
}

struct err plat_mdstat_parse(const char *text, size_t len, plat_raid_fn *each, void *context)
{
    struct scan  all = { text, len }, line;
    struct array a = { .open = false };
    bool         understood = true;

    while (scan_line(&all, &line)) {
        if (line.len == 0 || scan_begins(line, "Personalities") || scan_begins(line, "unused devices") ||
            scan_begins(line, "read_ahead"))
            continue;
        if (line.at[0] == ' ' || line.at[0] == '\t') {
            if (a.open)
                parse_further_line(&a, line);
            continue;
        }
        give(&a, each, context);
        understood &= parse_first_line(&a, line);
    }
    give(&a, each, context);
    return understood ? err_ok() : err_of(ERR_MALFORMED, file.step);
}

/* ---- ZFS ---- */

struct err plat_zfs_state_parse(const char *text, size_t len, bool *ret_degraded)
{
    static const char *const bad[] = { "DEGRADED", "FAULTED", "OFFLINE", "REMOVED", "UNAVAIL", "SUSPENDED" };
    struct scan              line = { text, len }, word;

    if (!scan_word(&line, &word))
        return err_of(ERR_MALFORMED, "reading the state of a ZFS pool");
    while (word.len && word.at[word.len - 1] == '\n')
        word.len--;
    for (size_t i = 0; i < ARRAY_LEN(bad); i++)
        if (scan_is(word, bad[i])) {
            *ret_degraded = true;
            return err_ok();
        }
    if (!scan_is(word, "ONLINE"))
        return err_of(ERR_MALFORMED, "reading the state of a ZFS pool");
    *ret_degraded = false;
    return err_ok();
}

/* A pool is a folder with a file "state", which ZFS before 0.8 does not have. */
static struct err read_pool(const char *name, plat_raid_fn *each, void *context)
{
    char             state[32];
    struct plat_raid pool = { .name = name, .level = "zfs" };
    struct err       e =
        sysfile_read("reading the state of a ZFS pool", state, sizeof state, "/proc/spl/kstat/zfs/%s/state", name);

    if (failed(e))
        return e.code == ERR_NOT_FOUND ? err_ok() : e;
    e = plat_zfs_state_parse(state, strlen(state), &pool.degraded);
    if (!failed(e))
        each(context, &pool);
    return e;
}

static struct err read_pools(plat_raid_fn *each, void *context)
{
    DIR       *dir = opendir("/proc/spl/kstat/zfs");
    struct err e = err_ok();

    if (!dir)
        return err_of(ERR_UNSUPPORTED, "looking for ZFS pools");
    for (struct dirent *entry; !failed(e) && (entry = readdir(dir));)
        if (entry->d_type == DT_DIR && entry->d_name[0] != '.')
            e = read_pool(entry->d_name, each, context);
    closedir(dir);
    return e;
}

/* ---- both ---- */

struct err plat_raid_read(plat_raid_fn *each, void *context)
{
    const char *text;
    size_t      len;
    struct err  md = procfile_read(&file, &text, &len), zfs;

    if (!failed(md))
        md = plat_mdstat_parse(text, len, each, context);
    zfs = read_pools(each, context);
    if (md.code == ERR_UNSUPPORTED && zfs.code == ERR_UNSUPPORTED)
        return err_of(ERR_UNSUPPORTED, "neither md nor ZFS is in this kernel");
    if (failed(md) && md.code != ERR_UNSUPPORTED)
        return md;
    return zfs.code == ERR_UNSUPPORTED ? err_ok() : zfs;
}

void plat_raid_done(void)
{
    procfile_close(&file);
}
