// Requests that wait for their response, by id.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <vector>

#include "governor/verdict_state.hpp"

namespace mcpgov::detail {

// An open-addressing table of verdicts, one per direction and session. Does not own them, except
// those marked `awaiting`. Threads: one thread at a time (the session's lock).
class OpenRequests {
 public:
  OpenRequests(std::uint32_t limit, std::size_t limit_bytes)
      : limit_(limit), limit_bytes_(limit_bytes) {}

  // The open request of that id, or null.
  VerdictState* find(const wire::Id& id) const noexcept;

  enum class Added : std::uint8_t { yes, in_use, full };
  // Throws: std::bad_alloc (only when the table grows).
  Added add(VerdictState* state);
  // Of a state that is in the table.
  void remove(const VerdictState* state) noexcept;

  std::uint32_t size() const noexcept { return size_; }
  // Any one that the table owns, or null: for closing what is left.
  VerdictState* any_awaiting() const noexcept;

 private:
  std::size_t slot(const wire::Id& id) const noexcept;
  void grow();

  std::vector<VerdictState*> slots_;
  std::uint32_t size_ = 0;
  std::uint32_t limit_;
  std::size_t bytes_ = 0;  // of the open messages
  std::size_t limit_bytes_;
};

}  // namespace mcpgov::detail
