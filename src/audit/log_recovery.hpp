// Ending the logs of processes that died: their files made whole, their rings written out.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "audit/encoder.hpp"
#include "audit/left_ring.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_parts.hpp"
#include "audit/recovery.hpp"

namespace mcpgov::audit {

// One log that was looked at.
struct RecoveredLog {
  std::string name;
  std::string folder;
  LogFolders folders;  // that, and where the log went on
  Recovery recovery;
  std::uint64_t replayed = 0;  // records that only the ring had
  std::uint64_t unknown = 0;   // those of them that were still open
  std::uint64_t torn = 0;      // runs of the ring that could not be understood
  // Ids of records that an earlier recovery, interrupted itself, has taken from the ring.
  std::set<std::string> replayed_before;
  // Where the log itself cannot be written to any more: its ring, with the records (above
  // recovery.last_seq) that another log has to take. Its lock is held meanwhile.
  std::optional<LeftRing> orphans;
  FileLock lock;
};

// Ends one log: whatever its ring has and its file has not follows there, then a recovery frame, a
// checkpoint where it may be signed (log_signing.hpp), a trailer. A checkpoint that is there
// already is only replaced by one of the same log that goes on from it. Safe to repeat after a
// crash at any point. Errors: audit_locked: a process has it open. Everything else leaves log and
// ring as they are, for the next time: file_unreadable, audit_damaged (its ring cannot be read now,
// and its records were acknowledged), audit_unavailable (also: it went on in a spare directory that
// is not there, or is not that of the settings), audit_capture. encoder: for all logs, made by the
// first that needs it.
Result<RecoveredLog> recover_left_log(const LogSettings& settings, FileSystem& files, LogKeys& keys,
                                      const std::string& name, std::optional<Encoder>& encoder);

// left: why logs were left for the next time, a sentence each that names the log.
struct LeftLogs {
  std::vector<RecoveredLog> recovered;
  std::vector<Error> left;
};

// All logs below the directory that no process has open.
LeftLogs recover_left_logs(const LogSettings& settings, FileSystem& files, LogKeys& keys);

// Payload of a recovery frame for one that was left:
// {"v":1,"kind":"recovery","time_ns":…,"left":"<why>"}. Throws: std::bad_alloc.
std::string left_payload(const Error& why, std::uint64_t now_ns);

// Removes the ring of a log whose records are durable elsewhere, and the file that names it; no
// other file, whatever that file says.
void remove_ring(FileSystem& files, const std::string& folder);

// Whether a record of a ring is not among the leaves up to last_seq.
inline bool is_missing(const LeftRun& run, std::uint64_t last_seq) noexcept {
  return run.seq == 0 || run.seq > last_seq;
}

// Adds what the ring has above last_seq to batches, oldest first, but for the records of these ids;
// take(batch) writes one and empties it. False: take() said so. Throws: std::bad_alloc.
template <class Take>
bool replay(LeftRing& ring, std::uint64_t last_seq, const std::set<std::string>& but,
            Encoder& encoder, Batch& batch, RecoveredLog& counts, const Take& take) {
  // A write costs little against what it holds; a ring can be larger than what memory is left.
  constexpr std::size_t kBatchBytes = 64 * 1024;
  StoredRecord stored;
  for (const LeftRun& run : ring.runs()) {
    if (!is_missing(run, last_seq)) continue;
    std::string_view result;
    if (!ring.read(run, stored, result)) {
      ++counts.torn;
      continue;
    }
    if (but.contains(std::string(stored.record().id))) continue;
    const bool waited = run.intent_seq != 0 && run.intent_seq <= last_seq;
    encoder.add_event(batch, {&stored, result, false, waited, true});
    ++counts.replayed;
    counts.unknown += run.ended ? 0 : 1;
    if (batch.frames.size() >= kBatchBytes && !take(batch)) return false;
  }
  counts.torn += ring.torn();
  return true;
}

}  // namespace mcpgov::audit
