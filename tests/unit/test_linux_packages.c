#include "check.h"

#include <sqlite3.h>

#include "fixture.h"
#include "platform/buf.h"
#include "platform/linux/package_parse.h"
#include "rootdir.h"

/* "name version architecture;" of each. */
static void on_package(void *context, const struct plat_package *p)
{
    char *list = context;

    snprintf(list + strlen(list), 4096 - strlen(list), "%s %s %s;", p->name, p->version, p->architecture);
}

static void installed_packages_are_told_from_their_remains(void **state)
{
    char   list[4096] = "";
    size_t len;
    char  *text = fixture_read("linux/dpkg/debian12", &len);

    (void)state;
    assert_false(failed(plat_paragraphs_parse(&package_dpkg, text, len, on_package, list)));
    assert_string_equal(list, "adduser 3.134 all;libc6 2.36-9+deb12u4 amd64;libc6 2.36-9+deb12u4 i386;"
                              "held 1:2.0~rc1-1 amd64;halfway 7 amd64;");
    free(text);
}

static void apk_s_list_is_read(void **state)
{
    char   list[4096] = "";
    size_t len;
    char  *text = fixture_read("linux/apk/alpine320", &len);

    (void)state;
    assert_false(failed(plat_paragraphs_parse(&package_apk, text, len, on_package, list)));
    assert_string_equal(list, "alpine-baselayout 3.6.5-r0 x86_64;busybox 1.36.1-r28 x86_64;musl 1.2.5-r0 x86_64;");
    free(text);
}

static void a_damaged_paragraph_is_said_and_hides_no_other(void **state)
{
    static const struct {
        const char *text;
        const char *want;
        bool        sound;
    } cases[] = {
        { "", "", true },
        { "\n\n\n", "", true },
        { "P:a\nV:1", "a 1 ;", true },
        { "P:a\n\nP:b\nV:2\nA:x\n", "b 2 x;", false },
        { "V:1\n\nP:b\nV:2\nA:x\n", "b 2 x;", false },
        { "P:a\nV:1\nA:0123456789012345678901234567890123456789\n\nP:b\nV:2\nA:x\n", "b 2 x;", false },
        { "nothing that is a list\n", "", false },
    };

    (void)state;
    for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
        char       list[4096] = "";
        struct err e = plat_paragraphs_parse(&package_apk, cases[i].text, strlen(cases[i].text), on_package, list);

        assert_string_equal(list, cases[i].want);
        assert_int_equal(e.code, cases[i].sound ? ERR_OK : ERR_MALFORMED);
    }
}

/* ---- headers of rpm ---- */

struct header {
    uint8_t index[16 * 16], data[1024];
    size_t  entries, data_len;
};

static void put_big(uint8_t *at, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(n >> (24 - 8 * i));
}

static void put_little(uint8_t *at, uint32_t n)
{
    for (int i = 0; i < 4; i++)
        at[i] = (uint8_t)(n >> (8 * i));
}

static void put_entry(struct header *h, uint32_t tag, uint32_t type, const void *bytes, size_t len)
{
    uint8_t *entry = h->index + 16 * h->entries++;

    put_big(entry, tag);
    put_big(entry + 4, type);
    put_big(entry + 8, (uint32_t)h->data_len);
    put_big(entry + 12, 1);
    memcpy(h->data + h->data_len, bytes, len);
    h->data_len += len;
}

static void put_text(struct header *h, uint32_t tag, const char *text)
{
    put_entry(h, tag, 6, text, strlen(text) + 1);
}

static size_t finish(const struct header *h, uint8_t *into)
{
    put_big(into, (uint32_t)h->entries);
    put_big(into + 4, (uint32_t)h->data_len);
    memcpy(into + 8, h->index, 16 * h->entries);
    memcpy(into + 8 + 16 * h->entries, h->data, h->data_len);
    return 8 + 16 * h->entries + h->data_len;
}

static size_t make_header(const char *name, const char *epoch, uint8_t *into)
{
    struct header h = { .entries = 0 };

    put_entry(&h, 63, 7, "0123456789abcdef", 16);
    put_text(&h, 1000, name);
    put_text(&h, 1001, "5.1.8");
    put_text(&h, 1002, "9.el9");
    if (epoch)
        put_entry(&h, 1003, 4, epoch, 4);
    put_text(&h, 1022, "x86_64");
    return finish(&h, into);
}

static void a_header_says_name_version_and_architecture(void **state)
{
    uint8_t         bytes[2048];
    struct plat_rpm rpm;

    (void)state;
    assert_false(failed(plat_rpm_header_parse(bytes, make_header("bash", NULL, bytes), &rpm)));
    assert_string_equal(rpm.name, "bash");
    assert_string_equal(rpm.version, "5.1.8-9.el9");
    assert_string_equal(rpm.architecture, "x86_64");
    assert_false(failed(plat_rpm_header_parse(bytes, make_header("bind", "\0\0\0\x20", bytes), &rpm)));
    assert_string_equal(rpm.version, "32:5.1.8-9.el9");
}

