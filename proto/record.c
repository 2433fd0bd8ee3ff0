#include "proto/record.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static const void *field_at(const void *from, const struct record_field *f)
{
    return (const char *)from + f->offset;
}

static void put_field(struct frame_writer *w, const struct record_field *f, const void *at)
{
    switch (f->kind) {
    case RECORD_TEXT:
        frame_put_text(w, at);
        break;
    case RECORD_NUMBER:
        frame_put_u64(w, *(const uint64_t *)at);
        break;
    case RECORD_VALUE:
        frame_put_f64(w, *(const double *)at);
        break;
    case RECORD_FLAG:
        frame_put_u64(w, *(const bool *)at);
        break;
    case RECORD_TIME:
        frame_put_i64(w, *(const int64_t *)at);
    }
}

struct err record_put(const struct record *record, const void *from, struct buf *into)
{
    struct frame_writer w;

    frame_begin(&w, into, record->type);
    for (size_t i = 0; i < record->field_count; i++)
        put_field(&w, &record->fields[i], field_at(from, &record->fields[i]));
    return frame_end(&w);
}

struct err record_get(const struct record *record, struct frame_reader *r, void *into)
{
    for (size_t i = 0; i < record->field_count; i++) {
        const struct record_field *f = &record->fields[i];
        char                      *at = (char *)into + f->offset;

        switch (f->kind) {
        case RECORD_TEXT:
            frame_get_text(r, at, f->size);
            break;
        case RECORD_NUMBER:
            *(uint64_t *)(void *)at = frame_get_u64(r, UINT64_MAX);
            break;
        case RECORD_VALUE:
            *(double *)(void *)at = frame_get_f64(r);
            break;
        case RECORD_FLAG:
            *(bool *)(void *)at = frame_get_u64(r, 1);
            break;
        case RECORD_TIME:
            *(int64_t *)(void *)at = frame_get_i64(r);
        }
    }
    return frame_done(r);
}

static void json_time(struct json_put *j, const char *key, int64_t wall_ms)
{
    char      text[32];
    time_t    t = (time_t)(wall_ms / 1000);
    struct tm tm;

    if (wall_ms > 0 && gmtime_r(&t, &tm) &&
        strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &tm) > 0)
        json_put_text(j, key, text);
    else
        json_put_null(j, key);
}

void record_json(const struct record *record, const void *from, struct json_put *j, const char *key)
{
    json_put_object(j, key);
    for (size_t i = 0; i < record->field_count; i++) {
        const struct record_field *f = &record->fields[i];
        const void                *at = field_at(from, f);

        switch (f->kind) {
        case RECORD_TEXT:
            json_put_text(j, f->name, at);
            break;
        case RECORD_NUMBER:
            json_put_whole(j, f->name, (int64_t)*(const uint64_t *)at);
            break;
        case RECORD_VALUE:
            json_put_number(j, f->name, *(const double *)at);
            break;
        case RECORD_FLAG:
            json_put_flag(j, f->name, *(const bool *)at);
            break;
        case RECORD_TIME:
            json_time(j, f->name, *(const int64_t *)at);
        }
    }
    json_put_end(j);
}
