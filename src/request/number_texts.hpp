// The digits of a parsed document's numbers, which simdjson's tree no longer has.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <string_view>

namespace mcpgov::request {

// Finds the n-th number of a JSON text. Whoever walks the tree in the order of the document knows
// the n of each number it passes; going forward costs one pass over the text in all.
// json: valid JSON, borrowed. Threads: one thread.
class NumberTexts {
 public:
  explicit NumberTexts(std::string_view json) noexcept : json_(json) {}

  // Empty when there are not that many.
  std::string_view at(std::size_t n) noexcept;

 private:
  std::string_view json_;
  std::size_t position_ = 0;  // behind the number before `next_`
  std::size_t next_ = 0;
};

}  // namespace mcpgov::request
