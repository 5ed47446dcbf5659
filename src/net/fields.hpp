// Which names and values a field of an HTTP request may have.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <algorithm>
#include <string_view>

namespace mcpgov::net {

// A token of RFC 9110 section 5.6.2.
inline bool is_field_name(std::string_view name) noexcept {
  constexpr std::string_view kOther = "!#$%&'*+-.^_`|~";
  return !name.empty() && std::all_of(name.begin(), name.end(), [&](char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           kOther.find(c) != std::string_view::npos;
  });
}

// Visible ASCII, blanks and tabs: nothing that could begin another field.
inline bool is_field_value(std::string_view value) noexcept {
  return std::all_of(value.begin(), value.end(),
                     [](char c) { return c == '\t' || (c >= ' ' && c <= '~'); });
}

}  // namespace mcpgov::net
