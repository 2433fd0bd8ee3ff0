/* Operations and what errors mean. */
#include <stdio.h>
#include <string.h>

#include "proto/connector/env.h"
#include "proto/connector/request_load.h"

/* ---- rules of errors ---- */

static const char *const meanings[] = {
    [MEANS_OK] = "ok",           [MEANS_RETRY] = "retry", [MEANS_LIMIT] = "limit",       [MEANS_AUTH] = "auth",
    [MEANS_REFUSED] = "refused", [MEANS_GONE] = "gone",   [MEANS_CONFLICT] = "conflict", NULL,
};

/* 404, "5xx", "any" */
static bool status_range(const cJSON *item, struct rule_of_errors *rule)
{
    const char *text = cJSON_IsString(item) ? item->valuestring : "";

    if (cJSON_IsNumber(item) && item->valuedouble >= 100 && item->valuedouble <= 599) {
        rule->from = rule->to = (uint16_t)item->valuedouble;
        return true;
    }
    if (strcmp(text, "any") == 0) {
        rule->from = 100;
        rule->to = 599;
        return true;
    }
    if (strlen(text) == 3 && text[0] >= '1' && text[0] <= '5' && strcmp(text + 1, "xx") == 0) {
        rule->from = (uint16_t)((text[0] - '0') * 100);
        rule->to = rule->from + 99;
        return true;
    }
    return false;
}

static void rule_status_load(struct loader *l, const cJSON *item, void *into)
{
    if (!status_range(item, into))
        load_problem(l, "expected a status like 404, \"5xx\" or \"any\"");
}

static void rule_when_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct rule_of_errors *)into)->when);
}

static void rule_means_load(struct loader *l, const cJSON *item, void *into)
{
    int index = load_word(l, item, meanings);

    ((struct rule_of_errors *)into)->means = (uint8_t)(index < 0 ? MEANS_REFUSED : index);
}

static void rule_text_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct rule_of_errors *)into)->text = load_text(l, item);
}

static const struct member rule_members[] = {
    { "status", true, rule_status_load },
    { "when", false, rule_when_load },
    { "means", true, rule_means_load },
    { "text", false, rule_text_load },
};

void rules_load(struct loader *l, const cJSON *item, void *into_rules)
{
    struct rules_of_errors *rules = into_rules;
    size_t                  count = load_count(item), n = 0;
    struct rule_of_errors  *at;

    if (!cJSON_IsArray(item) || count > RULES_LIMIT) {
        load_problem(l, "expected an array of at most %d rules", RULES_LIMIT);
        return;
    }
    at = load_take(l, count * sizeof *at);
    for (const cJSON *rule = item->child; at && rule; rule = rule->next, n++) {
        size_t mark = load_enter_index(l, n);

        load_object(l, rule, rule_members, ARRAY_LEN(rule_members), &at[n]);
        load_leave(l, mark);
    }
    rules->at = at;
    rules->count = (uint8_t)(at ? count : 0);
}

/* ---- paging ---- */

static void paging_kind_load(struct loader *l, const cJSON *item, void *into)
{
    static const char *const kinds[] = { "none", "number", "offset", "cursor", "link", NULL };
    int                      index = load_word(l, item, kinds);

    ((struct paging *)into)->kind = (uint8_t)(index < 0 ? 0 : index);
}

static void paging_first_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct paging *)into)->first = (uint32_t)load_integer(l, item, 0, 1);
}

static void paging_size_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct paging *)into)->size = (uint32_t)load_integer(l, item, 1, 1000);
}

static void paging_max_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct paging *)into)->max_pages = (uint32_t)load_integer(l, item, 1, 50);
}

static void paging_next_load(struct loader *l, const cJSON *item, void *into)
{
    if (cJSON_IsString(item))
        source_load(l, item->valuestring, &((struct paging *)into)->next);
    else
        load_problem(l, "expected a JSON pointer or \"header.name\"");
}

static const struct member paging_members[] = {
    { "kind", true, paging_kind_load },      { "first", false, paging_first_load }, { "size", false, paging_size_load },
    { "max_pages", false, paging_max_load }, { "next", false, paging_next_load },
};

static void paging_load(struct loader *l, const cJSON *item, void *into)
{
    struct paging *paging = &((struct operation *)into)->paging;

    *paging = (struct paging){ .first = 1, .size = 100, .max_pages = 10 };
    load_object(l, item, paging_members, ARRAY_LEN(paging_members), paging);
    if ((paging->kind == PAGING_CURSOR || paging->kind == PAGING_LINK) && !paging->next.name)
        load_problem(l, "\"next\" says where the answer has the next page; it is missing");
}

/* ---- operations ---- */

static void op_request_load(struct loader *l, const cJSON *item, void *into)
{
    request_load(l, item, &((struct operation *)into)->request);
}

