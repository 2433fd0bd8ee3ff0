#include "agent/collect/diskline.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/text.h"

static const char step[] = "reading what was found out about a disk";

static const char *const verdicts[] = {
    [SMART_UNKNOWN] = "unknown", [SMART_FINE] = "fine", [SMART_FAILING] = "failing"
};

/* The figures that may be unknown, and what they cannot exceed. */
static const struct {
    const char *key;
    size_t      at;
    double      most;
} figures[] = {
    { "wear", offsetof(struct smart_health, wear), 1 },
    { "spare", offsetof(struct smart_health, spare), 1 },
    { "temperature", offsetof(struct smart_health, temperature_c), 200 },
    { "powered_on", offsetof(struct smart_health, powered_on_s), 1e12 },
};

/* ---- printing ---- */

static struct err print_health(const struct smart_health *h, struct buf *into)
{
    struct err e = buf_printf(into, "\tverdict=%s", verdicts[h->verdict]);

    for (size_t i = 0; i < ARRAY_LEN(figures) && !failed(e); i++) {
        double value;

        memcpy(&value, (const char *)h + figures[i].at, sizeof value);
        if (!isnan(value))
            e = buf_printf(into, "\t%s=%.12g", figures[i].key, value);
    }
    for (size_t i = 0; i < h->error_count && !failed(e); i++)
        e = buf_printf(into, "\terror.%s=%llu", h->errors[i].kind, (unsigned long long)h->errors[i].count);
    return e;
}

struct err diskline_print(const struct plat_disk_health *disk, struct buf *into)
{
    struct err e = buf_printf(into, "device=%s\tanswer=%s", disk->device, plat_disk_answer_word(disk->answer));

    if (!failed(e) && disk->model[0])
        e = buf_printf(into, "\tmodel=%s", disk->model);
    if (!failed(e) && disk->serial[0])
        e = buf_printf(into, "\tserial=%s", disk->serial);
    if (!failed(e) && disk->answer == DISK_TOLD)
        e = print_health(&disk->health, into);
    if (!failed(e) && disk->answer != DISK_TOLD)
        e = buf_printf(into, "\twhy=%s", disk->why[0] ? disk->why : plat_disk_answer_text(disk->answer));
    return failed(e) ? e : buf_add_byte(into, '\n');
}

/* ---- parsing ---- */

static bool parse_number(const char *text, double most, double *ret)
{
    char  *end;
    double value = strtod(text, &end);

    if (end == text || *end || !(value >= 0 && value <= most))
        return false;
    *ret = value;
    return true;
}

static bool parse_word(const char *word, const char *const *words, size_t count, int *ret)
{
    for (size_t i = 0; i < count; i++)
        if (words[i] && strcmp(words[i], word) == 0) {
            *ret = (int)i;
            return true;
        }
    return false;
}

static bool copy_plain(char *into, size_t size, const char *text)
{
    size_t len = strlen(text);

    if (len == 0 || len >= size)
        return false;
    for (size_t i = 0; i <= len; i++)
        into[i] = text[i] && (text[i] < ' ' || text[i] > '~') ? ' ' : text[i];
    return true;
}

static bool parse_answer(const char *value, struct plat_disk_health *disk)
{
    static const char *const words[] = {
#define X(answer, word, text) [DISK_##answer] = (word),
        DISK_ANSWER_TABLE(X)
#undef X
    };
    int which;

    if (!parse_word(value, words, ARRAY_LEN(words), &which))
        return false;
    disk->answer = (enum plat_disk_answer)which;
    return true;
}

static bool parse_error(const char *kind, const char *value, struct smart_health *h)
{
    const char *known = smart_error_kind(kind);
    double      count;

    if (!known)
        return true;
    if (h->error_count == SMART_ERRORS_MAX || !parse_number(value, 1e18, &count))
        return false;
    for (size_t i = 0; i < h->error_count; i++)
        if (h->errors[i].kind == known)
            return false;
    h->errors[h->error_count++] = (struct smart_error){ known, (uint64_t)count };
    return true;
}

static bool parse_pair(const char *key, const char *value, struct plat_disk_health *disk)
{
    int which;

    if (strcmp(key, "device") == 0)
        return copy_plain(disk->device, sizeof disk->device, value);
    if (strcmp(key, "model") == 0)
        return copy_plain(disk->model, sizeof disk->model, value);
    if (strcmp(key, "serial") == 0)
        return copy_plain(disk->serial, sizeof disk->serial, value);
    if (strcmp(key, "answer") == 0)
        return parse_answer(value, disk);
    if (strncmp(key, "error.", 6) == 0)
        return parse_error(key + 6, value, &disk->health);
    if (strcmp(key, "verdict") == 0) {
        if (!parse_word(value, verdicts, ARRAY_LEN(verdicts), &which))
            return false;
        disk->health.verdict = (enum smart_verdict)which;
    }
    for (size_t i = 0; i < ARRAY_LEN(figures); i++)
        if (strcmp(key, figures[i].key) == 0) {
            double number;

            if (!parse_number(value, figures[i].most, &number))
                return false;
            memcpy((char *)&disk->health + figures[i].at, &number, sizeof number);
        }
    return true;
}

struct err diskline_parse(const char *line, size_t len, struct plat_disk_health *ret)
{
    enum { LINE_MAX_BYTES = 1024 };
    struct plat_disk_health disk = { .answer = DISK_FAILED };
    char                    text[LINE_MAX_BYTES], *rest = text, *key, *value;

    if (len >= sizeof text || memchr(line, '\0', len))
        return err_of(ERR_MALFORMED, step);
    memcpy(text, line, len);
    text[len] = '\0';
    smart_health_init(&disk.health);
    while ((key = text_field(&rest, '\t'))) {
        value = strchr(key, '=');
        if (!value)
            return err_of(ERR_MALFORMED, step);
        *value++ = '\0';
        if (!parse_pair(key, value, &disk))
            return err_of(ERR_MALFORMED, step);
    }
    if (disk.device[0] == '\0')
        return err_of(ERR_MALFORMED, step);
    *ret = disk;
    return err_ok();
}
