// What happens to a segment once it is closed: an index beside it, and compression.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <string>

#include "base/os_log_file.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

struct ClosingSettings {
  bool compress = true;
};

struct Closing {
  std::uint64_t segments = 0;   // that were finished
  std::uint64_t raw_bytes = 0;  // of them
  std::uint64_t bytes = 0;      // of them now, without indexes
};

using Stop = bool (*)(void* context) noexcept;

// Finishes every closed segment of a log that is not finished yet: makes the index where it is
// missing or damaged, compresses to `.seg.zst` beside it, syncs, reads that back and compares it
// byte by byte, puts it in place, and only then removes the raw file. Safe to repeat after a crash
// at any point. A segment is closed when it ends with a trailer, or when another one follows it
// and no process writes into it (what a failed disk left behind is indexed and stays raw).
// Segments that cannot be read as a whole are left as they are; the first reason is returned when
// the others are done.
// For a thread of low priority: some 0.5 s for each 64 MiB. stop: ends between two chunks once it
// gives true; null: never. Threads: one thread for each log.
// Errors: audit_damaged, audit_unavailable, file_unreadable. Throws: std::bad_alloc.
Result<Closing> finish_segments(FileSystem& files, const std::string& log,
                                const ClosingSettings& settings, Stop stop = nullptr,
                                void* stop_context = nullptr);

}  // namespace mcpgov::audit
