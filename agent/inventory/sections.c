#include "agent/inventory/sections.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "platform/clock.h"
#include "proto/text.h"

// clang-format off
#define TEXT(name)   { name, INVENTORY_TEXT, 0 }
#define SECRET(name) { name, INVENTORY_TEXT, INVENTORY_SECRET }
#define LIST(name)   { name, INVENTORY_LIST, 0 }
#define WHOLE(name)  { name, INVENTORY_WHOLE, 0 }
#define BYTES(name)  { name, INVENTORY_BYTES, 0 }
#define FLAG(name)   { name, INVENTORY_FLAG, 0 }

static const struct inventory_field incomplete[] = {
    TEXT("section"), TEXT("part"), TEXT("reason"), TEXT("hides"),
};
static const struct inventory_field system_fields[] = {
    TEXT("name"), TEXT("manufacturer"), TEXT("product"), TEXT("version"), SECRET("serial"), SECRET("uuid"), TEXT("sku"),
    TEXT("family"), TEXT("board_manufacturer"), TEXT("board_product"), TEXT("board_version"), SECRET("board_serial"),
    TEXT("chassis_kind"), TEXT("chassis_manufacturer"), SECRET("chassis_serial"), SECRET("asset_tag"),
    TEXT("firmware_vendor"), TEXT("firmware_version"), TEXT("firmware_date"),
};
static const struct inventory_field environment[] = {
    TEXT("virtualization"), TEXT("container"), TEXT("cgroups"), BYTES("memory_limit_bytes"), WHOLE("cpu_limit_millis"),
};
static const struct inventory_field os[] = {
    TEXT("name"), TEXT("id"), TEXT("version"), TEXT("kernel"), TEXT("architecture"), TEXT("time_zone"), TEXT("locale"),
    TEXT("machine_id_hash"),
};
static const struct inventory_field boot[] = {
    TEXT("id"), { "time", INVENTORY_TIME, INVENTORY_QUIET },
};
static const struct inventory_field processor[] = {
    TEXT("model"), TEXT("vendor"), WHOLE("sockets"), WHOLE("cores"), WHOLE("threads"),
};
static const struct inventory_field memory[] = {
    BYTES("installed_bytes"), { "visible_bytes", INVENTORY_BYTES, INVENTORY_QUIET }, WHOLE("slots"),
};
static const struct inventory_field memory_modules[] = {
    TEXT("slot"), TEXT("bank"), BYTES("size_bytes"), TEXT("kind"), WHOLE("speed_mts"), TEXT("manufacturer"), TEXT("part"),
    SECRET("serial"),
};
static const struct inventory_field disks[] = {
    { "id", INVENTORY_TEXT, INVENTORY_UNSHOWN }, { "name", INVENTORY_TEXT, INVENTORY_QUIET }, TEXT("model"),
    TEXT("serial"), BYTES("size_bytes"), TEXT("bus"), FLAG("rotational"), FLAG("removable"), TEXT("firmware"),
};
static const struct inventory_field interfaces[] = {
    TEXT("name"), TEXT("kind"), TEXT("mac"), TEXT("driver"), LIST("addresses"),
};
static const struct inventory_field network[] = { LIST("gateways"), LIST("dns_servers"), LIST("search_domains") };
static const struct inventory_field users[] = {
    TEXT("name"), WHOLE("id"), WHOLE("group"), TEXT("full_name"), TEXT("home"), TEXT("shell"), SECRET("password"),
    SECRET("password_changed"),
};
static const struct inventory_field groups[] = { TEXT("name"), WHOLE("id"), LIST("members") };
static const struct inventory_field administrators[] = { TEXT("name"), LIST("by") };
static const struct inventory_field services[] = {
    TEXT("manager"), TEXT("name"), TEXT("start"), { "running", INVENTORY_FLAG, INVENTORY_QUIET },
};
static const struct inventory_field packages[] = {
    TEXT("manager"), TEXT("name"), TEXT("architecture"), TEXT("slot"), TEXT("version"),
};

#define SECTION(id, name, fields, keys) [id] = { name, fields, ARRAY_LEN(fields), keys }
static const struct inventory_kinds sections[INVENTORY_SECTIONS] = {
    SECTION(INVENTORY_INCOMPLETE,     "incomplete",     incomplete, 2),
    SECTION(INVENTORY_SYSTEM,         "system",         system_fields, 0),
    SECTION(INVENTORY_ENVIRONMENT,    "environment",    environment, 0),
    SECTION(INVENTORY_OS,             "os",             os, 0),
    SECTION(INVENTORY_BOOT,           "boot",           boot, 0),
    SECTION(INVENTORY_PROCESSOR,      "processor",      processor, 0),
    SECTION(INVENTORY_MEMORY,         "memory",         memory, 0),
    SECTION(INVENTORY_MEMORY_MODULES, "memory_modules", memory_modules, 2),
    SECTION(INVENTORY_DISKS,          "disks",          disks, 1),
    SECTION(INVENTORY_INTERFACES,     "interfaces",     interfaces, 1),
    SECTION(INVENTORY_NETWORK,        "network",        network, 0),
    SECTION(INVENTORY_USERS,          "users",          users, 1),
    SECTION(INVENTORY_GROUPS,         "groups",         groups, 1),
    SECTION(INVENTORY_ADMINISTRATORS, "administrators", administrators, 1),
    SECTION(INVENTORY_SERVICES,       "services",       services, 2),
    SECTION(INVENTORY_PACKAGES,       "packages",       packages, 4),
};
// clang-format on

