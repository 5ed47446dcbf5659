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

}  // namespace mcpgov::net
