#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"
#include "proto/otlp.h"
#include "proto/text.h"

static const struct json_limits limits = { 64 * 1024, 16, 1000 };

/* Shown to people: one line of UTF-8, whatever came. */
static void keep_message(const char *text, size_t len, char ret[OTLP_MESSAGE_MAX])
{
    utf8_copy(ret, OTLP_MESSAGE_MAX, text, len);
    text_blank_controls(ret);
}

/* ---- protobuf ---- */

struct reader {
    const uint8_t *at, *end;
    bool           bad;
};

struct field {
    unsigned      number;
    unsigned      wire;
    uint64_t      value; /* of a varint */
    struct reader bytes; /* of a message or a text */
};

enum { WIRE_VARINT, WIRE_FIXED64, WIRE_BYTES, WIRE_FIXED32 = 5 };

static uint64_t get_varint(struct reader *r)
{
    uint64_t n = 0;

    for (unsigned shift = 0; shift < 64 && r->at < r->end; shift += 7) {
        uint8_t byte = *r->at++;

        n |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return n;
    }
    r->bad = true;
    return 0;
}

static void take(struct reader *r, uint64_t len, struct reader *ret)
{
    if (r->bad || len > (uint64_t)(r->end - r->at)) {
        r->bad = true;
        return;
    }
    *ret = (struct reader){ r->at, r->at + len, false };
    r->at += len;
}

/* False at the end, and where it is none. */
static bool next_field(struct reader *r, struct field *ret)
{
    uint64_t tag;

    if (r->at == r->end || r->bad)
        return false;
    tag = get_varint(r);
    *ret = (struct field){ .number = (unsigned)(tag >> 3), .wire = (unsigned)(tag & 7) };
    if (tag >> 3 == 0 || tag > UINT32_MAX)
        r->bad = true;
    else if (ret->wire == WIRE_VARINT)
        ret->value = get_varint(r);
    else if (ret->wire == WIRE_BYTES)
        take(r, get_varint(r), &ret->bytes);
    else if (ret->wire == WIRE_FIXED64)
        take(r, 8, &ret->bytes);
    else if (ret->wire == WIRE_FIXED32)
        take(r, 4, &ret->bytes);
    else
        r->bad = true;
    return !r->bad;
}

static bool is_bytes(const struct field *f, unsigned number)
{
    return f->number == number && f->wire == WIRE_BYTES;
}

/* ExportMetricsPartialSuccess: 1 rejected_data_points, 2 error_message. Unknown fields are passed over. */
static void partial_protobuf(struct reader *r, struct otlp_answer *ret)
{
    struct field f;

    while (next_field(r, &f)) {
        if (f.number == 1 && f.wire == WIRE_VARINT)
            ret->rejected = f.value > INT64_MAX ? 0 : f.value; /* a negative number rejects nothing */
        else if (is_bytes(&f, 2))
            keep_message((const char *)f.bytes.at, (size_t)(f.bytes.end - f.bytes.at), ret->message);
    }
}

static bool answer_protobuf(struct reader r, struct otlp_answer *ret)
{
    struct field f;

    while (next_field(&r, &f)) {
        if (!is_bytes(&f, 1))
            continue;
        partial_protobuf(&f.bytes, ret);
        r.bad |= f.bytes.bad;
    }
    return !r.bad;
}

/* ---- JSON ---- */

/* As the mapping has it, a text; a number is taken as well. */
static uint64_t count_of(const cJSON *json)
{
    double n = cJSON_IsNumber(json) ? json->valuedouble : cJSON_IsString(json) ? strtod(json->valuestring, NULL) : 0;

    return isfinite(n) && n > 0 ? n < 9e15 ? (uint64_t)n : (uint64_t)9e15 : 0;
}

static const cJSON *member(const cJSON *json, const char *name, const char *other)
{
    const cJSON *found = cJSON_GetObjectItemCaseSensitive(json, name);

    return found ? found : cJSON_GetObjectItemCaseSensitive(json, other);
}

static bool answer_json(const char *body, size_t len, struct otlp_answer *ret)
{
    cJSON       *tree = NULL;
    const cJSON *partial, *message;
    bool         good = !failed(json_parse(body, len, &limits, NULL, &tree)) && cJSON_IsObject(tree);

    if (good) {
        partial = member(tree, "partialSuccess", "partial_success");
        message = member(partial, "errorMessage", "error_message");
        ret->rejected = count_of(member(partial, "rejectedDataPoints", "rejected_data_points"));
        if (cJSON_IsString(message))
            keep_message(message->valuestring, strlen(message->valuestring), ret->message);
    }
    cJSON_Delete(tree);
    return good;
}

/* ---- both ---- */

struct err otlp_answer_parse(const void *body, size_t len, enum otlp_encoding encoding, struct otlp_answer *ret)
{
    const uint8_t     *bytes = body;
    struct otlp_answer a = { 0 };
    bool               good = true;

    if (len > 0)
        good = encoding == OTLP_JSON ? answer_json(body, len, &a)
                                     : answer_protobuf((struct reader){ bytes, bytes + len, false }, &a);
    if (!good)
        return err_of(ERR_MALFORMED, "reading the receiver's answer");
    *ret = a;
    return err_ok();
}

/* google.rpc.Status: 2 message. */
static void refusal_protobuf(struct reader r, char ret[OTLP_MESSAGE_MAX])
{
    struct field f;

    while (next_field(&r, &f))
        if (is_bytes(&f, 2))
            keep_message((const char *)f.bytes.at, (size_t)(f.bytes.end - f.bytes.at), ret);
    if (r.bad)
        ret[0] = '\0';
}

void otlp_refusal_parse(const void *body, size_t len, enum otlp_encoding encoding, char ret[OTLP_MESSAGE_MAX])
{
    const uint8_t *bytes = body;
    cJSON         *tree = NULL;
    const cJSON   *message;

    ret[0] = '\0';
    if (len == 0)
        return;
    if (encoding == OTLP_PROTOBUF) {
        refusal_protobuf((struct reader){ bytes, bytes + len, false }, ret);
        return;
    }
    if (!failed(json_parse(body, len, &limits, NULL, &tree))) {
        message = cJSON_GetObjectItemCaseSensitive(tree, "message");
        if (cJSON_IsString(message))
            keep_message(message->valuestring, strlen(message->valuestring), ret);
    }
    cJSON_Delete(tree);
}
