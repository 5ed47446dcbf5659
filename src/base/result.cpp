// Names and sentences of the codes; the text of an error.
// Tested by tests/base/result_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

namespace mcpgov {

std::string_view code_name(ErrorCode code) noexcept {
  switch (code) {
#define MCPGOV_NAME(name, number, sentence) \
  case ErrorCode::name: return #name;
    MCPGOV_ERROR_CODES(MCPGOV_NAME)
#undef MCPGOV_NAME
  }
  return "internal";
}

std::string_view code_sentence(ErrorCode code) noexcept {
  switch (code) {
#define MCPGOV_SENTENCE(name, number, sentence) \
  case ErrorCode::name: return sentence;
    MCPGOV_ERROR_CODES(MCPGOV_SENTENCE)
#undef MCPGOV_SENTENCE
  }
  return "an internal error";
}

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
