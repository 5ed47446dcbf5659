// Ending the logs of processes that died.
// Tested by tests/audit/log_crash_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_recovery.hpp"

#include <array>
#include <cerrno>
#include <cstring>
#include <new>
#include <utility>

#include "audit/encoder.hpp"
#include "audit/log_folder.hpp"
#include "audit/log_reader.hpp"
#include "audit/log_signing.hpp"
#include "audit/log_spare.hpp"
#include "base/json_writer.hpp"
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

// Whether the file is there and its process got as far as calling it a ring. What cannot be looked
// at counts as one: its records were acknowledged.
bool is_ring(const std::string& path) {
  ReadFile file;
  const int error = file.open(path);
  if (error == ENOENT || error == ENOTDIR) return false;
  std::array<char, sizeof kRingMagic> magic = {};
  std::size_t got = 0;
  if (error != 0 || file.read_at(0, magic, got) != 0) return true;
  return got == magic.size() && std::memcmp(magic.data(), kRingMagic, got) == 0;
}

// The ring that is still to be read; nothing: there is none. Errors: file_unreadable, audit_damaged
// (a ring that this build cannot read, of a later version perhaps).
Result<std::optional<LeftRing>> open_ring(const std::string& name, const std::string& folder) {
  std::optional<LeftRing> none;
  const std::string named = path_in(folder, kRingFile);
  ReadFile probe;
  if (probe.open(named) == ENOENT) return none;
  const auto path = read_plain_file(named, kMaxPath);
  if (!path) return path.error();
  const auto uuid = uuid_of(name);
  if (!uuid || !is_ring(*path)) return none;
  auto ring = LeftRing::open(*path, *uuid);
  if (!ring) return ring.error();
  return std::optional<LeftRing>(*std::move(ring));
}

// Records that an earlier recovery, which was interrupted itself, has written already.
std::set<std::string> replayed_before(const RecoveredLog& log) {
  constexpr std::string_view kBefore = R"("id":")";
  constexpr std::size_t kId = 32;
  std::set<std::string> ids;
  auto reader = LogReader::open(log.folders, {log.recovery.header.first_seq});
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
  const std::string folder = recovery.path.substr(0, recovery.path.rfind('/'));
  auto made = SegmentWriter::create(files, folder, kSmallest, next);
  if (!made) return made.error();
  recovery.path = made->path();
  recovery.header = std::move(next);
  recovery.end = kSegmentHeader;
  recovery.min_time_ns = recovery.max_time_ns = 0;
  return resume_segment(files, recovery, kRoom);
}

// Where a disk has failed, the note in the other folder tells as much.
void put_checkpoint(FileSystem& files, const LogFolders& folders, const std::string& note) {
  (void)replace_durably(files, path_in(folders.own, kCheckpointFile), note);
  if (folders.spare.empty()) return;
  (void)replace_durably(files, path_in(folders.spare, kCheckpointFile), note);
}

// Writes what was left, and the end of the log.
class Ending {
 public:
  Ending(RecoveredLog& log, const LogKeys& keys, Encoder& encoder, SegmentWriter& writer)
      : log_(log), keys_(keys), encoder_(encoder), writer_(writer), tree_(log.recovery.tree) {
    min_time_ = log.recovery.min_time_ns == 0 ? ~std::uint64_t{0} : log.recovery.min_time_ns;
    max_time_ = log.recovery.max_time_ns;
    encoder.resume(log.recovery.tree.size());
    encoder.set_salt(writer.salt());
  }

