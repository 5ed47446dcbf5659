// Removing what is old: whole closed segments, of the oldest first, and a note of each that stays.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/os_log_file.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Of a log's file `retired`: lines of some 1,200 bytes, so 100,000 segments.
inline constexpr std::size_t kMaxRetired = 128 << 20;

// The lowest seq of a log that some sink has not taken yet; ~0 where no sink is behind.
using Exported = std::uint64_t (*)(void* context, std::string_view log) noexcept;

struct RetentionSettings {
  std::uint32_t days = 0;   // a segment may go when its last record is older; 0: for ever
  std::uint64_t bytes = 0;  // of all logs below the directory; 0: no limit
  Exported exported = nullptr;
  void* context = nullptr;
};

struct Retired {
  std::uint64_t segments = 0;
  std::uint64_t bytes = 0;
  std::uint64_t logs = 0;  // folders of which nothing but `retired` and `checkpoint` is left
  bool held_back = false;  // a sink is behind, and more would have gone
};

// Segments on a log's spare disk are its segments as well; their lines are in its own folder.
// Never removes the newest segment of a log that a process has open, one that is not closed, one
// with records that a sink has not taken, or anything of a log with `quarantine`. What is removed
// leaves a line in the log's `retired`, synced before the segment goes, so that verification can
// go on from there:
// {"v":1,"kind":"retired","first_seq":n,"last_seq":n,"time_ns":n,"bytes":n,"salt":n,
//  "previous_segment":"<hex>","settings":"<hex>","link":"<hex>","trailer":{…},
//  "checkpoint":"<note>"}
// Errors: file_unreadable, audit_unavailable. Throws: std::bad_alloc.
Result<Retired> retire_segments(FileSystem& files, const std::string& directory,
                                const RetentionSettings& settings, std::uint64_t now_ns);

}  // namespace mcpgov::audit
