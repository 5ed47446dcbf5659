// One log's batches on their way into segments.
// Tested by tests/audit/log_stream_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/log_stream.hpp"

#include <algorithm>

#include "audit/log_folder.hpp"
#include "audit/log_frames.hpp"
#include "crypto/random.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::uint64_t kSecond = 1'000'000'000;

std::uint32_t random_salt() noexcept {
  std::uint8_t bytes[4] = {};
  // Without randomness the salt only tells recycled blocks apart less well.
  (void)crypto::random_bytes(bytes);
  return std::uint32_t{bytes[0]} | std::uint32_t{bytes[1]} << 8 | std::uint32_t{bytes[2]} << 16 |
         std::uint32_t{bytes[3]} << 24;
}

}  // namespace

LogStream::LogStream(StreamSettings settings, const Signer& signer)
    : settings_(std::move(settings)), signer_(&signer), folder_(settings_.folder) {
  settings_.segment_bytes = std::max(settings_.segment_bytes, kMinSegment);
}

Result<std::unique_ptr<LogStream>> LogStream::open(StreamSettings settings, const Signer& signer,
                                                   std::uint64_t now_ns) {
  std::unique_ptr<LogStream> stream(new LogStream(std::move(settings), signer));
  auto reserve =
      DiskReserve::take(*stream->settings_.files, stream->folder_, stream->settings_.reserve_bytes);
  if (!reserve) return reserve.error();
  stream->reserve_ = std::move(*reserve);
  if (!stream->begin_segment(stream->folder_, stream->settings_.segment_bytes, now_ns)) {
    return Error{ErrorCode::audit_unavailable, stream->cause_, stream->folder_, 0, 0};
  }
  return stream;
}

bool LogStream::write(std::unique_ptr<Batch>&& batch, std::uint64_t now_ns) {
  hash_leaves(*batch);
  held_.push_back(std::move(batch));
  Batch& taken = *held_.back();
  for (const Digest& leaf : taken.leaves) tree_.append(leaf);
  taken.after = tree_;
  return !failed_ && write_held(now_ns);
}

// Every round either gets further or comes closer to the last resort.
bool LogStream::write_held(std::uint64_t now_ns) {
  while (in_file_ < held_.size()) {
    Batch& batch = *held_[in_file_];
    if (!append(batch, now_ns)) {
      if (!replace_segment(now_ns)) return false;
      continue;
    }
    ++in_file_;
    unsynced_bytes_ += batch.frames.size();
    written_records_ += batch.records;
  }
  return true;
}

bool LogStream::append(Batch& batch, std::uint64_t now_ns) {
  if (!writer_ || writer_->suspect()) return false;
  const bool has_leaves = written_ >= header_.first_seq;
  // Of the wall clock, which may have been set back.
  const std::uint64_t age =
      now_ns > header_.created_ns ? now_ns - header_.created_ns : header_.created_ns - now_ns;
  const bool old = has_leaves && age > settings_.segment_ns;
  if ((old || batch.frames.size() > writer_->room()) && !rotate(now_ns)) return false;
  if (batch.salt != header_.salt) {
    reseal_frames(batch.frames, header_.salt);
    batch.salt = header_.salt;
  }
  if (!writer_->append(batch.frames, batch.last_seq)) return false;
  min_time_ = min_time_ == 0 ? batch.min_time_ns : std::min(min_time_, batch.min_time_ns);
  max_time_ = std::max(max_time_, batch.max_time_ns);
  written_ = batch.last_seq;
  return true;
}

bool LogStream::rotate(std::uint64_t now_ns) {
  // The trailer speaks of the whole segment, so all of it has to be durable.
  if (!writer_->sync()) return false;
  now_durable();
  Trailer trailer{header_.first_seq, durable_, min_time_, max_time_, now_ns, durable_tree_.root()};
  if (!close_segment(trailer)) return false;
  const std::uint64_t bytes = on_reserve_ ? settings_.reserve_bytes : settings_.segment_bytes;
  return begin_segment(folder_, bytes, now_ns);
}

