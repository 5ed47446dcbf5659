// Deciding on the end of a log (torn, or damaged), by what was called durable.
// Tested by tests/audit/recovery_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/recovery.hpp"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "audit/frame_texts.hpp"
#include "audit/frame_walk.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"
#include "base/json_writer.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::size_t kBlock = 256 * 1024;
// A process writes at most some batches ahead of what is whole, and takes space for one segment (1
// GiB at most in a configuration). What is far longer was made to be read for ever, or to fill the
// disk with copies of it.
constexpr std::uint64_t kMostTorn = std::uint64_t{4} << 30;
constexpr std::uint64_t kMostBytes = std::uint64_t{16} << 30;

Error unavailable(const std::string& path, int error) {
  return {ErrorCode::audit_unavailable, "cannot write `" + path + "`: " + io_error_text(error),
          path, 0, 0};
}

class Examination {
 public:
  Examination(const LogFolders& log, std::span<const Checkpoint> durable, bool goes_on)
      : log_(log), statements_(durable.begin(), durable.end()), goes_on_(goes_on) {}

  Result<Recovery> run() {
    const auto segments = list_segments(log_);
    if (!segments) return segments.error();
    if (segments->empty()) return found_;
    found_.path = log_.path_of(segments->back());
    folder_ = log_.of(segments->back());
    auto source = SegmentSource::open(found_.path);
    if (!source && source.error().code != ErrorCode::audit_damaged) return source.error();
    if (!source) return damaged(source.error().message);
    source_ = std::make_unique<SegmentSource>(std::move(*source));
    if (const char* why = read_header(segments->back().first_seq); why != nullptr) {
      return damaged(why);
    }
    // Read to its end, it would keep its reader for hours.
    if (source_->bytes() > kMostBytes) return damaged("it is larger than any segment");
    if (source_->is_compressed() && !goes_on_ && knows_end()) return judge();
    if (auto listed = list_statements(); !listed) return listed.error();
    if (auto scanned = scan_leaves(); !scanned) return scanned.error();
    return judge();
  }

 private:
  const char* read_header(std::uint64_t first_seq) {
    if (const char* why = source_->read_header(found_.header); why != nullptr) return why;
    if (found_.header.first_seq != first_seq) return "its number is not that of its name";
    auto tree = Tree::resume(found_.header.tree_size, found_.header.edge);
    if (!tree || tree->root() != found_.header.root) return "the tree of its header is wrong";
    found_.tree = *tree;
    return nullptr;
  }

  // A compressed segment was closed and compared byte by byte. Its index tells where it ends, so
  // that a directory with thousands of logs at rest need not be read to find out that they are.
  // Nobody signs an index: it is believed where a checkpoint says the same.
  bool knows_end() {
    const std::string path = path_in(folder_, name_of(found_.header.first_seq, ".idx"));
    const auto index = SegmentIndex::open(path, found_.header);
    if (!index || !index->closed()) return false;
    bool is_signed = false;
    for (const Checkpoint& each : statements_) {
      // What was signed for has to be compared with the records.
      if (each.size > index->last_seq()) return false;
      is_signed = is_signed || each.size == index->last_seq();
    }
    if (!is_signed) return false;
    found_.last_seq = index->last_seq();
    found_.min_time_ns = index->min_time_ns();
    found_.max_time_ns = index->max_time_ns();
    found_.end = source_->bytes();
    trailer_ = true;
    return true;
  }

  // What frames anywhere in the file call durable, also behind the place where the order ends.
  Result<void> list_statements() {
    FrameWalk walk(*source_, found_.header.salt);
    for (;;) {
      Frame frame;
      const char* why = "";
      const FrameState state = walk.peek(frame, why);
      if (walk.failed()) return source_->error();
      if (state != FrameState::whole) {
        if (!walk.find_next(true)) return walk.failed() ? source_->error() : Result<void>();
        continue;
      }
      if (frame.type == FrameType::sync) {
        std::uint64_t durable = 0;
        if (read_sync(frame.payload, durable)) {
          found_.durable_seq = std::max(found_.durable_seq, durable);
        }
      } else if (frame.type == FrameType::checkpoint) {
        if (auto read = parse_checkpoint(frame.payload)) statements_.push_back(std::move(*read));
      }
      walk.pass(frame);
    }
  }

