#include "platform/child.h"

struct err plat_child_spawn(uv_loop_t *loop, const struct plat_child_options *options, struct plat_child **ret)
{
    (void)loop;
    (void)options;
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "starting another process of this program");
}

uint64_t plat_child_id(const struct plat_child *child)
{
    (void)child;
    return 0;
}

void plat_child_kill(struct plat_child *child)
{
    (void)child;
}

void plat_child_close(struct plat_child **child)
{
    *child = NULL;
}

struct err plat_child_link(int *ret_ours, int *ret_theirs)
{
    (void)ret_ours;
    (void)ret_theirs;
    return err_of(ERR_UNSUPPORTED, "making a link between two processes");
}

void plat_child_name_self(const char *name)
{
    (void)name;
}
