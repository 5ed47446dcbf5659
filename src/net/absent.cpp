// What there is without an HTTP client: every exchange says so.
// Tested by tests/net/absent_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "net/transfers.hpp"

namespace mcpgov::net {

bool available() noexcept {
  return false;
}

Transfers::Transfers() : multi_(nullptr) {}
Transfers::~Transfers() = default;
void Transfers::stop() noexcept {}

std::vector<Answer> Transfers::run(std::span<const identity::Fetch> fetches, std::uint32_t) {
  Answer absent;
  absent.code = ErrorCode::net_missing;
  absent.detail = "the library was built without libcurl (CMake option MCPGOV_NET)";
  return std::vector<Answer>(fetches.size(), absent);
}

}  // namespace mcpgov::net
