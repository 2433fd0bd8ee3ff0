/* platform/linux/inherit.h - what a process that we start does not get.
 *
 * What we open is marked so that no child inherits it; what we were started with may not be. Before Linux 5.11 they are
 * marked one by one, as far as a start script would go.
 * Thread: any. Never fails.
 */
#ifndef PICKET_PLATFORM_LINUX_INHERIT_H
#define PICKET_PLATFORM_LINUX_INHERIT_H

void inherit_no_descriptors(void);

#endif