  // The leaves that follow each other, and what the tree is at the sizes that were signed.
  Result<void> scan_leaves() {
    std::sort(statements_.begin(), statements_.end(),
              [](const Checkpoint& a, const Checkpoint& b) { return a.size < b.size; });
    if (!statements_.empty()) {
      found_.durable_seq = std::max(found_.durable_seq, statements_.back().size);
    }
    auto statement = statements_.begin();
    const auto compare = [&] {
      for (; statement != statements_.end() && statement->size <= found_.tree.size(); ++statement) {
        const bool known = statement->size == found_.tree.size();
        if (known && statement->root != found_.tree.root()) differs_ = statement->size;
      }
    };
    compare();
    FrameWalk walk(*source_, found_.header.salt);
    found_.last_seq = found_.header.first_seq - 1;
    for (;;) {
      Frame frame;
      const char* why = "";
      const FrameState state = walk.peek(frame, why);
      if (walk.failed()) return source_->error();
      const bool leaf = state == FrameState::whole && is_leaf(frame.type);
      const bool next =
          state == FrameState::whole && !trailer_ && frame.seq == found_.last_seq + (leaf ? 1 : 0);
      if (!next) break;
      if (leaf) {
        found_.tree.append(leaf_hash(frame.payload));
        found_.min_time_ns = found_.last_seq + 1 == found_.header.first_seq
                                 ? frame.time_ns
                                 : std::min(found_.min_time_ns, frame.time_ns);
        found_.max_time_ns = std::max(found_.max_time_ns, frame.time_ns);
        found_.last_seq = frame.seq;
        compare();
      }
      trailer_ = frame.type == FrameType::trailer;
      if (trailer_) trailer_text_ = frame.payload;
      walk.pass(frame);
    }
    found_.end = walk.cursor();
    found_.link = segment_link(found_.header, trailer_text_);
    return look_behind();
  }

  // What lies behind the last frame that is good.
  Result<void> look_behind() {
    std::string block(kBlock, '\0');
    for (std::uint64_t at = found_.end;; at += kBlock) {
      std::size_t got = 0;
      if (!source_->read_at(at, block, got)) return source_->error();
      for (std::size_t each = got; each > 0; --each) {
        if (block[each - 1] == 0) continue;
        found_.torn_bytes = at + each - found_.end;
        break;
      }
      if (got < kBlock) break;
    }
    too_long_ = found_.torn_bytes > kMostTorn;
    FrameWalk walk(*source_, found_.header.salt, found_.end);
    while (found_.torn_bytes != 0 && walk.find_next(true)) {
      Frame frame;
      const char* why = "";
      if (walk.peek(frame, why) != FrameState::whole) break;
      ++found_.torn_frames;
      walk.pass(frame);
    }
    return walk.failed() ? source_->error() : Result<void>();
  }

  Result<Recovery> judge() {
    if (differs_ != 0) {
      found_.tail = Tail::damaged;
      found_.damage = "the records up to " + std::to_string(differs_) +
                      " are not those that a checkpoint was signed for";
      return found_;
    }
    if (found_.durable_seq > found_.last_seq) {
      found_.tail = Tail::damaged;
      found_.lost_from = found_.last_seq + 1;
      found_.lost_to = found_.durable_seq;
      found_.damage = "records " + std::to_string(found_.lost_from) + " to " +
                      std::to_string(found_.lost_to) + " were durable and are not there";
      return found_;
    }
    if (too_long_) return damaged("more follows its last record than a process leaves");
    if (trailer_ && found_.torn_bytes != 0) return damaged("something follows the trailer");
    found_.tail = trailer_ ? Tail::closed : found_.torn_bytes != 0 ? Tail::torn : Tail::open;
    return found_;
  }

  Recovery damaged(std::string_view why) {
    found_.tail = Tail::damaged;
    found_.damage = why;
    return found_;
  }

  const LogFolders& log_;
  std::string folder_;  // of the newest segment
  std::vector<Checkpoint> statements_;
  bool goes_on_;
  Recovery found_;
  std::unique_ptr<SegmentSource> source_;
  bool trailer_ = false;
  bool too_long_ = false;
  std::string trailer_text_;
  std::uint64_t differs_ = 0;
};

// Copies the torn bytes to torn_file, block by block, and takes their digest.
Result<void> keep_torn(FileSystem& files, Recovery& found) {
  auto source = SegmentSource::open(found.path);
  if (!source) return source.error();
  const std::string folder = found.path.substr(0, found.path.rfind('/'));
  const std::string path = path_in(folder, found.torn_file);
  const std::string beside = path + ".new";
  std::unique_ptr<LogFile> file;
  int error = files.create(beside, file);
  crypto::Sha256 digest;
  std::string block(kBlock, '\0');
  for (std::uint64_t at = 0; error == 0 && at < found.torn_bytes;) {
    std::size_t got = 0;
    const auto size =
        static_cast<std::size_t>(std::min<std::uint64_t>(kBlock, found.torn_bytes - at));
    if (!source->read_at(found.end + at, std::span(block.data(), size), got))
      return source->error();
    if (got == 0) break;
    const std::string_view piece = std::string_view(block).substr(0, got);
    digest.update(piece);
    error = file->write_at(at, std::span(&piece, 1));
    at += got;
  }
  if (error == 0) error = file->sync();
  file.reset();
  if (error == 0) error = files.rename(beside, path);
  if (error == 0) error = files.sync_folder(folder);
  if (error != 0) {
    files.remove(beside);
    return unavailable(path, error);
  }
  found.torn_digest = digest.finish();
  return {};
}

