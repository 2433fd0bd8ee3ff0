/* platform/control.h - the local line between a running agent and its command line.
 *
 * A stream of bytes between two processes of one machine, found by a path; what the bytes mean is
 * the callers' business (proto/frame.h). Whoever can reach the path may connect; the server knows
 * who it is and decides.
 *
 * Server: on the loop. At most links_max at a time (one more is closed at once), each closed after
 * idle_ms without a byte in either direction. A path left behind by a process that is gone is taken
 * over.
 * Fails:  BUSY when a living process serves the path; TOO_BIG when no path may be as long.
 */
#ifndef PICKET_PLATFORM_CONTROL_H
#define PICKET_PLATFORM_CONTROL_H

#include <uv.h>

#include "platform/err.h"
#include "platform/user.h"

struct plat_control;
struct plat_control_link;

struct plat_control_peer {
    struct plat_user user;
    bool             administrator;
    bool             same_user; /* as we run as */
    uint64_t         process;
};

/* All bytes that came and were not used yet; returns how many are used up now. May send, end and
 * close. */
typedef size_t plat_control_input_fn(void *context, struct plat_control_link *link, const void *bytes, size_t len);
/* The link is gone after it, whoever ended it. Nothing may be sent any more. */
typedef void plat_control_closed_fn(void *context, struct plat_control_link *link);

struct plat_control_options {
    const char             *path;
    size_t                  links_max;  /* 0: 16 */
    size_t                  input_max;  /* bytes that may wait unused; 0: 64 KiB + 4. More closes the link */
    size_t                  output_max; /* bytes that may wait unsent; 0: 1 MiB. More closes the link */
    uint32_t                idle_ms;    /* 0: 10 s */
    plat_control_input_fn  *on_input;
    plat_control_closed_fn *on_closed; /* may be NULL */
    void                   *context;
};

struct err plat_control_open(uv_loop_t *loop, const struct plat_control_options *options, struct plat_control **ret);
/* Closes the links (on_closed is called for each, from within) and the path; the handles close on
 * the loop. */
void plat_control_close(struct plat_control **control);

const struct plat_control_peer *plat_control_link_peer(const struct plat_control_link *link);
/* Copies. TOO_BIG: the other side does not read; the link closes on the loop. */
struct err plat_control_link_send(struct plat_control_link *link, const void *bytes, size_t len);
void       plat_control_link_end(struct plat_control_link *link); /* once all was sent */

/* Client: blocking, no loop. timeout_ms holds for each call on its own.
 * Fails: NOT_FOUND when nobody serves the path; DENIED when we may not reach it; TIMED_OUT. */
struct plat_control_call;

struct err plat_control_connect(const char *path, uint32_t timeout_ms, struct plat_control_call **ret);
struct err plat_control_send(struct plat_control_call *call, const void *bytes, size_t len);
/* At least one byte, or *ret_len 0: the other side ended. */
struct err plat_control_receive(struct plat_control_call *call, void *into, size_t size, size_t *ret_len);
void       plat_control_hang_up(struct plat_control_call **call);

#endif
