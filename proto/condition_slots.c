#include "proto/condition_slots.h"

#include <assert.h>
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "proto/rule_slots.h"
#include "proto/text.h"

/* Three times within two hours is one incident that does not end; tests/noise has what this is taken from. */
enum { FLAPPING_TIMES = 3, FLAPPING_WITHIN_S = 7200, FLAPPING_CALM_S = 3600 };

/* ---- forms ---- */

static bool is_metric(const char *text)
{
    return text[0] && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._")] == '\0';
}

static bool is_keys(const char *text)
{
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789._ ")] == '\0';
}

const struct slot_form slot_form_metric = { "a metric's name, as in \"system.memory.utilization\"", "^[a-z0-9._]+$",
                                            is_metric, 100 };
static const struct slot_form keys_form = { "names of attributes, parted by blanks", "^[a-z0-9._ ]*$", is_keys, 200 };

/* ---- rows ---- */

// clang-format off
#define AT(field) offsetof(struct selector_draft, field)
static const struct slot selector_rows[] = {
    { .name = "key", .kind = SLOT_TEXT, .offset = AT(key), .required = true,
      .help = "the attribute, by its last word or whole: `mountpoint`, `system.filesystem.mountpoint`" },
    { .name = "like", .kind = SLOT_TEXT, .offset = AT(like),
      .help = "what its value must look like: `*` is any text, `?` any character" },
    { .name = "unlike", .kind = SLOT_TEXT, .offset = AT(unlike),
      .help = "what its value must not look like; one of `like` and `unlike`" },
};
#undef AT

#define AT(field) offsetof(struct condition_draft, field)
static const struct slot condition_rows[] = {
    { .name = "metric", .kind = SLOT_TEXT, .offset = AT(metric), .form = &slot_form_metric, .required = true,
      .help = "what is looked at beside the rule's own metric" },
    { .name = "where", .kind = SLOT_LIST, .offset = AT(where), .inner = &selector_slots,
      .count_offset = AT(where_count), .count_max = RULE_SELECTORS_MAX,
      .help = "which of its series; all must agree" },
    { .name = "same", .kind = SLOT_TEXT, .offset = AT(same), .form = &keys_form,
      .help = "attributes that must be the instance's: `mountpoint`; without it, all that both have; empty: none" },
    TEST_ROWS(AT(test)),
};
#undef AT

#define AT(field) offsetof(struct cause_draft, field)
static const struct slot cause_rows[] = {
    { .name = "rules", .kind = SLOT_TEXT, .offset = AT(rules), .form = &slot_form_globs, .required = true,
      .help = "which: `disk-failing`, `link-*`" },
    { .name = "same", .kind = SLOT_TEXT, .offset = AT(same), .form = &keys_form,
      .help = "attributes in which instance and cause must agree; without it, all that both have; empty: none" },
};
#undef AT

#define AT(field) offsetof(struct flapping_draft, field)
static const struct slot flapping_rows[] = {
    { .name = "enabled", .kind = SLOT_FLAG, .offset = AT(enabled),
      .help = "`false`: each time is an alert of its own" },
    { .name = "times", .kind = SLOT_WHOLE, .offset = AT(times), .least = 2, .most = RULE_FLAPS_MAX,
      .help = "raised so often within `within_s`, it stays open; 3 if nothing is said" },
    { .name = "within_s", .kind = SLOT_WHOLE, .offset = AT(within_s), .least = 60, .most = 604800,
      .help = "seconds; 7200 if nothing is said" },
    { .name = "calm_s", .kind = SLOT_WHOLE, .offset = AT(calm_s), .least = 60, .most = 604800,
      .help = "until it was over for so many seconds without a break; 3600 if nothing is said" },
};
#undef AT
// clang-format on

