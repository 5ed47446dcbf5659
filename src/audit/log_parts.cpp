// What a log is opened from.
// Tested by tests/audit/log_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_parts.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>

#include "audit/content_keys.hpp"
#include "audit/key_file.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/log_spare.hpp"
#include "audit/note.hpp"
#include "base/os_file.hpp"
#include "base/os_machine.hpp"
#include "base/os_memory.hpp"
#include "base/os_time.hpp"
#include "crypto/random.hpp"

namespace mcpgov::audit {

namespace {

Error cannot_open(std::string message, const std::string& path) {
  return {ErrorCode::audit_open, std::move(message), path, 0, 0};
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string out;
  for (const std::uint8_t byte : bytes) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 15];
  }
  return out;
}

// A name of one folder, not a way to another.
bool is_plain_name(std::string_view name) noexcept {
  return !name.empty() && name != "." && name != ".." && name.find('/') == std::string_view::npos;
}

}  // namespace

std::string ring_name(std::string_view log) {
  return "mcpgov-" + std::string(log) + ".ring";
}

LogKeys::~LogKeys() {
  wipe(digest_secret);
}

Result<void> check_settings(const LogSettings& settings) {
  if (settings.directory.empty()) return cannot_open("the log has no directory", {});
  if (!is_origin(settings.origin)) {
    return cannot_open("`" + settings.origin + "` cannot be the origin of a log", {});
  }
  if (settings.spare_directory == settings.directory) {
    return cannot_open("the spare directory is the directory of the log itself",
                       settings.directory);
  }
  // Recovery takes no larger file for a segment.
  constexpr std::uint64_t kMostSegment = std::uint64_t{16} << 30;
  if (settings.segment_bytes > kMostSegment) {
    return cannot_open("a segment can have 16 GiB at most (segment_bytes)", {});
  }
  if (settings.mode == Mode::acked && !is_plain_name(settings.acked_by)) {
    return cannot_open("mode acked needs the name of the sink that acknowledges", {});
  }
  return {};
}

Result<std::vector<std::string>> make_directory(const LogSettings& settings, FileSystem& files) {
  std::vector<std::string> notices;
  for (const std::string& path : {settings.directory, settings.spare_directory}) {
    if (path.empty()) continue;
    const int error = files.make_folder(path);
    if (error != 0) {
      return cannot_open("cannot make `" + path + "`: " + io_error_text(error), path);
    }
    const Writers writers = writers_of(path);
    if (writers == Writers::owner) continue;
    if (writers == Writers::everybody) {
      return cannot_open("every user of this machine can write to `" + path +
                             "`, and so could change the log: take that right away (chmod o-w)",
                         path);
    }
    if (keep_group_out(path) != 0) {
      return cannot_open("a group can write to `" + path +
                             "`, which is another user's, and so could change the log: name a "
                             "folder below it, which is then made",
                         path);
    }
    notices.push_back("a group could write to `" + path + "`: that right was taken away");
  }
  return notices;
}

namespace {

// Logs whose keys should be there. Asked before a key is made, or the logs of other processes that
// begin just now would count.
bool is_missed(const std::string& path, const LogSettings& settings) {
  ReadFile probe;
  if (probe.open(path) != ENOENT) return false;
  const auto logs = list_logs(settings.directory);
  return logs && !logs->empty();
}

}  // namespace

Result<std::unique_ptr<LogKeys>> load_keys(const LogSettings& settings) {
  std::vector<std::string> notices;
  if (settings.sign == nullptr) {
    const std::string signing = settings.signing_key_file.empty()
                                    ? path_in(settings.directory, "signing.key")
                                    : settings.signing_key_file;
    if (is_missed(signing, settings)) {
      notices.push_back("`" + signing + "` was not there and is made anew, though there are logs");
    }
  }
  auto signer = load_or_make_signer(settings, &notices);
  if (!signer) return signer.error();
  const bool named = !settings.digest_key_file.empty();
  const std::string path =
      named ? settings.digest_key_file : path_in(settings.directory, "digest.key");
  const bool missed = is_missed(path, settings);
  KeyReport report;
  auto secret = load_or_make_secret(path, "keyed digests of what a log does not store",
                                    named ? Links::follow : Links::refuse, &report);
  if (!secret) return secret.error();
  add_notice(path, report, notices);
  if (report.made && missed) {
    notices.push_back("`" + path +
                      "` was not there and is made anew: digests of equal values "
                      "differ from those of the logs before");
  }
  std::unique_ptr<LogKeys> keys(
      new LogKeys{*std::move(signer), *std::move(secret), nullptr, std::move(notices)});
  // Without them recovery signs nothing.
  auto published = read_verifier_keys(path_in(settings.directory, "signing.vkey"));
  if (published) keys->published = *std::move(published);
  if (!settings.content_keys.empty()) {
    auto folder = KeyFolder::open(settings.content_keys, true);
    if (!folder) return folder.error();
    keys->content = *std::move(folder);
  }
  return keys;
}

Result<Capture> make_capture(const LogSettings& settings, LogKeys& keys) {
  return Capture::make(settings.capture, keys.digest_secret, keys.content.get(),
                       settings.count_tokens, settings.count_context);
}

