// One record as bytes of a ring, and back.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "audit/ring_layout.hpp"
#include "mcpgov/audit.hpp"

namespace mcpgov::audit {

// What the texts and lists of a record take behind its head.
struct RunTexts {
  std::size_t bytes = 0;
  bool cut = false;  // some text is longer than its limit
};
RunTexts measure_texts(const Record& record) noexcept;

// What a run holds without content, and with the arguments that fit below kMaxContent.
inline constexpr std::size_t run_bytes(std::size_t text_bytes, std::size_t content) noexcept {
  return sizeof(RunHead) + text_bytes + content;
}

// Writes head, texts and lists; `blocks` and everything of the end are the caller's. arguments: at
// most kMaxContent, written behind the texts. to: run_bytes() of both, aligned as RunHead.
void write_run(char* to, const Record& record, const RunTexts& texts,
               std::string_view arguments) noexcept;
void write_run_end(RunEnd& end, const Completion& completion) noexcept;

// A record that was read back. Its views point into the bytes that were read and into this object,
// until the next read().
// Threads: one thread.
class StoredRecord {
 public:
  StoredRecord() = default;
  StoredRecord(const StoredRecord&) = delete;
  StoredRecord& operator=(const StoredRecord&) = delete;

  // run: from the head on, aligned as RunHead; available: the bytes that may be looked at. Takes
  // nothing for granted. ended: false for a record that is open, whose end another thread may be
  // writing; it is not looked at. False: this is no record. Throws: std::bad_alloc.
  bool read(const char* run, std::size_t available, bool ended = true);

  const Record& record() const noexcept { return record_; }
  // Without the result's content, whose place RunEnd tells.
  const Completion& completion() const noexcept { return completion_; }
  std::uint16_t flags() const noexcept { return flags_; }

 private:
  bool read_texts(const RunHead& head, const char*& at, const char* end);
  bool read_list(std::size_t count, const char*& at, const char* end,
                 std::vector<std::string_view>& out);
  struct Party {
    CallerKind kind;
    std::string_view issuer, subject;
  };
  bool read_caller(const RunHead& head, const char*& at, const char* end);
  void copy_caller(std::span<const Party> actors);

  Record record_;
  Completion completion_;
  Caller caller_;
  std::string caller_bytes_;  // what caller_ was read from: one caller makes many calls in a row
  std::vector<std::string_view> policies_;
  std::vector<std::string_view> policy_errors_;
  std::string_view texts_[kRunTexts];
  std::uint16_t flags_ = 0;
};

}  // namespace mcpgov::audit
