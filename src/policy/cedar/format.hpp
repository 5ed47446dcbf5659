// Policy text in the one layout that Cedar's formatter gives it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "mcpgov/result.hpp"

namespace mcpgov::policy::cedar {

struct FormatStyle {
  std::uint32_t width = 80;
  std::uint32_t indent = 2;
  bool keep_every_comment = true;  // see Layout
};

// The same policies, laid out; proven by reading the result again.
// Errors: those of Parser; internal, when the result says something else than the text.
// Throws: std::bad_alloc.
Result<std::string> format_policies(std::string_view name, std::string_view text,
                                    const FormatStyle& style);

// Lines of white space taken out, except in strings and comments.
void append_without_blank_lines(std::string_view text, std::string& out);

}  // namespace mcpgov::policy::cedar
