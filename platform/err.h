/* platform/err.h - what went wrong, as a value.
 *
 * Every function that can fail returns a struct err. It is passed up unchanged; whoever decides what
 * to do about it logs it, once. The table also says what to do about each code, so that retry logic
 * is one switch over four words.
 * Thread: any.
 */
#ifndef PICKET_PLATFORM_ERR_H
#define PICKET_PLATFORM_ERR_H

#include <stdbool.h>
#include <stddef.h>

// clang-format off
#define ERR_TABLE(X)                                                        \
    X(OK,          NOTHING,     "ok")                                       \
    X(NO_MEMORY,   TRY_LATER,   "out of memory")                            \
    X(TIMED_OUT,   TRY_LATER,   "no answer in time")                        \
    X(BUSY,        TRY_LATER,   "in use by another")                        \
    X(NO_SPACE,    TRY_LATER,   "no space left")                            \
    X(READ_ONLY,   TRY_LATER,   "the file system is read-only")             \
    X(OS,          TRY_LATER,   "the system failed in another way")         \
    X(DENIED,      STOP_TRYING, "the system said no")                       \
    X(NOT_FOUND,   STOP_TRYING, "there is no such thing")                   \
    X(UNSUPPORTED, STOP_TRYING, "this system does not offer it")            \
    X(EXPOSED,     STOP_TRYING, "others can read or change it")             \
    X(MALFORMED,   DROP_INPUT,  "the bytes do not parse")                   \
    X(TOO_BIG,     DROP_INPUT,  "over the agreed limit")                    \
    X(CORRUPT,     DROP_INPUT,  "what was stored is damaged")
// clang-format on

enum err_code {
#define X(code, advice, text) ERR_##code,
    ERR_TABLE(X)
#undef X
        ERR_CODES
};

enum err_advice { ADVICE_NOTHING, ADVICE_TRY_LATER, ADVICE_STOP_TRYING, ADVICE_DROP_INPUT };

struct err {
    enum err_code code;
    int           os;   /* in libuv's numbering (UV_ENOENT ...); 0 when the system was not asked */
    const char   *step; /* a string literal: what was being attempted; NULL when ok */
};

static inline bool failed(struct err e)
{
    return e.code != ERR_OK;
}

static inline struct err err_ok(void)
{
    return (struct err){ ERR_OK, 0, NULL };
}

static inline struct err err_of(enum err_code code, const char *step)
{
    return (struct err){ code, 0, step };
}

/* errno, GetLastError() or a UV_ number; never ERR_OK, also for 0. */
struct err err_from_os(int os, const char *step);

enum err_advice err_advice(enum err_code code);
const char     *err_name(enum err_code code); /* "NO_SPACE" */
const char     *err_text(enum err_code code); /* "no space left" */

/* "opening the outbox: no space left (ENOSPC: no space left on device)"; always terminated. */
const char *err_print(struct err e, char *into, size_t size);

#endif
