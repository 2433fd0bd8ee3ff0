/* platform/diskhealth.h - asking the disks themselves how they are.
 *
 * A disk may take seconds to answer, and one that fails may never: only a process that does nothing else may ask
 * (picket probe disks). A disk that sleeps is left asleep. Nothing is written to any disk.
 * Thread: any that may wait.
 */
#ifndef PICKET_PLATFORM_DISKHEALTH_H
#define PICKET_PLATFORM_DISKHEALTH_H

#include "platform/smart.h"

// clang-format off
#define DISK_ANSWER_TABLE(X)                                                                                  \
    X(TOLD,      "told",      "it said how it is")                                                            \
    X(ASLEEP,    "asleep",    "it sleeps, and was left asleep")                                               \
    X(VIRTUAL,   "virtual",   "it is no real disk: whoever provides it knows how the real ones are")          \
    X(DENIED,    "denied",    "we may not ask it: that takes root with CAP_SYS_RAWIO (SATA, SAS) or "         \
                              "CAP_SYS_ADMIN (NVMe)")                                                         \
    X(FOREIGN,   "foreign",   "it is behind a USB bridge or a RAID controller: only smartctl can ask it "     \
                              "(package smartmontools)")                                                      \
    X(SILENT,    "silent",    "it does not tell, or its SMART is switched off")                               \
    X(FAILED,    "failed",    "it gave no proper answer")
// clang-format on

enum plat_disk_answer {
#define X(answer, word, text) DISK_##answer,
    DISK_ANSWER_TABLE(X)
#undef X
};

enum { PLAT_DISK_DEVICE_MAX = 64, PLAT_DISK_WHY_MAX = 400 };

struct plat_disk_health {
    char                  device[PLAT_DISK_DEVICE_MAX];                  /* "sda", "nvme0" */
    char                  model[SMART_NAME_MAX], serial[SMART_NAME_MAX]; /* "" unknown; printable */
    enum plat_disk_answer answer;
    bool                  behind_raid;            /* its controller may hide other disks */
    char                  why[PLAT_DISK_WHY_MAX]; /* "": what the answer itself says */
    struct smart_health   health;                 /* of TOLD */
};

const char *plat_disk_answer_word(enum plat_disk_answer answer);
const char *plat_disk_answer_text(enum plat_disk_answer answer);

/* Is there any disk here that may be worth asking? Looks at names only, and returns at once. */
bool plat_disk_health_is_possible(void);

/* Every physical disk, one after the other; lent for the call. UNSUPPORTED: this system cannot ask. */
typedef void plat_disk_health_fn(void *context, const struct plat_disk_health *disk);
struct err   plat_disk_health_probe(plat_disk_health_fn *each, void *context);

#endif
