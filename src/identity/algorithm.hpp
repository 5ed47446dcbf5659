// The signature algorithms of JOSE that are known here (RFC 7518 section 3, RFC 8037, RFC 9864).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string_view>

namespace mcpgov::identity {

enum class Algorithm : std::uint8_t {
  none,  // no algorithm, and never one that is accepted
  rs256,
  rs384,
  rs512,
  ps256,
  ps384,
  ps512,
  es256,
  es384,
  es512,
  eddsa,  // Ed25519 only
  hs256,
  hs384,
  hs512,
};

// `RS256`, …, `EdDSA`; empty for none. Static storage.
std::string_view algorithm_name(Algorithm algorithm) noexcept;
// none for everything but an exact name. `Ed25519` (RFC 9864) is EdDSA.
Algorithm algorithm_from(std::string_view name) noexcept;

// A set of algorithms. Threads: immutable, share freely.
class AlgorithmSet {
 public:
  constexpr AlgorithmSet() = default;
  constexpr bool empty() const noexcept { return bits_ == 0; }
  constexpr bool has(Algorithm each) const noexcept {
    return each != Algorithm::none && (bits_ >> static_cast<unsigned>(each) & 1U) != 0;
  }
  constexpr AlgorithmSet with(Algorithm each) const noexcept {
    AlgorithmSet out = *this;
    if (each != Algorithm::none) out.bits_ |= 1U << static_cast<unsigned>(each);
    return out;
  }
  friend constexpr bool operator==(AlgorithmSet, AlgorithmSet) = default;

 private:
  std::uint32_t bits_ = 0;
};

constexpr bool is_symmetric(Algorithm algorithm) noexcept {
  return algorithm >= Algorithm::hs256;
}

// What an issuer may use unless it lists its own: RS256, PS256, ES256 and EdDSA. The others cost an
// attacker little and us much (ES384 460 us, ES512 320 us a signature), or need a secret.
constexpr AlgorithmSet default_algorithms() noexcept {
  return AlgorithmSet()
      .with(Algorithm::rs256)
      .with(Algorithm::ps256)
      .with(Algorithm::es256)
      .with(Algorithm::eddsa);
}

}  // namespace mcpgov::identity
