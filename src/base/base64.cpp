// Base64 with padding.
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

// The size of what is encoded, were it well-formed.
std::size_t decoded_size(std::string_view encoded) noexcept {
  std::size_t padding = 0;
  while (padding < 2 && encoded.size() > padding && encoded[encoded.size() - 1 - padding] == '=') {
    ++padding;
  }
  return encoded.size() / 4 * 3 - padding;
}

// Hands each byte to `take`. False: malformed.
template <class Take>
bool decode(std::string_view encoded, Take&& take) {
  if (encoded.size() % 4 != 0) return false;
  const std::size_t padding = encoded.size() / 4 * 3 - decoded_size(encoded);
  unsigned bits = 0;  // not yet given out, in the low `held` bits
  unsigned held = 0;
  for (const char c : encoded.substr(0, encoded.size() - padding)) {
    const unsigned value = sextet(c);
    if (value == kInvalid) return false;
    bits = (bits << 6 | value) & 0xfffU;
    held += 6;
    if (held < 8) continue;
    held -= 8;
    take(static_cast<char>(bits >> held & 0xffU));
  }
  return (bits & ((1U << held) - 1)) == 0;
}

}  // namespace

Base64Match match_base64(std::string_view encoded, std::string_view plain) noexcept {
  if (encoded.size() % 4 != 0) return Base64Match::malformed;
  bool equal = plain.size() == decoded_size(encoded);
  std::size_t at = 0;
  const bool formed = decode(encoded, [&](char byte) {
    equal = equal && plain[at] == byte;
    ++at;
  });
  if (!formed) return Base64Match::malformed;
  return equal ? Base64Match::equal : Base64Match::different;
}

bool decode_base64(std::string_view encoded, std::string& plain) {
  const std::size_t before = plain.size();
  plain.reserve(before + encoded.size() / 4 * 3);
  if (decode(encoded, [&](char byte) { plain += byte; })) return true;
  plain.resize(before);
  return false;
}

std::string encode_base64(std::string_view plain) {
  constexpr char kAlphabet[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  out.reserve((plain.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < plain.size(); at += 3) {
    const std::string_view group = plain.substr(at, 3);
    unsigned bits = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      bits = bits << 8 | (i < group.size() ? static_cast<unsigned char>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i < 4; ++i) {
      out += i <= group.size() ? kAlphabet[bits >> (18 - 6 * i) & 63U] : '=';
    }
  }
  return out;
}

}  // namespace mcpgov
