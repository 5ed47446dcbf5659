// Names and sentences of the codes; the text of an error.
// Tested by tests/base/result_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "mcpgov/result.hpp"

#include <algorithm>
#include <iterator>

namespace mcpgov {

namespace {

struct Row {
  ErrorCode code;
  std::string_view name;
  std::string_view sentence;
};

constexpr bool ascends(const Row& a, const Row& b) {
  return a.code < b.code;
}

constexpr Row kRows[] = {
#define MCPGOV_ERROR(name, number, sentence) {ErrorCode::name, #name, sentence},
#include "mcpgov/error_codes.def"
};
static_assert(std::is_sorted(std::begin(kRows), std::end(kRows), ascends), "it is searched");

const Row* find(ErrorCode code) noexcept {
  const Row* const at =
      std::lower_bound(std::begin(kRows), std::end(kRows), Row{code, {}, {}}, ascends);
  return at != std::end(kRows) && at->code == code ? at : nullptr;
}

}  // namespace

std::string_view code_name(ErrorCode code) noexcept {
  const Row* const row = find(code);
  return row == nullptr ? "internal" : row->name;
}

std::string_view code_sentence(ErrorCode code) noexcept {
  const Row* const row = find(code);
  return row == nullptr ? "an internal error" : row->sentence;
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