/* Cut anywhere, or with any byte another, it is refused or understood, and never read beyond. */
static void a_damaged_header_is_refused(void **state)
{
    uint8_t         whole[2048], *copy;
    struct plat_rpm rpm;
    size_t          len = make_header("bash", "\0\0\0\1", whole);

    (void)state;
    for (size_t cut = 0; cut < len; cut++) {
        copy = malloc(cut ? cut : 1);
        assert_non_null(copy);
        memcpy(copy, whole, cut);
        assert_true(failed(plat_rpm_header_parse(copy, cut, &rpm)));
        free(copy);
    }
    for (size_t at = 0; at < len; at++) {
        copy = malloc(len);
        assert_non_null(copy);
        memcpy(copy, whole, len);
        copy[at] ^= 0xff;
        (void)plat_rpm_header_parse(copy, len, &rpm);
        free(copy);
    }
}

/* ---- ndb ---- */

struct memory {
    const uint8_t *bytes;
    size_t         len;
};

static struct err read_memory(void *context, uint64_t offset, void *into, size_t len)
{
    const struct memory *m = context;

    if (offset > m->len || len > m->len - offset)
        return err_of(ERR_MALFORMED, "reading");
    memcpy(into, m->bytes + offset, len);
    return err_ok();
}

enum { NDB_BYTES = 4096 + 2 * 1024 };

static void make_ndb(uint8_t file[NDB_BYTES])
{
    memset(file, 0, NDB_BYTES);
    memcpy(file, "RpmP", 4);
    put_little(file + 8, 7);  /* generation */
    put_little(file + 12, 1); /* pages of slots */
    for (size_t i = 2; i < 256; i++)
        memcpy(file + 16 * i, "Slot", 4);
    for (uint32_t i = 0; i < 2; i++) {
        uint8_t *slot = file + 16 * (2 + i), *blob = file + 4096 + 1024 * i;

        put_little(slot + 4, i + 1);
        put_little(slot + 8, (4096 + 1024 * i) / 16);
        put_little(slot + 12, 1024 / 16);
        memcpy(blob, "BlbS", 4);
        put_little(blob + 4, i + 1);
        put_little(blob + 12, (uint32_t)make_header(i ? "zypper" : "bash", NULL, blob + 16));
    }
}

static void the_pages_of_ndb_lead_to_headers(void **state)
{
    uint8_t       file[NDB_BYTES];
    struct memory m = { file, sizeof file };
    char          list[4096] = "";

    (void)state;
    make_ndb(file);
    assert_false(failed(plat_ndb_parse(read_memory, &m, on_package, list)));
    assert_string_equal(list, "bash 5.1.8-9.el9 x86_64;zypper 5.1.8-9.el9 x86_64;");
    file[4096] = 'X'; /* the first one's head */
    list[0] = '\0';
    assert_int_equal(plat_ndb_parse(read_memory, &m, on_package, list).code, ERR_MALFORMED);
    assert_string_equal(list, "zypper 5.1.8-9.el9 x86_64;");
    file[0] = 'X';
    assert_int_equal(plat_ndb_parse(read_memory, &m, on_package, list).code, ERR_MALFORMED);
}

/* ---- whole systems ---- */

struct seen {
    char list[4096], gaps[512];
};

static void on_gap(void *context, const char *part, struct err why)
{
    struct seen *s = context;

    snprintf(s->gaps + strlen(s->gaps), sizeof s->gaps - strlen(s->gaps), "%s %s;", part, err_name(why.code));
}

static void read_root(const char *root, struct seen *s)
{
    const struct plat_source from = { root, on_gap, s };

    *s = (struct seen){ "", "" };
    plat_packages_each(&from, on_package, s->list);
}

static void put_database(const char *root, bool damaged)
{
    char          path[256];
    uint8_t       bytes[2048];
    sqlite3      *db;
    sqlite3_stmt *row;

    rootdir_write(root, "/var/lib/rpm/rpmdb.sqlite", "");
    snprintf(path, sizeof path, "%s/var/lib/rpm/rpmdb.sqlite", root);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, "PRAGMA journal_mode=WAL;"
                                      "CREATE TABLE 'Packages' (hnum INTEGER PRIMARY KEY AUTOINCREMENT, blob BLOB NOT NULL);"
                                      "CREATE TABLE 'Name' (key TEXT NOT NULL, hnum INTEGER NOT NULL, idx INTEGER NOT NULL,"
                                      " FOREIGN KEY (hnum) REFERENCES 'Packages'(hnum))",
                                  NULL, NULL, NULL), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "INSERT INTO Packages(blob) VALUES(?1)", -1, &row, NULL), SQLITE_OK);
    for (int i = 0; i < 2; i++) {
        int len = (int)make_header(i ? "dnf" : "bash", NULL, bytes);

        sqlite3_bind_blob(row, 1, bytes, damaged && i == 0 ? 20 : len, SQLITE_TRANSIENT);
        assert_int_equal(sqlite3_step(row), SQLITE_DONE);
        sqlite3_reset(row);
    }
    sqlite3_finalize(row);
    sqlite3_close(db);
}

