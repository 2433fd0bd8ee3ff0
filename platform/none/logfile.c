#include "platform/logfile.h"

static struct err unsupported(void)
{
    return err_of(ERR_UNSUPPORTED, "looking at a log");
}

struct err plat_logfile_look(const char *path, struct plat_logfile_at *ret)
{
    (void)path;
    (void)ret;
    return unsupported();
}

struct err plat_logfile_open(const char *path, int *ret, struct plat_logfile_at *ret_at)
{
    (void)path;
    (void)ret;
    (void)ret_at;
    return unsupported();
}

struct err plat_logfile_find(const char *path, uint64_t inode, int *ret, struct plat_logfile_at *ret_at)
{
    (void)path;
    (void)inode;
    (void)ret;
    (void)ret_at;
    return unsupported();
}

struct err plat_logfile_look_at(int file, struct plat_logfile_at *ret)
{
    (void)file;
    (void)ret;
    return unsupported();
}

struct err plat_logfile_read(int file, uint64_t offset, void *into, size_t size, size_t *ret)
{
    (void)file;
    (void)offset;
    (void)into;
    (void)size;
    (void)ret;
    return unsupported();
}

void plat_logfile_close(int *file)
{
    *file = -1;
}
