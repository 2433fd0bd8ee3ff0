#include "platform/linux/landlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "platform/buf.h"

/* One number on all processors. */
enum { CREATE_RULESET = 444, ADD_RULE = 445, RESTRICT_SELF = 446 };
enum { ASK_VERSION = 1, RULE_PATH_BENEATH = 1 };

enum {
    READ_FILE = 1 << 2,
    READ_DIR = 1 << 3,
};

struct ruleset {
    uint64_t files, ports, scopes; /* what is forbidden unless a rule allows it */
};

struct path_rule {
    uint64_t allowed;
    int32_t  parent;
} __attribute__((packed));

/* What each version of the kernel's interface knows; asking for more is an error. The sizes are those of the
 * ruleset's fields it knows. */
static const struct {
    struct ruleset all;
    size_t         size;
} versions[] = {
    { { (1 << 13) - 1, 0, 0 }, 8 },  /* 1: execute, read, write, make, remove */
    { { (1 << 14) - 1, 0, 0 }, 8 },  /* 2: and moving between folders */
    { { (1 << 15) - 1, 0, 0 }, 8 },  /* 3: and truncating */
    { { (1 << 15) - 1, 1, 0 }, 16 }, /* 4: and binding a TCP port; connecting stays free */
    { { (1 << 16) - 1, 1, 0 }, 16 }, /* 5: and device controls */
    { { (1 << 16) - 1, 1, 3 }, 24 }, /* 6: and abstract sockets and signals of others */
};

int landlock_version(void)
{
    long version = syscall(CREATE_RULESET, NULL, 0, ASK_VERSION);

    return version > 0 ? (int)version : 0;
}

struct err landlock_begin(int version, int *ret_rules)
{
    size_t known = (size_t)version < ARRAY_LEN(versions) ? (size_t)version : ARRAY_LEN(versions);
    long   rules = syscall(CREATE_RULESET, &versions[known - 1].all, versions[known - 1].size, 0);

    if (rules < 0)
        return err_from_os(errno, "making file rules");
    *ret_rules = (int)rules;
    return err_ok();
}

struct err landlock_allow_reading(int rules, const char *path)
{
    struct path_rule rule = { .parent = open(path, O_PATH | O_CLOEXEC) };
    struct stat      what;
    struct err       e = err_ok();

    if (rule.parent < 0)
        return err_from_os(errno, "allowing a file");
    if (fstat(rule.parent, &what) == 0)
        rule.allowed = S_ISDIR(what.st_mode) ? READ_FILE | READ_DIR : READ_FILE;
    if (!rule.allowed || syscall(ADD_RULE, rules, RULE_PATH_BENEATH, &rule, 0) != 0)
        e = err_from_os(errno, "allowing a file");
    close(rule.parent);
    return e;
}

struct err landlock_end(int rules)
{
    long status = syscall(RESTRICT_SELF, rules, 0);
    int  why = errno;

    close(rules);
    return status == 0 ? err_ok() : err_from_os(why, "applying file rules");
}
