#include "agent/replay/want.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "proto/json.h"

static const char EXPECTED[] = "expected: want RULE [INSTANCE] warning|critical raised FROM..TO cleared FROM..TO|stays [: WHY]";

/* "5h..6h" */
static bool span_parse(char *text, uint64_t *ret_from_ms, uint64_t *ret_to_ms)
{
    char *dots = strstr(text, "..");

    if (!dots)
        return false;
    *dots = '\0';
    return word_duration(text, ret_from_ms) && word_duration(dots + 2, ret_to_ms) && *ret_from_ms <= *ret_to_ms;
}

static bool severity_parse(const char *text, enum severity *ret)
{
    for (enum severity s = SEVERITY_WARNING; s <= SEVERITY_CRITICAL; s++)
        if (strcmp(text, severity_name(s)) == 0) {
            *ret = s;
            return true;
        }
    return false;
}

/* The words behind the instance, which end where the reason begins. */
static bool rest_parse(char *const *word, size_t count, struct want *into)
{
    bool cleared = count == 5 && strcmp(word[3], "cleared") == 0;

    if (count < 4 || !severity_parse(word[0], &into->severity) || strcmp(word[1], "raised") != 0 ||
        !span_parse(word[2], &into->raised_from_ms, &into->raised_to_ms))
        return false;
    into->stays = count == 4 && strcmp(word[3], "stays") == 0;
    return into->stays || (cleared && span_parse(word[4], &into->cleared_from_ms, &into->cleared_to_ms));
}

/* How many words stand before the reason, which goes to why. */
static size_t before_reason(const struct words *w, char *why, size_t size)
{
    if (w->count < 2 || strcmp(w->word[w->count - 2], ":") != 0)
        return w->count;
    utf8_copy(why, size, w->word[w->count - 1], strlen(w->word[w->count - 1]));
    return w->count - 2;
}

static struct err add(struct wants *wants, const struct want *want)
{
    struct want *grown;

    if (wants->count == WANTS_MAX)
        return err_of(ERR_TOO_BIG, "more tickets wanted than are taken");
    grown = realloc(wants->all, (wants->count + 1) * sizeof *grown);
    if (!grown)
        return err_of(ERR_NO_MEMORY, "keeping what is wanted");
    wants->all = grown;
    wants->all[wants->count++] = *want;
    return err_ok();
}

struct err wants_add(struct wants *wants, const struct words *w)
{
    struct want   want = { .why = "" };
    enum severity severity;
    size_t        count = before_reason(w, want.why, sizeof want.why), at = 2;

    wants->said = true;
    if (count == 2 && strcmp(w->word[1], "nothing") == 0) {
        wants->nothing = true;
        return wants->count ? err_of(ERR_MALFORMED, "\"want nothing\" beside what is wanted") : err_ok();
    }
    if (wants->nothing)
        return err_of(ERR_MALFORMED, "something is wanted beside \"want nothing\"");
    if (count < 3 || strlen(w->word[1]) > RULE_NAME_MAX)
        return err_of(ERR_MALFORMED, EXPECTED);
    if (!severity_parse(w->word[2], &severity))
        at = 3;
    if (at == 3 && strlen(w->word[2]) >= sizeof want.instance)
        return err_of(ERR_TOO_BIG, "the instance's name is too long");
    snprintf(want.rule, sizeof want.rule, "%s", w->word[1]);
    snprintf(want.instance, sizeof want.instance, "%s", at == 3 ? w->word[2] : "");
    if (count < at || !rest_parse(w->word + at, count - at, &want))
        return err_of(ERR_MALFORMED, EXPECTED);
    return add(wants, &want);
}

void wants_done(struct wants *wants)
{
    free(wants->all);
    *wants = (struct wants){ 0 };
}

static bool within(uint64_t ms, uint64_t from_ms, uint64_t to_ms)
{
    return ms >= from_ms && ms <= to_ms;
}

int32_t wants_meet(struct wants *wants, const char *rule, const char *instance, enum severity worst, uint64_t raised_ms,
                   bool open, uint64_t cleared_ms)
{
    for (size_t i = 0; i < wants->count; i++) {
        struct want *w = &wants->all[i];

        if (w->met || w->severity != worst || w->stays != open || strcmp(w->rule, rule) != 0 ||
            strcmp(w->instance, instance) != 0 || !within(raised_ms, w->raised_from_ms, w->raised_to_ms) ||
            (!open && !within(cleared_ms, w->cleared_from_ms, w->cleared_to_ms)))
            continue;
        w->met = true;
        return (int32_t)i;
    }
    return -1;
}
