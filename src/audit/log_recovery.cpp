// Ending the logs of processes that died.
// Tested by tests/audit/log_crash_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_recovery.hpp"

#include <cstring>
#include <utility>

#include "audit/encoder.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "base/os_file.hpp"
#include "base/os_time.hpp"
#include "crypto/random.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kMaxPath = 4096;
// More than any ring holds as frames, and a recovery frame, a checkpoint and a trailer.
constexpr std::uint64_t kRoom = std::uint64_t{1} << 40;

std::uint64_t now_ns() noexcept {
  return wall_clock_us() * 1000;
}

// The log's number stands at the end of its name.
std::optional<std::array<std::uint8_t, 16>> uuid_of(std::string_view name) {
  std::array<std::uint8_t, 16> uuid = {};
  if (name.size() < 2 * uuid.size()) return std::nullopt;
  name.remove_prefix(name.size() - 2 * uuid.size());
  for (std::size_t at = 0; at < name.size(); ++at) {
    const char c = name[at];
    const bool digit = c >= '0' && c <= '9';
    if (!digit && (c < 'a' || c > 'f')) return std::nullopt;
    const int value = digit ? c - '0' : c - 'a' + 10;
    uuid[at / 2] = static_cast<std::uint8_t>(uuid[at / 2] << 4 | value);
  }
  return uuid;
}

std::optional<LeftRing> open_ring(const std::string& name, const std::string& folder) {
  const auto path = read_file(path_in(folder, kRingFile), kMaxPath);
  const auto uuid = uuid_of(name);
  if (!path || !uuid) return std::nullopt;
  auto ring = LeftRing::open(*path, *uuid);
  if (!ring) return std::nullopt;
  return *std::move(ring);
}

std::vector<Checkpoint> own_checkpoint(const LogSettings& settings, const LogKeys& keys,
                                       const std::string& name, const std::string& folder) {
  std::vector<Checkpoint> found;
  const auto note = read_file(path_in(folder, kCheckpointFile), kMaxNote);
  if (!note) return found;
  const VerifierKey key{settings.origin + "/" + name, keys.signer.public_key()};
  auto checkpoint = open_checkpoint(*note, key);
  if (checkpoint) found.push_back(*std::move(checkpoint));
  return found;
}

// Records that an earlier recovery, which was interrupted itself, has written already.
std::set<std::string> replayed_before(const RecoveredLog& log) {
  constexpr std::string_view kBefore = R"("id":")";
  constexpr std::size_t kId = 32;
  std::set<std::string> ids;
  auto reader = LogReader::open(log.folder, {log.recovery.header.first_seq});
  if (!reader) return ids;
  for (Frame frame; reader->next(frame) == ReadState::frame;) {
    if (frame.type != FrameType::event || (frame.flags & kReconstructed) == 0) continue;
    const std::size_t at = frame.payload.find(kBefore);
    if (at != std::string_view::npos) ids.emplace(frame.payload.substr(at + kBefore.size(), kId));
  }
  return ids;
}

bool has_missing(LeftRing& ring, std::uint64_t last_seq, const std::set<std::string>& but) {
  StoredRecord stored;
  std::string_view result;
  for (const LeftRun& run : ring.runs()) {
    if (!is_missing(run, last_seq) || !ring.read(run, stored, result)) continue;
    if (!but.contains(std::string(stored.record().id))) return true;
  }
  return false;
}

Error unwritten(const SegmentWriter& writer) {
  return {ErrorCode::audit_unavailable,
          "cannot write `" + writer.path() + "`: " + writer.failure().text(), writer.path(), 0, 0};
}

// A segment behind the last one, which is closed.
Result<SegmentWriter> follow_segment(FileSystem& files, RecoveredLog& log) {
  constexpr std::uint64_t kSmallest = 64 * 1024;
  Recovery& recovery = log.recovery;
  SegmentHeader next = recovery.header;
  std::uint8_t salt[sizeof next.salt] = {};
  (void)crypto::random_bytes(salt);
  next.previous_salt = next.salt;
  std::memcpy(&next.salt, salt, sizeof salt);
  next.first_seq = recovery.last_seq + 1;
  next.created_ns = now_ns();
  next.tree_size = recovery.tree.size();
  next.root = recovery.tree.root();
  next.edge.assign(recovery.tree.edge().begin(), recovery.tree.edge().end());
  next.previous_segment = recovery.link;
  auto made = SegmentWriter::create(files, log.folder, kSmallest, next);
  if (!made) return made.error();
  recovery.path = made->path();
  recovery.header = std::move(next);
  recovery.end = kSegmentHeader;
  recovery.min_time_ns = recovery.max_time_ns = 0;
  return resume_segment(files, recovery, kRoom);
}

// Writes what was left, and the end of the log.
class Ending {
 public:
  Ending(RecoveredLog& log, const LogKeys& keys, Encoder& encoder, SegmentWriter& writer)
      : log_(log), keys_(keys), encoder_(encoder), writer_(writer) {
    min_time_ = log.recovery.min_time_ns == 0 ? ~std::uint64_t{0} : log.recovery.min_time_ns;
    max_time_ = log.recovery.max_time_ns;
    encoder.resume(log.recovery.tree);
    encoder.set_salt(writer.salt());
  }

