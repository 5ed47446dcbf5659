// Names and sentences of the codes; the text of an error.
// Tested by tests/base/result_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

namespace mcpgov {

// clang-format off: an include within a switch is indented as if it were code.
std::string_view code_name(ErrorCode code) noexcept {
  switch (code) {
#define MCPGOV_ERROR(name, number, sentence) \
  case ErrorCode::name: return #name;
#include "mcpgov/error_codes.def"
  }
  return "internal";
}

std::string_view code_sentence(ErrorCode code) noexcept {
  switch (code) {
#define MCPGOV_ERROR(name, number, sentence) \
  case ErrorCode::name: return sentence;
#include "mcpgov/error_codes.def"
  }
  return "an internal error";
}

// clang-format on

std::string Error::text() const {
  std::string out;
  if (!file.empty()) out += file + ":";
  if (line != 0) out += std::to_string(line) + ":" + std::to_string(column) + ":";
  if (!out.empty()) out += " ";
  out += message.empty() ? std::string(code_sentence(code)) : message;
  out += " [";
  out += code_name(code);
  out += "]";
  return out;
}

}  // namespace mcpgov
