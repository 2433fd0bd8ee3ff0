#include "agent/cli/inventory_text.h"

#include <string.h>

#include "agent/cli/print.h"
#include "platform/buf.h"
#include "platform/clock.h"

enum { CELL_BYTES = INVENTORY_ROW_MAX * 2 };

/* "dns_servers" is a key; people read "dns servers", and units in the values. */
static const char *words(const char *key, char *into, size_t size)
{
    size_t len = strlen(key);

    if (len > 6 && strcmp(key + len - 6, "_bytes") == 0)
        len -= 6;
    snprintf(into, size, "%.*s", (int)len, key);
    for (char *at = into; *at; at++)
        if (*at == '_')
            *at = ' ';
    return into;
}

static void upper(char *text)
{
    for (; *text; text++)
        if (*text >= 'a' && *text <= 'z')
            *text = (char)(*text - 'a' + 'A');
}

/* ---- a document ---- */

/* A section of one row stands on its side: a field a line, those that are known. */
static void print_single(FILE *out, const struct inventory_kinds *kinds, const char *const fields[])
{
    char cell[CELL_BYTES], tame[CELL_BYTES], name[64];

    for (size_t i = 0; i < kinds->field_count; i++) {
        if (!fields[i][0])
            continue;
        inventory_print(&kinds->fields[i], fields[i], cell, sizeof cell);
        fprintf(out, "  %-20s  %s\n", words(kinds->fields[i].name, name, sizeof name),
                text_tame(cell, tame, sizeof tame));
    }
}

static void begin_table(struct inventory_text *t, const struct inventory_kinds *kinds)
{
    t->column_count = 0;
    for (size_t i = 0; i < kinds->field_count && t->column_count < TABLE_COLUMNS_MAX; i++) {
        const struct inventory_field *field = &kinds->fields[i];
        size_t                        c = t->column_count;

        if (field->marks & INVENTORY_UNSHOWN)
            continue;
        words(field->name, t->titles[c], sizeof t->titles[c]);
        upper(t->titles[c]);
        t->columns[c] =
            (struct table_column){ t->titles[c], field->kind == INVENTORY_WHOLE || field->kind == INVENTORY_BYTES,
                                   field->kind == INVENTORY_LIST || field->kind == INVENTORY_TEXT };
        t->fields[c] = i;
        t->column_count++;
    }
    table_begin(&t->table, t->columns, t->column_count);
}

static void end_section(struct inventory_text *t)
{
    if (t->column_count)
        (void)table_end(&t->table, t->out);
    t->column_count = 0;
}

static void begin_section(struct inventory_text *t, int section, const struct inventory_kinds *kinds)
{
    char name[64];

    end_section(t);
    fprintf(t->out, "%s%s%s%s\n", t->section ? "\n" : "", table_tone_on(t->out, TABLE_GOOD),
            words(kinds->name, name, sizeof name), table_tone_off(t->out, TABLE_GOOD));
    t->section = section;
    if (kinds->key_count)
        begin_table(t, kinds);
}

void inventory_text_begin(struct inventory_text *t, FILE *out, int only)
{
    *t = (struct inventory_text){ .out = out, .only = only };
}

void inventory_text_row(struct inventory_text *t, int section, const char *row)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(section);
    char                          copy[INVENTORY_ROW_MAX + 1], cell[CELL_BYTES];
    const char                   *fields[INVENTORY_FIELDS_MAX];

    if (!kinds || (t->only && t->only != section && section != INVENTORY_INCOMPLETE))
        return;
    snprintf(copy, sizeof copy, "%s", row);
    inventory_split(copy, fields);
    if (t->only && section == INVENTORY_INCOMPLETE && inventory_section_of(fields[0]) != t->only)
        return;
    if (t->section != section)
        begin_section(t, section, kinds);
    if (!kinds->key_count) {
        print_single(t->out, kinds, fields);
        return;
    }
    for (size_t i = 0; i < t->column_count; i++) {
        inventory_print(&kinds->fields[t->fields[i]], fields[t->fields[i]], cell, sizeof cell);
        table_put(&t->table, section == INVENTORY_INCOMPLETE ? TABLE_WARN : TABLE_PLAIN,
                  strcmp(cell, "-") == 0 ? "" : cell);
    }
}

void inventory_text_end(struct inventory_text *t)
{
    end_section(t);
}

/* ---- changes ---- */

static const struct table_column columns[] = {
    { "FOUND", false, false },
    { "SECTION", false, false },
    { "ENTRY", false, true },
    { "CHANGE", false, true },
};

void inventory_changes_begin(struct table *t, bool with_time)
{
    table_begin(t, columns + !with_time, ARRAY_LEN(columns) - !with_time);
}

static void add(char *into, const char *between, const char *name, const char *text)
{
    size_t n = strlen(into);

    snprintf(into + n, CELL_BYTES - n, "%s%s%s%s", n ? between : "", name, name[0] ? " " : "", text);
}

/* "version 5.2-1 → 5.2-2"; of what came or went its known values. */
static void print_change(const struct inventory_kinds *kinds, const char *const was[], const char *const now[],
                         bool both, char into[CELL_BYTES])
{
    char a[CELL_BYTES / 2], b[CELL_BYTES / 2], text[CELL_BYTES], name[64];

    into[0] = '\0';
    for (size_t i = kinds->key_count; i < kinds->field_count; i++) {
        const char *known = now[i][0] ? now[i] : was[i];

        if (both ? strcmp(was[i], now[i]) == 0 : !known[0] || kinds->fields[i].marks & INVENTORY_QUIET)
            continue;
        words(kinds->fields[i].name, name, sizeof name);
        inventory_print(&kinds->fields[i], both ? was[i] : known, a, sizeof a);
        inventory_print(&kinds->fields[i], now[i], b, sizeof b);
        if (both)
            snprintf(text, sizeof text, "%.3900s \xe2\x86\x92 %.3900s", a, b);
        add(into, ", ", name, both ? text : a);
    }
}

void inventory_changes_put(struct table *t, bool with_time, const struct inventory_change *change)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(change->section);
    char        was[INVENTORY_ROW_MAX + 1], now[INVENTORY_ROW_MAX + 1], cell[CELL_BYTES], line[CELL_BYTES];
    const char *before[INVENTORY_FIELDS_MAX], *after[INVENTORY_FIELDS_MAX];
    bool        both = change->was[0] && change->now[0];

    if (!kinds)
        return;
    snprintf(was, sizeof was, "%s", change->was);
    snprintf(now, sizeof now, "%s", change->now);
    inventory_split(was, before);
    inventory_split(now, after);
    if (with_time)
        table_put(t, TABLE_PLAIN, plat_clock_print(change->at_ms, cell));
    table_put(t, TABLE_PLAIN, words(kinds->name, cell, sizeof cell));
    cell[0] = '\0';
    for (unsigned i = 0; i < kinds->key_count; i++) {
        const char *part = change->now[0] ? after[i] : before[i];

        if (part[0] && strcmp(kinds->fields[i].name, "slot") != 0)
            add(cell, " ", "", part);
    }
    table_put(t, TABLE_PLAIN, cell);
    print_change(kinds, before, after, both, line);
    snprintf(cell, sizeof cell, "%s%s%.7900s",
             both             ? ""
             : change->now[0] ? "added"
                              : "removed",
             both || !line[0] ? "" : ": ", line);
    table_put(t, both ? TABLE_PLAIN : change->now[0] ? TABLE_GOOD : TABLE_WARN, cell);
}
