/* agent/doctor/tls_words.h - a chain of certificates, and what is wrong with it, for whoever has to mend it. */
#ifndef PICKET_AGENT_DOCTOR_TLS_WORDS_H
#define PICKET_AGENT_DOCTOR_TLS_WORDS_H

#include "agent/doctor/exam.h"
#include "platform/http.h"

/* "psa.example (2026-01-01 to 2027-01-01), by R11, by ISRG Root X1"; "" for none. */
const char *tls_chain_print(const struct http_chain *chain, char *into, size_t size);

/* The product that opened the connection on its way, if the chain has the name of one; NULL. */
const char *tls_inspector(const struct http_chain *chain);

/* What to do about faults (of enum http_cert_fault) of a host. */
void tls_advise(struct exam *x, uint32_t faults, const struct http_chain *chain, const char *host);

#endif