const struct slot_table selector_slots = { selector_rows, ARRAY_LEN(selector_rows), sizeof(struct selector_draft) };
const struct slot_table condition_slots = { condition_rows, ARRAY_LEN(condition_rows), sizeof(struct condition_draft) };
const struct slot_table cause_slots = { cause_rows, ARRAY_LEN(cause_rows), sizeof(struct cause_draft) };
const struct slot_table flapping_slots = { flapping_rows, ARRAY_LEN(flapping_rows), sizeof(struct flapping_draft) };

/* ---- conditions ---- */

int test_draft_read(const struct test_draft *draft, enum rule_test *ret_test, double *ret_level)
{
    const struct {
        bool           named;
        enum rule_test test;
        double         level;
    } ways[] = {
        { !isnan(draft->above), RULE_ABOVE, draft->above },
        { !isnan(draft->below), RULE_BELOW, draft->below },
        { !isnan(draft->equals), RULE_EQUALS, draft->equals },
        { draft->absent == 1, RULE_ABSENT, 0 },
    };
    int count = 0;

    for (size_t w = 0; w < ARRAY_LEN(ways); w++) {
        if (!ways[w].named)
            continue;
        count++;
        *ret_test = ways[w].test;
        *ret_level = ways[w].level;
    }
    return count;
}

size_t selectors_apply(struct slot_parser *p, const struct selector_draft *drafts, size_t count,
                       struct rule_selector *into)
{
    size_t before = slot_enter(p, "where", 0);

    for (size_t s = 0; s < count; s++) {
        const struct selector_draft *from = &drafts[s];
        size_t                       at = slot_enter(p, NULL, s);

        if (!from->like == !from->unlike)
            slot_problem(p, "", "expected one of \"like\" and \"unlike\"");
        into[s] = (struct rule_selector){
            .key = from->key,
            .glob = from->like ? from->like : from->unlike,
            .exclude = !from->like,
        };
        slot_leave(p, at);
    }
    slot_leave(p, before);
    return count;
}

static void apply_list(struct slot_parser *p, const char *key, const struct condition_draft *drafts, size_t count,
                       struct rule_condition *into)
{
    size_t before = slot_enter(p, key, 0);

    for (size_t c = 0; c < count; c++) {
        const struct condition_draft *draft = &drafts[c];
        size_t                        at = slot_enter(p, NULL, c);

        into[c] = (struct rule_condition){ .metric = draft->metric, .same = draft->same };
        into[c].where_count = selectors_apply(p, draft->where, draft->where_count, into[c].where);
        if (test_draft_read(&draft->test, &into[c].test, &into[c].level) != 1)
            slot_problem(p, "", "expected one of \"above\", \"below\", \"equals\" and \"absent\"");
        slot_leave(p, at);
    }
    slot_leave(p, before);
}

void conditions_apply(struct slot_parser *p, const struct rule_draft *draft, struct rule *rule)
{
    size_t                 all = draft->all ? draft->all_count : rule->all_count;
    size_t                 any = draft->any ? draft->any_count : rule->any_count;
    struct rule_condition *made;

    if (!draft->all && !draft->any)
        return;
    made = text_pool_take(p->pool, (all + any + 1) * sizeof *made);
    if (!made) {
        p->err = err_of(ERR_NO_MEMORY, "keeping rules");
        return;
    }
    for (size_t c = 0; !draft->all && c < all; c++)
        made[c] = rule->conditions[c];
    for (size_t c = 0; !draft->any && c < any; c++)
        made[all + c] = rule->conditions[rule->all_count + c];
    apply_list(p, "all", draft->all, draft->all ? all : 0, made);
    apply_list(p, "any", draft->any, draft->any ? any : 0, made + all);
    rule->conditions = made;
    rule->all_count = all;
    rule->any_count = any;
}

/* ---- causes ---- */

