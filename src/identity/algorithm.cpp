// Names of the signature algorithms.
// Tested by tests/identity/compact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/algorithm.hpp"

#include <cstddef>
#include <iterator>

namespace mcpgov::identity {
namespace {

// In the order of the enumeration.
constexpr std::string_view kNames[] = {"",      "RS256", "RS384", "RS512", "PS256",
                                       "PS384", "PS512", "ES256", "ES384", "ES512",
                                       "EdDSA", "HS256", "HS384", "HS512"};

}  // namespace

std::string_view algorithm_name(Algorithm algorithm) noexcept {
  return kNames[static_cast<std::size_t>(algorithm)];
}

Algorithm algorithm_from(std::string_view name) noexcept {
  for (std::size_t i = 1; i < std::size(kNames); ++i) {
    if (kNames[i] == name) return static_cast<Algorithm>(i);
  }
  return name == "Ed25519" ? Algorithm::eddsa : Algorithm::none;
}

}  // namespace mcpgov::identity
