#include "agent/lastrun.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "agent/paths.h"
#include "platform/clock.h"
#include "platform/draft.h"
#include "platform/host.h"
#include "platform/private.h"

enum { MARK_MAX_BYTES = 256 };

static const char        heading[] = "picket-run 1\n";
static const char *const words[] = {
    [ENDING_UNKNOWN] = "unknown", [ENDING_CLEAN] = "clean", [ENDING_UNCLEAN] = "unclean"
};

static struct {
    char           path[FILE_PATH_BYTES];
    char           boot[LASTRUN_BOOT_BYTES];
    struct lastrun last;
    bool           is_open;
} mark;

/* ---- the mark ---- */

struct text {
    char      boot[LASTRUN_BOOT_BYTES], state[16], ended[16];
    long long seen_ms;
};

static bool parse(const char *text, struct text *ret)
{
    return strncmp(text, heading, strlen(heading)) == 0 &&
           sscanf(text + strlen(heading), "boot %39[0-9a-f-]\nstate %15[a-z-]\nended %15[a-z]\nseen %19lld\n",
                  ret->boot, ret->state, ret->ended, &ret->seen_ms) == 4;
}

static enum plat_ending ending_of(const char *word)
{
    for (size_t i = 0; i < ARRAY_LEN(words); i++)
        if (strcmp(words[i], word) == 0)
            return (enum plat_ending)i;
    return ENDING_UNKNOWN;
}

/* Who was told to stop did not see the end, but ends of which nobody was told are rare then; where no system's record is
 * kept at all, every end would look like one. */
void lastrun_judge(const char *text, const struct lastrun_now *now, struct lastrun *ret)
{
    struct text was;
    bool        known = parse(text, &was), stopped = known && strcmp(was.state, "stopped") == 0;

    *ret = (struct lastrun){ now->recorded, 0 };
    if (!known)
        return;
    if (strcmp(was.boot, now->boot) == 0) {
        *ret = (struct lastrun){ ending_of(was.ended), was.seen_ms };
        return;
    }
    ret->seen_ms = now->mark_ms;
    if (stopped)
        ret->ending = ENDING_CLEAN;
    else if (now->recorded == ENDING_UNKNOWN)
        ret->ending = ENDING_UNCLEAN;
}

static void write_mark(const char *state)
{
    char               text[MARK_MAX_BYTES];
    struct plat_draft *draft = NULL;
    int len = snprintf(text, sizeof text, "%sboot %s\nstate %s\nended %s\nseen %lld\n", heading, mark.boot, state,
                       words[mark.last.ending], (long long)mark.last.seen_ms);
    struct err e = plat_draft_open(mark.path, &draft);

    if (!failed(e))
        e = plat_draft_write(draft, text, (size_t)len);
    if (!failed(e))
        (void)plat_draft_publish(&draft);
    plat_draft_discard(&draft);
}

static int64_t touched_ms(const char *path)
{
    uv_fs_t request;
    int64_t ms = 0;

    if (uv_fs_stat(NULL, &request, path, NULL) == 0)
        ms = (int64_t)request.statbuf.st_mtim.tv_sec * 1000;
    uv_fs_req_cleanup(&request);
    return ms;
}

/* ---- this run ---- */

static void no_gap(void *context, const char *part, struct err why)
{
    (void)context;
    (void)part;
    (void)why;
}

static void judge(const char *text, int64_t mark_ms)
{
    static const struct plat_source here = { "", no_gap, NULL };
    struct plat_host                host;

    plat_host_read(&here, &host);
    snprintf(mark.boot, sizeof mark.boot, "%s", host.boot_id);
    lastrun_judge(text, &(struct lastrun_now){ mark.boot, plat_ending_read("", host.booted_ms), mark_ms }, &mark.last);
}

void lastrun_open(const char *state_dir)
{
    struct buf text;

    snprintf(mark.path, sizeof mark.path, "%s/last-run", state_dir);
    buf_init(&text, MARK_MAX_BYTES);
    (void)plat_private_read(mark.path, &text);
    judge(buf_text(&text), touched_ms(mark.path));
    buf_done(&text);
    mark.is_open = mark.boot[0] != '\0';
    if (mark.is_open)
        write_mark("at-work");
}

void lastrun_close(void)
{
    if (mark.is_open)
        write_mark("stopped");
    mark.is_open = false;
}

void lastrun_get(struct lastrun *ret)
{
    double  now_s = (double)plat_clock_wall_ms() / 1000;
    uv_fs_t request;

    if (mark.is_open) {
        uv_fs_utime(NULL, &request, mark.path, now_s, now_s, NULL);
        uv_fs_req_cleanup(&request);
    } else if (!mark.boot[0]) {
        judge("", 0);
    }
    *ret = mark.last;
}
