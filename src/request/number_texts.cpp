// The digits of numbers. Tested by tests/request/numbers_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "request/number_texts.hpp"

namespace mcpgov::request {
namespace {

// Behind the string whose opening quote is at `at`.
std::size_t skip_string(std::string_view json, std::size_t at) {
  for (++at; at < json.size() && json[at] != '"'; ++at) {
    if (json[at] == '\\') ++at;
  }
  return at + 1;
}

bool starts_number(char c) {
  return c == '-' || (c >= '0' && c <= '9');
}
bool in_number(char c) {
  return starts_number(c) || c == '.' || c == '+' || c == 'e' || c == 'E';
}

}  // namespace

std::string_view NumberTexts::at(std::size_t n) noexcept {
  if (n < next_) {
    position_ = 0;
    next_ = 0;
  }
  while (position_ < json_.size()) {
    const char c = json_[position_];
    if (c == '"') {
      position_ = skip_string(json_, position_);
    } else if (!starts_number(c)) {
      ++position_;
    } else {
      const std::size_t start = position_;
      while (position_ < json_.size() && in_number(json_[position_])) ++position_;
      if (next_++ == n) return json_.substr(start, position_ - start);
    }
  }
  return {};
}

}  // namespace mcpgov::request
