// Whether logs are what was written and signed: what is proven, by which checkpoint, and where
// something was changed, left out, put in or taken back.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/frame.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

enum class Problem : std::uint8_t {
  unreadable,  // a file cannot be read
  header,      // a segment's header is damaged, or is not one of this log or place
  frame,       // bytes are not what was written: an edit, a failing disk
  missing,     // records are not there: a deletion
  order,       // a record stands where it does not belong: an insertion, a reordering
  label,       // the frame around a record has another type or time: a change of what finds it
  torn,        // the end is no whole frame, as a crash leaves it until the log is recovered
  trailer,     // the end of a segment contradicts it, or something follows
  link,        // a segment does not follow the one before it: a segment was replaced
  signature,   // a checkpoint is not signed by a key that was given, or cannot be read
  root,        // the records are not those that were signed
  backwards,   // a checkpoint of fewer records than one before it
  truncated,   // a checkpoint or a sync mark tells of records that are not there
  unsealed,   // no checkpoint for the end of a log that was closed, or for more than a crash leaves
  vanished,   // a log that others name, or that signed, is not there
  foreign,    // a log that another folder holds as well
  silent,     // no heartbeats for longer than they may be apart
  recovered,  // records were signed by whoever recovered the log, not by who wrote them
  retired,    // records were removed by retention, says a note that nobody signed
  quarantined,  // recovery has set the log aside
};
// `unreadable`, `header`, … Static storage.
std::string_view problem_name(Problem problem) noexcept;

// notice: to be known, but no sign that anything was changed.
struct Finding {
  Problem problem = Problem::unreadable;
  bool notice = false;
  std::string log;                            // name of the log's folder
  std::string file;                           // name in that folder; empty: the log as a whole
  std::uint64_t offset = 0;                   // in the uncompressed segment; 0: the file as a whole
  std::uint64_t first_seq = 0, last_seq = 0;  // records that are concerned; 0: none in particular
  std::string message;                        // one sentence, with text of the log escaped
};

// Records first to last are those that were signed, as a checkpoint of `size` records says that
// stands in `file` at `offset` (`checkpoint`: the log's newest; empty: one that was handed in).
struct ProvenRange {
  std::uint64_t first_seq = 0, last_seq = 0;
  std::uint64_t size = 0;
  std::string file;
  std::uint64_t offset = 0;
};

inline constexpr std::size_t kMaxFindings = 100;  // of one log; later ones are only counted

// What was found of one log.
struct LogVerification {
  std::string name;    // of the folder
  std::string origin;  // of the first segment's header; says nothing unless something is proven
  bool alive = false;  // a process has it open
  bool ended = false;  // it ends with a trailer
  std::uint64_t segments = 0, compressed = 0;
  std::uint64_t bytes = 0;                            // uncompressed
  std::uint64_t first_seq = 0, last_seq = 0;          // 0: there is no record
  std::array<std::uint64_t, 10> leaves = {};          // that are whole, by FrameType
  std::uint64_t first_time_ns = 0, last_time_ns = 0;  // the earliest and the latest of records
  std::uint64_t checkpoints = 0;                      // in segments, with a good signature and root
  std::uint64_t retired = 0;                          // records that retention removed
  std::vector<ProvenRange> proven;                    // ascending, without overlap
  std::uint64_t by_checksum_only = 0;                 // records that are in no proven range
  std::vector<Finding> findings;
  std::uint64_t problems = 0, notices = 0;  // findings, also those over kMaxFindings

  bool intact() const noexcept { return problems == 0; }
};

// keys: a checkpoint counts if one of them signed it whose name is the log's origin, or the
// beginning of it up to a `/`: the key `acme/audit` vouches for the logs `acme/audit/…`.
// against: signed notes that were kept elsewhere; each has to be of one of the logs, and of its
// past. spare_directory: where logs go on when their own disk fails (LogSettings), if that is not
// where their file `spare` says; or empty (find_folders).
// now_ns: for open logs that have gone silent; 0: they are not looked for.
// threads: that read and hash segments, 1 to 64.
struct VerifyOptions {
  std::vector<VerifierKey> keys = {};
  std::vector<std::string> against = {};
  std::string spare_directory = {};
  std::uint64_t now_ns = 0;
  unsigned threads = 2;
};

// Size and root of a log, as another one has recorded them. by: that log's name.
struct Witnessed {
  std::string by;
  std::uint64_t size = 0;
  Digest root = {};
};

// Reads a log whole, once, in bounded memory; of one that is written meanwhile, what was there.
// Files may be anybody's: what cannot be read is a finding. Without a key nothing is proven.
// witnessed: what others say of this log. Errors: file_unreadable (the folder). Throws: bad_alloc.
Result<LogVerification> verify_log(const std::string& folder, const VerifyOptions& options,
                                   const std::vector<Witnessed>& witnessed = {});

// findings: of the directory as a whole, such as a log that is not there any more.
struct Verification {
  std::vector<LogVerification> logs;  // oldest first, then those without a segment
  std::vector<Finding> findings;
  std::uint64_t problems = 0, notices = 0;  // of the logs as well

  bool intact() const noexcept { return problems == 0; }
};

// All logs below a directory, with what they say of each other.
// Errors: file_unreadable. Throws: std::bad_alloc.
Result<Verification> verify_directory(const std::string& directory, const VerifyOptions& options);

}  // namespace mcpgov::audit