static void the_databases_of_a_system_are_found(void **state)
{
    struct seen s;
    char       *root = rootdir_make();

    (void)state;
    read_root(root, &s);
    assert_string_equal(s.list, "");
    assert_string_equal(s.gaps, ""); /* nothing there is nothing missing */
    assert_int_equal(plat_packages_changed_s(root), 0);
    put_database(root, false);
    rootdir_write(root, "/lib/apk/db/installed", "P:musl\nV:1.2\nA:x86_64\n\n");
    rootdir_link(root, "/var/lib/flatpak/app/org.example.App/current", "x86_64/stable");
    rootdir_link(root, "/var/lib/flatpak/app/org.example.App/x86_64/stable/active", "0123456789abcdef0123456789abcdef");
    rootdir_write(root, "/var/lib/snapd/snaps/core22_1380.snap", "");
    rootdir_write(root, "/var/lib/snapd/snaps/core22_1439.snap", "");
    rootdir_link(root, "/snap/core22/current", "1439");
    read_root(root, &s);
    assert_string_equal(s.list, "musl 1.2 x86_64;bash 5.1.8-9.el9 x86_64;dnf 5.1.8-9.el9 x86_64;"
                                "org.example.App stable 0123456789ab x86_64;core22 1439 ;");
    assert_string_equal(s.gaps, "");
    assert_true(plat_packages_changed_s(root) > 0);
    rootdir_remove(root);
}

static void what_a_database_hides_is_said(void **state)
{
    struct seen s;
    char       *root = rootdir_make();

    (void)state;
    put_database(root, true);
    rootdir_write(root, "/var/lib/dpkg/status", "Package: half\n\nPackage: b\nStatus: install ok installed\nVersion: 2\n");
    read_root(root, &s);
    assert_string_equal(s.list, "b 2 ;dnf 5.1.8-9.el9 x86_64;");
    assert_string_equal(s.gaps, "dpkg MALFORMED;rpm MALFORMED;");
    rootdir_write(root, "/var/lib/rpm/rpmdb.sqlite", "this is no database at all, but it is long enough to be looked at");
    read_root(root, &s);
    assert_string_equal(s.gaps, "dpkg MALFORMED;rpm MALFORMED;");
    rootdir_remove(root);
    root = rootdir_make();
    rootdir_write(root, "/var/lib/rpm/Packages", "a Berkeley database");
    read_root(root, &s);
    assert_string_equal(s.gaps, "rpm UNSUPPORTED;");
    rootdir_remove(root);
}

static void count_in_order(void *context, const struct plat_package *p)
{
    size_t *count = context;
    char    name[32];

    snprintf(name, sizeof name, "p%zu", (*count)++);
    assert_string_equal(p->name, name);
    assert_string_equal(p->version, "1");
}

/* Longer than one block: nothing is lost at the seams. */
static void a_long_list_is_read_in_blocks(void **state)
{
    struct seen              s = { "", "" };
    const struct plat_source from = { rootdir_make(), on_gap, &s };
    struct buf               text;
    size_t                   count = 0;

    (void)state;
    buf_init(&text, 4 << 20);
    for (int i = 0; i < 4000; i++)
        assert_false(failed(buf_printf(&text, "Package: p%d\nStatus: install ok installed\nVersion: 1\nDescription: %0*d\n\n",
                                       i, i % 700, 0)));
    rootdir_put(from.root, "/var/lib/dpkg/status", text.data, text.len);
    buf_done(&text);
    plat_packages_each(&from, count_in_order, &count);
    assert_int_equal(count, 4000);
    assert_string_equal(s.gaps, "");
    rootdir_remove(from.root);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(installed_packages_are_told_from_their_remains),
        cmocka_unit_test(apk_s_list_is_read),
        cmocka_unit_test(a_damaged_paragraph_is_said_and_hides_no_other),
        cmocka_unit_test(a_header_says_name_version_and_architecture),
        cmocka_unit_test(a_damaged_header_is_refused),
        cmocka_unit_test(the_pages_of_ndb_lead_to_headers),
        cmocka_unit_test(the_databases_of_a_system_are_found),
        cmocka_unit_test(what_a_database_hides_is_said),
        cmocka_unit_test(a_long_list_is_read_in_blocks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
