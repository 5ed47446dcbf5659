// Tests of identity/failure_buckets.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/failure_buckets.hpp"

#include <string>

#include <doctest/doctest.h>

namespace {

using mcpgov::identity::FailureBuckets;
using mcpgov::identity::FailureSettings;

constexpr std::uint64_t kSecond = 1'000'000;
constexpr std::uint64_t kStart = 1'700'000'000 * kSecond;

FailureSettings few() {
  FailureSettings out;
  out.peer_burst = 3;
  out.peer_per_s = 0.5;
  out.issuer_burst = 10;
  out.issuer_per_s = 5;
  out.peers = 64;
  return out;
}

TEST_CASE("failure buckets: a peer is refused after its burst, and waits for the next token") {
  FailureBuckets buckets(few(), 1);
  for (int i = 0; i < 3; ++i) {
    CHECK(buckets.peer_wait_s("192.0.2.7", kStart) == 0);
    buckets.spend("192.0.2.7", 0, kStart);
  }
  CHECK(buckets.peer_wait_s("192.0.2.7", kStart) == 2);
  CHECK(buckets.peer_wait_s("192.0.2.7", kStart + kSecond) == 1);
  CHECK(buckets.peer_wait_s("192.0.2.7", kStart + 2 * kSecond) == 0);
  CHECK(buckets.peer_wait_s("192.0.2.8", kStart) == 0);
  CHECK(buckets.peer_wait_s("", kStart) == 0);
}

TEST_CASE("failure buckets: a clock that steps back gives nothing back") {
  FailureBuckets buckets(few(), 1);
  for (int i = 0; i < 3; ++i) buckets.spend("192.0.2.7", 0, kStart);
  CHECK(buckets.peer_wait_s("192.0.2.7", kStart - 100 * kSecond) == 2);
  buckets.spend("192.0.2.7", 0, kStart - 100 * kSecond);
  CHECK(buckets.peer_wait_s("192.0.2.7", kStart) == 2);
}

TEST_CASE("failure buckets: one network of IPv6 is one peer, and so is an address in two dresses") {
  FailureBuckets buckets(few(), 1);
  for (int i = 0; i < 3; ++i) {
    buckets.spend("2001:db8:1:2::" + std::to_string(i), 0, kStart);
    buckets.spend("192.0.2.9", 0, kStart);
  }
  CHECK(buckets.peer_wait_s("2001:db8:1:2:ffff::1", kStart) > 0);
  for (int i = 0; i < 3; ++i) buckets.spend("2001:db8::" + std::to_string(i), 0, kStart);
  CHECK(buckets.peer_wait_s("2001:DB8:0:0:1::", kStart) > 0);
  CHECK(buckets.peer_wait_s("2001:db8:1:3::1", kStart) == 0);
  CHECK(buckets.peer_wait_s("::ffff:192.0.2.9", kStart) > 0);
}

TEST_CASE("failure buckets: an issuer is protected from many peers, and unknown issuers too") {
  FailureBuckets buckets(few(), 2);
  for (int i = 0; i < 10; ++i) buckets.spend("198.51.100." + std::to_string(i), 1, kStart);
  CHECK(buckets.issuer_wait_s(1, kStart) == 1);
  CHECK(buckets.issuer_wait_s(0, kStart) == 0);
  CHECK(buckets.issuer_wait_s(2, kStart) == 0);
  for (int i = 0; i < 10; ++i) buckets.spend("", 99, kStart);
  CHECK(buckets.issuer_wait_s(2, kStart) == 1);
  CHECK(buckets.issuer_wait_s(1, kStart + kSecond) == 0);
}

TEST_CASE("failure buckets: a flood of peers does not free one that failed") {
  FailureBuckets buckets(few(), 1);
  for (int i = 0; i < 3; ++i) buckets.spend("203.0.113.1", 0, kStart);
  for (int i = 0; i < 10'000; ++i) {
    buckets.spend("10.0." + std::to_string(i / 256) + "." + std::to_string(i % 256), 0, kStart);
  }
  CHECK(buckets.peer_wait_s("203.0.113.1", kStart) > 0);
}

}  // namespace
