// The functions of mcpgov_audit.h: the log of a governor.
// Tested by tests/c/audit_test.c
//
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "handles.hpp"
#include "mcpgov_audit.h"

using namespace mcpgov::c;

struct mcpgov_sinks {
  mcpgov::net::Sinks sinks;
};

namespace {

mcpgov::audit::Log* log_of(const mcpgov_governor* governor) noexcept {
  return governor == nullptr ? nullptr : governor->governor.log();
}

using mcpgov::audit::State;
static_assert(MCPGOV_AUDIT_HEALTHY == static_cast<int>(State::healthy));
static_assert(MCPGOV_AUDIT_DEGRADED == static_cast<int>(State::degraded));
static_assert(MCPGOV_AUDIT_FAILED == static_cast<int>(State::failed));

}  // namespace

extern "C" {

int mcpgov_session_wait_recorded(mcpgov_session* session, const mcpgov_verdict* verdict,
                                 uint32_t within_ms) {
  if (session == nullptr || verdict == nullptr || is_shared(verdict)) return 0;
  return session->session.wait_recorded(shown(verdict), within_ms) ? 1 : 0;
}

int mcpgov_governor_audit_health(const mcpgov_governor* governor, mcpgov_audit_health* out) {
  fill_struct(out, mcpgov_audit_health{});
  mcpgov::audit::Log* const log = log_of(governor);
  if (log == nullptr || out == nullptr) return 0;
  return guarded(nullptr, 0, [&] {
    const mcpgov::audit::Health now = log->health();
    fill_struct(out, mcpgov_audit_health{0, static_cast<int32_t>(now.state), now.begun, now.ended,
                                         now.stored, now.durable, now.open, now.lost, now.missed,
                                         now.stalls, now.stalled_ns, now.ring_bytes,
                                         now.disk_free_bytes, now.sync_p99_us});
    return 1;
  });
}

int mcpgov_governor_audit_flush(const mcpgov_governor* governor, uint32_t within_ms) {
  mcpgov::audit::Log* const log = log_of(governor);
  return log != nullptr && log->flush(within_ms) ? 1 : 0;
}

size_t mcpgov_governor_metrics(const mcpgov_governor* governor, char* buffer, size_t size) {
  if (buffer != nullptr && size != 0) buffer[0] = '\0';
  mcpgov::audit::Log* const log = log_of(governor);
  if (log == nullptr) return 0;
  return guarded(nullptr, std::size_t{0}, [&] {
    const std::string text = log->metrics();
    if (buffer != nullptr && size != 0) copy_text(text, buffer, size);
    return text.size();
  });
}

mcpgov_sinks* mcpgov_sinks_start(const mcpgov_governor* governor, mcpgov_error* error) {
  return guarded(error, static_cast<mcpgov_sinks*>(nullptr), [&]() -> mcpgov_sinks* {
    if (governor == nullptr) {
      tell(error, mcpgov::ErrorCode::internal, "there is no governor");
      return nullptr;
    }
    auto started = mcpgov::net::start_sinks(governor->governor);
    if (!started) {
      tell(error, started.error());
      return nullptr;
    }
    return new mcpgov_sinks{*std::move(started)};
  });
}

int mcpgov_sinks_stop(mcpgov_sinks* sinks, uint32_t within_ms) {
  return sinks != nullptr && sinks->sinks.stop(within_ms) ? 1 : 0;
}

void mcpgov_sinks_free(mcpgov_sinks* sinks) {
  delete sinks;
}

}  // extern "C"
