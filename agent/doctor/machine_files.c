/* What the agent keeps on disk, and what it needs there. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "agent/doctor/exam.h"
#include "agent/outbox/examine.h"
#include "platform/clock.h"
#include "platform/user.h"

enum { OTHERS_MAY_WRITE = 022, OTHERS_MAY_READ = 055, SOCKET_PATH_MAX = 107, ROOT = 0, KEPT_ASIDE = 3 };

static const uint64_t LEAST_BYTES = 1024 * 1024, LEAST_INODES = 16, MB = 1024 * 1024;

static int look_at(const char *path, uv_stat_t *ret)
{
    uv_fs_t request;
    int     status = uv_fs_lstat(NULL, &request, path, NULL);

    if (status == 0)
        *ret = request.statbuf;
    uv_fs_req_cleanup(&request);
    return status;
}

/* ---- folders ---- */

static bool is_folder(const uv_stat_t *at)
{
    return (at->st_mode & 0170000) == 0040000;
}

/* True if all is well with it, or there is nothing to say. */
static bool folder_is_good(struct exam *x, const char *path, bool is_private)
{
    struct plat_user self;
    uv_stat_t        at;
    int              status = look_at(path, &at);

    plat_user_self(&self);
    if (status == UV_ENOENT)
        return true;
    if (status != 0) {
        exam_say(x, status == UV_EACCES ? FINDING_SKIPPED : FINDING_FAILED, "%s: %s", path, uv_strerror(status));
        return false;
    }
    if (!is_folder(&at)) {
        exam_advise(x, "Move it away: the agent makes the folder itself.");
        exam_say(x, FINDING_FAILED, "%s is no folder", path);
        return false;
    }
    if (x->order.of_system ? at.st_uid != ROOT : at.st_uid != ROOT && at.st_uid != self.id) {
        exam_advise(x, "chown %s %s", x->order.of_system ? "root" : self.name, path);
        exam_say(x, FINDING_FAILED, "%s belongs to another account (%" PRIu64 "): the agent will not use it", path, at.st_uid);
        return false;
    }
    if (at.st_mode & OTHERS_MAY_WRITE) {
        exam_advise(x, "chmod go-w %s", path);
        exam_say(x, FINDING_FAILED, "%s: others can write to it, and so replace what the agent knows", path);
        return false;
    }
    if (is_private && at.st_mode & OTHERS_MAY_READ) {
        exam_advise(x, "chmod 700 %s", path);
        exam_say(x, FINDING_WARNING, "%s: others can look into it", path);
        return false;
    }
    return true;
}

void exam_folders(struct exam *x)
{
    const struct exam_order *o = &x->order;
    uv_stat_t                at;
    bool                     shared = strcmp(o->state_dir, o->run_dir) == 0;

    if (look_at(o->state_dir, &at) == UV_ENOENT) {
        exam_say(x, FINDING_SKIPPED, "%s is not there: the agent makes it when it first runs", o->state_dir);
        return;
    }
    if (folder_is_good(x, o->state_dir, true) && (shared || folder_is_good(x, o->run_dir, false)))
        exam_say(x, FINDING_OK, "%s is the agent's alone", o->state_dir);
}

/* ---- room ---- */

static void say_full(struct exam *x, const char *what)
{
    exam_advise(x, "Make room. Until then alerts stand in memory alone and a restart loses them; they are written as soon as "
                   "the disk takes them.");
    exam_say(x, FINDING_FAILED, "%s: no %s left for the database", x->order.state_dir, what);
}

static bool is_writable(const char *path)
{
    uv_fs_t request;
    int     status = uv_fs_access(NULL, &request, path, 2 /* W_OK */, NULL);

    uv_fs_req_cleanup(&request);
    return status != UV_EROFS;
}

static void judge_room(struct exam *x, uint64_t bytes, uint64_t inodes, bool has_inodes)
{
    uint64_t outbox_mb = x->config ? x->config->outbox_mb : 16;

    if (bytes < LEAST_BYTES) {
        say_full(x, "space");
    } else if (has_inodes && inodes < LEAST_INODES) {
        say_full(x, "inodes");
    } else if (bytes < 2 * outbox_mb * MB) {
        exam_advise(x, "The database may grow to %" PRIu64 " MB (\"outbox\": \"max_mb\" in the configuration): make room.",
                    outbox_mb);
        exam_say(x, FINDING_WARNING, "%s: %" PRIu64 " MB free", x->order.state_dir, bytes / MB);
    } else if (has_inodes) {
        exam_say(x, FINDING_OK, "%" PRIu64 " MB and %" PRIu64 " inodes free for %s", bytes / MB, inodes, x->order.state_dir);
    } else {
        exam_say(x, FINDING_OK, "%" PRIu64 " MB free for %s", bytes / MB, x->order.state_dir);
    }
}

