// Exchanges that the caller waits for.
// Tested by tests/net/run_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <utility>

#include "mcpgov/net.hpp"
#include "net/transfers.hpp"

namespace mcpgov::net {

std::vector<Answer> run(std::span<const identity::Fetch> fetches, std::uint32_t within_ms) {
  return Transfers().run(fetches, within_ms);
}

Answer run(const identity::Fetch& fetch, std::uint32_t within_ms) {
  return std::move(run(std::span(&fetch, 1), within_ms).front());
}

Errands errands_of(const identity::Verifier& verifier) noexcept {
  // Only ever used as the const object that it is.
  return {
      const_cast<identity::Verifier*>(&verifier),
      [](void* context, std::uint64_t now_us) {
        return static_cast<const identity::Verifier*>(context)->due(now_us);
      },
      [](void* context, const identity::Fetch& fetch, const Answer& answer, std::uint64_t now_us) {
        // What came of it shows in the next request, and the fetch comes back after a failure.
        static_cast<void>(static_cast<const identity::Verifier*>(context)->accept(
            fetch, answer.of(fetch), now_us));
      }};
}

}  // namespace mcpgov::net
