// Indexes and compression of closed segments.
// Tested by tests/audit/closing_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/closing.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "audit/frame_walk.hpp"
#include "audit/log_folder.hpp"
#include "audit/project/parsed_event.hpp"
#include "audit/seekable.hpp"
#include "audit/segment_index.hpp"
#include "audit/segment_source.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::string_view kTemporary = "closing.zst";

Error unavailable(const std::string& path, int error) {
  return {ErrorCode::audit_unavailable, "cannot write `" + path + "`: " + io_error_text(error),
          path, 0, 0};
}

Error damaged(const std::string& path, std::string_view why) {
  return {ErrorCode::audit_damaged, "`" + path + "` is damaged: " + std::string(why), path, 0, 0};
}

// One segment, read from end to end in chunks of whole frames.
class Segment {
 public:
  // stop_seq: of the segment that follows; what this one holds from there on does not count.
  static Result<Segment> open(const std::string& path, std::uint64_t stop_seq) {
    Segment segment;
    auto source = SegmentSource::open(path);
    if (!source) return source.error();
    segment.source_ = std::make_unique<SegmentSource>(std::move(*source));
    if (const char* why = segment.source_->read_header(segment.header_); why != nullptr) {
      const Error& error = segment.source_->error();
      return error.code != ErrorCode::none ? error : damaged(path, why);
    }
    segment.walk_.emplace(*segment.source_, segment.header_.salt);
    segment.next_seq_ = segment.header_.first_seq;
    segment.stop_seq_ = stop_seq;
    return segment;
  }

  // Reads the frames of the next chunk. False: there is none, or failed().
  bool next_chunk(IndexBuilder& index) {
    const std::uint64_t begin = chunk_end_;
    bool any = false;
    for (;;) {
      Frame frame;
      const char* why = "";
      const FrameState state = walk_->peek(frame, why);
      const bool leaf = state == FrameState::whole && is_leaf(frame.type);
      const bool over = state != FrameState::whole || trailer_ || (leaf && frame.seq >= stop_seq_);
      if (over) {
        at_end_ = state == FrameState::blank && walk_->cursor() >= source_->bytes();
        return any;
      }
      const std::uint64_t end = walk_->cursor() + frame_size(frame.payload.size());
      if (any && end - begin > kChunkBytes) return true;
      if (!any) index.begin_chunk(walk_->cursor());
      any = true;
      if (leaf) add(frame, index);
      trailer_ = frame.type == FrameType::trailer;
      walk_->pass(frame);
      chunk_begin_ = begin;
      chunk_end_ = end;
      if (in_order_) continue;
      return false;
    }
  }

  // The bytes of the chunk, the first with the segment's header.
  bool chunk_bytes(std::string& bytes) {
    bytes.resize(static_cast<std::size_t>(chunk_end_ - chunk_begin_));
    std::size_t got = 0;
    return source_->read_at(chunk_begin_, bytes, got) && got == bytes.size();
  }

  // Every leaf up to the segment that follows was there, in order.
  bool whole() const { return in_order_ && (next_seq_ == stop_seq_ || trailer_); }
  // It was closed by its writer: its last bytes are the trailer.
  bool closed() const { return in_order_ && trailer_ && at_end_; }
  const SegmentHeader& header() const { return header_; }
  SegmentSource& source() { return *source_; }
  std::uint64_t bytes() const { return chunk_end_; }

 private:
  void add(const Frame& frame, IndexBuilder& index) {
    in_order_ = frame.seq == next_seq_++;
    const bool event = frame.type == FrameType::event || frame.type == FrameType::intent;
    const bool read = event && parser_.parse(frame.payload, event_) == ErrorCode::none;
    index.add(frame, read ? &event_ : nullptr);
  }

  std::unique_ptr<SegmentSource> source_;  // the walk keeps its address
  std::optional<FrameWalk> walk_;
  SegmentHeader header_;
  EventParser parser_;
  ParsedEvent event_;
  std::uint64_t next_seq_ = 1, stop_seq_ = ~0ULL;
  std::uint64_t chunk_begin_ = 0, chunk_end_ = 0;
  bool trailer_ = false, at_end_ = false, in_order_ = true;
};

// The compressed form of a segment while it is made.
class Compressed {
 public:
  Compressed(FileSystem& files, std::string path) : files_(files), path_(std::move(path)) {}
  ~Compressed() {
    file_.reset();
    if (!placed_ && made_) files_.remove(path_);
  }

  int begin() {
    int error = files_.create(path_, file_);
    if (error == EEXIST) {
      error = files_.remove(path_);
      if (error == 0) error = files_.create(path_, file_);
    }
    made_ = error == 0;
    return error;
  }
  int add(std::string_view raw) {
    out_.clear();
    return chunks_.append(out_, raw) ? write() : EIO;
  }
  int end() {
    out_.clear();
    chunks_.append_table(out_);
    const int error = write();
    return error != 0 ? error : file_->sync();
  }
  int place(const std::string& path) {
    file_.reset();
    const int error = files_.rename(path_, path);
    placed_ = error == 0;
    return error;
  }
  std::uint64_t bytes() const { return bytes_; }
  const std::string& path() const { return path_; }

 private:
  int write() {
    const std::string_view pieces[] = {out_};
    const int error = file_->write_at(bytes_, pieces);
    bytes_ += out_.size();
    return error;
  }