static void op_list_load(struct loader *l, const cJSON *item, void *into)
{
    load_pointers(l, item, &((struct operation *)into)->list);
}

static void op_record_load(struct loader *l, const cJSON *item, void *into)
{
    load_pointers(l, item, &((struct operation *)into)->record);
}

static void op_expect_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct operation *)into)->expect);
}

static void op_read_back_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct operation *)into)->read_back);
}

static void op_match_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct operation *)into)->match);
}

static void op_closed_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct operation *)into)->closed);
}

static void op_touched_load(struct loader *l, const cJSON *item, void *into)
{
    condition_load(l, item, &((struct operation *)into)->touched);
}

static void op_otherwise_load(struct loader *l, const cJSON *item, void *into)
{
    words_load(l, item, &((struct operation *)into)->otherwise);
}

/* The text is for the reader of the file: why there is nothing better. */
static void op_trust_load(struct loader *l, const cJSON *item, void *into)
{
    const char *why = load_text(l, item);

    ((struct operation *)into)->trust_status = why && strlen(why) >= 10;
    if (why && strlen(why) < 10)
        load_problem(l, "say why the answer holds nothing that shows that it was done");
}

static void op_on_closed_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct operation *)into)->on_closed = load_bool(l, item, false);
}

static void op_look_first_load(struct loader *l, const cJSON *item, void *into)
{
    ((struct operation *)into)->look_first = load_bool(l, item, false);
}

static void op_note_load(struct loader *l, const cJSON *item, void *into)
{
    static const char *const places[] = {
        [NOTE_INSIDE] = "inside", [NOTE_BEFORE] = "before", [NOTE_AFTER] = "after", NULL
    };
    int index = load_word(l, item, places);

    ((struct operation *)into)->note = (uint8_t)(index < 0 ? 0 : index);
}

static void op_errors_load(struct loader *l, const cJSON *item, void *into)
{
    rules_load(l, item, &((struct operation *)into)->errors);
}

static void op_settings_load(struct loader *l, const cJSON *item, void *into)
{
    const char *const *names = load_texts(l, item, 8);
    char               list[160] = "";
    size_t             used = 0;
    struct ref         ref;

    for (size_t i = 0; names && names[i]; i++) {
        if (!env_ref_find(l->c, "settings", 8, names[i], strlen(names[i]), &ref))
            load_problem(l, "there is no setting \"%.60s\"", names[i]);
        if (used < sizeof list)
            used += (size_t)snprintf(list + used, sizeof list - used, "%s%s", i ? ", " : "", names[i]);
    }
    ((struct operation *)into)->settings = load_copy(l, list);
}

static void op_values_load(struct loader *l, const cJSON *item, void *into)
{
    struct operation *op = into;
    size_t            count = load_count(item), n = 0;
    struct value_map *values = load_take(l, count * sizeof *values);
    struct ref        ref;

    if (!cJSON_IsObject(item) || count > FOUND_LIMIT) {
        load_problem(l, "expected an object of at most %d names and JSON pointers", FOUND_LIMIT);
        return;
    }
    for (const cJSON *at = item->child; values && at; at = at->next) {
        size_t mark = load_enter(l, at->string);

        if (!env_ref_find(l->c, "found", 5, at->string, strlen(at->string), &ref))
            load_problem(l, "is not a name (a-z, 0-9 and _)");
        else if (!cJSON_IsString(at))
            load_problem(l, "expected a JSON pointer or \"header.name\"");
        else {
            values[n].found = ref.index;
            source_load(l, at->valuestring, &values[n++].from);
        }
        load_leave(l, mark);
    }
    op->values = values;
    op->value_count = (uint8_t)(values ? n : 0);
}

static const struct member op_members[] = {
    { "about", false, load_about },
    { "settings", false, op_settings_load },
    { "request", true, op_request_load },
    { "paging", false, paging_load },
    { "list", false, op_list_load },
    { "record", false, op_record_load },
    { "expect", false, op_expect_load },
    { "trust_status", false, op_trust_load },
    { "read_back", false, op_read_back_load },
    { "values", false, op_values_load },
    { "match", false, op_match_load },
    { "closed", false, op_closed_load },
    { "touched", false, op_touched_load },
    { "on_closed", false, op_on_closed_load },
    { "look_first", false, op_look_first_load },
    { "note", false, op_note_load },
    { "otherwise", false, op_otherwise_load },
    { "errors", false, op_errors_load },
};

void operation_load(struct loader *l, const cJSON *item, void *into_operation)
{
    struct operation *op = into_operation;
    struct needs     *outer = l->needs;

    l->needs = &op->needs;
    load_object(l, item, op_members, ARRAY_LEN(op_members), op);
    l->needs = outer;
}
