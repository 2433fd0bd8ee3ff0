#include <stdio.h>
#include <string.h>

#include "agent/inventory/parts.h"
#include "platform/accounts.h"
#include "platform/clock.h"

/* Who may become root: its other names, and the members of groups that systems give that right to by their own settings (sudo,
 * wheel, admin) or by what they hand out (the socket of a container manager). */
static const char *const powerful[] = { "sudo", "wheel", "admin", "docker", "lxd", "incus-admin" };

enum { POWERFUL = ARRAY_LEN(powerful), MEMBERS_MAX = 4096 };

struct people {
    struct gathering *g;
    uint32_t          group_id[POWERFUL];
    bool              group_is_there[POWERFUL];
    char              listed[POWERFUL][MEMBERS_MAX]; /* ",alice,bob," of each */
};

static int which(const char *group)
{
    for (int i = 0; i < POWERFUL; i++)
        if (strcmp(group, powerful[i]) == 0)
            return i;
    return -1;
}

static void add_group(void *context, const struct plat_group *group)
{
    struct people *p = context;
    int            power = which(group->name);
    const char    *at = group->members;
    char           name[256];

    inventory_row(p->g->into, INVENTORY_GROUPS);
    inventory_text(p->g->into, group->name);
    inventory_whole(p->g->into, group->id);
    inventory_list(p->g->into);
    while (*at) {
        size_t len = strcspn(at, ",");

        snprintf(name, sizeof name, "%.*s", (int)len, at);
        if (len)
            inventory_item(p->g->into, name);
        at += len + (at[len] == ',');
    }
    inventory_end(p->g->into);
    if (power < 0)
        return;
    p->group_is_there[power] = true;
    p->group_id[power] = group->id;
    if ((size_t)snprintf(p->listed[power], sizeof p->listed[0], ",%s,", group->members) >= sizeof p->listed[0])
        inventory_gap(p->g->into, INVENTORY_ADMINISTRATORS, group->name, "more members than are looked through", true);
}

static bool is_listed(const char *members, const char *name)
{
    size_t len = strlen(name);

    for (const char *at = members; len && (at = strstr(at, name)) != NULL; at++)
        if (at != members && at[-1] == ',' && at[len] == ',')
            return true;
    return false;
}

static void add_administrator(struct people *p, const struct plat_account *a)
{
    struct inventory *d = p->g->into;
    bool              begun = false;
    char              text[64];

    for (int i = -1; i < POWERFUL; i++) {
        bool by = i < 0 ? a->id == 0
                        : p->group_is_there[i] && (a->group == p->group_id[i] || is_listed(p->listed[i], a->name));

        if (!by)
            continue;
        if (!begun) {
            inventory_row(d, INVENTORY_ADMINISTRATORS);
            inventory_text(d, a->name);
            inventory_list(d);
            begun = true;
        }
        snprintf(text, sizeof text, "%s%s", i < 0 ? "user id 0" : "group ", i < 0 ? "" : powerful[i]);
        inventory_item(d, text);
    }
    if (begun)
        inventory_end(d);
}

static void add_account(void *context, const struct plat_account *a)
{
    static const char *const states[] = { "", "set", "locked", "empty" };
    struct people           *p = context;
    struct inventory        *d = p->g->into;
    char                     day[CLOCK_TEXT_BYTES] = "";

    if (a->password_changed_day >= 0) {
        plat_clock_print(a->password_changed_day * 24 * 60 * 60 * 1000, day);
        day[strcspn(day, "T")] = '\0';
    }
    inventory_row(d, INVENTORY_USERS);
    inventory_text(d, a->name);
    inventory_whole(d, a->id);
    inventory_whole(d, a->group);
    inventory_text(d, a->full_name);
    inventory_text(d, a->home);
    inventory_text(d, a->shell);
    inventory_text(d, states[a->password]);
    inventory_text(d, day);
    inventory_end(d);
    add_administrator(p, a);
}

void gather_accounts(struct gathering *g)
{
    struct people p = { .g = g };

    plat_groups_each(gathering_source(g, INVENTORY_GROUPS), add_group, &p);
    plat_accounts_each(gathering_source(g, INVENTORY_USERS), add_account, &p);
}
