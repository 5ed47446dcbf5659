// The functions of mcpgov_identity.h: what a verifier fetches.
// Tested by tests/c/identity_test.c
//
// SPDX-License-Identifier: Apache-2.0
#include <chrono>
#include <utility>
#include <vector>

#include "handles.hpp"
#include "mcpgov_identity.h"

using namespace mcpgov::c;
using mcpgov::ErrorCode;

struct mcpgov_fetches {
  std::vector<mcpgov::identity::Fetch> fetches;
};
struct mcpgov_upkeep {
  mcpgov::net::Upkeep upkeep;
};

namespace {

const mcpgov::identity::Fetch& shown(const mcpgov_fetch* fetch) noexcept {
  static const mcpgov::identity::Fetch nothing;
  return fetch == nullptr ? nothing : *reinterpret_cast<const mcpgov::identity::Fetch*>(fetch);
}

std::uint64_t now_us() noexcept {
  const auto since_1970 = std::chrono::system_clock::now().time_since_epoch();
  return static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(since_1970).count());
}

// Copies what `choose` picks of the present verifier; 0 when there is nothing.
template <class Choose>
std::size_t copy_of(const mcpgov_governor* governor, char* buffer, std::size_t size,
                    Choose choose) {
  const bool room = buffer != nullptr && size != 0;
  if (room) buffer[0] = '\0';
  if (governor == nullptr) return 0;
  return guarded(nullptr, std::size_t{0}, [&] {
    const mcpgov::identity::Verifier verifier = governor->governor.verifier();
    const std::string_view text = choose(verifier);
    if (room) copy_text(text, buffer, size);
    return text.size();
  });
}

}  // namespace

extern "C" {

size_t mcpgov_governor_resource_metadata_path(const mcpgov_governor* governor, char* buffer,
                                              size_t size) {
  return copy_of(governor, buffer, size, [](const mcpgov::identity::Verifier& verifier) {
    return verifier.resource_metadata_path();
  });
}

size_t mcpgov_governor_resource_metadata(const mcpgov_governor* governor, char* buffer,
                                         size_t size) {
  return copy_of(governor, buffer, size, [](const mcpgov::identity::Verifier& verifier) {
    return verifier.resource_metadata();
  });
}

mcpgov_fetches* mcpgov_governor_due(const mcpgov_governor* governor) {
  return guarded(nullptr, static_cast<mcpgov_fetches*>(nullptr), [&]() -> mcpgov_fetches* {
    if (governor == nullptr) return nullptr;
    return new mcpgov_fetches{governor->governor.verifier().due(now_us())};
  });
}

size_t mcpgov_fetches_count(const mcpgov_fetches* fetches) {
  return fetches == nullptr ? 0 : fetches->fetches.size();
}

const mcpgov_fetch* mcpgov_fetches_at(const mcpgov_fetches* fetches, size_t index) {
  if (fetches == nullptr || index >= fetches->fetches.size()) return nullptr;
  return handle(&fetches->fetches[index]);
}

void mcpgov_fetches_free(mcpgov_fetches* fetches) {
  delete fetches;
}

void mcpgov_fetch_show(const mcpgov_fetch* fetch, mcpgov_exchange* out) {
  const mcpgov::identity::Fetch& from = shown(fetch);
  mcpgov_exchange exchange = {};
  if (from.private_addresses) exchange.flags |= MCPGOV_FETCH_PRIVATE;
  if (from.secret) exchange.flags |= MCPGOV_FETCH_SECRET;
  exchange.timeout_ms = from.timeout_ms;
  exchange.max_bytes = from.max_bytes;
  exchange.header_count = from.headers.size();
  exchange.method = str(from.method);
  exchange.url = str(from.url);
  exchange.body = str(from.body);
  exchange.ca_pem = str(from.ca_pem);
  exchange.pin_sha256 = str(from.pin_sha256);
  fill_struct(out, exchange);
}

mcpgov_header mcpgov_fetch_header(const mcpgov_fetch* fetch, size_t index) {
  const mcpgov::identity::Fetch& from = shown(fetch);
  if (index >= from.headers.size()) return {};
  return {str(from.headers[index].first), str(from.headers[index].second)};
}

int32_t mcpgov_session_complete(mcpgov_session* session, mcpgov_verdict* verdict,
                                uint32_t within_ms) {
  if (session == nullptr || verdict == nullptr || is_shared(verdict)) return MCPGOV_DENY;
  mcpgov::Verdict& decision = *open(verdict);
  guarded(nullptr, 0, [&] {
    decision = mcpgov::net::complete(session->session, std::move(decision), within_ms);
    return 0;
  });
  return mcpgov_verdict_allowed(verdict);
}

int32_t mcpgov_governor_accept(const mcpgov_governor* governor, const mcpgov_fetch* fetch,
                               const mcpgov_answer* answer, mcpgov_error* error) {
  mcpgov_answer host;
  if (governor == nullptr || fetch == nullptr || !read_struct(answer, host)) {
    return tell(error, ErrorCode::internal, "there is no governor, fetch or answer");
  }
  return guarded(error, number(ErrorCode::out_of_memory), [&] {
    const mcpgov::identity::Fetch& asked = shown(fetch);
    const auto taken = governor->governor.verifier().accept(
        asked, {asked.number, host.http_status, view(host.body), host.max_age_s}, now_us());
    return taken ? number(ErrorCode::none) : tell(error, taken.error());
  });
}

mcpgov_upkeep* mcpgov_governor_upkeep(const mcpgov_governor* governor, uint32_t period_ms,
                                      mcpgov_error* error) {
  return guarded(error, static_cast<mcpgov_upkeep*>(nullptr), [&]() -> mcpgov_upkeep* {
    if (governor == nullptr) {
      tell(error, ErrorCode::internal, "there is no governor");
      return nullptr;
    }
    auto started =
        mcpgov::net::Upkeep::start(mcpgov::net::errands_of(governor->governor), period_ms);
    if (!started) {
      tell(error, started.error());
      return nullptr;
    }
    return new mcpgov_upkeep{*std::move(started)};
  });
}

void mcpgov_upkeep_free(mcpgov_upkeep* upkeep) {
  delete upkeep;
}

}  // extern "C"
