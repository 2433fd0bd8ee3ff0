#include "agent/replay/words.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/buf.h"

static const uint64_t DURATION_MAX_MS = UINT64_C(10) * 366 * 86400 * 1000;

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* ---- words ---- */

struct splitting {
    const char *at, *end;
    char       *out;
};

static bool quoted(struct splitting *s)
{
    for (s->at++; s->at < s->end && *s->at != '"'; s->at++) {
        if (*s->at == '\\' && s->at + 1 < s->end)
            s->at++;
        *s->out++ = *s->at;
    }
    if (s->at == s->end)
        return false;
    s->at++;
    return true;
}

static bool one_word(struct splitting *s)
{
    while (s->at < s->end && !is_blank(*s->at)) {
        if (*s->at != '"')
            *s->out++ = *s->at++;
        else if (!quoted(s))
            return false;
    }
    *s->out++ = '\0';
    return true;
}

static void rest_of_line(struct splitting *s)
{
    while (s->end > s->at && is_blank(s->end[-1]))
        s->end--;
    memcpy(s->out, s->at, (size_t)(s->end - s->at));
    s->out += s->end - s->at;
    *s->out++ = '\0';
    s->at = s->end;
}

struct err words_split(const char *line, size_t len, struct words *into)
{
    struct splitting s = { line, line + len, into->text };

    into->count = 0;
    if (len > WORDS_LINE_MAX)
        return err_of(ERR_TOO_BIG, "a line of more than 2000 bytes");
    if (memchr(line, '\0', len))
        return err_of(ERR_MALFORMED, "a zero byte in the line");
    for (;;) {
        bool to_the_end = into->count && strcmp(into->word[into->count - 1], ":") == 0;

        while (s.at < s.end && is_blank(*s.at))
            s.at++;
        if (s.at == s.end || (*s.at == '#' && !to_the_end))
            return err_ok();
        if (into->count == WORDS_MAX)
            return err_of(ERR_TOO_BIG, "a line of more than 16 words");
        into->word[into->count++] = s.out;
        if (to_the_end)
            rest_of_line(&s);
        else if (!one_word(&s))
            return err_of(ERR_MALFORMED, "a quote without its end");
    }
}

/* ---- numbers ---- */

/* Digits with at most one point: no sign, no exponent, no "inf" or "nan". */
static bool plain_number(const char *text, const char **end, double *ret)
{
    size_t digits = strspn(text, "0123456789"), more = 0;
    char   copy[40];

    if (text[digits] == '.')
        more = 1 + strspn(text + digits + 1, "0123456789");
    if (digits == 0 || more == 1 || digits + more >= sizeof copy)
        return false;
    memcpy(copy, text, digits + more);
    copy[digits + more] = '\0';
    *ret = strtod(copy, NULL);
    *end = text + digits + more;
    return true;
}

static const struct {
    const char *name;
    uint64_t    in_ms;
} units[] = {
    { "w", 7 * 86400000 }, { "d", 86400000 }, { "h", 3600000 }, { "ms", 1 }, { "m", 60000 }, { "s", 1000 },
};

bool word_duration(const char *text, uint64_t *ret_ms)
{
    double sum = 0;

    if (!*text)
        return false;
    while (*text) {
        double number;
        size_t u = 0;

        if (!plain_number(text, &text, &number))
            return false;
        while (u < ARRAY_LEN(units) && strncmp(text, units[u].name, strlen(units[u].name)) != 0)
            u++;
        if (u == ARRAY_LEN(units))
            return false;
        text += strlen(units[u].name);
        sum += number * (double)units[u].in_ms;
    }
    if (sum > (double)DURATION_MAX_MS)
        return false;
    *ret_ms = (uint64_t)(sum + 0.5);
    return true;
}

bool word_shift(const char *text, int64_t *ret_ms)
{
    uint64_t ms;

    if ((*text != '+' && *text != '-') || !word_duration(text + 1, &ms))
        return false;
    *ret_ms = *text == '-' ? -(int64_t)ms : (int64_t)ms;
    return true;
}

bool word_number(const char *text, double *ret)
{
    static const struct {
        const char *name;
        double      times;
    } suffixes[] = {
        { "", 1 }, { "%", 0.01 }, { "Ki", 1024.0 }, { "Mi", 1048576.0 }, { "Gi", 1073741824.0 }, { "Ti", 1099511627776.0 },
    };
    bool        minus = *text == '-';
    const char *end;
    double      number;
    char       *behind;

    if (!plain_number(text + minus, &end, &number))
        return false;
    if (*end == 'e') { /* as %.9g prints what is very large or very small */
        number = strtod(text + minus, &behind);
        end = behind;
    }
    for (size_t i = 0; i < ARRAY_LEN(suffixes); i++)
        if (strcmp(end, suffixes[i].name) == 0) {
            *ret = (minus ? -number : number) * suffixes[i].times;
            return isfinite(*ret) != 0;
        }
    return false;
}

bool word_count(const char *text, uint64_t most, uint64_t *ret)
{
    size_t   len = strspn(text, "0123456789");
    uint64_t number;

    if (len == 0 || len > 18 || text[len])
        return false;
    number = strtoull(text, NULL, 10);
    if (number > most)
        return false;
    *ret = number;
    return true;
}

/* Days since 1970-01-01 in the Gregorian calendar; years begin with March, so that leap days come last. */
static int64_t days_of(int64_t year, int64_t month, int64_t day)
{
    int64_t y = month <= 2 ? year - 1 : year, era = y / 400, of_era = y - era * 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;

    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

bool word_time(const char *text, int64_t *ret_ms)
{
    static const int days[] = { 31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    int              year, month, day, hour, minute, second, used = 0;

    if (strlen(text) != 20 || strspn(text, "0123456789-T:Z") != 20)
        return false;
    if (sscanf(text, "%4d-%2d-%2dT%2d:%2d:%2dZ%n", &year, &month, &day, &hour, &minute, &second, &used) != 6 || used != 20)
        return false;
    if (year < 1970 || month < 1 || month > 12 || day < 1 || day > days[month - 1] || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || second < 0 || second > 59)
        return false;
    *ret_ms = ((days_of(year, month, day) * 24 + hour) * 60 + minute) * 60000 + (int64_t)second * 1000;
    return true;
}

const char *word_duration_print(uint64_t ms, char into[DURATION_WORD_BYTES])
{
    static const struct {
        const char *name;
        uint64_t    in_ms;
    } parts[] = { { "d", 86400000 }, { "h", 3600000 }, { "m", 60000 }, { "s", 1000 }, { "ms", 1 } };
    size_t len = 0;

    snprintf(into, DURATION_WORD_BYTES, "0s");
    for (size_t i = 0; i < ARRAY_LEN(parts); i++) {
        if (ms / parts[i].in_ms)
            len += (size_t)snprintf(into + len, DURATION_WORD_BYTES - len, "%" PRIu64 "%s", ms / parts[i].in_ms,
                                    parts[i].name);
        ms %= parts[i].in_ms;
    }
    return into;
}
