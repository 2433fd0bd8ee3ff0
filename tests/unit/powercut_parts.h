/* tests/unit/powercut_parts.h - the disk of powercut_vfs.h as its own files see it. */
#ifndef PICKET_TESTS_UNIT_POWERCUT_PARTS_H
#define PICKET_TESTS_UNIT_POWERCUT_PARTS_H

#include "powercut_vfs.h"

enum { FILES_MAX = 16, NAME_MAX_BYTES = 128, SECTOR = 512 };

struct bytes {
    uint8_t *data;
    size_t   len, room;
};

/* A change that no sync has covered. len 0 of a write is a truncation to `at`. */
struct change {
    struct change *next;
    size_t         at, len;
    bool           truncates;
    uint8_t        data[];
};

struct disk_file {
    char           name[NAME_MAX_BYTES];
    bool           there, there_on_platter;
    struct bytes   seen, platter;
    struct change *changes, **last;
    unsigned       users;
};

struct plan {
    unsigned call;
    int      code;
    bool     sticky;
};

struct powercut {
    sqlite3_vfs       vfs;
    char              vfs_name[32];
    struct disk_file  files[FILES_MAX];
    powercut_step_fn *step;
    void             *context;
    struct plan       plans[POWERCUT_CALLS];
    bool              failed, read_only;
    uint64_t          limit, random;
};

void *powercut_must(void *memory); /* out of memory ends the test */
void  powercut_resize(struct bytes *b, size_t len);
void  powercut_put(struct bytes *b, size_t at, const void *data, size_t len);
void  powercut_change(struct disk_file *f, size_t at, const void *data, size_t len, bool truncates);
void  powercut_forget(struct disk_file *f); /* its changes will not reach the platter */
void  powercut_apply(struct powercut *dice, struct bytes *b, const struct change *c, enum powercut_mode mode);

#endif