namespace {

// EAGAIN: somebody who looks for dead logs has come between the folder and its lock.
int take_place(LogPlace& place, const LogSettings& settings, FileSystem& files) {
  place.name = boot_name() + "-" + std::to_string(process_id()) + "-" + hex(place.uuid);
  place.folder = path_in(settings.directory, place.name);
  place.spare = spare_of(settings, place.name);
  place.ring = path_in(settings.ring_directory, ring_name(place.name));
  place.origin = settings.origin + "/" + place.name;
  const int error = files.make_folder(place.folder);
  if (error != 0) return error;
  const int locked = place.lock.take(path_in(place.folder, kLockFile));
  return locked == ENOENT ? EAGAIN : locked;
}

// What recovery and verification go by: that this key has begun the log, and where it may go on.
Result<void> note_place(const LogPlace& place, FileSystem& files, const Signer& signer) {
  const std::string note = signer.sign({place.origin, 0, Tree().root()});
  int error = note.empty() ? 0 : replace_durably(files, path_in(place.folder, kOpenedFile), note);
  if (error == 0 && !place.spare.empty()) {
    if (auto made = make_spare(files, place.spare); !made) return made.error();
    error = replace_durably(files, path_in(place.folder, kSpareFile), place.spare);
  }
  if (error == 0) return {};
  return cannot_open("cannot write to `" + place.folder + "`: " + io_error_text(error),
                     place.folder);
}

}  // namespace

Result<LogPlace> make_place(const LogSettings& settings, FileSystem& files, const Signer& signer) {
  constexpr int kAttempts = 16;  // each of them a folder of its own
  LogPlace place;
  int error = EAGAIN;
  for (int attempt = 0; attempt < kAttempts && error == EAGAIN; ++attempt) {
    if (!crypto::random_bytes(place.uuid)) {
      return cannot_open("the system gives no random bytes", settings.directory);
    }
    error = take_place(place, settings, files);
  }
  if (error != 0) {
    return cannot_open("cannot make `" + place.folder + "`: " + io_error_text(error), place.folder);
  }
  if (auto noted = note_place(place, files, signer); !noted) return noted.error();
  return place;
}

Result<FileLock> lock_log(const std::string& folder) {
  FileLock lock;
  const int error = lock.take(path_in(folder, kLockFile));
  if (error == EAGAIN) {
    return Error{ErrorCode::audit_locked, "`" + folder + "` is open in another process", folder, 0,
                 0};
  }
  if (error != 0) {
    return cannot_open("cannot lock `" + folder + "`: " + io_error_text(error), folder);
  }
  return lock;
}

std::vector<Sibling> list_siblings(const LogSettings& settings, const std::string& own_name) {
  std::vector<Sibling> siblings;
  const auto logs = list_logs(settings.directory);
  if (!logs) return siblings;
  for (const LogEntry& entry : *logs) {
    if (entry.name == own_name) continue;
    Sibling sibling{entry.name, 0, {}};
    const auto note = read_plain_file(path_in(entry.folder, kCheckpointFile), kMaxNote);
    if (note) {
      const auto checkpoint = parse_checkpoint(*note);
      if (checkpoint) {
        sibling.size = checkpoint->size;
        sibling.root = checkpoint->root;
      }
    }
    siblings.push_back(std::move(sibling));
  }
  return siblings;
}

std::uint64_t read_sink_file(const std::string& path) {
  // 20 digits are the most that 64 bits need, then the line end.
  constexpr std::size_t kMost = 21;
  const auto text = read_plain_file(path, kMost);
  if (!text || !text->ends_with('\n')) return 0;
  std::uint64_t seq = 0;
  const char* const end = text->data() + text->size() - 1;
  const auto [rest, wrong] = std::from_chars(text->data(), end, seq);
  return wrong == std::errc() && rest == end ? seq : 0;
}

std::uint64_t read_sink_file(const std::string& directory, std::string_view sink,
                             std::string_view log, std::string_view ending) {
  const std::string folder = path_in(path_in(directory, "sinks"), sink);
  return read_sink_file(path_in(folder, std::string(log) + std::string(ending)));
}

std::uint64_t lowest_unsent(const std::string& directory, std::string_view log) {
  constexpr std::size_t kMaxSinks = 1000;
  std::uint64_t lowest = ~std::uint64_t{0};
  std::vector<std::string> sinks;
  const int error = list_folder(path_in(directory, "sinks"), kMaxSinks, sinks);
  if (error == ENOENT) return lowest;
  if (error != 0) return 0;  // who knows which sink is behind
  for (const std::string& sink : sinks) {
    if (sink.ends_with(".lock")) continue;
    lowest = std::min(lowest, read_sink_file(directory, sink, log, kSinkCursor) + 1);
  }
  return lowest;
}

std::int64_t LogClock::step_ms() noexcept {
  constexpr std::int64_t kStep = 1'000'000;  // us
  const std::uint64_t wall = wall_clock_us();
  const std::uint64_t steady = steady_clock_ns();
  std::int64_t step = 0;
  if (wall_us_ != 0) {
    const auto passed = static_cast<std::int64_t>((steady - steady_ns_) / 1000);
    step = static_cast<std::int64_t>(wall - wall_us_) - passed;
  }
  if (wall_us_ == 0 || step > kStep || step < -kStep) {
    wall_us_ = wall;
    steady_ns_ = steady;
  }
  return step > kStep || step < -kStep ? step / 1000 : 0;
}

void SyncTimes::add(std::uint64_t us) noexcept {
  std::size_t bucket = 0;
  while (bucket + 1 < kBuckets && us >> bucket != 0) ++bucket;
  counts_[bucket].fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t SyncTimes::p99_us() const noexcept {
  std::uint64_t all = 0;
  for (const auto& count : counts_) all += count.load(std::memory_order_relaxed);
  std::uint64_t above = all / 100;
  for (std::size_t bucket = kBuckets; bucket-- > 0;) {
    const std::uint64_t here = counts_[bucket].load(std::memory_order_relaxed);
    if (here > above) return std::uint64_t{1} << bucket;
    above -= here;
  }
  return 0;
}

}  // namespace mcpgov::audit
