#include "proto/connector/verdict.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "proto/connector/escape.h"
#include "proto/connector/quota.h"
#include "proto/connector/template.h"

static void words_put_list(char *into, size_t size, const char *format, va_list args)
{
    char text[WORDS_MAX];

    vsnprintf(text, sizeof text, format, args);
    utf8_copy(into, size, text, strlen(text)); /* a character may have been cut in two */
}

void words_put(char *into, size_t size, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    words_put_list(into, size, format, args);
    va_end(args);
}

void verdict_set(struct verdict *v, enum meaning means, const char *format, ...)
{
    char    text[VERDICT_TEXT_MAX]; /* what is set may be made of what was */
    va_list args;

    va_start(args, format);
    words_put_list(text, sizeof text, format, args);
    va_end(args);
    memcpy(v->text, text, sizeof text);
    v->means = (uint8_t)means;
}

/* One line for people from whatever a server wrote. */
static void server_line(char *into, size_t size, const char *text, size_t len)
{
    struct buf clean;

    buf_init(&clean, 4 * VERDICT_TEXT_MAX);
    (void)escape_clean(&clean, text, len < VERDICT_TEXT_MAX ? len : VERDICT_TEXT_MAX);
    for (size_t i = 0; i < clean.len; i++)
        if (clean.data[i] == '\n' || clean.data[i] == '\t')
            clean.data[i] = ' ';
    utf8_copy(into, size, buf_text(&clean), clean.len);
    buf_done(&clean);
}

static bool is_page(const struct answer *answer)
{
    size_t i = 0;

    while (i < answer->body_len && strchr(" \t\r\n\xef\xbb\xbf", answer->body[i]))
        i++;
    return i < answer->body_len && answer->body[i] == '<';
}

static const char *server_words(const struct answer *answer, const struct env *env, char into[VERDICT_TEXT_MAX])
{
    char        scratch[40];
    const char *text = pointers_text(&env->c->error_texts, answer->tree, scratch);

    into[0] = '\0';
    if (text)
        server_line(into, VERDICT_TEXT_MAX, text, strlen(text));
    else if (cJSON_IsString(answer->tree))
        server_line(into, VERDICT_TEXT_MAX, answer->tree->valuestring, strlen(answer->tree->valuestring));
    else if (!answer->tree && answer->body_len > 0 && !is_page(answer))
        server_line(into, 100, answer->body, answer->body_len);
    else if (is_page(answer))
        snprintf(into, VERDICT_TEXT_MAX, "a web page instead of an answer");
    return into;
}

/* ---- status ---- */

static enum meaning by_status(const struct answer *answer)
{
    switch (answer->status) {
    case 401:
        return MEANS_AUTH;
    case 404: /* a page "not found" of some proxy says nothing about a ticket */
    case 410:
        return answer->tree ? MEANS_GONE : MEANS_REFUSED;
    case 408:
    case 425:
        return MEANS_RETRY;
    case 409:
    case 412:
        return MEANS_CONFLICT;
    case 429:
        return MEANS_LIMIT;
    default:
        if (answer->status >= 500)
            return MEANS_RETRY;
        return answer->status >= 200 && answer->status < 300 ? MEANS_OK : MEANS_REFUSED;
    }
}

static const struct rule_of_errors *rule_find(const struct rules_of_errors *rules, const struct answer *answer,
                                              struct env *env)
{
    for (size_t i = 0; i < rules->count; i++) {
        const struct rule_of_errors *r = &rules->at[i];

        if (answer->status >= r->from && answer->status <= r->to && condition_holds(r->when, answer, answer->tree, env))
            return r;
    }
    return NULL;
}

static void judge_status(const struct operation *op, const struct answer *answer, struct env *env, struct verdict *v)
{
    const struct rule_of_errors *rule = rule_find(&op->errors, answer, env);
    char                         words[VERDICT_TEXT_MAX];

    if (!rule)
        rule = rule_find(&env->c->errors, answer, env);
    v->means = rule ? rule->means : (uint8_t)by_status(answer);
    if (v->means == MEANS_OK)
        return;
    if (answer->status >= 300 && answer->status < 400 && !(rule && rule->text))
        verdict_set(v, (enum meaning)v->means, "the server points to another address, which is not followed");
    else if (rule && rule->text)
        verdict_set(v, (enum meaning)v->means, "%s", rule->text);
    else
        verdict_set(v, (enum meaning)v->means, "%s", server_words(answer, env, words));
    v->unknown = v->means == MEANS_RETRY && (answer->status >= 500 || answer->status < 300 || answer->status == 408);
    v->pause_ms = v->means == MEANS_RETRY || v->means == MEANS_LIMIT
                      ? retry_after_ms(answer_header(answer, "retry-after"), answer_header(answer, "date"))
                      : 0;
}

/* ---- a yes that is believed ---- */

static void judge_expect(const struct operation *op, const struct answer *answer, struct env *env, struct verdict *v)
{
    struct buf text;
    char       words[VERDICT_TEXT_MAX];

    if (condition_holds(op->expect, answer, answer->tree, env))
        return;
    server_words(answer, env, words);
    buf_init(&text, 4 * VERDICT_TEXT_MAX);
    if (words[0])
        verdict_set(v, MEANS_REFUSED, "%s", words);
    else if (op->otherwise.count && !failed(template_render(&op->otherwise, env, &text)))
        verdict_set(v, MEANS_REFUSED, "%s", buf_text(&text));
    else
        verdict_set(v, MEANS_REFUSED, "the answer does not say that it was done");
    if (!words[0] && op->creates) { /* neither done nor refused: look before trying again */
        v->means = MEANS_RETRY;
        v->unknown = true;
    }
    buf_done(&text);
}

static bool needs_json(const struct operation *op)
{
    return op->list.count || op->record.count || op->value_count || (op->expect && !op->trust_status);
}

static void judge_body(const struct operation *op, const struct answer *answer, struct env *env, struct verdict *v)
{
    if (needs_json(op) && !answer->tree) {
        verdict_set(v, MEANS_RETRY, "%s",
                    is_page(answer) ? "the answer is a web page, not JSON" : "the answer is not whole JSON");
        v->unknown = true;
        return;
    }
    judge_expect(op, answer, env, v);
    if (v->means != MEANS_OK)
        return;
    if (op->list.count && !pointers_array(&op->list, answer->tree)) {
        verdict_set(v, MEANS_RETRY, "the answer has no list where one belongs");
        v->unknown = true;
    }
    if (op->record.count && !pointers_object(&op->record, answer->tree))
        verdict_set(v, MEANS_GONE, "there is no such record");
}

void verdict_make(const struct operation *op, const struct answer *answer, bool arrived, bool sent, const char *why,
                  struct env *env, struct verdict *ret)
{
    *ret = (struct verdict){ .status = arrived ? answer->status : 0 };
    if (!arrived) {
        verdict_set(ret, MEANS_RETRY, "no answer: %s", why && why[0] ? why : "the connection ended");
        ret->unknown = sent;
        return;
    }
    judge_status(op, answer, env, ret);
    if (ret->means == MEANS_OK)
        judge_body(op, answer, env, ret);
}