// Keeps the torn bytes in a file of their own, then takes them off the segment.
Result<void> cut_tail(FileSystem& files, std::uint64_t now_ns, Recovery& found) {
  found.torn_file = name_of(found.header.first_seq, ".torn-" + std::to_string(now_ns));
  if (auto kept = keep_torn(files, found); !kept) return kept;
  std::unique_ptr<LogFile> file;
  int error = files.open(found.path, file);
  if (error == 0) error = file->resize(found.end);
  if (error == 0) error = file->sync();
  if (error != 0) return unavailable(found.path, error);
  return {};
}

void remove_unfinished(FileSystem& files, const std::string& log) {
  std::vector<std::string> names;
  if (list_folder(log, 4 * kMaxSegments, names) != 0) return;
  for (const std::string& name : names) {
    const bool unfinished =
        name == "next" || name == "reserve" || name == "closing.zst" || name.ends_with(".new");
    // What cannot be removed costs space and nothing else.
    if (unfinished) files.remove(path_in(log, name));
  }
}

}  // namespace

std::string_view tail_name(Tail tail) noexcept {
  constexpr std::string_view kNames[] = {"none", "closed", "open", "torn", "damaged"};
  return kNames[static_cast<std::size_t>(tail)];
}

Result<Recovery> examine_log(const LogFolders& log, std::span<const Checkpoint> durable,
                             bool goes_on) {
  return Examination(log, durable, goes_on).run();
}

Result<Recovery> recover_log(FileSystem& files, const std::string& folder,
                             std::span<const Checkpoint> durable, std::uint64_t now_ns,
                             bool goes_on) {
  LogFolders log;
  log.own = folder;
  return recover_log(files, log, durable, now_ns, goes_on);
}

Result<Recovery> recover_log(FileSystem& files, const LogFolders& log,
                             std::span<const Checkpoint> durable, std::uint64_t now_ns,
                             bool goes_on) {
  auto found = examine_log(log, durable, goes_on);
  if (!found) return found;
  if (found->tail == Tail::damaged) {
    const std::string path = path_in(log.own, "quarantine");
    const int error = replace_durably(files, path, found->damage + "\n");
    if (error != 0) return unavailable(path, error);
    return found;
  }
  remove_unfinished(files, log.own);
  if (!log.spare.empty()) remove_unfinished(files, log.spare);
  if (found->tail != Tail::torn) return found;
  if (auto cut = cut_tail(files, now_ns, *found); !cut) return cut.error();
  return found;
}

Result<SegmentWriter> resume_segment(FileSystem& files, const Recovery& recovery,
                                     std::uint64_t room) {
  return SegmentWriter::resume(files, recovery.path, recovery.end + room, recovery.header,
                               recovery.end, recovery.last_seq);
}

std::string recovery_payload(const Recovery& recovery, std::string_view log, std::uint64_t now_ns,
                             std::uint64_t replayed, std::uint64_t unknown) {
  std::string out;
  JsonWriter json(out);
  json.number("v", 1);
  json.string("kind", "recovery");
  json.number("time_ns", now_ns);
  json.string("log", log);
  json.string("tail", tail_name(recovery.tail));
  json.number("last_seq", recovery.last_seq);
  json.number("durable_seq", recovery.durable_seq);
  json.number("replayed", replayed);
  json.number("unknown", unknown);
  if (!recovery.unsigned_why.empty()) json.string("unsigned", recovery.unsigned_why);
  if (recovery.tail == Tail::torn) {
    json.number("torn_bytes", recovery.torn_bytes);
    json.number("torn_frames", recovery.torn_frames);
    json.string("torn_sha256", crypto::hex(recovery.torn_digest));
    json.string("torn_file", recovery.torn_file);
  }
  if (recovery.tail == Tail::damaged) {
    json.string("damage", recovery.damage);
    if (recovery.lost_from != 0) {
      json.number("lost_from", recovery.lost_from);
      json.number("lost_to", recovery.lost_to);
    }
  }
  json.finish();
  return out;
}

}  // namespace mcpgov::audit
