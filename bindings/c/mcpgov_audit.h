/* The log of records (docs/audit.md), for C99.
 *
 * SPDX-License-Identifier: Apache-2.0
 *
 * Only for governors with `audit.directory`. Ownership, errors, structs and threads are as in
 * mcpgov.h.
 */
#ifndef MCPGOV_AUDIT_H
#define MCPGOV_AUDIT_H

#include "mcpgov.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Degraded: everything is recorded, but something needs attention. Failed: nothing can be recorded
 * any more, and messages are denied as `audit.on_failure` says. */
enum { MCPGOV_AUDIT_HEALTHY, MCPGOV_AUDIT_DEGRADED, MCPGOV_AUDIT_FAILED };

typedef struct mcpgov_sinks mcpgov_sinks; /* threads that take records to `audit.sinks` */

/* Counts of records since the log was opened in this process. open: begun and not ended. lost: must
 * be 0. missed: messages that went on without a record. stalls: waits for room in the ring. */
typedef struct mcpgov_audit_health {
  uint32_t struct_size;
  int32_t state; /* MCPGOV_AUDIT_* */
  uint64_t begun;
  uint64_t ended;
  uint64_t stored;
  uint64_t durable;
  uint64_t open;
  uint64_t lost;
  uint64_t missed;
  uint64_t stalls;
  uint64_t stalled_ns;
  uint64_t ring_bytes;
  uint64_t disk_free_bytes;
  uint64_t sync_p99_us;
} mcpgov_audit_health;

/* Blocks until mcpgov_session_resume() would find the record of a pending verdict safe, at most
 * within_ms; nonzero: it would. Any thread, while nobody else uses the verdict. */
int mcpgov_session_wait_recorded(mcpgov_session* session, const mcpgov_verdict* verdict,
                                 uint32_t within_ms);

/* Fills out. Zero, and out is all zeros but for its size: there is no log. */
int mcpgov_governor_audit_health(const mcpgov_governor* governor, mcpgov_audit_health* out);

/* Blocks until what ended before is on the disk, at most within_ms. Zero: it is not, or there is no
 * log. */
int mcpgov_governor_audit_flush(const mcpgov_governor* governor, uint32_t within_ms);

/* Copies the metrics in Prometheus' text format. Buffer and result as of mcpgov_governor_warning();
 * 0: there is no log. */
size_t mcpgov_governor_metrics(const mcpgov_governor* governor, char* buffer, size_t size);

/* Starts what `audit.sinks` says. The governor must outlive it. NULL: error says why. */
mcpgov_sinks* mcpgov_sinks_start(const mcpgov_governor* governor, mcpgov_error* error);

/* Sends what is there and ends all threads, at most within_ms later. Nonzero: the sinks that this
 * process served have taken everything. */
int mcpgov_sinks_stop(mcpgov_sinks* sinks, uint32_t within_ms);

/* Stops at once, if that was not done. */
void mcpgov_sinks_free(mcpgov_sinks* sinks);

#ifdef __cplusplus
}
#endif

#endif
