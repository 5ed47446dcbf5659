// From pieces of a stream to its lines.
// Tested by tests/cli/lines_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/lines.hpp"

#include <algorithm>

namespace mcpgov::cli {

namespace {

std::string_view without_return(std::string_view line) {
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

void Lines::keep(std::string_view part) {
  const std::size_t most = limit_ + 1;
  if (begun_.size() < most) begun_.append(part.substr(0, most - begun_.size()));
}

bool Lines::next(std::string_view& line) {
  if (spent_) begun_.clear();
  spent_ = false;
  const std::size_t end = piece_.find('\n');
  const std::string_view part = piece_.substr(0, end);
  const bool complete = end != std::string_view::npos;
  piece_.remove_prefix(complete ? end + 1 : piece_.size());
  if (complete && begun_.empty()) {
    line = without_return(part.substr(0, std::min(part.size(), limit_ + 1)));
    return true;
  }
  keep(part);
  if (!complete) return false;
  line = without_return(begun_);
  spent_ = true;
  return true;
}

bool Lines::rest(std::string_view& line) {
  if (spent_) begun_.clear();
  spent_ = true;
  line = without_return(begun_);
  return !line.empty();
}

}  // namespace mcpgov::cli
