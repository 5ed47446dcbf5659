// Formatting for everybody.
// Tested by tests/policy/format_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/format.hpp"

#include "mcpgov/cedar.hpp"

namespace mcpgov::policy {

namespace {

constexpr std::uint32_t kMaxWidth = 65535;
constexpr std::uint32_t kMaxIndent = 255;

}  // namespace

Result<std::string> format(const Source& source, const FormatOptions& options) {
  if (options.width > kMaxWidth || options.indent > kMaxIndent) {
    return Error{ErrorCode::config_value, "the width or the indentation is out of range",
                 source.name, 0, 0};
  }
  return cedar::format_policies(
      source.name, source.text,
      {options.width, options.indent, options.comments == FormatOptions::Comments::all});
}

}  // namespace mcpgov::policy