void causes_apply(struct slot_parser *p, const struct rule_draft *draft, struct rule *rule)
{
    struct rule_cause *made;

    if (!draft->causes)
        return;
    made = text_pool_take(p->pool, (draft->cause_count + 1) * sizeof *made);
    if (!made) {
        p->err = err_of(ERR_NO_MEMORY, "keeping rules");
        return;
    }
    for (size_t c = 0; c < draft->cause_count; c++)
        made[c] = (struct rule_cause){ draft->causes[c].rules, draft->causes[c].same };
    rule->causes = made;
    rule->cause_count = draft->cause_count;
}

/* A walk along what waits for what; where it comes back to a rule that it is still at, nobody would ever speak. */
struct walk {
    struct slot_parser  *p;
    const struct policy *policy;
    enum { NEW, OPEN, DONE } seen[RULES_MAX + RULE_DRAFTS_MAX];
};

static void say_circle(const struct walk *w, const struct rule *from, const struct rule *to)
{
    const struct rule *of = from->place ? from : to;
    size_t             at = slot_enter(w->p, NULL, of->place ? of->place - 1 : 0);

    slot_problem(w->p, ".depends_on", "\"%s\" and \"%s\" wait for each other", from->name, to->name);
    slot_leave(w->p, at);
}

/* As deep as there are rules. */
static void walk_from(struct walk *w, size_t r)
{
    const struct rule *rule = &w->policy->rules[r];

    w->seen[r] = OPEN;
    for (size_t c = 0; c < rule->cause_count; c++)
        for (size_t o = 0; o < w->policy->count; o++) {
            const struct rule *other = &w->policy->rules[o];

            if (o == r || w->seen[o] == DONE || !other->enabled || !text_like_any(other->name, rule->causes[c].rules))
                continue;
            if (w->seen[o] == OPEN)
                say_circle(w, rule, other);
            else
                walk_from(w, o);
        }
    w->seen[r] = DONE;
}

static bool is_any(const struct policy *policy, const char *globs)
{
    for (size_t r = 0; r < policy->count; r++)
        if (policy->rules[r].name && text_like_any(policy->rules[r].name, globs))
            return true;
    return false;
}

static void check_names(struct slot_parser *p, const struct rule *rule, const struct policy *policy)
{
    size_t at = slot_enter(p, NULL, rule->place - 1), below = slot_enter(p, "depends_on", 0);

    for (size_t c = 0; c < rule->cause_count; c++) {
        size_t here = slot_enter(p, NULL, c);

        if (!is_any(policy, rule->causes[c].rules))
            slot_problem(p, ".rules", "no rule has such a name: `picket config rules` lists them");
        slot_leave(p, here);
    }
    slot_leave(p, below);
    slot_leave(p, at);
}

void causes_check(struct slot_parser *p, const struct policy *policy)
{
    struct walk walk = { .p = p, .policy = policy };

    if (p->wrong)
        return;
    assert(policy->count <= ARRAY_LEN(walk.seen));
    for (size_t r = 0; r < policy->count; r++)
        if (policy->rules[r].place)
            check_names(p, &policy->rules[r], policy);
    for (size_t r = 0; r < policy->count; r++)
        if (walk.seen[r] == NEW && policy->rules[r].enabled)
            walk_from(&walk, r);
}

/* ---- flapping ---- */

static void choose(uint32_t named, uint32_t *value)
{
    if (named != SLOT_UNNAMED)
        *value = named;
}

void flapping_apply(const struct flapping_draft *draft, struct rule_flapping *own)
{
    choose(draft->times, &own->times);
    choose(draft->within_s, &own->within_s);
    choose(draft->calm_s, &own->calm_s);
    own->off = draft->enabled >= 0 ? !draft->enabled : own->off;
}

void flapping_complete(struct rule_flapping *own)
{
    own->times = own->off ? 0 : own->times ? own->times : FLAPPING_TIMES;
    own->within_s = own->within_s ? own->within_s : FLAPPING_WITHIN_S;
    own->calm_s = own->calm_s ? own->calm_s : FLAPPING_CALM_S;
}
