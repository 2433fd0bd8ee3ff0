/* agent/doctor/exam.h - the side that looks: a short-lived process that examines one thing and says what it found.
 *
 * Owned by examine.c, lent to each check. A check says one finding, or several where there are several of its kind. It
 * need not bound its own time: the doctor ends a process that is too long at one check. Thread: the first.
 */
#ifndef PICKET_AGENT_DOCTOR_EXAM_H
#define PICKET_AGENT_DOCTOR_EXAM_H

#include "agent/control/talk.h"
#include "agent/doctor/finding.h"
#include "agent/paths.h"
#include "platform/confine.h"
#include "proto/config.h"
#include "proto/link.h"

enum { EXAM_LINK = 3 };

struct exam {
    struct exam_order          order;
    struct finding             finding; /* being made */
    struct config             *config;  /* NULL: it does not load; problems say why */
    char                       origin[FILE_PATH_BYTES + 64];
    struct problems            problems;
    struct link_setup          setup;    /* of an upstream */
    struct plat_confine_report confined; /* while an upstream is examined */
    bool                       is_confined;
    struct err                 lost; /* the doctor is gone */
};

struct exam_check {
    const char *name;
    uint32_t    limit_s;
    void (*run)(struct exam *x);
};

/* Ends with an entry without a name. */
extern const struct exam_check exam_of_machine[], exam_of_upstream[];

/* What to do about the next finding. */
void exam_advise(struct exam *x, const char *format, ...) __attribute__((format(printf, 2, 3)));
void exam_say(struct exam *x, enum finding_state state, const char *format, ...) __attribute__((format(printf, 3, 4)));

/* What is wrong with it is in problems then. */
void exam_load_config(struct exam *x);

/* ---- machine_files.c ---- */
void exam_folders(struct exam *x);
void exam_disk(struct exam *x);
void exam_database(struct exam *x);
void exam_leftovers(struct exam *x);
void exam_paths(struct exam *x);

/* Does what the order on EXAM_LINK says; returns the exit code. */
int exam_main(void);

#endif
