#include "platform/accounts.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "platform/linux/account_parse.h"
#include "platform/linux/rooted.h"
#include "platform/linux/scan.h"

enum { FILE_MAX_BYTES = 8 << 20, TEXT_MAX = 256, MEMBERS_MAX = 16 << 10, PASSWD_FIELDS = 7, GROUP_FIELDS = 4 };

/* The parts between colons; false unless there are count. */
static bool split(struct scan line, struct scan *fields, size_t count)
{
    for (size_t i = 0; i + 1 < count; i++)
        if (!scan_until(&line, ':', &fields[i]))
            return false;
    fields[count - 1] = line;
    return !memchr(line.len ? line.at : "", ':', line.len);
}

static bool number_of(struct scan field, uint32_t *ret)
{
    uint64_t number;

    if (!scan_u64(&field, &number) || number > UINT32_MAX)
        return false;
    *ret = (uint32_t)number;
    return true;
}

static bool is_passed_over(struct scan line)
{
    return line.len == 0 || line.at[0] == '+' || line.at[0] == '-' || line.at[0] == '#';
}

/* ---- passwords ---- */

static enum plat_password password_state(struct scan hash)
{
    if (hash.len == 0)
        return PASSWORD_EMPTY;
    return hash.at[0] == '!' || hash.at[0] == '*' ? PASSWORD_LOCKED : PASSWORD_SET;
}

/* Both files have the same order as a rule: where the last one was found the next one begins. */
static bool find_shadow(struct scan all, size_t *at, struct scan name, struct scan *ret_line)
{
    for (int turn = 0; turn < 2; turn++) {
        struct scan rest = { all.at + *at, all.len - *at }, line, found;

        while (scan_line(&rest, &line)) {
            struct scan after = line;

            if (scan_until(&after, ':', &found) && found.len == name.len && memcmp(found.at, name.at, name.len) == 0) {
                *at = all.len - rest.len;
                *ret_line = after;
                return true;
            }
        }
        *at = 0;
    }
    return false;
}

static void take_password(struct scan shadow, size_t *at, struct scan name, struct scan field, struct plat_account *ret)
{
    struct scan line, hash, day;
    uint64_t    number;

    ret->password_changed_day = -1;
    ret->password = PASSWORD_UNKNOWN;
    if (!scan_is(field, "x")) {
        ret->password = password_state(field);
        return;
    }
    if (!shadow.at || !find_shadow(shadow, at, name, &line) || !scan_until(&line, ':', &hash))
        return;
    ret->password = password_state(hash);
    if (scan_until(&line, ':', &day) && day.len && scan_u64(&day, &number) && number > 0 && number < 1 << 20)
        ret->password_changed_day = (int64_t)number;
}

/* ---- lines ---- */

static bool take_account(struct scan line, struct scan shadow, size_t *at, plat_account_fn *each, void *context)
{
    struct scan         f[PASSWD_FIELDS];
    char                name[TEXT_MAX], full_name[TEXT_MAX], home[TEXT_MAX], shell[TEXT_MAX];
    struct plat_account a = { name, full_name, home, shell, 0, 0, PASSWORD_UNKNOWN, -1 };

    if (!split(line, f, PASSWD_FIELDS) || f[0].len == 0 || !number_of(f[2], &a.id) || !number_of(f[3], &a.group) ||
        !scan_copy(f[0], name, sizeof name) || !scan_copy(f[4], full_name, sizeof full_name) ||
        !scan_copy(f[5], home, sizeof home) || !scan_copy(f[6], shell, sizeof shell))
        return false;
    full_name[strcspn(full_name, ",")] = '\0'; /* behind it: room and telephone */
    take_password(shadow, at, f[0], f[1], &a);
    each(context, &a);
    return true;
}

struct err plat_passwd_parse(const char *text, size_t len, const char *shadow, size_t shadow_len, plat_account_fn *each,
                             void *context)
{
    struct scan all = { text, len }, line;
    size_t      at = 0;
    bool        sound = true;

    while (scan_line(&all, &line))
        if (!is_passed_over(line))
            sound = take_account(line, (struct scan){ shadow, shadow_len }, &at, each, context) && sound;
    return sound ? err_ok() : err_of(ERR_MALFORMED, "reading /etc/passwd");
}

