// The frames of a log across its segments, while it grows or at rest.
// Tested by tests/audit/log_reader_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_reader.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include "audit/frame_walk.hpp"
#include "audit/log_folder.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"
#include "base/os_log_file.hpp"

namespace mcpgov::audit {

// A frame that does not parse may be a batch that another process is just writing, or the end of
// a segment whose successor was made meanwhile: judge() only decides on bytes that were read after
// the folder was listed.
struct LogReader::Parts {
  LogFolders folders;
  bool fixed = false;  // folders are those that the caller gave
  std::vector<SegmentFile> files;
  std::size_t at = 0;  // of files: the segment that is open
  std::optional<SegmentSource> source;
  SegmentHeader header;
  std::string path;
  std::optional<FrameWalk> walk;
  std::uint64_t offset = 0;    // of the frame given last
  std::uint64_t next_seq = 1;  // of the leaf to come
  std::uint64_t from = 1;      // leaves before it are passed over
  bool trailer = false;        // it was the last frame
  bool known = false;          // header is that of a segment
  bool alive = false;          // when the folder was listed: somebody writes
  bool moved = false;          // another segment of its number counts now
  Error error{ErrorCode::none, {}, {}, 0, 0};

  bool is_newest() const { return at + 1 >= files.size(); }
  // Where the next segment begins; what this one holds from there on does not count.
  std::uint64_t stop() const { return is_newest() ? ~0ULL : files[at + 1].first_seq; }

  ReadState damaged(std::string_view why) {
    error = {ErrorCode::audit_damaged,
             "`" + path + "` is damaged at byte " + std::to_string(walk ? walk->cursor() : 0) +
                 ": " + std::string(why),
             path, 0, 0};
    return ReadState::damaged;
  }

