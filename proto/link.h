/* proto/link.h - what warden and courier say to each other, as frames.
 *
 *     warden                                         courier
 *       SETUP (one per upstream), GO   ------------->  reads secrets, confines itself
 *                                      <-------------  READY
 *       WORK (one step for one alert)  ------------->  runs the connector
 *                                      <-------------  DONE, NEWS (how the upstream fares)
 *       SAMPLES (one batch at a time)  ------------->  posts them where samples go
 *                                      <-------------  TAKEN
 *       STOP                           ------------->  finishes what is on the wire, ends
 *
 * Numbers name upstreams by their place in the configuration. What the courier says is bounded numbers and opaque short text;
 * what does not fit ends it.
 * Thread: any. Text in the structs is owned by them where it is an array, lent where it is a pointer.
 */
#ifndef PICKET_PROTO_LINK_H
#define PICKET_PROTO_LINK_H

#include "proto/connector/connector.h"
#include "proto/frame.h"
#include "proto/otlp.h"

enum link_message { LINK_SETUP = 1, LINK_GO, LINK_WORK, LINK_STOP, LINK_READY, LINK_DONE, LINK_NEWS, LINK_SAMPLES,
                    LINK_TAKEN };

enum { LINK_NAME_MAX = 256, LINK_VALUE_MAX = 1024, LINK_SETTINGS_MAX = 64, LINK_UPSTREAMS_MAX = 8 };

struct link_setting {
    char name[64];
    char value[LINK_VALUE_MAX]; /* the literal, or the path of the file that holds it */
    bool is_file;
};

struct link_setup {
    uint64_t upstream;
    char     name[LINK_NAME_MAX], connector[LINK_NAME_MAX];
    char     connector_file[LINK_VALUE_MAX], ca_file[LINK_VALUE_MAX], proxy[LINK_VALUE_MAX]; /* "": none */
    uint64_t setting_count;
    struct link_setting settings[LINK_SETTINGS_MAX];
};

struct link_work {
    uint64_t upstream;
    int64_t  alert_id;
    struct ticket_work work; /* facts.revision is what DONE answers to */
    char    *owned;          /* where the text of work lies once read; free() it */
};

struct link_done {
    uint64_t upstream;
    int64_t  alert_id;
    uint32_t revision;
    enum task_outcome outcome;
    bool     maybe_created, cleared_told;
    char     ticket_id[128], ticket_url[256], note[200];
};

enum link_mood { LINK_FINE, LINK_RETRYING, LINK_REFUSED, LINK_UNUSABLE };

struct link_news {
    uint64_t       upstream;
    enum link_mood mood;
    uint32_t       retry_s, status;
    char           why[300];
};

/* One batch for one upstream. It fits into a frame, whatever its texts. */
struct link_samples {
    uint64_t            upstream, batch;
    struct otlp_request request; /* series and resource; the rest is the courier's to say */
    void               *owned;   /* what they point to, once read; end with link_samples_done */
};

/* What became of a batch: it is over for that upstream. */
struct link_taken {
    uint64_t upstream, batch;
    uint64_t rejected; /* points that the receiver would not have */
    char     why[OTLP_MESSAGE_MAX]; /* in its words, or "" */
};

struct link_ready {
    char user[64], confinement[200];
};

struct err link_setup_put(struct buf *into, const struct link_setup *m);
struct err link_setup_get(struct frame_reader *r, struct link_setup *ret);
struct err link_work_put(struct buf *into, const struct link_work *m);
struct err link_work_get(struct frame_reader *r, struct link_work *ret);
struct err link_done_put(struct buf *into, const struct link_done *m);
struct err link_done_get(struct frame_reader *r, struct link_done *ret);
struct err link_news_put(struct buf *into, const struct link_news *m);
struct err link_news_get(struct frame_reader *r, struct link_news *ret);
struct err link_ready_put(struct buf *into, const struct link_ready *m);
struct err link_ready_get(struct frame_reader *r, struct link_ready *ret);
struct err link_taken_put(struct buf *into, const struct link_taken *m);
struct err link_taken_get(struct frame_reader *r, struct link_taken *ret);

/* Series by series, as long as link_series_fits. */
void       link_samples_begin(struct frame_writer *w, struct buf *into, const struct link_samples *m); /* no series */
bool       link_series_fits(const struct frame_writer *w, const struct otlp_series *s);
void       link_series_put(struct frame_writer *w, const struct otlp_series *s);
struct err link_samples_end(struct frame_writer *w);
struct err link_samples_get(struct frame_reader *r, struct link_samples *ret);
void       link_samples_done(struct link_samples *m); /* accepts a zeroed one */

struct err link_bare_put(struct buf *into, enum link_message type); /* GO, STOP */

#endif
