#include "platform/program.h"

static const char step[] = "running a program";

struct err plat_program_start(uv_loop_t *loop, const struct plat_program_options *options, struct plat_program **ret)
{
    (void)loop;
    (void)options;
    (void)ret;
    return err_of(ERR_UNSUPPORTED, step);
}

uint64_t plat_program_id(const struct plat_program *program)
{
    (void)program;
    return 0;
}

void plat_program_close(struct plat_program **program)
{
    *program = NULL;
}

struct err plat_program_find(const char *name, char *into, size_t size)
{
    (void)name;
    (void)into;
    (void)size;
    return err_of(ERR_UNSUPPORTED, step);
}
