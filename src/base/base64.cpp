// Reading base64.
// Tested by tests/base/base64_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/base64.hpp"

#include <cstddef>

namespace mcpgov {
namespace {

constexpr unsigned kInvalid = 64;

unsigned sextet(char c) noexcept {
  if (c >= 'A' && c <= 'Z') return static_cast<unsigned>(c - 'A');
  if (c >= 'a' && c <= 'z') return static_cast<unsigned>(c - 'a') + 26;
  if (c >= '0' && c <= '9') return static_cast<unsigned>(c - '0') + 52;
  if (c == '+') return 62;
  if (c == '/') return 63;
  return kInvalid;
}

}  // namespace

Base64Match match_base64(std::string_view encoded, std::string_view plain) noexcept {
  if (encoded.size() % 4 != 0) return Base64Match::malformed;
  std::size_t padding = 0;
  while (padding < 2 && encoded.size() > padding && encoded[encoded.size() - 1 - padding] == '=') {
    ++padding;
  }
  const std::size_t digits = encoded.size() - padding;
  bool equal = plain.size() == encoded.size() / 4 * 3 - padding;
  unsigned bits = 0;  // not yet given out, in the low `held` bits
  unsigned held = 0;
  std::size_t out = 0;
  for (std::size_t i = 0; i < digits; ++i) {
    const unsigned value = sextet(encoded[i]);
    if (value == kInvalid) return Base64Match::malformed;
    bits = (bits << 6 | value) & 0xfffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    const char byte = static_cast<char>(bits >> held & 0xffU);
    equal = equal && plain[out] == byte;
    ++out;
  }
  if ((bits & ((1U << held) - 1)) != 0) return Base64Match::malformed;
  return equal ? Base64Match::equal : Base64Match::different;
}

}  // namespace mcpgov
