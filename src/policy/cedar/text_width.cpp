// How many columns of a terminal a text takes.
// Tested by tests/policy/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/text_width.hpp"

#include <algorithm>

#include "base/utf8.hpp"
#include "policy/cedar/characters.hpp"

namespace mcpgov::policy::cedar {

std::size_t text_width(std::string_view text) noexcept {
  const auto wide = [](char c) { return static_cast<unsigned char>(c) >= 0x80; };
  if (std::none_of(text.begin(), text.end(), wide)) return text.size();
  std::size_t out = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = decode_utf8(text.substr(at));
    at += std::max<std::size_t>(1, c.size);
    out += columns_of(c.value);
  }
  return out;
}

}  // namespace mcpgov::policy::cedar
