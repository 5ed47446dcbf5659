// Whether the type and the time of a frame are those of the record in it. They are no part of what
// is hashed, and what finds records goes by them.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>

#include "audit/frame.hpp"

namespace mcpgov::audit {

// Threads: one thread.
class FrameLabels {
 public:
  // True also for records in which it cannot be seen: those of another form than ours.
  bool fit(const Frame& frame) noexcept;

 private:
  bool is_time(const char* text, std::uint64_t time_ns) noexcept;

  // The second that was looked at last, as it is written: records of one second share it.
  std::uint64_t second_ = 0;
  char written_[20] = {};  // `2026-11-20T08:24:32.`
};

}  // namespace mcpgov::audit
