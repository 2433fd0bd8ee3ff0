#include "agent/outbox/device_id.h"

#include <stdio.h>
#include <string.h>
#include <uv.h>

#include "platform/clock.h"
#include "platform/draft.h"
#include "platform/private.h"
#include "proto/digest.h"

enum { ID_BYTES = 16, ID_TEXT = 2 * ID_BYTES, FILE_MAX_BYTES = 512 };

static const char HEADING[] = "picket-device 1\n";
static const char UNKNOWN[] = "unknown";

struct file {
    char id[ID_TEXT + 1];
    char machine[DIGEST_TEXT_BYTES]; /* a digest, or UNKNOWN */
};

/* Under a name of ours, as the owner of a machine id is asked to do before it goes anywhere. */
static void digest_of(const char *name, const char *machine_id, const char *more, char ret[DIGEST_TEXT_BYTES])
{
    char text[256];
    int  len = snprintf(text, sizeof text, "%s\n%.64s\n%.64s\n", name, machine_id, more);

    digest_sha256_text(text, (size_t)len, ret);
}

static void machine_digest(const char *machine_id, char ret[DIGEST_TEXT_BYTES])
{
    if (machine_id[0])
        digest_of("picket machine", machine_id, "", ret);
    else
        snprintf(ret, DIGEST_TEXT_BYTES, "%s", UNKNOWN);
}

static bool is_hex(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

static struct err parse(const char *text, struct file *ret)
{
    struct file f;
    int         end = 0;

    if (strncmp(text, HEADING, strlen(HEADING)) != 0 ||
        sscanf(text + strlen(HEADING), "id %32[0-9a-f]\nmachine %64[0-9a-z]\n%n", f.id, f.machine, &end) != 2 ||
        end == 0 || text[strlen(HEADING) + (size_t)end] != '\0' || !is_hex(f.id, ID_TEXT) ||
        (strcmp(f.machine, UNKNOWN) != 0 && !is_hex(f.machine, DIGEST_TEXT_BYTES - 1)))
        return err_of(ERR_MALFORMED, "reading the device's id");
    *ret = f;
    return err_ok();
}

static struct err read_file(const char *path, struct file *ret)
{
    struct buf text;
    struct err e;

    buf_init(&text, FILE_MAX_BYTES);
    e = plat_private_read(path, &text);
    if (!failed(e))
        e = strlen(buf_text(&text)) == text.len ? parse(buf_text(&text), ret)
                                                : err_of(ERR_MALFORMED, "reading the device's id");
    buf_done(&text);
    return e;
}

static struct err write_file(const char *path, const struct file *f)
{
    char               text[FILE_MAX_BYTES];
    struct plat_draft *draft = NULL;
    int                len = snprintf(text, sizeof text, "%sid %s\nmachine %s\n", HEADING, f->id, f->machine);
    struct err         e = plat_draft_open(path, &draft);

    if (!failed(e))
        e = plat_draft_write(draft, text, (size_t)len);
    if (!failed(e))
        e = plat_draft_publish(&draft);
    plat_draft_discard(&draft);
    return e;
}

static void make_random(char ret[ID_TEXT + 1])
{
    uint8_t bytes[ID_BYTES];

    if (uv_random(NULL, NULL, bytes, sizeof bytes, 0, NULL) != 0) {
        uint64_t now[2] = { (uint64_t)plat_clock_wall_ms(), uv_hrtime() };

        memcpy(bytes, now, sizeof bytes);
    }
    digest_hex(bytes, sizeof bytes, ret);
}

/* Nothing can be written: what is known must do. old: the id of the machine whose disk was copied, or "". */
static void do_without_file(const char *machine_id, const char *old, struct err why, struct device_id *ret)
{
    char digest[DIGEST_TEXT_BYTES];

    ret->why = why;
    ret->how = machine_id[0] ? DEVICE_ID_DERIVED : DEVICE_ID_PASSING;
    if (machine_id[0]) {
        digest_of("picket device", machine_id, old, digest);
        snprintf(ret->text, sizeof ret->text, "%.*s", ID_TEXT, digest);
    } else {
        make_random(ret->text);
    }
}

static bool is_shortage(struct err e)
{
    return e.code == ERR_NO_MEMORY || e.os == UV_EMFILE || e.os == UV_ENFILE;
}

static struct err make_new(const char *path, const char *machine_id, const char *old, struct device_id *ret)
{
    struct file f;
    struct err  e;

    make_random(f.id);
    machine_digest(machine_id, f.machine);
    e = write_file(path, &f);
    if (is_shortage(e))
        return e;
    if (failed(e))
        do_without_file(machine_id, old, e, ret);
    else
        snprintf(ret->text, sizeof ret->text, "%s", f.id);
    return err_ok();
}

struct err device_id_find(const char *state_dir, const char *machine_id, struct device_id *ret)
{
    char        path[1024], machine[DIGEST_TEXT_BYTES];
    struct file f = { .id = "" };
    struct err  e;

    *ret = (struct device_id){ .how = DEVICE_ID_KEPT, .why = err_ok() };
    snprintf(path, sizeof path, "%s/device-id", state_dir);
    machine_digest(machine_id, machine);
    e = read_file(path, &f);
    if (is_shortage(e))
        return e;
    if (failed(e)) {
        ret->how = DEVICE_ID_MADE;
        if (e.code != ERR_NOT_FOUND)
            ret->why = e;
        if (e.code == ERR_NOT_FOUND || e.code == ERR_MALFORMED || e.code == ERR_TOO_BIG || e.code == ERR_EXPOSED)
            return make_new(path, machine_id, "", ret);
        do_without_file(machine_id, "", e, ret); /* it may be whole: another start reads it */
        return err_ok();
    }
    if (strcmp(machine, UNKNOWN) != 0 && strcmp(f.machine, UNKNOWN) != 0 && strcmp(f.machine, machine) != 0) {
        ret->how = DEVICE_ID_CLONED;
        return make_new(path, machine_id, f.id, ret);
    }
    snprintf(ret->text, sizeof ret->text, "%s", f.id);
    if (strcmp(f.machine, UNKNOWN) == 0 && strcmp(machine, UNKNOWN) != 0) {
        memcpy(f.machine, machine, sizeof f.machine);
        (void)write_file(path, &f); /* the machine got its id after us; without this, a copy is not told apart */
    }
    return err_ok();
}
