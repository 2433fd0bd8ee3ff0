#include "agent/bundle/sieve.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { SECRETS_MAX = 4096, SECRET_MAX = 4096, TOKEN_LEAST = 15 /* "Basic authentication" is none */ };

#define REMOVED "(removed)"

struct secret {
    char  *text;
    size_t len;
};

struct sieve {
    struct secret all[SECRETS_MAX];
    size_t        count;
    struct err    err; /* the first failure to keep one sticks: nothing may be let through then */
};

struct err sieve_new(struct sieve **ret)
{
    struct sieve *s = calloc(1, sizeof *s);

    if (!s)
        return err_of(ERR_NO_MEMORY, "keeping secrets apart");
    *ret = s;
    return err_ok();
}

static void wipe(char *text, size_t len)
{
    for (volatile char *at = text; len > 0; len--)
        *at++ = 0;
}

void sieve_free(struct sieve **sieve)
{
    struct sieve *s = *sieve;

    if (!s)
        return;
    for (size_t i = 0; i < s->count; i++) {
        wipe(s->all[i].text, s->all[i].len);
        free(s->all[i].text);
    }
    free(s);
    *sieve = NULL;
}

/* ---- what is known ---- */

static void keep(struct sieve *s, const char *text, size_t len)
{
    static const char step[] = "keeping secrets apart";
    char             *copy;

    if (len < SIEVE_LEAST_BYTES || failed(s->err))
        return;
    if (s->count == SECRETS_MAX) {
        s->err = err_of(ERR_TOO_BIG, step);
        return;
    }
    copy = malloc(len);
    if (!copy) {
        s->err = err_of(ERR_NO_MEMORY, step);
        return;
    }
    memcpy(copy, text, len);
    s->all[s->count].text = copy;
    s->all[s->count++].len = len;
}

/* As it stands, and as a JSON text has it. */
static void keep_both(struct sieve *s, const char *text, size_t len)
{
    char   quoted[2 * SECRET_MAX];
    size_t out = 0;

    keep(s, text, len);
    for (size_t i = 0; i < len && i < SECRET_MAX; i++) {
        if (text[i] == '"' || text[i] == '\\')
            quoted[out++] = '\\';
        quoted[out++] = text[i];
    }
    if (out > len)
        keep(s, quoted, out);
    wipe(quoted, sizeof quoted);
}

void sieve_add(struct sieve *s, const char *secret)
{
    while (*secret) {
        size_t len = strcspn(secret, "\r\n");

        keep_both(s, secret, len);
        secret += len;
        secret += strspn(secret, "\r\n");
    }
}

static int hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

static void add_decoded(struct sieve *s, const char *text, size_t len)
{
    char   plain[SECRET_MAX];
    size_t out = 0;

    for (size_t i = 0; i < len && out < sizeof plain; i++) {
        bool coded = text[i] == '%' && i + 2 < len && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0;

        plain[out++] = coded ? (char)(hex_digit(text[i + 1]) << 4 | hex_digit(text[i + 2])) : text[i];
        i += coded ? 2 : 0;
    }
    keep_both(s, text, len);
    keep_both(s, plain, out);
    wipe(plain, sizeof plain);
}

/* Bytes of "user:password" between "://" and the last "@" of the word: also where somebody did not write it as links want it;
 * 0: there is none. */
static size_t userinfo_len(const char *at, const char *end)
{
    size_t found = 0;

    for (const char *p = at; p < end && !strchr("\"'<> \t\r\n", *p); p++)
        if (*p == '@')
            found = (size_t)(p - at);
    return found;
}

void sieve_add_links(struct sieve *s, const char *text)
{
    const char *end = text + strlen(text);

    for (const char *at = strstr(text, "://"); at; at = strstr(at, "://")) {
        size_t      len;
        const char *colon;

        at += 3;
        len = userinfo_len(at, end);
        colon = memchr(at, ':', len);
        if (colon)
            add_decoded(s, colon + 1, len - (size_t)(colon + 1 - at));
    }
}

/* ---- taking out ---- */

/* Bytes of the longest secret that stands here; 0: none does. */
static size_t secret_at(const struct sieve *s, const char *at, const char *end)
{
    size_t longest = 0;

    for (size_t i = 0; i < s->count; i++)
        if (s->all[i].len > longest && (size_t)(end - at) >= s->all[i].len && at[0] == s->all[i].text[0] &&
            memcmp(at, s->all[i].text, s->all[i].len) == 0)
            longest = s->all[i].len;
    return longest;
}

/* Behind "Bearer ": the next word; 0 if none of them stands before it. */
static size_t token_at(const char *begin, const char *at, const char *end)
{
    static const char *const schemes[] = { "bearer ", "basic ", "digest " };
    size_t                   len = 0;

    for (size_t i = 0; i < ARRAY_LEN(schemes); i++) {
        size_t before = strlen(schemes[i]);

        if ((size_t)(at - begin) < before || strncasecmp(at - before, schemes[i], before) != 0)
            continue;
        while (at + len < end && (isalnum((unsigned char)at[len]) || (at[len] && strchr("+/=-_.~", at[len]))))
            len++;
    }
    return len >= TOKEN_LEAST ? len : 0;
}

static size_t to_remove(const struct sieve *s, const char *begin, const char *at, const char *end)
{
    size_t len = secret_at(s, at, end);

    if (len == 0 && at - begin >= 3 && memcmp(at - 3, "://", 3) == 0)
        len = userinfo_len(at, end);
    return len ? len : token_at(begin, at, end);
}

struct err sieve_put(const struct sieve *s, const char *text, size_t len, struct buf *into)
{
    const char *end = text + len, *kept = text;
    struct err  e = s->err;

    for (const char *at = text; at < end && !failed(e);) {
        size_t out = to_remove(s, text, at, end);

        if (out == 0) {
            at++;
            continue;
        }
        e = buf_add(into, kept, (size_t)(at - kept));
        if (!failed(e))
            e = buf_add_text(into, REMOVED);
        at += out;
        kept = at;
    }
    return failed(e) ? e : buf_add(into, kept, (size_t)(end - kept));
}
