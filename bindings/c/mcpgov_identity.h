/* What the verifier of callers needs from the network (docs/identity.md), for C99.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Nothing here is needed where the host says who calls. Ownership, errors, structs and threads are
 * as in mcpgov.h: fetches are borrowed from the verdict or the list that they came from.
 */
#ifndef MCPGOV_IDENTITY_H
#define MCPGOV_IDENTITY_H

#include "mcpgov.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of a fetch. Private: the host may have a loopback, private or link-local address; without it, do
 * not connect to one. Secret: header fields or body hold credentials; do not log them. */
enum { MCPGOV_FETCH_PRIVATE = 1, MCPGOV_FETCH_SECRET = 2 };

typedef struct mcpgov_fetches mcpgov_fetches; /* those that are due; owns them */
typedef struct mcpgov_upkeep mcpgov_upkeep;   /* a thread that runs them */

/* What a fetch asks for. Redirects are not followed. url: https, or http to this machine where the
 * configuration allows it. flags: MCPGOV_FETCH_*. max_bytes: of the answer; more is no answer.
 * ca_pem: trust these authorities alone; empty: the system's. pin_sha256: base64 of the SHA-256 of
 * the server's public key; empty: any. Header fields: mcpgov_fetch_header(). */
typedef struct mcpgov_exchange {
  uint32_t struct_size;
  uint32_t flags;
  uint32_t timeout_ms;
  size_t max_bytes;
  size_t header_count;
  mcpgov_str method;
  mcpgov_str url;
  mcpgov_str body;
  mcpgov_str ca_pem;
  mcpgov_str pin_sha256;
} mcpgov_exchange;

/* ---- A fetch. ---- */

/* Fills out. */
void mcpgov_fetch_show(const mcpgov_fetch* fetch, mcpgov_exchange* out);
/* A header field to send, empty beyond the last. */
mcpgov_header mcpgov_fetch_header(const mcpgov_fetch* fetch, size_t index);

/* ---- Of one request. ---- */

/* Runs the fetches that a verdict waits for, with the HTTP client of the library, at most within_ms
 * long. The verdict shows the new decision, or the denial that it was: for one that waits for
 * something else, or in a library without an HTTP client. Returns the decision. */
int32_t mcpgov_session_complete(mcpgov_session* session, mcpgov_verdict* verdict,
                                uint32_t within_ms);

/* ---- Of the governor. Thread-safe. ---- */

/* Copies the path at which the protected resource metadata of RFC 9728 is to be served. Buffer and
 * result as of mcpgov_governor_warning(); 0: the configuration has no `identity.resource`. */
size_t mcpgov_governor_resource_metadata_path(const mcpgov_governor* governor, char* buffer,
                                              size_t size);
/* Copies that document, JSON, in the same way. */
size_t mcpgov_governor_resource_metadata(const mcpgov_governor* governor, char* buffer,
                                         size_t size);
/* What should be fetched now, so that no request waits for it: metadata and keys that are missing
 * or old. Each is handed out once until it is answered or its time is over. NULL: for want of
 * memory. */
mcpgov_fetches* mcpgov_governor_due(const mcpgov_governor* governor);
size_t mcpgov_fetches_count(const mcpgov_fetches* fetches);
/* Borrowed from fetches; NULL beyond the last. */
const mcpgov_fetch* mcpgov_fetches_at(const mcpgov_fetches* fetches, size_t index);
void mcpgov_fetches_free(mcpgov_fetches* fetches);
/* Takes the answer to one that was due; `number`, `granted` and `by` are not looked at. Returns
 * MCPGOV_OK, or why it is of no use, after which what was known stays: identity_metadata,
 * identity_keys, identity_issuer_mismatch, identity_answer. */
int32_t mcpgov_governor_accept(const mcpgov_governor* governor, const mcpgov_fetch* fetch,
                               const mcpgov_answer* answer, mcpgov_error* error);
/* A thread of the library that does all this, asking what is due every period_ms (at least 10).
 * Free it before the governor. NULL and net_missing in a library without an HTTP client. */
mcpgov_upkeep* mcpgov_governor_upkeep(const mcpgov_governor* governor, uint32_t period_ms,
                                      mcpgov_error* error);
/* Breaks off the exchange under way. */
void mcpgov_upkeep_free(mcpgov_upkeep* upkeep);

#ifdef __cplusplus
}
#endif

#endif
