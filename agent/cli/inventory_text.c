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

/* Appended, with what parts it from what stands there. */
static void add(char into[CELL_BYTES], const char *between, const char *name, const char *text)
{
    size_t n = strlen(into);

    snprintf(into + n, CELL_BYTES - n, "%s%s%s%s", n ? between : "", name, name[0] ? " " : "", text);
}

/* "version 5.2-1 -> 5.2-2" */
static void add_difference(const struct inventory_field *field, const char *was, const char *now, char into[CELL_BYTES])
{
    char a[CELL_BYTES / 2], b[CELL_BYTES / 2], text[CELL_BYTES + 8], name[64];

    if (strcmp(was, now) == 0)
        return;
    inventory_print(field, was, a, sizeof a);
    inventory_print(field, now, b, sizeof b);
    snprintf(text, sizeof text, "%s -> %s", a, b);
    add(into, ", ", words(field->name, name, sizeof name), text);
}

/* Of what came or went: what is known of it, but not what moved by itself (a disk's name tells which it was). */
static void add_value(const struct inventory_field *field, const char *value, char into[CELL_BYTES])
{
    char text[CELL_BYTES / 2], name[64];

    if (!value[0] || (field->marks & INVENTORY_QUIET && field->kind != INVENTORY_TEXT))
        return;
    inventory_print(field, value, text, sizeof text);
    add(into, ", ", words(field->name, name, sizeof name), text);
}

/* A slot is the version again, of what is installed side by side. */
static void print_key(const struct inventory_kinds *kinds, const char *const fields[], char into[CELL_BYTES])
{
    into[0] = '\0';
    for (unsigned i = 0; i < kinds->key_count; i++)
        if (fields[i][0] && strcmp(kinds->fields[i].name, "slot") != 0)
            add(into, " ", "", fields[i]);
}

static void print_values(const struct inventory_kinds *kinds, const char *const was[], const char *const now[],
                         char change, char into[CELL_BYTES])
{
    into[0] = '\0';
    for (unsigned i = kinds->key_count; i < kinds->field_count; i++) {
        if (change == ' ')
            add_difference(&kinds->fields[i], was[i], now[i], into);
        else
            add_value(&kinds->fields[i], change == '+' ? now[i] : was[i], into);
    }
}

void inventory_change_print(FILE *out, bool dated, const struct inventory_change *change)
{
    const struct inventory_kinds *kinds = inventory_kinds_of(change->section);
    char was[INVENTORY_ROW_MAX + 1], now[INVENTORY_ROW_MAX + 1], cell[CELL_BYTES], tame[CELL_BYTES], at[64], name[64];
    const char     *before[INVENTORY_FIELDS_MAX], *after[INVENTORY_FIELDS_MAX];
    char            kind = !change->was[0] ? '+' : !change->now[0] ? '-' : ' ';
    enum table_tone tone = kind == '+' ? TABLE_GOOD : kind == '-' ? TABLE_WARN : TABLE_PLAIN;

    if (!kinds)
        return;
    snprintf(was, sizeof was, "%s", change->was);
    snprintf(now, sizeof now, "%s", change->now);
    inventory_split(was, before);
    inventory_split(now, after);
    print_key(kinds, kind == '-' ? before : after, cell);
    fprintf(out, "%s%s%s%c %s%s%s%s", dated ? plat_clock_print(change->at_ms, at) : "", dated ? "  " : "",
            table_tone_on(out, tone), kind, words(kinds->name, name, sizeof name), cell[0] ? ": " : "",
            text_tame(cell, tame, sizeof tame), table_tone_off(out, tone));
    print_values(kinds, before, after, kind, cell);
    text_tame(cell, tame, sizeof tame);
    if (tame[0])
        fprintf(out, kind == ' ' ? " %s" : " (%s)", tame);
    fputc('\n', out);
}
