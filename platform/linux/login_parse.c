#include "platform/linux/login_parse.h"

#include <string.h>

#include "platform/buf.h"
#include "platform/linux/scan.h"

/* Where the fields are; utmp(5) has them as a struct, which musl has in another form. */
enum { KIND = 0, PID = 4, USER = 44, HOST = 76, USER_BYTES = 32, HOST_BYTES = 256 };

static const struct layout {
    size_t bytes, at, at_bytes;
} layouts[] = { { 384, 340, 4 }, { 400, 344, 8 } };

enum { KIND_MOST = 9 };

static int kind_of(const char *record)
{
    int16_t kind;

    memcpy(&kind, record + KIND, sizeof kind);
    return kind;
}

static bool fits(const char *bytes, size_t len, size_t record_bytes)
{
    if (len == 0 || len % record_bytes)
        return false;
    for (size_t at = 0; at < len; at += record_bytes)
        if (kind_of(bytes + at) < 0 || kind_of(bytes + at) > KIND_MOST)
            return false;
    return true;
}

size_t login_record_bytes(const char *bytes, size_t len)
{
    for (size_t i = 0; i < ARRAY_LEN(layouts); i++)
        if (fits(bytes, len, layouts[i].bytes))
            return layouts[i].bytes;
    return 0;
}

static void copy_field(char *into, const char *from, size_t bytes)
{
    size_t len = strnlen(from, bytes);

    memcpy(into, from, len);
    into[len] = '\0';
}

void login_parse(const char *bytes, size_t record_bytes, struct login *ret)
{
    const struct layout *layout = &layouts[record_bytes != layouts[0].bytes];
    int32_t              at_32 = 0;

    ret->kind = kind_of(bytes);
    memcpy(&ret->pid, bytes + PID, sizeof ret->pid);
    copy_field(ret->user, bytes + USER, USER_BYTES);
    copy_field(ret->host, bytes + HOST, HOST_BYTES);
    if (layout->at_bytes == sizeof at_32) {
        memcpy(&at_32, bytes + layout->at, sizeof at_32);
        ret->at_s = (uint32_t)at_32; /* good until 2106 */
    } else {
        memcpy(&ret->at_s, bytes + layout->at, sizeof ret->at_s);
    }
}

/* ---- logind ---- */

static bool is_person(struct scan class)
{
    static const char *const classes[] = { "user", "user-early", "user-light", "user-early-light" };

    for (size_t i = 0; i < ARRAY_LEN(classes); i++)
        if (scan_is(class, classes[i]))
            return true;
    return false;
}

bool login_session_parse(const char *text, size_t len, uint64_t *ret_user, bool *ret_remote)
{
    struct scan all = { text, len }, line, key;
    uint64_t    user = 0;
    bool        person = false, has_user = false, remote = false, closing = false;

    while (scan_line(&all, &line)) {
        if (!scan_until(&line, '=', &key))
            continue;
        if (scan_is(key, "CLASS"))
            person = is_person(line);
        else if (scan_is(key, "REMOTE"))
            remote = scan_is(line, "1");
        else if (scan_is(key, "STATE"))
            closing = scan_is(line, "closing");
        else if (scan_is(key, "UID"))
            has_user = scan_u64(&line, &user);
    }
    if (!person || !has_user || closing)
        return false;
    *ret_user = user;
    *ret_remote = remote;
    return true;
}

/* ---- boots and shutdowns ---- */

/* A clock that was set after the record was made is off by little, or the record is of another boot. */
enum { SAME_BOOT_S = 600 };

static bool same_boot(int64_t at_s, int64_t booted_s)
{
    int64_t off;

    return !__builtin_sub_overflow(at_s, booted_s, &off) && off >= -SAME_BOOT_S && off <= SAME_BOOT_S;
}

enum login_end login_end_before(const char *bytes, size_t len, int64_t booted_s)
{
    size_t       record = login_record_bytes(bytes, len), at = record ? len : 0;
    bool         found = false;
    struct login login;

    while (at >= record && at > 0) {
        at -= record;
        login_parse(bytes + at, record, &login);
        if (login.kind == LOGIN_BOOT && found)
            return LOGIN_END_UNCLEAN;
        if (login.kind == LOGIN_BOOT && !same_boot(login.at_s, booted_s))
            return LOGIN_END_UNKNOWN;
        if (login.kind == LOGIN_BOOT)
            found = true;
        else if (found && login.kind == LOGIN_RUN_LEVEL && strcmp(login.user, "shutdown") == 0)
            return LOGIN_END_CLEAN;
    }
    return LOGIN_END_UNKNOWN;
}
