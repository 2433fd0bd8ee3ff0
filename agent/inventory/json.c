#include "agent/inventory/json.h"

#include <stdio.h>
#include <string.h>

#include "platform/clock.h"

/* A row taken apart, in memory of its own. */
struct row {
    char        text[INVENTORY_ROW_MAX + 1];
    const char *fields[INVENTORY_FIELDS_MAX];
};

static void take_apart(const char *text, struct row *ret)
{
    snprintf(ret->text, sizeof ret->text, "%s", text);
    inventory_split(ret->text, ret->fields);
}

static void put_fields(const struct inventory_kinds *kinds, const struct row *row, struct json_put *j)
{
    for (size_t i = 0; i < kinds->field_count; i++)
        inventory_put_json(&kinds->fields[i], row->fields[i], j, kinds->fields[i].name);
}

/* ---- a document ---- */

static bool is_wanted(const struct inventory_json *o, int section)
{
    return o->only == 0 || o->only == section || section == INVENTORY_INCOMPLETE;
}

/* Sections without a row up to this one: [] or null. */
static void catch_up(struct inventory_json *o, int section)
{
    if (o->open && o->next <= section)
        json_put_end(o->j);
    if (o->next <= section)
        o->open = false;
    for (; o->next < section; o->next++) {
        const struct inventory_kinds *kinds = inventory_kinds_of(o->next);

        if (!is_wanted(o, o->next))
            continue;
        if (!kinds->key_count) {
            json_put_null(o->j, kinds->name);
            continue;
        }
        json_put_array(o->j, kinds->name);
        json_put_end(o->j);
    }
}

void inventory_json_begin(struct inventory_json *o, struct json_put *j, int only)
{
    *o = (struct inventory_json){ .j = j, .only = only, .next = INVENTORY_INCOMPLETE };
    json_put_object(j, NULL);
    json_put_whole(j, "version", INVENTORY_JSON_VERSION);
}

void inventory_json_row(struct inventory_json *o, int section, const char *row)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(section);
    struct row                    r;

    if (!kinds || !is_wanted(o, section))
        return;
    catch_up(o, section);
    take_apart(row, &r);
    if (kinds->key_count && !o->open)
        json_put_array(o->j, kinds->name);
    json_put_object(o->j, kinds->key_count ? NULL : kinds->name);
    put_fields(kinds, &r, o->j);
    json_put_end(o->j);
    o->open = kinds->key_count > 0;
    o->next = section + 1;
}

void inventory_json_end(struct inventory_json *o)
{
    catch_up(o, INVENTORY_SECTIONS);
    json_put_end(o->j);
}

/* ---- a change ---- */

/* which: 0 the key, 1 what was, 2 what is. Of an entry that changed only what differs. */
static void put_part(const struct inventory_kinds *kinds, const struct row rows[2], int which, bool all, bool gone,
                     struct json_put *j)
{
    static const char *const names[] = { "key", "was", "now" };
    const struct row        *from = which == 0 ? &rows[gone ? 0 : 1] : &rows[which - 1];

    json_put_object(j, names[which]);
    for (unsigned i = 0; i < kinds->field_count; i++) {
        bool is_key = i < kinds->key_count;

        if (which == 0 ? !is_key : is_key || (!all && strcmp(rows[0].fields[i], rows[1].fields[i]) == 0))
            continue;
        inventory_put_json(&kinds->fields[i], from->fields[i], j, kinds->fields[i].name);
    }
    json_put_end(j);
}

void inventory_change_json(const struct inventory_change *change, struct json_put *j)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(change->section);
    char                          at[CLOCK_TEXT_BYTES];
    struct row                    rows[2];
    bool                          both = change->was[0] && change->now[0];

    if (!kinds)
        return;
    take_apart(change->was, &rows[0]);
    take_apart(change->now, &rows[1]);
    json_put_object(j, NULL);
    json_put_text(j, "at", plat_clock_print(change->at_ms, at));
    json_put_text(j, "section", kinds->name);
    json_put_text(j, "change", both ? "changed" : change->now[0] ? "added" : "removed");
    put_part(kinds, rows, 0, true, !change->now[0], j);
    if (change->was[0])
        put_part(kinds, rows, 1, !both, false, j);
    if (change->now[0])
        put_part(kinds, rows, 2, !both, false, j);
    json_put_end(j);
}