void exam_disk(struct exam *x)
{
    uv_fs_t      request;
    uv_statfs_t *fs;
    int          status = uv_fs_statfs(NULL, &request, x->order.state_dir, NULL);

    if (status == UV_ENOENT) {
        exam_say(x, FINDING_SKIPPED, "%s is not there yet", x->order.state_dir);
    } else if (status != 0) {
        exam_say(x, FINDING_FAILED, "%s: %s", x->order.state_dir, uv_strerror(status));
    } else if (!is_writable(x->order.state_dir)) {
        exam_advise(x, "Find out why (dmesg; a failing disk is often mounted so) and mount it writable again.");
        exam_say(x, FINDING_FAILED, "%s: the file system is read-only", x->order.state_dir);
    } else {
        fs = request.ptr;
        judge_room(x, fs->f_bavail * fs->f_bsize, fs->f_ffree, fs->f_files > 0);
    }
    uv_fs_req_cleanup(&request);
}

/* ---- the database ---- */

static void say_facts(struct exam *x, const struct outbox_facts *f)
{
    char since[CLOCK_TEXT_BYTES];

    if (f->blocks)
        exam_say(x, FINDING_OK,
                 "sound; %" PRIu64 " kB, %" PRIu64 " alerts (%" PRIu64 " open), %" PRIu64 " samples since %s",
                 (f->file_bytes + f->log_bytes + 1023) / 1024, f->alerts, f->alerts_open, f->samples,
                 plat_clock_print(f->first_ms, since));
    else
        exam_say(x, FINDING_OK, "sound; %" PRIu64 " kB, %" PRIu64 " alerts (%" PRIu64 " open), no samples yet",
                 (f->file_bytes + f->log_bytes + 1023) / 1024, f->alerts, f->alerts_open);
}

void exam_database(struct exam *x)
{
    struct outbox_facts f = { 0 };
    struct err          e = outbox_examine(x->order.outbox, &f);
    char                why[160];

    switch (e.code) {
    case ERR_OK:
        say_facts(x, &f);
        return;
    case ERR_NOT_FOUND:
        exam_say(x, FINDING_SKIPPED, "there is none yet at %s", x->order.outbox);
        return;
    case ERR_DENIED:
        exam_advise(x, "Run this as root.");
        exam_say(x, FINDING_SKIPPED, "%s: it is the agent's alone", x->order.outbox);
        return;
    case ERR_CORRUPT:
        exam_advise(x, "systemctl restart picket sets it aside and begins a new one with what the agent still knows. Then look "
                       "at the disk: smartctl -a, dmesg.");
        exam_say(x, FINDING_FAILED, "%s is damaged: %s", x->order.outbox, f.fault[0] ? f.fault : err_print(e, why, sizeof why));
        return;
    case ERR_MALFORMED:
        exam_advise(x, "Move the file away; the agent begins a new one.");
        exam_say(x, FINDING_FAILED, "%s is another program's database", x->order.outbox);
        return;
    default:
        exam_say(x, e.code == ERR_BUSY || e.code == ERR_NO_SPACE ? FINDING_SKIPPED : FINDING_FAILED, "%s: %s", x->order.outbox,
                 err_print(e, why, sizeof why));
    }
}

void exam_leftovers(struct exam *x)
{
    uint64_t  bytes = 0;
    int       count = 0;
    char      path[sizeof x->order.outbox + 24];
    uv_stat_t at;

    for (int i = 1; i <= KEPT_ASIDE; i++) {
        snprintf(path, sizeof path, "%s.damaged-%d", x->order.outbox, i);
        if (look_at(path, &at) != 0)
            continue;
        count++;
        bytes += at.st_size;
    }
    if (count == 0) {
        exam_say(x, FINDING_OK, "no database was set aside");
        return;
    }
    exam_advise(x, "Look for the cause (the disk, a power cut); then remove %s.damaged-*. The agent needs none of them.",
                x->order.outbox);
    exam_say(x, FINDING_WARNING, "%d damaged database%s (%" PRIu64 " kB) set aside in %s", count,
             count == 1 ? " was" : "s were", (bytes + 1023) / 1024, x->order.state_dir);
}

void exam_paths(struct exam *x)
{
    size_t len = strlen(x->order.control);

    if (len <= SOCKET_PATH_MAX) {
        exam_say(x, FINDING_OK, "the control socket's path has %zu of at most %d bytes", len, SOCKET_PATH_MAX);
        return;
    }
    exam_advise(x, "Give the agent a state folder with a shorter path (--state DIR).");
    exam_say(x, FINDING_FAILED, "%s has %zu bytes; a socket's path may have %d", x->order.control, len, SOCKET_PATH_MAX);
}
