// Places in JSON (RFC 6901), many at once, followed while a document is walked.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// A set of JSON pointers, at most 64 of at most 32 segments; `*` as a segment stands for any name
// or index. Which of them still fit is a bit each, handed from level to level.
// Threads: thread-safe.
class Places {
 public:
  using Bits = std::uint64_t;

  // what: `drop` or `keep`, for the error. Errors: audit_capture.
  static Result<Places> make(const std::vector<std::string>& pointers, std::string_view what);

  bool empty() const noexcept { return places_.empty(); }
  // All that begin at the root.
  Bits all() const noexcept;
  // The document itself is one of the places.
  bool root() const noexcept { return root_; }

  // Those of `bits` that go through this name or index, whose container is `depth` levels below the
  // root. here: one of them ends there.
  Bits enter(Bits bits, std::size_t depth, std::string_view name, bool& here) const noexcept;

 private:
  std::vector<std::vector<std::string>> places_;
  bool root_ = false;
};

}  // namespace mcpgov::audit
