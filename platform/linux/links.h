/* platform/linux/links.h - the link of a network interface, and which device its name stands for now.
 *
 * A reading looks up each interface it gives, and ends; one that was not met is forgotten. Its state stays open between
 * readings, LINKS_MAX of them; for more nothing is told. The speed costs some drivers milliseconds, so it is asked when the
 * state changed, and else seldom. Owns its rows; all zero is empty.
 * Thread: one owner.
 */
#ifndef PICKET_PLATFORM_LINUX_LINKS_H
#define PICKET_PLATFORM_LINUX_LINKS_H

#include <stdbool.h>

#include "platform/network.h"

enum { LINKS_MAX = 16 };

struct link_row {
    char           name[PLAT_INTERFACE_NAME_MAX];
    uint64_t       identity, speed_bytes_per_s;
    int            fd_1; /* of its operstate; descriptor + 1, so that zero is none */
    enum plat_link link;
    unsigned       asked_ago; /* readings since the speed was asked */
    bool           met;
};

struct links {
    struct link_row rows[LINKS_MAX];
    size_t          count;
};

/* Fills identity, link and speed of one whose name is set; leaves them unknown where /sys does not tell. */
void links_look(struct links *l, struct plat_interface *nic);
void links_end(struct links *l);
void links_done(struct links *l);

/* "up\n"; what else there is: Documentation/networking/operstates.rst */
enum plat_link plat_operstate_parse(const char *text, size_t len);
/* "1000\n", in millions of bits a second; 0 where it is "-1" or no number */
uint64_t plat_speed_parse(const char *text, size_t len);

#endif