  FileSystem& files_;
  std::string path_;
  std::unique_ptr<LogFile> file_;
  ChunkWriter chunks_;
  std::string out_;
  std::uint64_t bytes_ = 0;
  bool made_ = false, placed_ = false;
};

// Whether the compressed file gives back every byte of the raw one.
bool same_bytes(SegmentSource& raw, const std::string& compressed) {
  auto other = SegmentSource::open(compressed);
  if (!other || other->bytes() != raw.bytes()) return false;
  std::string a(kChunkBytes, '\0'), b(kChunkBytes, '\0');
  for (std::uint64_t offset = 0;;) {
    std::size_t got = 0, got_other = 0;
    if (!raw.read_at(offset, a, got) || !other->read_at(offset, b, got_other)) return false;
    if (got != got_other || std::string_view(a.data(), got) != std::string_view(b.data(), got)) {
      return false;
    }
    if (got < a.size()) return true;
    offset += got;
  }
}

// The work on the segments of one log.
class Finisher {
 public:
  Finisher(FileSystem& files, const std::string& log, const ClosingSettings& settings, Stop stop,
           void* context)
      : files_(files),
        folders_(find_folders(log)),
        settings_(settings),
        stop_(stop),
        context_(context) {}

  Result<Closing> run() {
    auto segments = list_segments(folders_);
    if (!segments) return segments.error();
    // What is under investigation stays as it was found.
    ReadFile quarantine;
    if (quarantine.open(path_in(folders_.own, "quarantine")) == 0) return done_;
    // Into the newest one its process writes.
    const bool alive = FileLock::is_taken(path_in(folders_.own, "lock"));
    const std::size_t count = segments->size() - (alive && !segments->empty() ? 1 : 0);
    for (std::size_t each = 0; each < count && !stopped(); ++each) {
      const bool last = each + 1 == segments->size();
      finish((*segments)[each], last ? ~0ULL : (*segments)[each + 1].first_seq);
    }
    if (error_.code != ErrorCode::none) return error_;
    return done_;
  }

  // False: error_ says why, where there is a reason.
  bool finish(const SegmentFile& file, std::uint64_t stop_seq) {
    const std::string& folder = folders_.of(file);
    const std::string path = folders_.path_of(file);
    auto segment = Segment::open(path, stop_seq);
    if (!segment) return refuse(segment.error());
    const std::string index_path = path_in(folder, name_of(file.first_seq, ".idx"));
    const auto known = SegmentIndex::open(index_path, segment->header());
    const bool indexed = known.has_value();
    // What a failed disk left behind has no trailer and stays as it is.
    const bool to_compress =
        settings_.compress && !file.compressed && (!indexed || known->closed());
    if (indexed && !to_compress) return true;
    IndexBuilder index;
    Compressed compressed(files_, path_in(folder, kTemporary));
    if (to_compress) {
      if (const int error = compressed.begin(); error != 0) {
        return refuse(unavailable(compressed.path(), error));
      }
    }
    std::string bytes;
    while (segment->next_chunk(index)) {
      if (stopped()) return true;
      if (!to_compress) continue;
      if (!segment->chunk_bytes(bytes)) return refuse(segment->source().error());
      if (const int error = compressed.add(bytes); error != 0) {
        return refuse(unavailable(compressed.path(), error));
      }
    }
    if (!segment->whole()) {
      // The newest one without a trailer is in use.
      return stop_seq == ~0ULL || refuse(damaged(path, "records are missing"));
    }
    if (!indexed) {
      const int error =
          replace_durably(files_, index_path, index.finish(segment->header(), segment->closed()));
      if (error != 0) return refuse(unavailable(index_path, error));
      ++done_.segments;
    }
    if (!to_compress || !segment->closed()) return true;
    return put_in_place(compressed, *segment, file);
  }

 private:
  bool stopped() const { return stop_ != nullptr && stop_(context_); }

  bool put_in_place(Compressed& compressed, Segment& segment, const SegmentFile& file) {
    int error = compressed.end();
    if (error != 0) return refuse(unavailable(compressed.path(), error));
    if (!same_bytes(segment.source(), compressed.path())) {
      return refuse(damaged(compressed.path(), "it does not give back what was compressed"));
    }
    const std::uint64_t bytes = compressed.bytes();
    const std::string& folder = folders_.of(file);
    error = compressed.place(path_in(folder, name_of(file.first_seq, ".seg.zst")));
    if (error == 0) error = files_.sync_folder(folder);
    // Only now, when the other form is sure to be found again.
    if (error == 0) error = files_.remove(folders_.path_of(file));
    if (error != 0) return refuse(unavailable(compressed.path(), error));
    done_.raw_bytes += segment.bytes();
    done_.bytes += bytes;
    return true;
  }

  bool refuse(Error error) {
    if (error_.code == ErrorCode::none) error_ = std::move(error);
    return false;
  }

  FileSystem& files_;
  const LogFolders folders_;
  ClosingSettings settings_;
  Stop stop_;
  void* context_;
  Closing done_;
  Error error_{ErrorCode::none, {}, {}, 0, 0};
};

}  // namespace

Result<Closing> finish_segments(FileSystem& files, const std::string& log,
                                const ClosingSettings& settings, Stop stop, void* stop_context) {
  return Finisher(files, log, settings, stop, stop_context).run();
}

}  // namespace mcpgov::audit
