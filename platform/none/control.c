#include "platform/control.h"

static const char step[] = "reaching the running agent";

struct err plat_control_open(uv_loop_t *loop, const struct plat_control_options *options, struct plat_control **ret)
{
    (void)loop;
    (void)options;
    (void)ret;
    return err_of(ERR_UNSUPPORTED, "serving the command line");
}

void plat_control_close(struct plat_control **control)
{
    *control = NULL;
}

const struct plat_control_peer *plat_control_link_peer(const struct plat_control_link *link)
{
    (void)link;
    return NULL;
}

struct err plat_control_link_send(struct plat_control_link *link, const void *bytes, size_t len)
{
    (void)link;
    (void)bytes;
    (void)len;
    return err_of(ERR_UNSUPPORTED, step);
}

void plat_control_link_end(struct plat_control_link *link)
{
    (void)link;
}

struct err plat_control_connect(const char *path, uint32_t timeout_ms, struct plat_control_call **ret)
{
    (void)path;
    (void)timeout_ms;
    (void)ret;
    return err_of(ERR_UNSUPPORTED, step);
}

struct err plat_control_send(struct plat_control_call *call, const void *bytes, size_t len)
{
    (void)call;
    (void)bytes;
    (void)len;
    return err_of(ERR_UNSUPPORTED, step);
}

struct err plat_control_receive(struct plat_control_call *call, void *into, size_t size, size_t *ret_len)
{
    (void)call;
    (void)into;
    (void)size;
    (void)ret_len;
    return err_of(ERR_UNSUPPORTED, step);
}

void plat_control_hang_up(struct plat_control_call **call)
{
    *call = NULL;
}