bool LogStream::close_segment(const Trailer& trailer) {
  std::string payload = trailer_payload(trailer);
  std::string frame;
  append_frame(frame, {durable_, trailer.time_ns, FrameType::trailer, 0, payload}, header_.salt);
  if (!writer_->close(frame)) return false;
  trailer_ = std::move(payload);
  ++closed_;
  writer_.reset();  // nothing follows a trailer, also where the next segment cannot be begun
  return true;
}

bool LogStream::begin_segment(const std::string& folder, std::uint64_t bytes,
                              std::uint64_t now_ns) {
  SegmentHeader next;
  next.log_uuid = settings_.log_uuid;
  next.first_seq = durable_ + 1;
  next.created_ns = now_ns;
  next.salt = random_salt();
  next.tree_size = durable_;
  next.root = durable_tree_.root();
  next.edge.assign(durable_tree_.edge().begin(), durable_tree_.edge().end());
  next.settings = settings_.settings;
  next.origin = settings_.origin;
  const bool first = header_.created_ns == 0;
  // A segment of which nothing was durable is replaced: its file goes, and with it what a link to
  // it could be compared with.
  const bool again = next.first_seq == header_.first_seq && folder == folder_;
  if (!first) {
    next.previous_salt = again ? header_.previous_salt : header_.salt;
    next.previous_segment = again ? header_.previous_segment : segment_link(header_, trailer_);
  }
  FileSystem& files = *settings_.files;
  auto made = [&]() -> Result<SegmentWriter> {
    if (prepared_ && folder == folder_ && !on_reserve_) {
      PreparedSegment ready = *std::move(prepared_);
      prepared_.reset();
      return SegmentWriter::create(std::move(ready), next);
    }
    prepared_.reset();
    return SegmentWriter::create(files, folder, bytes, next);
  }();
  if (!made) {
    cause_ = made.error().message;
    writer_.reset();
    return false;
  }
  writer_ = std::move(*made);
  header_ = std::move(next);
  trailer_.clear();
  folder_ = folder;
  written_ = durable_;
  in_file_ = 0;
  unsynced_bytes_ = 0;
  written_records_ = durable_records_;
  min_time_ = max_time_ = 0;
  return true;
}

// What was not durable is written again from the start: nobody knows which of it the disk has.
bool LogStream::replace_segment(std::uint64_t now_ns) {
  if (writer_ && writer_->suspect()) {
    cause_ = writer_->failure().text();
    remarks_.push_back(rewrite_payload(cause_, writer_->path(), durable_ + 1, now_ns / 1000));
  }
  writer_.reset();
  while (next_resort_ != Resort::none) {
    const Resort resort = next_resort_;
    next_resort_ = static_cast<Resort>(static_cast<int>(next_resort_) + 1);
    if (begin_at(resort, now_ns)) return true;
  }
  failed_ = true;
  tend_at_ = now_ns + kSecond;
  set_state(State::failed, cause_);
  return false;
}

bool LogStream::begin_at(Resort resort, std::uint64_t now_ns) {
  FileSystem& files = *settings_.files;
  switch (resort) {
    case Resort::same_folder: return begin_segment(folder_, settings_.segment_bytes, now_ns);
    case Resort::spare_folder: {
      const std::string& spare = settings_.spare_folder;
      if (spare.empty() || folder_ == spare || files.make_folder(spare) != 0) return false;
      if (spare_lock_.take(path_in(spare, "lock")) != 0) return false;
      if (!begin_segment(spare, settings_.segment_bytes, now_ns)) return false;
      set_state(State::degraded, "writing to the spare directory: " + cause_);
      return true;
    }
    case Resort::reserve:
      if (!reserve_ || !reserve_->release()) return false;
      on_reserve_ = true;
      if (!begin_segment(settings_.folder, settings_.reserve_bytes, now_ns)) return false;
      set_state(State::failed, "only the reserve is left: " + cause_);
      return true;
    case Resort::none: break;
  }
  return false;
}

