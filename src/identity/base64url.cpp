// Base64url in four look-ups for three bytes, and nothing that an encoder would not write.
// Tested by tests/identity/compact_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/base64url.hpp"

#include <array>
#include <cstdint>

namespace mcpgov::identity {
namespace {

constexpr std::string_view kAlphabet =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
// A bit that no digit has and that survives shifting by three digits.
constexpr std::uint32_t kNoDigit = 0x8000'0000;

// What a character adds to the 24 bits of a group, by its place in the group: four look-ups and
// three "or" for three bytes, and one test for all four characters.
constexpr auto kTables = [] {
  std::array<std::array<std::uint32_t, 256>, 4> tables{};
  for (std::size_t place = 0; place < 4; ++place) {
    tables[place].fill(kNoDigit);
    for (std::size_t digit = 0; digit < kAlphabet.size(); ++digit) {
      tables[place][static_cast<std::uint8_t>(kAlphabet[digit])] =
          static_cast<std::uint32_t>(digit << (18 - 6 * place));
    }
  }
  return tables;
}();

std::uint32_t bits(std::size_t place, char character) noexcept {
  return kTables[place][static_cast<std::uint8_t>(character)];
}

}  // namespace

std::size_t decode_base64url(std::string_view text, char* out) noexcept {
  const char* at = text.data();
  const char* const end = at + text.size() / 4 * 4;
  const char* const start = out;
  std::uint32_t seen = 0;
  for (; at != end; at += 4, out += 3) {
    const std::uint32_t group = bits(0, at[0]) | bits(1, at[1]) | bits(2, at[2]) | bits(3, at[3]);
    seen |= group;
    out[0] = static_cast<char>(group >> 16);
    out[1] = static_cast<char>(group >> 8);
    out[2] = static_cast<char>(group);
  }
  const std::size_t rest = text.size() % 4;
  if (rest == 1) return base64url_bad;
  if (rest != 0) {
    const std::uint32_t group = bits(0, at[0]) | bits(1, at[1]) | (rest == 3 ? bits(2, at[2]) : 0);
    // Bits below the last byte: 16 after one byte, 8 after two.
    seen |= (group & (rest == 2 ? 0xFFFF : 0xFF)) != 0 ? kNoDigit : group;
    *out++ = static_cast<char>(group >> 16);
    if (rest == 3) *out++ = static_cast<char>(group >> 8);
  }
  return (seen & kNoDigit) != 0 ? base64url_bad : static_cast<std::size_t>(out - start);
}

bool decode_base64url(std::string_view text, std::string& out) {
  out.resize(base64url_room(text.size()));
  const std::size_t size = decode_base64url(text, out.data());
  out.resize(size == base64url_bad ? 0 : size);
  return size != base64url_bad;
}

std::string encode_base64url(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t number = 0;
    for (std::size_t i = 0; i < 3; ++i) {
      number = number << 8 | (i < group.size() ? static_cast<std::uint8_t>(group[i]) : 0U);
    }
    for (std::size_t i = 0; i <= group.size(); ++i) {
      out += kAlphabet[number >> (18 - 6 * i) & 0x3F];
    }
  }
  return out;
}

}  // namespace mcpgov::identity
