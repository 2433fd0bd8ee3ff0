/* agent/alert/alert_text.h - what an alert says, in words.
 *
 * Pure. Texts are cut at their bounds, never refused; what comes from the machine has its control characters blanked.
 * Thread: any.
 */
#ifndef PICKET_AGENT_ALERT_ALERT_TEXT_H
#define PICKET_AGENT_ALERT_ALERT_TEXT_H

#include "agent/alert/alerts.h"

enum { DURATION_TEXT_BYTES = 32, AGE_UNKNOWN = -1 };

/* "40 s", "17 min", "3 h", "2 days"; "an unknown time" for AGE_UNKNOWN. */
const char *alert_text_duration(int64_t ms, char into[DURATION_TEXT_BYTES]);

void alert_text_title(const struct alerts_options *device, const struct rule_event *event, int64_t since_ms,
                      char into[TITLE_MAX]);
void alert_text_facts(const struct alerts_options *device, const struct rule_event *event, const char *ref,
                      int64_t since_ms, char into[FACTS_MAX]);
/* before: as the alert was, NULL at its beginning; age_ms: how long the breach has lasted. */
void alert_text_change(const struct alert *before, const struct rule_event *event, int64_t age_ms,
                       char into[TITLE_MAX]);
/* now: how its instance stands; NULL if the rules do not know it. */
void alert_text_reminder(const struct alert *alert, const struct rule_view *now, int64_t age_ms, char into[TITLE_MAX]);

#endif
