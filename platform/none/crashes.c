#include "platform/crashes.h"

struct err plat_crashes_each(const char *root, plat_crash_fn *each, void *context)
{
    (void)root;
    (void)each;
    (void)context;
    return err_of(ERR_UNSUPPORTED, "looking for records of crashes");
}

enum plat_ending plat_ending_read(const char *root, int64_t booted_ms)
{
    (void)root;
    (void)booted_ms;
    return ENDING_UNKNOWN;
}