  bool run(LeftRing* ring, FileSystem& files) {
    const auto take = [this](Batch& batch) { return append(batch); };
    if (ring != nullptr && !replay(*ring, log_.recovery.last_seq, log_.replayed_before, encoder_,
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
    const crypto::Digest root = tree_.root();
    const std::uint64_t last = encoder_.last_seq();
    std::string note;
    if (log_.recovery.unsigned_why.empty()) {
      note = keys_.signer.sign({log_.recovery.header.origin, last, root});
    }
    std::string frame;
    if (!note.empty()) {
      append_frame(frame, {last, now, FrameType::checkpoint, 0, note}, writer_.salt());
      if (!writer_.append(frame, last)) return false;
      put_checkpoint(files, log_.folders, note);
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
    hash_leaves(batch);
    if (!writer_.append(batch.frames, batch.last_seq)) return false;
    for (const Digest& leaf : batch.leaves) tree_.append(leaf);
    min_time_ = std::min(min_time_, batch.min_time_ns);
    max_time_ = std::max(max_time_, batch.max_time_ns);
    batch.clear();
    return true;
  }

  RecoveredLog& log_;
  const LogKeys& keys_;
  Encoder& encoder_;
  SegmentWriter& writer_;
  Tree tree_;
  Batch batch_;
  std::uint64_t min_time_ = 0, max_time_ = 0;
};

// A process may die between the end of a segment and the beginning of the next one. What was not
// signed by then is signed now, in the file beside the segments.
void seal_closed(const RecoveredLog& log, const LogKeys& keys, FileSystem& files,
                 const SignedBefore& before) {
  const Recovery& recovery = log.recovery;
  const std::uint64_t last = recovery.last_seq;
  if (!before.known.empty() && before.known.front().size >= last) return;
  if (!recovery.unsigned_why.empty() || recovery.tree.size() != last) return;
  const std::string note = keys.signer.sign({recovery.header.origin, last, recovery.tree.root()});
  if (!note.empty()) put_checkpoint(files, log.folders, note);
}

// Whether this log may be signed, and a note for whoever verifies it if it may not.
Result<void> note_refusal(const LogSettings& settings, FileSystem& files, const LogKeys& keys,
                          const SignedBefore& before, RecoveredLog& log) {
  const Tail tail = log.recovery.tail;
  const bool is_signed =
      !before.known.empty() && before.known.front().size >= log.recovery.last_seq;
  // Nothing is signed of what is damaged, and nothing is left to sign of what is at rest.
  if (tail == Tail::none || tail == Tail::damaged || (tail == Tail::closed && is_signed)) return {};
  std::string& why = log.recovery.unsigned_why;
  why = refusal_to_sign(settings, keys, log.name, log.folders, before, log.recovery);
  if (why.empty()) return {};
  const std::string path = path_in(log.folder, kUnsignedFile);
  const int error = replace_durably(files, path, why + "\n");
  if (error == 0) return {};
  return Error{ErrorCode::audit_unavailable, "cannot write `" + path + "`: " + io_error_text(error),
               path, 0, 0};
}

// Detectors take a while to compile, and most logs need none.
Result<void> make_encoder(const LogSettings& settings, LogKeys& keys,
                          std::optional<Encoder>& encoder) {
  if (encoder) return {};
  auto capture = make_capture(settings, keys);
  if (!capture) return capture.error();
  encoder.emplace(*std::move(capture));
  return {};
}

// A folder without a segment: its process died at once, or is just beginning.
void remove_empty(FileSystem& files, const std::string& folder) {
  for (const std::string_view file : {kOpenedFile, kSpareFile, kUnsignedFile, kLockFile}) {
    files.remove(path_in(folder, file));
  }
  files.remove(folder);
}

}  // namespace

void remove_ring(FileSystem& files, const std::string& folder) {
  const std::string named = path_in(folder, kRingFile);
  const auto path = read_plain_file(named, kMaxPath);
  if (!path) return;
  // Whoever can write here may have named any file of the machine.
  const auto name_in = [](std::string_view whole) { return whole.substr(whole.rfind('/') + 1); };
  if (name_in(*path) == ring_name(name_in(folder))) files.remove(*path);
  files.remove(named);
}

Result<RecoveredLog> recover_left_log(const LogSettings& settings, FileSystem& files, LogKeys& keys,
                                      const std::string& name, std::optional<Encoder>& encoder) {
  RecoveredLog log;
  log.name = name;
  log.folder = path_in(settings.directory, name);
  auto lock = lock_log(log.folder);
  if (!lock) return lock.error();
  log.lock = *std::move(lock);
  log.folders = find_folders(log.folder, settings.spare_directory);
  const SignedBefore before = signed_before(keys, name, log.folders);
  const auto may_end = check_spare(settings, name, log.folders, before.known);
  if (!may_end) return may_end.error();
  if (!*may_end) {
    log.recovery.tail = Tail::closed;
    return log;
  }
  auto opened = open_ring(name, log.folder);
  if (!opened) return opened.error();
  std::optional<LeftRing> ring = *std::move(opened);
  auto recovery = recover_log(files, log.folders, before.known, now_ns(), ring.has_value());
  if (!recovery) return recovery.error();
  log.recovery = *std::move(recovery);
  if (auto noted = note_refusal(settings, files, keys, before, log); !noted) return noted.error();
  if (ring) log.replayed_before = replayed_before(log);
  const Tail tail = log.recovery.tail;
  if (tail == Tail::closed) seal_closed(log, keys, files, before);
  // A closed segment with a ring: the process died between two segments, or in its last moment.
  if (tail == Tail::open || tail == Tail::torn || (tail == Tail::closed && ring)) {
    if (auto made = make_encoder(settings, keys, encoder); !made) return made.error();
    auto writer = tail == Tail::closed ? follow_segment(files, log)
                                       : resume_segment(files, log.recovery, kRoom);
    if (!writer) return writer.error();
    Ending ending(log, keys, *encoder, *writer);
    if (!ending.run(ring ? &*ring : nullptr, files)) return unwritten(*writer);
  } else if (ring && has_missing(*ring, log.recovery.last_seq, log.replayed_before)) {
    log.orphans = std::move(ring);
    return log;
  }
  remove_ring(files, log.folder);
  if (tail != Tail::damaged) remove_spare(files, settings, name, log.folders);
  if (tail == Tail::none) remove_empty(files, log.folder);
  return log;
}

namespace {

// Nothing: it was recovered, or is not a dead log; else why it was left.
std::optional<Error> try_left_log(const LogSettings& settings, FileSystem& files, LogKeys& keys,
                                  const std::string& name, std::optional<Encoder>& encoder,
                                  LeftLogs& out) {
  const std::string folder = path_in(settings.directory, name);
  if (!is_own_folder(folder)) {
    std::vector<std::string> names;
    if (list_folder(folder, kMaxSegments, names) == ENOENT) return std::nullopt;
    return Error{ErrorCode::audit_unavailable,
                 "the log `" + name +
                     "` is left as it is: its folder is a link, belongs to another user, or others "
                     "can write into it",
                 folder, 0, 0};
  }
  if (FileLock::is_taken(path_in(folder, kLockFile))) return std::nullopt;
  auto log = recover_left_log(settings, files, keys, name, encoder);
  if (!log) return log.error();
  out.recovered.push_back(*std::move(log));
  return std::nullopt;
}

}  // namespace

LeftLogs recover_left_logs(const LogSettings& settings, FileSystem& files, LogKeys& keys) {
  LeftLogs out;
  std::vector<std::string> names;
  if (const int error = list_folder(settings.directory, kMaxLogs, names); error != 0) {
    out.left.push_back({ErrorCode::audit_unavailable,
                        "logs of dead processes cannot be looked for: " + io_error_text(error),
                        settings.directory, 0, 0});
    return out;
  }
  std::optional<Encoder> encoder;
  for (const std::string& name : names) {
    if (!uuid_of(name)) continue;
    std::optional<Error> why;
    try {
      why = try_left_log(settings, files, keys, name, encoder, out);
    } catch (const std::bad_alloc&) {
      // One log must not keep the others from being recovered.
      why = Error{ErrorCode::audit_unavailable, "there is no memory to recover `" + name + "`",
                  name, 0, 0};
    }
    // Another process is just at it, or has been quicker.
    if (!why || why->code == ErrorCode::audit_locked) continue;
    if (why->message.find(name) == std::string::npos) why->message += " (log `" + name + "`)";
    out.left.push_back(*std::move(why));
  }
  return out;
}

std::string left_payload(const Error& why, std::uint64_t now_ns) {
  std::string out;
  JsonWriter json(out);
  json.number("v", 1);
  json.string("kind", "recovery");
  json.number("time_ns", now_ns);
  constexpr std::size_t kMost = 1000;  // paths may be longer, and there may be many of these
  json.string("left", std::string_view(why.message).substr(0, kMost));
  json.finish();
  return out;
}

}  // namespace mcpgov::audit