  bool list();
  bool open_file();
  bool open_segment(std::size_t index);
  void skip_ahead();
  bool refresh();
  ReadState take(const Frame& frame, bool& skip);
  ReadState judge(FrameState state, const char* why);
  ReadState advance();
  bool find_frame();
};

bool LogReader::Parts::list() {
  alive = FileLock::is_taken(path_in(folders.own, "lock"));
  if (!fixed && folders.spare.empty()) folders = find_folders(folders.own);
  auto found = list_segments(folders);
  if (!found) {
    error = found.error();
    return false;
  }
  const SegmentFile open = files.empty() ? SegmentFile{} : files[at];
  files = std::move(*found);
  // Retention may have taken the open one, which can still be read.
  if (open.first_seq != 0 && (files.empty() || files.front().first_seq > open.first_seq)) {
    files.insert(files.begin(), {open.first_seq, false, open.spare});
  }
  at = 0;
  while (at + 1 < files.size() && files[at + 1].first_seq <= open.first_seq) ++at;
  moved =
      at < files.size() && files[at].first_seq == open.first_seq && files[at].spare != open.spare;
  return true;
}

bool LogReader::Parts::open_file() {
  // Closing may have replaced the raw file by the compressed one since the folder was listed.
  for (int attempt = 0;; ++attempt) {
    path = folders.path_of(files[at]);
    auto opened = SegmentSource::open(path);
    if (opened) {
      walk.reset();
      source.emplace(std::move(*opened));
      return true;
    }
    error = opened.error();
    if (attempt == 1 || error.code != ErrorCode::file_unreadable) return false;
    files[at].compressed = !files[at].compressed;
  }
}

bool LogReader::Parts::open_segment(std::size_t index) {
  at = index;
  if (!open_file()) return false;
  SegmentHeader found;
  const char* why = source->read_header(found);
  if (source->error().code != ErrorCode::none) {
    error = source->error();
    return false;
  }
  if (why == nullptr && found.first_seq != files[at].first_seq) {
    why = "its number is not that of its name";
  }
  if (why == nullptr && known && found.log_uuid != header.log_uuid) {
    why = "it belongs to another log";
  }
  if (why != nullptr) {
    damaged(why);
    return false;
  }
  known = true;
  header = std::move(found);
  error = {ErrorCode::none, {}, {}, 0, 0};
  walk.emplace(*source, header.salt);
  next_seq = header.first_seq;
  trailer = false;
  return true;
}

// The index knows where in the segment a record lies; it is believed only if a frame with the
// right number is there.
void LogReader::Parts::skip_ahead() {
  if (from <= next_seq) return;
  const std::string& folder = folders.of(files[at]);
  const auto index = SegmentIndex::open(path_in(folder, name_of(header.first_seq, ".idx")), header);
  if (!index) return;
  const std::optional<ChunkPlace> place = index->chunk_of(from);
  if (!place || place->offset <= kSegmentHeader) return;
  walk->move_to(place->offset);
  Frame frame;
  const char* why = nullptr;
  const bool whole = walk->peek(frame, why) == FrameState::whole;
  if (whole && frame.seq == place->seq - (is_leaf(frame.type) ? 0 : 1)) {
    next_seq = place->seq;
  } else {
    walk->move_to(kSegmentHeader);
  }
}

// Looks again: for segments that are new, and for bytes that are. False: error says why.
bool LogReader::Parts::refresh() {
  if (!list()) return false;
  if ((moved || source->is_replaced()) && at < files.size()) {
    // A writer that failed before anything was durable begins its segment again; a closed one has
    // another form now. Without either, retention took the file, and what is open can be read on.
    const SegmentHeader former = header;
    const std::uint64_t next = next_seq;
    const std::uint64_t cursor = walk->cursor();
    const bool was_trailer = trailer;
    from = std::max(from, next);
    if (open_segment(at)) {
      // The same bytes in another form.
      if (header.salt == former.salt) {
        walk->move_to(cursor);
        next_seq = next;
        trailer = was_trailer;
      }
      return true;
    }
    if (error.code != ErrorCode::file_unreadable || !walk) return false;
    error = {ErrorCode::none, {}, {}, 0, 0};
  }
  walk->refresh();
  return true;
}

// Checks the order of a frame that is whole by itself.
ReadState LogReader::Parts::take(const Frame& frame, bool& skip) {
  skip = false;
  if (trailer) return damaged("something follows the trailer");
  if (is_leaf(frame.type)) {
    if (frame.seq != next_seq) return damaged("a record is missing or out of order");
    ++next_seq;
    skip = frame.seq < from;
  } else {
    if (frame.seq != next_seq - 1) return damaged("a frame is out of order");
    trailer = frame.type == FrameType::trailer;
    skip = frame.seq < from - 1;
  }
  offset = walk->cursor();
  walk->pass(frame);
  return ReadState::frame;
}

// What it means that there is no frame at the cursor, by bytes that were read just now.
ReadState LogReader::Parts::judge(FrameState state, const char* why) {
  if (walk->failed()) {
    error = source->error();
    return ReadState::damaged;
  }
  if (!is_newest()) return damaged("records before the next segment are missing");
  const std::uint64_t cursor = walk->cursor();
  const bool more = walk->find_next(!alive);
  walk->move_to(cursor);
  if (trailer && more) return damaged("something follows the trailer");
  // The next batch may be half written: as long as nothing whole follows, it is not there yet.
  if (!more && (alive || state == FrameState::blank)) return ReadState::end;
  if (more && state == FrameState::blank) return damaged("records are missing");
  return damaged(state == FrameState::cut_short ? "it ends within a frame" : why);
}

// Opens a segment: the first, or the one behind a segment of which all that counts was read.
ReadState LogReader::Parts::advance() {
  if (!walk) {
    if (!list()) return ReadState::damaged;
    if (files.empty()) return ReadState::end;
    return open_segment(0) ? ReadState::frame : ReadState::damaged;
  }
  const std::uint64_t cursor = walk->cursor();
  if (trailer && walk->find_next(false)) {
    walk->move_to(cursor);
    return damaged("something follows the trailer");
  }
  // What was given of a segment beyond the place where it was given up comes again.
  from = std::max(from, next_seq);
  return open_segment(at + 1) ? ReadState::frame : ReadState::damaged;
}

// The next frame of this segment that is whole and was not passed already.
bool LogReader::Parts::find_frame() {
  for (;;) {
    if (!walk->find_next(true)) {
      // Of a compressed segment the part behind the bad one may be good.
      const std::uint64_t behind = source->behind(walk->failed_at());
      if (!walk->failed() || behind <= walk->failed_at()) return false;
      walk->move_to(behind);
      continue;
    }
    Frame frame;
    const char* why = "";
    if (walk->peek(frame, why) != FrameState::whole) return false;
    const std::uint64_t seq = is_leaf(frame.type) ? frame.seq : frame.seq + 1;
    if (frame.seq >= stop()) return false;
    if (seq >= next_seq) {
      next_seq = seq;
      trailer = false;
      return true;
    }
    walk->move_to(walk->cursor() + 8);
  }
}

bool LogReader::skip_damage() {
  Parts& parts = *parts_;
  if (parts.error.code == ErrorCode::none) return true;
  if (!parts.files.empty() && parts.walk) {
    parts.error = {ErrorCode::none, {}, {}, 0, 0};
    parts.walk->move_to(parts.walk->cursor() + 8);
    if (!parts.trailer && parts.find_frame()) return true;
  }
  while (!parts.is_newest()) {
    parts.error = {ErrorCode::none, {}, {}, 0, 0};
    if (parts.open_segment(parts.at + 1)) return true;
  }
  return false;
}

LogReader::LogReader(std::unique_ptr<Parts> parts) noexcept : parts_(std::move(parts)) {}
LogReader::LogReader(LogReader&&) noexcept = default;
LogReader& LogReader::operator=(LogReader&&) noexcept = default;
LogReader::~LogReader() = default;

Result<LogReader> LogReader::open(const std::string& log, Position from) {
  auto parts = std::make_unique<Parts>();
  parts->folders.own = log;
  return start(std::move(parts), from);
}

Result<LogReader> LogReader::open(const LogFolders& log, Position from) {
  auto parts = std::make_unique<Parts>();
  parts->folders = log;
  parts->fixed = true;
  return start(std::move(parts), from);
}

Result<LogReader> LogReader::start(std::unique_ptr<Parts> parts, Position from) {
  parts->from = std::max<std::uint64_t>(from.seq, 1);
  if (!parts->list()) return parts->error;
  if (!parts->files.empty()) {
    std::size_t index = 0;
    while (index + 1 < parts->files.size() && parts->files[index + 1].first_seq <= parts->from) {
      ++index;
    }
    if (!parts->open_segment(index)) return parts->error;
    parts->skip_ahead();
  }
  return LogReader(std::move(parts));
}

ReadState LogReader::next(Frame& frame) {
  Parts& parts = *parts_;
  if (parts.error.code != ErrorCode::none) return ReadState::damaged;
  if (!parts.walk) {
    if (const ReadState state = parts.advance(); state != ReadState::frame) return state;
  }
  bool fresh = false;
  for (;;) {
    const char* why = "";
    const FrameState state = parts.walk->peek(frame, why);
    const bool complete = !parts.is_newest() && parts.next_seq >= parts.stop();
    const bool whole = state == FrameState::whole;
    if (whole && !(complete && is_leaf(frame.type))) {
      bool skip = false;
      const ReadState taken = parts.take(frame, skip);
      if (taken != ReadState::frame || !skip) return taken;
      fresh = false;
    } else if (!fresh) {
      if (!parts.refresh()) return ReadState::damaged;
      fresh = true;
    } else if (complete) {
      if (const ReadState next = parts.advance(); next != ReadState::frame) return next;
      fresh = false;
    } else {
      return parts.judge(state, why);
    }
  }
}

const std::string& LogReader::segment_file() const noexcept {
  return parts_->path;
}
std::uint64_t LogReader::offset() const noexcept {
  return parts_->offset;
}
const SegmentHeader& LogReader::segment() const noexcept {
  return parts_->header;
}
Position LogReader::position() const noexcept {
  return {std::max(parts_->next_seq, parts_->from)};
}
const Error& LogReader::error() const noexcept {
  return parts_->error;
}

}  // namespace mcpgov::audit
