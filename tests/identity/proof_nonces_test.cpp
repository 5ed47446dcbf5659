// Tests of src/identity/proof_nonces.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/proof_nonces.hpp"

#include <doctest/doctest.h>

namespace mcpgov::identity {
namespace {

ProofNonces nonces(char fill = 'k') {
  auto key = crypto::HmacKey::make(crypto::Hash::sha256, std::string(32, fill));
  REQUIRE(key.has_value());
  return {std::move(*key), 100};
}

TEST_CASE("nonces: taken in their period and the next") {
  const ProofNonces ours = nonces();
  const std::string nonce = ours.current(1000);
  CHECK(nonce.size() == 22);
  struct Case {
    std::uint64_t now_s;
    NonceAge age;
  };
  for (const Case& c :
       {Case{899, NonceAge::unknown}, Case{999, NonceAge::unknown}, Case{1000, NonceAge::current},
        Case{1099, NonceAge::current}, Case{1100, NonceAge::former}, Case{1199, NonceAge::former},
        Case{1200, NonceAge::unknown}, Case{100'000, NonceAge::unknown}}) {
    CAPTURE(c.now_s);
    std::uint64_t until_s = 0;
    CHECK(ours.age(nonce, c.now_s, until_s) == c.age);
    CHECK(until_s == (c.age == NonceAge::unknown ? 0 : 1199));
  }
  CHECK(ours.current(1099) == nonce);
  CHECK(ours.current(1100) != nonce);
}

TEST_CASE("nonces: what was not made here is unknown") {
  const ProofNonces ours = nonces();
  const std::string nonce = ours.current(1000);
  const std::string others[] = {"",          nonce.substr(1),           nonce + "A",
                                nonce + "=", nonces('x').current(1000), std::string(22, 'A')};
  for (const std::string& other : others) {
    CAPTURE(other);
    std::uint64_t until_s = 7;
    CHECK(ours.age(other, 1000, until_s) == NonceAge::unknown);
    CHECK(until_s == 7);
  }
  std::uint64_t until_s = 0;
  CHECK(ours.age(ours.current(0), 99, until_s) == NonceAge::current);
  CHECK(ours.age("", 0, until_s) == NonceAge::unknown);
}

}  // namespace
}  // namespace mcpgov::identity
