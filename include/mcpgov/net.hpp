// An HTTP client for what a verifier has to fetch, for hosts that have none of their own. The rest
// of the library does no network input or output.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "mcpgov/governor.hpp"
#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::net {

// Whether the library was built with its HTTP client (CMake option MCPGOV_NET, which needs
// libcurl). Without it every exchange ends with net_missing.
MCPGOV_API bool available() noexcept;

// What came of one exchange. code: none, or why there is no answer: fetch_url, fetch_address,
// fetch_too_large, fetch_failed (no connection, TLS, time), net_missing. detail: the same for an
// operator; it names hosts and causes, never headers or bodies.
// status: of HTTP, any; 0 when code is set. max_age_s: of Cache-Control; 0: not given.
// Threads: thread-compatible.
struct Answer {
  ErrorCode code = ErrorCode::fetch_failed;
  int status = 0;
  std::string body;
  std::uint32_t max_age_s = 0;
  std::string detail;

  // For accept(). Borrows from this answer.
  identity::FetchAnswer of(const identity::Fetch& fetch) const noexcept MCPGOV_LIFETIME_BOUND {
    return {fetch.number, code == ErrorCode::none ? status : 0, body, max_age_s};
  }
};

// Does one exchange and waits for it, at most within_ms and the fetch's own time.
// HTTPS with TLS 1.2 or newer and a verified certificate; http to this machine alone, where
// private_addresses allows that. Redirects are answers like others; there are no cookies, no proxy
// of the environment, no compression. The address that a connection is opened to is checked, not a
// former answer of the name service: without private_addresses only those that are reachable from
// everywhere, and never multicast and reserved ones (RFC 6890 and its registries).
// Threads: thread-safe. Throws: std::bad_alloc.
MCPGOV_API Answer run(const identity::Fetch& fetch, std::uint32_t within_ms);

// All at the same time; answers in the order of the fetches.
// Threads: thread-safe. Throws: std::bad_alloc.
MCPGOV_API std::vector<Answer> run(std::span<const identity::Fetch> fetches,
                                   std::uint32_t within_ms);

// Who has fetches to do and takes their answers. now_us: microseconds since 1970.
// Called by one thread at a time; what they throw leaves run_errands(), and is dropped by Upkeep.
// Threads: thread-compatible.
struct Errands {
  void* context = nullptr;
  std::vector<identity::Fetch> (*due)(void* context, std::uint64_t now_us) = nullptr;
  void (*accept)(void* context, const identity::Fetch& fetch, const Answer& answer,
                 std::uint64_t now_us) = nullptr;
};

// Of a verifier: what its due() asks for goes to its accept(). verifier: borrowed while the errands
// are used; another thread may use it too.
MCPGOV_API Errands errands_of(const identity::Verifier& verifier MCPGOV_LIFETIME_BOUND) noexcept;

// Of the generation that a governor has at the time. governor: borrowed as the verifier is.
MCPGOV_API Errands errands_of(const Governor& governor MCPGOV_LIFETIME_BOUND) noexcept;

// Runs the fetches that a verdict waits for and has it decided again, until it waits for none, or
// within_ms are over: then it stays the denial that it was. One that waits for an approval, or for
// nothing, comes back as it is. session: whose verdict it is.
// Threads: those of Session. Throws: std::bad_alloc.
MCPGOV_API Verdict complete(Session& session, Verdict verdict, std::uint32_t within_ms);

// Runs what is due, and what is due then, until nothing is: discovery, then keys. True: nothing is
// due any more. False: time is over, or it did not end in 8 rounds.
MCPGOV_API bool run_errands(const Errands& errands, std::uint32_t within_ms);

// A thread that runs errands when they are due, so that no request waits for keys.
// Does not run in a forked child: start another one there.
// Threads: thread-safe, but for moving and destruction.
class MCPGOV_API Upkeep {
 public:
  // period_ms: how often it asks what is due, at least 10. Errors: net_missing, out_of_memory (no
  // memory for a thread). errands: their context must outlive the upkeep.
  static Result<Upkeep> start(const Errands& errands, std::uint32_t period_ms = 1000);
  Upkeep(Upkeep&&) noexcept;
  Upkeep& operator=(Upkeep&&) noexcept;
  // Breaks off the exchange under way; no callback runs any more when this returns.
  ~Upkeep();

  // Asks what is due now instead of at the end of the period. Never waits.
  void wake() noexcept;

  // False in a forked child, and after it was moved from.
  [[nodiscard]] bool running() const noexcept;

  class State;

 private:
  explicit Upkeep(std::unique_ptr<State> state) noexcept;
  void stop() noexcept;
  std::unique_ptr<State> state_;
};

}  // namespace mcpgov::net
