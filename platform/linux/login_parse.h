/* platform/linux/login_parse.h - the records of utmp and wtmp, and the session files of systemd-logind. Pure.
 *
 * A record has 384 bytes, or 400 where the C library of a 64-bit system had no 32-bit one to agree with (arm64). Which of the
 * two, is told by the records.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_LINUX_LOGIN_PARSE_H
#define PICKET_PLATFORM_LINUX_LOGIN_PARSE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* utmp(5) has more kinds; they are passed over. */
enum login_kind { LOGIN_RUN_LEVEL = 1, LOGIN_BOOT = 2, LOGIN_USER = 7 };

enum { LOGIN_RECORD_MAX = 400 };

struct login {
    int     kind;
    int32_t pid;
    char    user[33], host[257]; /* as they are: bytes of whoever logged on */
    int64_t at_s;
};

/* 0: these are no such records. */
size_t login_record_bytes(const char *bytes, size_t len);

/* bytes has at least that many. */
void login_parse(const char *bytes, size_t record_bytes, struct login *ret);

/* One of /run/systemd/sessions. False: not somebody who is logged on (a greeter, the user's own manager, one that is
 * ending). */
bool login_session_parse(const char *text, size_t len, uint64_t *ret_user, bool *ret_remote);

/* How did the run end that was before the boot at booted_s, by the records of wtmp? UNKNOWN where they do not tell. */
enum login_end { LOGIN_END_UNKNOWN, LOGIN_END_CLEAN, LOGIN_END_UNCLEAN };
enum login_end login_end_before(const char *bytes, size_t len, int64_t booted_s);

#endif
