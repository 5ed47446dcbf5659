// Making and knowing nonces.
// Tested by tests/identity/proof_nonces_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/proof_nonces.hpp"

#include <new>

#include "crypto/random.hpp"
#include "identity/base64url.hpp"

namespace mcpgov::identity {
namespace {

constexpr std::size_t kNonceBytes = 16;

}  // namespace

std::string ProofNonces::of_period(std::uint64_t period) const {
  crypto::Digest code{};
  if (!key_.sign(std::to_string(period), code)) throw std::bad_alloc();
  return encode_base64url({reinterpret_cast<const char*>(code.data()), kNonceBytes});
}

std::string ProofNonces::current(std::uint64_t now_s) const {
  return of_period(now_s / period_s_);
}

NonceAge ProofNonces::age(std::string_view nonce, std::uint64_t now_s,
                          std::uint64_t& until_s) const {
  const std::uint64_t period = now_s / period_s_;
  if (crypto::equal_in_constant_time(nonce, of_period(period))) {
    until_s = (period + 2) * period_s_ - 1;
    return NonceAge::current;
  }
  if (period == 0 || !crypto::equal_in_constant_time(nonce, of_period(period - 1))) {
    return NonceAge::unknown;
  }
  until_s = (period + 1) * period_s_ - 1;
  return NonceAge::former;
}

}  // namespace mcpgov::identity
