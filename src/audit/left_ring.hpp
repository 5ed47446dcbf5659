// The ring that a dead process left behind: the records that were in it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "audit/run_codec.hpp"
#include "base/os_shared_memory.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// One record that was found. seq: of its final frame, if the log's thread had got that far; whether
// the file has it, the log tells.
struct LeftRun {
  std::uint32_t block = 0;
  bool ended = false;
  std::uint64_t seq = 0;
  std::uint64_t intent_seq = 0;
  std::uint64_t time_us = 0;
};

// Reads a ring that anything may have written: what is no record is passed over and counted.
// Threads: one thread.
class LeftRing {
 public:
  // Errors: file_unreadable; audit_damaged: this is no ring, or another log's.
  static Result<LeftRing> open(const std::string& path,
                               const std::array<std::uint8_t, 16>& log_uuid);

  // Those that were open or complete, by sequence number, then by time.
  const std::vector<LeftRun>& runs() const noexcept { return runs_; }
  // Runs that were begun and cannot be understood.
  std::uint64_t torn() const noexcept { return torn_; }

  // out lives as long as this object, until the next read(). result: the content of the result.
  // False: it cannot be understood. Throws: std::bad_alloc.
  bool read(const LeftRun& run, StoredRecord& out, std::string_view& result);

 private:
  LeftRing(LeftMemory memory, std::uint32_t extents) noexcept
      : memory_(std::move(memory)), extents_(extents) {}
  void find(std::uint32_t extent, StoredRecord& probe);
  bool load(std::uint32_t extent, std::vector<std::uint64_t>& into) const;

  LeftMemory memory_;
  std::uint32_t extents_;
  std::uint64_t torn_ = 0;
  std::vector<LeftRun> runs_;
  std::vector<std::uint64_t> extent_;   // words, so that heads are aligned
  std::vector<std::uint64_t> content_;  // the extent of a result's content
  std::uint32_t loaded_ = ~std::uint32_t{0};
};

}  // namespace mcpgov::audit
