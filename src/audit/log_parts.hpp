// What a log is opened from: its place below the directory, keys, settings that fit together.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "audit/capture.hpp"
#include "audit/checkpoint.hpp"
#include "audit/log_frames.hpp"
#include "base/os_log_file.hpp"
#include "mcpgov/audit.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Names in a log's folder.
inline constexpr std::string_view kLockFile = "lock";
inline constexpr std::string_view kRingFile = "ring";  // text: path of the ring
inline constexpr std::string_view kCheckpointFile = "checkpoint";
inline constexpr std::string_view kOpenedFile = "opened";      // signed note: the log, still empty
inline constexpr std::string_view kSpareFile = "spare";        // text: its folder on the spare disk
inline constexpr std::string_view kUnsignedFile = "unsigned";  // text: why recovery has not signed

// Name of a log's ring in whatever folder rings are.
std::string ring_name(std::string_view log);

// Where one log lives. lock: held as long as the log is open.
struct LogPlace {
  std::string name;    // `<boot>-<pid>-<uuid>`
  std::string folder;  // with the directory
  std::string spare;   // the same below the spare directory; empty: there is none
  std::string ring;    // path of the ring
  std::string origin;  // of its checkpoints: the settings' origin, `/`, its name
  std::array<std::uint8_t, 16> uuid = {};
  FileLock lock;
};

// Keys of the directory, made when they are missing.
struct LogKeys {
  Signer signer;
  std::string digest_secret;
  std::unique_ptr<ContentKeys> content;     // null: content is not encrypted
  std::vector<std::string> notices = {};    // what the log has to say of its keys and its directory
  std::vector<VerifierKey> published = {};  // of signing.vkey: this key and former ones

  ~LogKeys();
};

// Errors: audit_open, audit_key.
Result<void> check_settings(const LogSettings& settings);
// Makes the directory, and the spare one, if only its last part is missing. Where its group can
// write into it, that right is taken away. What is to be known of that. Errors: audit_open (also
// where every user can write into it, or a group into another user's).
Result<std::vector<std::string>> make_directory(const LogSettings& settings, FileSystem& files);
// Says in notices which keys are new although there are logs. Errors: audit_key, file_unreadable.
Result<std::unique_ptr<LogKeys>> load_keys(const LogSettings& settings);
// Errors: audit_capture.
Result<Capture> make_capture(const LogSettings& settings, LogKeys& keys);
// A new folder with its lock taken, and a note of the key that it has opened this log.
// Errors: audit_open, audit_locked.
Result<LogPlace> make_place(const LogSettings& settings, FileSystem& files, const Signer& signer);
// Takes the lock of a log that nobody may be writing. Errors: audit_locked.
Result<FileLock> lock_log(const std::string& folder);

// The other logs below the directory, with their last checkpoints.
std::vector<Sibling> list_siblings(const LogSettings& settings, const std::string& own_name);

// Files of a sink below the directory, `sinks/<sink>/<log>` and one of these endings: how far it
// has dealt with a log, and how far it really has every message.
inline constexpr std::string_view kSinkCursor = ".cursor";
inline constexpr std::string_view kSinkAcked = ".acked";
// The number of the last record: decimal, then a line end. 0: none, or the file makes no sense.
std::uint64_t read_sink_file(const std::string& path);
std::uint64_t read_sink_file(const std::string& directory, std::string_view sink,
                             std::string_view log, std::string_view ending);
// The lowest record of a log that some sink below the directory has not taken; ~0: there is none.
// 0: the sinks cannot be listed, or there are more than 1,000.
std::uint64_t lowest_unsent(const std::string& directory, std::string_view log);

// Notices that the wall clock was set: by more than kStep against the steady one.
// Threads: one thread.
class LogClock {
 public:
  // Milliseconds that it was set by since the last call; 0: it was not.
  std::int64_t step_ms() noexcept;

 private:
  std::uint64_t wall_us_ = 0, steady_ns_ = 0;
};

// How long syncs took, in powers of two of microseconds. Threads: add() by one, the rest by any.
class SyncTimes {
 public:
  void add(std::uint64_t us) noexcept;
  std::uint64_t p99_us() const noexcept;

 private:
  static constexpr std::size_t kBuckets = 32;
  std::array<std::atomic<std::uint64_t>, kBuckets> counts_ = {};
};

}  // namespace mcpgov::audit