bool LogStream::sync(std::uint64_t now_ns) {
  while (!failed_) {
    if (!write_held(now_ns)) return false;
    if (writer_ && writer_->sync()) {
      now_durable();
      next_resort_ = Resort::same_folder;
      return true;
    }
    if (!replace_segment(now_ns)) return false;
  }
  return false;
}

void LogStream::now_durable() {
  // Room first: nothing is half done when there is no memory.
  std::size_t runs = 0;
  for (std::size_t at = 0; at < in_file_; ++at) runs += held_[at]->runs.size();
  freed_.reserve(freed_.size() + runs);
  spent_.reserve(spent_.size() + in_file_);
  for (; in_file_ > 0; --in_file_) {
    std::unique_ptr<Batch> batch = std::move(held_.front());
    held_.pop_front();
    durable_ = batch->last_seq;
    durable_tree_ = batch->after;
    durable_records_ += batch->records;
    freed_.insert(freed_.end(), batch->runs.begin(), batch->runs.end());
    spent_.push_back(std::move(batch));
  }
  unsynced_bytes_ = 0;
}

void LogStream::set_state(State state, std::string detail) {
  state_ = state;
  detail_ = std::move(detail);
}

void LogStream::tend(std::uint64_t now_ns) {
  // No pause is longer than a second, but where the clock was set back.
  if (now_ns < tend_at_ && tend_at_ - now_ns <= kSecond) return;
  if (failed_) {
    tend_at_ = now_ns + kSecond;
    failed_ = false;
    next_resort_ = Resort::same_folder;
    if (!sync(now_ns)) return;
    if (state_ == State::failed && !on_reserve_) set_state(State::healthy, {});
    return;
  }
  if (on_reserve_) {
    tend_at_ = now_ns + kSecond;
    return leave_reserve(now_ns);
  }
  if (prepared_ || !writer_ || !writer_->half_full()) return;
  auto made = PreparedSegment::make(*settings_.files, folder_, settings_.segment_bytes);
  if (made) {
    prepared_.emplace(*std::move(made));
    if (state_ == State::degraded && folder_ == settings_.folder) set_state(State::healthy, {});
    return;
  }
  tend_at_ = now_ns + kSecond;
  if (state_ == State::healthy) {
    set_state(State::degraded, "there is no room for the next segment: " + made.error().message);
  }
}

void LogStream::retry(std::uint64_t now_ns) {
  if (!failed_) return;
  tend_at_ = 0;
  tend(now_ns);
}

// Back to normal once the disk has room for a segment and for the reserve again.
void LogStream::leave_reserve(std::uint64_t now_ns) {
  std::uint64_t free = 0;
  if (settings_.files->free_bytes(folder_, free) != 0) return;
  if (free < settings_.segment_bytes + settings_.reserve_bytes) return;
  on_reserve_ = false;
  auto reserve = DiskReserve::take(*settings_.files, settings_.folder, settings_.reserve_bytes);
  if (reserve) reserve_ = std::move(*reserve);
  if (!writer_ || writer_->suspect() || !rotate(now_ns)) {
    if (!replace_segment(now_ns)) return;
  }
  set_state(State::healthy, {});
}

std::string LogStream::seal(std::uint64_t now_ns) {
  if (durable_ == sealed_) return {};
  std::string note = signer_->sign({settings_.origin, durable_, durable_tree_.root()});
  if (note.empty()) return {};
  sealed_ = durable_;
  if (writer_ && !writer_->suspect() && frame_size(note.size()) <= writer_->room()) {
    std::string frame;
    append_frame(frame, {written_, now_ns, FrameType::checkpoint, 0, note}, header_.salt);
    // Where this fails, so will the next batch, which sees to it.
    (void)writer_->append(frame, written_);
  }
  return note;
}

bool LogStream::close(std::uint64_t now_ns) {
  retry(now_ns);
  if (!sync(now_ns)) return false;
  prepared_.reset();
  if (reserve_) reserve_->release();
  return close_segment(
      {header_.first_seq, durable_, min_time_, max_time_, now_ns, durable_tree_.root()});
}

}  // namespace mcpgov::audit
