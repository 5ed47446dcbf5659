// Header fields that the governor itself reads.
// Tested by tests/governor/trace_context_test.cpp and tests/governor/identity_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "governor/call.hpp"

namespace mcpgov::detail {

namespace {

bool same_field(std::string_view name, std::string_view lower) noexcept {
  return std::equal(name.begin(), name.end(), lower.begin(), lower.end(), [](char a, char b) {
    return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + 32) : a) == b;
  });
}

constexpr std::size_t kSessionBytes = 256;

}  // namespace

std::string_view first_field(const HttpHead& http, std::string_view name) noexcept {
  for (const Header& header : http.headers) {
    if (same_field(header.name, name)) return header.value;
  }
  return {};
}

std::string_view claimed_session(const HttpHead& http) noexcept {
  return first_field(http, "mcp-session-id").substr(0, kSessionBytes);
}

bool clear_session(const HttpHead& http) noexcept {
  std::size_t fields = 0;
  for (const Header& header : http.headers) {
    if (!same_field(header.name, "mcp-session-id")) continue;
    const bool visible = std::all_of(header.value.begin(), header.value.end(),
                                     [](char c) { return c > 0x20 && c < 0x7f; });
    if (++fields > 1 || !visible || header.value.size() > kSessionBytes) return false;
  }
  return true;
}

}  // namespace mcpgov::detail