const struct inventory_kinds *inventory_kinds_of(int section)
{
    return section > 0 && section < INVENTORY_SECTIONS ? &sections[section] : NULL;
}

int inventory_section_of(const char *name)
{
    for (int i = 1; i < INVENTORY_SECTIONS; i++)
        if (strcmp(sections[i].name, name) == 0)
            return i;
    return 0;
}

/* ---- rows ---- */

size_t inventory_split(char *row, const char *fields[INVENTORY_FIELDS_MAX])
{
    size_t count = 0;

    while (row && count < INVENTORY_FIELDS_MAX)
        fields[count++] = text_field(&row, '\t');
    for (size_t i = count; i < INVENTORY_FIELDS_MAX; i++)
        fields[i] = "";
    return count;
}

size_t inventory_key_len(const struct inventory_kinds *kinds, const char *row)
{
    size_t len = 0;

    for (unsigned i = 0; i < kinds->key_count; i++) {
        len += i > 0;
        len += strcspn(row + len, "\t");
        if (!row[len])
            break;
    }
    return len;
}

void inventory_blank(const struct inventory_kinds *kinds, char *row)
{
    for (unsigned i = 0; i < kinds->field_count && *row; i++) {
        size_t len = strcspn(row, "\t");

        if (kinds->fields[i].marks & INVENTORY_SECRET) {
            memmove(row, row + len, strlen(row + len) + 1);
            len = 0;
        }
        row += len + (row[len] == '\t');
    }
}

bool inventory_same(const struct inventory_kinds *kinds, const char *was, const char *now, bool hidden)
{
    for (unsigned i = 0; i < kinds->field_count; i++) {
        size_t a = strcspn(was, "\t"), b = strcspn(now, "\t");

        if (!(kinds->fields[i].marks & INVENTORY_QUIET) && !(hidden && b == 0) && (a != b || memcmp(was, now, a) != 0))
            return false;
        if (!was[a] || !now[b])
            break;
        was += a + 1;
        now += b + 1;
    }
    return true;
}

/* ---- values ---- */

static void put_list(const char *value, struct json_put *j, const char *key)
{
    char item[INVENTORY_ROW_MAX];

    json_put_array(j, key);
    while (*value) {
        size_t len = strcspn(value, "\x1f");

        snprintf(item, sizeof item, "%.*s", (int)len, value);
        json_put_text(j, NULL, item);
        value += len + (value[len] != '\0');
    }
    json_put_end(j);
}

void inventory_put_json(const struct inventory_field *field, const char *value, struct json_put *j, const char *key)
{
    char time[CLOCK_TEXT_BYTES];

    if (field->kind == INVENTORY_LIST)
        put_list(value, j, key);
    else if (!value[0])
        json_put_null(j, key);
    else if (field->kind == INVENTORY_FLAG)
        json_put_flag(j, key, value[0] == '1');
    else if (field->kind == INVENTORY_TIME)
        json_put_text(j, key, plat_clock_print(strtoll(value, NULL, 10), time));
    else if (field->kind == INVENTORY_TEXT)
        json_put_text(j, key, value);
    else
        json_put_whole(j, key, strtoll(value, NULL, 10));
}

static void print_bytes(double bytes, char *into, size_t size)
{
    static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB", "PiB" };
    size_t                   unit = 0;

    while (bytes >= 1024 && unit + 1 < ARRAY_LEN(units)) {
        bytes /= 1024;
        unit++;
    }
    snprintf(into, size, bytes < 10 && unit ? "%.1f %s" : "%.0f %s", bytes, units[unit]);
}

static void print_list(const char *value, char *into, size_t size)
{
    size_t n = 0;

    for (; *value && n + 3 < size; value++) {
        into[n++] = *value == INVENTORY_LIST_MARK ? ',' : *value;
        if (*value == INVENTORY_LIST_MARK)
            into[n++] = ' ';
    }
    into[n] = '\0';
}

void inventory_print(const struct inventory_field *field, const char *value, char *into, size_t size)
{
    char time[CLOCK_TEXT_BYTES];

    if (!value[0])
        snprintf(into, size, "-");
    else if (field->kind == INVENTORY_FLAG)
        snprintf(into, size, "%s", value[0] == '1' ? "yes" : "no");
    else if (field->kind == INVENTORY_TIME)
        snprintf(into, size, "%s", plat_clock_print(strtoll(value, NULL, 10), time));
    else if (field->kind == INVENTORY_BYTES)
        print_bytes(strtod(value, NULL), into, size);
    else if (field->kind == INVENTORY_LIST)
        print_list(value, into, size);
    else
        snprintf(into, size, "%s", value);
}