static bool take_group(struct scan line, char *members, plat_group_fn *each, void *context)
{
    struct scan       f[GROUP_FIELDS];
    char              name[TEXT_MAX];
    struct plat_group g = { name, 0, members };

    if (!split(line, f, GROUP_FIELDS) || f[0].len == 0 || !number_of(f[2], &g.id) ||
        !scan_copy(f[0], name, sizeof name) || !scan_copy(f[3], members, MEMBERS_MAX))
        return false;
    each(context, &g);
    return true;
}

struct err plat_group_parse(const char *text, size_t len, plat_group_fn *each, void *context)
{
    struct scan all = { text, len }, line;
    bool        sound = true;
    char       *members = malloc(MEMBERS_MAX);

    if (!members)
        return err_of(ERR_NO_MEMORY, "reading /etc/group");
    while (scan_line(&all, &line))
        if (!is_passed_over(line))
            sound = take_group(line, members, each, context) && sound;
    free(members);
    return sound ? err_ok() : err_of(ERR_MALFORMED, "reading /etc/group");
}

/* ---- files ---- */

/* In one piece of memory of its own, so that no copy stays behind, and overwritten before it is freed: volatile keeps the
 * compiler from dropping that. */
struct hidden {
    char  *text;
    size_t room, len;
};

static struct err read_hidden(const char *root, struct hidden *ret)
{
    static const char step[] = "reading /etc/shadow";
    struct stat       at;
    ssize_t           got = 0;
    int               fd;
    struct err        e = rooted_open(root, "/etc/shadow", step, &fd);

    if (failed(e))
        return e;
    if (fstat(fd, &at) != 0)
        e = err_from_os(errno, step);
    else if (at.st_size > FILE_MAX_BYTES)
        e = err_of(ERR_TOO_BIG, step);
    if (!failed(e)) {
        ret->room = (size_t)at.st_size + 1;
        ret->text = malloc(ret->room);
        if (!ret->text)
            e = err_of(ERR_NO_MEMORY, step);
    }
    while (!failed(e) && ret->len < ret->room && (got = read(fd, ret->text + ret->len, ret->room - ret->len)) != 0) {
        if (got > 0)
            ret->len += (size_t)got;
        else if (errno != EINTR)
            e = err_from_os(errno, step);
    }
    close(fd);
    return e;
}

static void drop_hidden(struct hidden *h)
{
    if (h->text)
        for (volatile char *at = h->text, *end = at + h->room; at < end; at++)
            *at = 0;
    free(h->text);
}

void plat_accounts_each(const struct plat_source *from, plat_account_fn *each, void *context)
{
    struct hidden hidden = { NULL, 0, 0 };
    struct buf    text;
    struct err    e;

    buf_init(&text, FILE_MAX_BYTES);
    e = rooted_read(from->root, "/etc/passwd", "reading /etc/passwd", &text);
    if (!failed(e)) {
        struct err denied = read_hidden(from->root, &hidden);

        e = plat_passwd_parse(text.data, text.len, failed(denied) ? NULL : hidden.text, hidden.len, each, context);
        if (failed(denied) && denied.code != ERR_NOT_FOUND)
            from->gap(from->context, "passwords", denied);
    }
    if (failed(e))
        from->gap(from->context, "accounts", e);
    drop_hidden(&hidden);
    buf_done(&text);
}

void plat_groups_each(const struct plat_source *from, plat_group_fn *each, void *context)
{
    struct buf text;
    struct err e;

    buf_init(&text, FILE_MAX_BYTES);
    e = rooted_read(from->root, "/etc/group", "reading /etc/group", &text);
    if (!failed(e))
        e = plat_group_parse(text.data, text.len, each, context);
    if (failed(e))
        from->gap(from->context, "groups", e);
    buf_done(&text);
}
