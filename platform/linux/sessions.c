#include "platform/sessions.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "platform/linux/login_parse.h"
#include "platform/linux/rooted.h"

enum { USERS_MAX = 64, UTMP_MAX_BYTES = 1024 * LOGIN_RECORD_MAX, SESSION_HEAD_BYTES = 2048 };

static const char folder[] = "/run/systemd/sessions", step[] = "counting sessions";

/* Accounts are told apart by a number: their id, or a sum of their name. */
struct count {
    const char          *root;
    struct plat_sessions sessions;
    uint64_t             users[USERS_MAX];
};

static void add(struct count *c, uint64_t user, bool remote)
{
    uint32_t i = 0;

    if (remote)
        c->sessions.remote++;
    else
        c->sessions.local++;
    while (i < c->sessions.users && c->users[i] != user)
        i++;
    if (i == c->sessions.users && i < USERS_MAX)
        c->users[c->sessions.users++] = user;
}

static void add_session(void *context, const char *name)
{
    struct count *c = context;
    char          path[ROOTED_PATH_BYTES], text[SESSION_HEAD_BYTES];
    uint64_t      user;
    bool          remote;

    if (strchr(name, '.') || strlen(name) > 64) /* "12.ref" is a pipe */
        return;
    snprintf(path, sizeof path, "%s/%s", folder, name);
    if (login_session_parse(text, rooted_head(c->root, path, text, sizeof text), &user, &remote))
        add(c, user, remote);
}

/* ---- utmp ---- */

/* What died without a farewell left its record. */
static bool is_alive(int32_t pid)
{
    return pid > 0 && (kill(pid, 0) == 0 || errno != ESRCH);
}

static uint64_t number_of(const char *name)
{
    uint64_t sum = 14695981039346656037u;

    while (*name)
        sum = (sum ^ (unsigned char)*name++) * 1099511628211u;
    return sum;
}

static struct err add_utmp(struct count *c)
{
    struct buf   text;
    struct login login;
    size_t       record;
    struct err   e;

    buf_init(&text, UTMP_MAX_BYTES);
    e = rooted_read(c->root, "/run/utmp", step, &text);
    record = failed(e) ? 0 : login_record_bytes(buf_text(&text), text.len);
    for (size_t at = 0; record && at < text.len; at += record) {
        login_parse(text.data + at, record, &login);
        if (login.kind == LOGIN_USER && (c->root[0] || is_alive(login.pid)))
            add(c, number_of(login.user), login.host[0] && login.host[0] != ':');
    }
    if (!failed(e) && !record && text.len)
        e = err_of(ERR_MALFORMED, step);
    buf_done(&text);
    return e;
}

struct err plat_sessions_read(const char *root, struct plat_sessions *ret)
{
    struct count c = { .root = root };
    struct err   e = rooted_each(root, folder, add_session, &c), other;

    if (failed(e) || c.sessions.users == 0) {
        other = add_utmp(&c);
        e = failed(e) || other.code != ERR_NOT_FOUND ? other : e;
    }
    if (e.code == ERR_NOT_FOUND)
        return err_of(ERR_UNSUPPORTED, "nobody keeps a list of sessions here (systemd-logind, utmp)");
    if (!failed(e))
        *ret = c.sessions;
    return e;
}