  bool run(LeftRing* ring, FileSystem& files, const std::string& origin) {
    const auto take = [this](Batch& batch) { return append(batch); };
    if (ring != nullptr && !replay(*ring, log_.recovery.last_seq, replayed_before(log_), encoder_,
                                   batch_, log_, take)) {
      return false;
    }
    const std::uint64_t now = now_ns();
    encoder_.add_frame(batch_, FrameType::recovery,
                       recovery_payload(log_.recovery, log_.name, now, log_.replayed, log_.unknown),
                       now, kReconstructed);
    if (!append(batch_) || !writer_.sync()) return false;
    // Before the trailer: a segment that is closed is never looked through for what was replayed.
    remove_ring(files, log_.folder);
    Batch end;
    encoder_.finish(end);
    const crypto::Digest root = end.after.root();
    const std::uint64_t last = encoder_.last_seq();
    const std::string note = keys_.signer.sign({origin, last, root});
    std::string frame;
    if (!note.empty()) {
      append_frame(frame, {last, now, FrameType::checkpoint, 0, note}, writer_.salt());
      if (!writer_.append(frame, last)) return false;
      (void)replace_durably(files, path_in(log_.folder, kCheckpointFile), note);
    }
    frame.clear();
    const std::string payload =
        trailer_payload({log_.recovery.header.first_seq, last, min_time_, max_time_, now, root});
    append_frame(frame, {last, now, FrameType::trailer, 0, payload}, writer_.salt());
    return writer_.close(frame);
  }

 private:
  bool append(Batch& batch) {
    if (batch.frames.empty()) return true;
    if (!writer_.append(batch.frames, batch.last_seq)) return false;
    min_time_ = std::min(min_time_, batch.min_time_ns);
    max_time_ = std::max(max_time_, batch.max_time_ns);
    batch.clear();
    return true;
  }

  RecoveredLog& log_;
  const LogKeys& keys_;
  Encoder& encoder_;
  SegmentWriter& writer_;
  Batch batch_;
  std::uint64_t min_time_ = 0, max_time_ = 0;
};

}  // namespace

namespace {

// A process may die between the end of a segment and the beginning of the next one. What was not
// signed by then is signed now, in the file beside the segments.
void seal_closed(const RecoveredLog& log, const LogKeys& keys, FileSystem& files,
                 const std::string& origin, const std::vector<Checkpoint>& signed_before) {
  const std::uint64_t last = log.recovery.last_seq;
  if (!signed_before.empty() && signed_before.front().size >= last) return;
  const std::string note = keys.signer.sign({origin, last, log.recovery.tree.root()});
  if (!note.empty()) (void)replace_durably(files, path_in(log.folder, kCheckpointFile), note);
}

}  // namespace

void remove_ring(FileSystem& files, const std::string& folder) {
  const std::string named = path_in(folder, kRingFile);
  const auto path = read_file(named, kMaxPath);
  if (!path) return;
  files.remove(*path);
  files.remove(named);
}

Result<RecoveredLog> recover_left_log(const LogSettings& settings, FileSystem& files, LogKeys& keys,
                                      const std::string& name) {
  RecoveredLog log;
  log.name = name;
  log.folder = path_in(settings.directory, name);
  auto lock = lock_log(log.folder);
  if (!lock) return lock.error();
  log.lock = *std::move(lock);
  const auto durable = own_checkpoint(settings, keys, name, log.folder);
  auto recovery = recover_log(files, log.folder, durable, now_ns());
  if (!recovery) return recovery.error();
  log.recovery = *std::move(recovery);
  auto ring = open_ring(name, log.folder);
  if (ring) log.replayed_before = replayed_before(log);
  const Tail tail = log.recovery.tail;
  if (tail == Tail::closed) seal_closed(log, keys, files, settings.origin + "/" + name, durable);
  // A closed segment with a ring: the process died between two segments, or in its last moment.
  if (tail == Tail::open || tail == Tail::torn || (tail == Tail::closed && ring)) {
    auto capture = make_capture(settings, keys);
    if (!capture) return capture.error();
    auto writer = tail == Tail::closed ? follow_segment(files, log)
                                       : resume_segment(files, log.recovery, kRoom);
    if (!writer) return writer.error();
    Encoder encoder(*std::move(capture));
    Ending ending(log, keys, encoder, *writer);
    if (!ending.run(ring ? &*ring : nullptr, files, settings.origin + "/" + name)) {
      return unwritten(*writer);
    }
  } else if (ring && has_missing(*ring, log.recovery.last_seq, log.replayed_before)) {
    log.orphans = std::move(ring);
    return log;
  }
  remove_ring(files, log.folder);
  if (tail == Tail::none) {
    files.remove(path_in(log.folder, kLockFile));
    files.remove(log.folder);
  }
  return log;
}

std::vector<RecoveredLog> recover_left_logs(const LogSettings& settings, FileSystem& files,
                                            LogKeys& keys) {
  std::vector<RecoveredLog> recovered;
  std::vector<std::string> names;
  if (list_folder(settings.directory, kMaxLogs, names) != 0) return recovered;
  for (const std::string& name : names) {
    if (!uuid_of(name)) continue;
    const std::string folder = path_in(settings.directory, name);
    if (FileLock::is_taken(path_in(folder, kLockFile))) continue;
    auto log = recover_left_log(settings, files, keys, name);
    if (log) recovered.push_back(*std::move(log));
  }
  return recovered;
}

}  // namespace mcpgov::audit
