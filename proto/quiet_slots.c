#include "proto/quiet_slots.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "proto/text.h"
#include "proto/zone.h"

static const char *const day_names[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

enum { DAYS = ARRAY_LEN(day_names), EVERY_DAY = 0x7f };

/* ---- forms ---- */

/* Takes one of the names from *at. */
static bool take_day(const char **at, unsigned *ret)
{
    for (unsigned d = 0; d < DAYS; d++)
        if (strncmp(*at, day_names[d], 3) == 0) {
            *at += 3;
            *ret = d;
            return true;
        }
    return false;
}

/* "mon-fri,sun"; "sat-mon" goes over the weekend. */
static bool read_days(const char *text, unsigned *ret)
{
    unsigned days = 0, first, last;

    if (strcmp(text, "daily") == 0) {
        *ret = EVERY_DAY;
        return true;
    }
    for (;; text++) {
        if (!take_day(&text, &first))
            return false;
        last = first;
        if (*text == '-') {
            text++;
            if (!take_day(&text, &last))
                return false;
        }
        for (unsigned d = first;; d = (d + 1) % DAYS) {
            days |= 1u << d;
            if (d == last)
                break;
        }
        if (*text == '\0')
            break;
        if (*text != ',')
            return false;
    }
    *ret = days;
    return true;
}

static bool read_start(const char *text, uint32_t *ret_min)
{
    unsigned hour, minute;

    if (strlen(text) != 5 || text[2] != ':' || strspn(text, "0123456789:") != 5 ||
        sscanf(text, "%2u:%2u", &hour, &minute) != 2 || hour > 23 || minute > 59)
        return false;
    *ret_min = hour * 60 + minute;
    return true;
}

static bool is_days(const char *text)
{
    unsigned days;

    return read_days(text, &days);
}

static bool is_start(const char *text)
{
    uint32_t min;

    return read_start(text, &min);
}

static bool is_globs(const char *text)
{
    return text[0] && text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-*? ")] == '\0';
}

#define DAY "(mon|tue|wed|thu|fri|sat|sun)"
static const struct slot_form days_form = { "\"daily\" or days such as \"mon-fri\" or \"sat,sun\"",
                                            "^(daily|" DAY "(-" DAY ")?(," DAY "(-" DAY ")?)*)$", is_days, 60 };
static const struct slot_form start_form = { "a local time from \"00:00\" to \"23:59\"", "^([01][0-9]|2[0-3]):[0-5][0-9]$",
                                             is_start, 5 };
static const struct slot_form zone_form = { "a time zone's name such as \"Europe/Berlin\"", "^[A-Za-z0-9_+/-]+$",
                                            zone_name_fits, ZONE_NAME_BYTES - 1 };
const struct slot_form slot_form_globs = { "names of rules, with * and ?, parted by blanks", "^[a-z0-9*? -]+$", is_globs,
                                             400 };

/* ---- rows ---- */

// clang-format off
#define AT(field) offsetof(struct window_draft, field)
static const struct slot window_rows[] = {
    { .name = "name", .kind = SLOT_TEXT, .offset = AT(name), .form = &slot_form_name, .required = true,
      .help = "how tickets and `picket status` call it" },
    { .name = "days", .kind = SLOT_TEXT, .offset = AT(days), .form = &days_form, .fallback = "daily",
      .help = "the days on which it begins: `daily`, `mon-fri`, `sat,sun`" },
    { .name = "start", .kind = SLOT_TEXT, .offset = AT(start), .form = &start_form, .required = true,
      .help = "the local time at which it begins: `22:00`" },
    { .name = "minutes", .kind = SLOT_WHOLE, .offset = AT(minutes), .least = 1, .most = QUIET_WINDOW_MAX_MIN, .required = true,
      .help = "how long it lasts, also where the clocks change within it" },
    { .name = "zone", .kind = SLOT_TEXT, .offset = AT(zone), .form = &zone_form,
      .help = "whose local time: `Europe/Berlin`; without it, the machine's" },
    { .name = "rules", .kind = SLOT_TEXT, .offset = AT(rules), .form = &slot_form_globs,
      .help = "only these: `disk-* cpu-busy`; without it, all" },
};
#undef AT

static const struct slot_table window_slots = { window_rows, ARRAY_LEN(window_rows), sizeof(struct window_draft) };

#define AT(field) offsetof(struct quiet_draft, field)
static const struct slot quiet_rows[] = {
    { .name = "after_boot_s", .kind = SLOT_WHOLE, .offset = AT(after_boot_s), .most = QUIET_GRACE_MAX_S, .fallback = "300",
      .help = "seconds after the machine started in which changes are held" },
    { .name = "after_resume_s", .kind = SLOT_WHOLE, .offset = AT(after_resume_s), .most = QUIET_GRACE_MAX_S,
      .fallback = "180", .help = "the same after it woke from sleep" },
    { .name = "windows", .kind = SLOT_LIST, .offset = AT(windows), .count_offset = offsetof(struct quiet_draft, window_count),
      .inner = &window_slots, .count_max = QUIET_WINDOWS_MAX,
      .help = "maintenance windows: changes are held, the state at the end speaks" },
};
#undef AT

#define AT(field) offsetof(struct rule_quiet_draft, field)
static const struct slot rule_quiet_rows[] = {
    { .name = "after_boot_s", .kind = SLOT_WHOLE, .offset = AT(after_boot_s), .most = QUIET_GRACE_MAX_S,
      .help = "as in `quiet`, for this rule" },
    { .name = "after_resume_s", .kind = SLOT_WHOLE, .offset = AT(after_resume_s), .most = QUIET_GRACE_MAX_S,
      .help = "as in `quiet`, for this rule" },
    { .name = "windows", .kind = SLOT_FLAG, .offset = AT(windows),
      .help = "`false`: this rule speaks in maintenance windows as well" },
    { .name = "cool_down_s", .kind = SLOT_WHOLE, .offset = AT(cool_down_s), .most = 604800,
      .help = "seconds after an alert was cleared in which it is not raised again" },
};
#undef AT
// clang-format on

const struct slot_table quiet_slots = { quiet_rows, ARRAY_LEN(quiet_rows), sizeof(struct quiet_draft) };
const struct slot_table rule_quiet_slots = { rule_quiet_rows, ARRAY_LEN(rule_quiet_rows), sizeof(struct rule_quiet_draft) };

/* ---- from the draft ---- */

static void apply_window(struct slot_parser *p, const struct window_draft *draft, size_t place, struct policy *policy)
{
    struct quiet_window *window = &policy->windows[place];

    *window = (struct quiet_window){
        .name = draft->name, .zone = draft->zone, .rules = draft->rules, .lasts_min = draft->minutes
    };
    if (!draft->name || !draft->start || draft->minutes == SLOT_UNNAMED)
        return; /* said already */
    (void)read_days(draft->days, &window->days);
    (void)read_start(draft->start, &window->start_min);
    for (size_t w = 0; w < place; w++)
        if (policy->windows[w].name && strcmp(policy->windows[w].name, draft->name) == 0)
            slot_problem(p, ".name", "\"%s\" stands twice: first as windows[%zu]", draft->name, w);
    for (size_t r = 0; draft->rules && r < policy->count; r++)
        if (text_like_any(policy->rules[r].name, draft->rules))
            return;
    if (draft->rules)
        slot_problem(p, ".rules", "no rule has such a name: `picket config rules` lists them");
}

void quiet_windows_apply(struct slot_parser *p, const struct quiet_draft *draft, struct policy *policy)
{
    size_t before = slot_enter(p, "windows", 0);

    policy->windows = text_pool_take(p->pool, (draft->window_count + 1) * sizeof *policy->windows);
    if (!policy->windows) {
        p->err = err_of(ERR_NO_MEMORY, "keeping windows");
        return;
    }
    policy->window_count = draft->window_count;
    for (size_t w = 0; w < draft->window_count; w++) {
        size_t at = slot_enter(p, NULL, w);

        apply_window(p, &draft->windows[w], w, policy);
        slot_leave(p, at);
    }
    slot_leave(p, before);
}

static void choose(uint32_t named, enum quiet_own which, uint32_t *value, unsigned *own)
{
    if (named == SLOT_UNNAMED)
        return;
    *value = named;
    *own |= which;
}

void rule_quiet_apply(const struct rule_quiet_draft *draft, struct rule_quiet *own)
{
    choose(draft->after_boot_s, QUIET_OWN_BOOT, &own->after_boot_s, &own->own);
    choose(draft->after_resume_s, QUIET_OWN_RESUME, &own->after_resume_s, &own->own);
    if (draft->cool_down_s != SLOT_UNNAMED)
        own->cool_down_s = draft->cool_down_s;
    if (draft->windows >= 0)
        own->through_windows = !draft->windows;
}

void rule_quiet_complete(const struct quiet_draft *general, struct rule_quiet *own)
{
    if (!(own->own & QUIET_OWN_BOOT))
        own->after_boot_s = general->after_boot_s;
    if (!(own->own & QUIET_OWN_RESUME))
        own->after_resume_s = general->after_resume_s;
}
