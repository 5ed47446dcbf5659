// Cursors that only the caller they were given to can use.
// Tested by tests/governor/identity_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/cursor_seal.hpp"

#include <array>
#include <cstdint>
#include <new>
#include <stdexcept>

#include "crypto/random.hpp"

namespace mcpgov::detail {

namespace {

constexpr std::size_t kKeyBytes = 32;
// 128 of the 256 bits, which RFC 2104 section 5 allows, in hexadecimal.
constexpr std::size_t kMarkSize = 32;

// The size in front, so that no two lists of parts give one text.
void add(std::string& out, std::string_view part) {
  out.append(std::to_string(part.size())).append(",").append(part);
}

std::string random_key() {
  std::array<std::uint8_t, kKeyBytes> bytes{};
  if (!crypto::random_bytes(bytes)) throw std::runtime_error("the system has no randomness");
  return {bytes.begin(), bytes.end()};
}

crypto::HmacKey ready(const std::string& key) {
  auto made = crypto::HmacKey::make(crypto::Hash::sha256, key.empty() ? random_key() : key);
  if (!made) throw std::runtime_error(made.error().message);
  return *std::move(made);
}

}  // namespace

CursorSeal::CursorSeal(const std::string& key) : key_(ready(key)) {}

std::string CursorSeal::mark(const Place& place, std::string_view cursor) const {
  std::string text = "mcpgov cursor ";
  add(text, place.tenant);
  add(text, place.server);
  add(text, wire::method_row(place.method).name);
  add(text, kind_name(place.caller->kind));
  add(text, place.caller->issuer);
  add(text, place.caller->subject);
  add(text, place.caller->tenant);
  add(text, cursor);
  crypto::Digest code{};
  if (!key_.sign(text, code)) throw std::bad_alloc();
  return crypto::hex(code).substr(0, kMarkSize);
}

std::string CursorSeal::close(const Place& place, std::string_view cursor) const {
  return mark(place, cursor) + "." + std::string(cursor);
}

std::optional<std::string_view> CursorSeal::open(const Place& place,
                                                 std::string_view sealed) const {
  if (sealed.size() < kMarkSize + 1 || sealed[kMarkSize] != '.') return std::nullopt;
  const std::string_view cursor = sealed.substr(kMarkSize + 1);
  if (!crypto::equal_in_constant_time(mark(place, cursor), sealed.substr(0, kMarkSize))) {
    return std::nullopt;
  }
  return cursor;
}

}  // namespace mcpgov::detail
