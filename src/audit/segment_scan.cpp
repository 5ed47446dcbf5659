// Reading one segment for verification: frames, their order, and the hashes of leaves.
// Tested by tests/audit/verify_test.cpp and tests/audit/tamper_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/segment_scan.hpp"

#include <algorithm>
#include <new>
#include <utility>

namespace mcpgov::audit {
namespace {

constexpr std::size_t kBatchLeaves = 4096;
constexpr std::size_t kBatchText = 256 * 1024;

std::string records(std::uint64_t first, std::uint64_t last) {
  return first == last ? "record " + std::to_string(first)
                       : "records " + std::to_string(first) + " to " + std::to_string(last);
}

}  // namespace

Result<Checkpoint> open_with(const std::vector<VerifierKey>& keys, const std::string& origin,
                             std::string_view note) {
  Result<Checkpoint> out = Error{ErrorCode::audit_checkpoint, "no key was given for it", {}, 0, 0};
  for (const VerifierKey& key : keys) {
    const bool vouches = origin == key.name || origin.starts_with(key.name + "/");
    if (!vouches) continue;
    out = open_checkpoint(note, {origin, key.public_key});
    if (out) return out;
  }
  return out;
}

bool is_of_dead_log(std::string_view payload) noexcept {
  return payload.find(R"("tail":")") != std::string_view::npos;
}

bool BatchQueue::put(ScanBatch batch) {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return abandoned_ || batches_.size() < kMost; });
  if (abandoned_) return false;
  batches_.push_back(std::move(batch));
  changed_.notify_all();
  return true;
}

ScanBatch BatchQueue::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return failed_ || !batches_.empty(); });
  if (failed_) throw std::bad_alloc();
  ScanBatch batch = std::move(batches_.front());
  batches_.pop_front();
  changed_.notify_all();
  return batch;
}

void BatchQueue::abandon() {
  const std::scoped_lock lock(mutex_);
  abandoned_ = true;
  changed_.notify_all();
}

void BatchQueue::fail() noexcept {
  const std::scoped_lock lock(mutex_);
  failed_ = true;
  changed_.notify_all();
}

bool SegmentScan::flush(bool end) {
  batch_.end = end;
  batch_.next_seq = next_seq_;
  if (wanted_) wanted_ = out_.put(std::move(batch_));
  batch_ = ScanBatch();
  batch_text_ = 0;
  return wanted_;
}

Mark& SegmentScan::mark(Mark::Kind kind, std::uint64_t offset, std::uint64_t time_ns) {
  Mark& made = batch_.marks.emplace_back();
  made.kind = kind;
  made.before = batch_.leaves.size();
  made.offset = offset;
  made.seq = next_seq_ - 1;
  made.time_ns = time_ns;
  batch_text_ += sizeof made;
  return made;
}

void SegmentScan::report(Problem problem, std::uint64_t offset, std::uint64_t first,
                         std::uint64_t last, std::string message, bool breaks) {
  Mark& made = mark(Mark::Kind::problem, offset, 0);
  made.finding = {problem, false, {}, {}, offset, first, last, std::move(message)};
  made.breaks = breaks;
}

void SegmentScan::run() {
  next_seq_ = task_.file.first_seq;
  if (open()) {
    FrameWalk walk(*source_, header_.salt);
    walk_frames(walk);
    report_damage();
    batch_.bytes = walk.cursor();
  }
  flush(true);
}

bool SegmentScan::open() {
  SegmentFile file = task_.file;
  auto opened = SegmentSource::open(path_in(task_.folder, file.name()));
  if (!opened && opened.error().code == ErrorCode::file_unreadable) {
    // Compression may have replaced it since the folder was listed.
    file.compressed = !file.compressed;
    auto other = SegmentSource::open(path_in(task_.folder, file.name()));
    if (other) {
      opened = std::move(other);
    } else {
      file = task_.file;
    }
  }
  batch_.file = file.name();
  if (!opened) {
    const bool damaged = opened.error().code == ErrorCode::audit_damaged;
    report(damaged ? Problem::frame : Problem::unreadable, 0, 0, 0, opened.error().message, true);
    return false;
  }
  source_.emplace(std::move(*opened));
  const char* why = source_->read_header(header_);
  if (source_->error().code != ErrorCode::none) {
    report(Problem::unreadable, 0, 0, 0, source_->error().message, true);
    return false;
  }
  if (why == nullptr && header_.first_seq != task_.file.first_seq) {
    why = "the header's number is not that of the file's name";
  }
  if (why != nullptr) {
    report(Problem::header, 0, task_.file.first_seq, 0, why, true);
    return false;
  }
  batch_.header = header_;
  return true;
}

void SegmentScan::walk_frames(FrameWalk& walk) {
  bool fresh = false;
  while (wanted_) {
    Frame frame;
    const char* why = "";
    const FrameState state = walk.peek(frame, why);
    if (state == FrameState::whole) {
      fresh = false;
      const std::uint64_t offset = walk.cursor();
      take(frame, offset);
      walk.pass(frame);
      if (batch_.leaves.size() >= kBatchLeaves || batch_text_ >= kBatchText) flush(false);
      continue;
    }
    if (walk.failed()) {
      report(Problem::unreadable, walk.cursor(), next_seq_, 0, source_->error().message, true);
      return;
    }
    if (task_.alive && task_.newest && !fresh) {
      // It may have been written since the block was read.
      walk.refresh();
      fresh = true;
      continue;
    }
    if (!pass_damage(walk, state, why)) return;
  }
}

// Goes on behind bytes that are no frame. False: nothing follows.
bool SegmentScan::pass_damage(FrameWalk& walk, FrameState state, const char* why) {
  const std::uint64_t begin = walk.cursor();
  const bool growing = task_.alive && task_.newest;
  if (walk.find_next(!growing)) {
    if (!ignores() && !damaged_at_) {
      damaged_at_ = begin;
      damage_ = state == FrameState::blank ? "zeros stand in their place" : why;
      if (state == FrameState::cut_short) damage_ = "the frame's length is wrong";
    }
    return true;
  }
  if (walk.failed()) {
    report(Problem::unreadable, begin, next_seq_, 0, source_->error().message, true);
    return false;
  }
  walk.move_to(begin);
  if (state == FrameState::blank || growing || ignores()) return false;
  if (state == FrameState::cut_short) why = "the file ends within a frame";
  const bool tail = task_.newest && !trailer_;
  report(tail ? Problem::torn : Problem::frame, begin, next_seq_, 0,
         tail ? std::string("the end is no whole frame: ") + why : std::string(why), true);
  return false;
}

// Bytes that are no frame, of which it cannot be said which records they were.
void SegmentScan::report_damage() {
  if (damaged_at_) {
    report(Problem::frame, *damaged_at_, next_seq_, 0, "bytes are no frame: " + damage_, true);
  }
  damaged_at_.reset();
}

void SegmentScan::take(const Frame& frame, std::uint64_t offset) {
  if (trailer_) {
    if (stray_seq_ != ~0ULL) {
      report(Problem::trailer, offset, frame.seq, frame.seq, "a frame follows the trailer", false);
    }
    stray_seq_ = ~0ULL;
    return;
  }
  const bool leaf = is_leaf(frame.type);
  // What a failed disk left behind was written again into the next segment; only what was signed
  // here still counts.
  if (ignores() && leaf) return;
  if (!ignores() && !in_order(frame, offset, leaf)) return;
  if (leaf) {
    take_leaf(frame, offset);
  } else {
    take_other(frame, offset);
  }
}

// False: the frame does not belong here.
bool SegmentScan::in_order(const Frame& frame, std::uint64_t offset, bool leaf) {
  const std::uint64_t wanted = leaf ? next_seq_ : next_seq_ - 1;
  if (frame.seq == wanted && !damaged_at_) return true;
  if (frame.seq < wanted || frame.seq == ~0ULL) {
    report_damage();
    // A run of them is one finding.
    if (frame.seq != stray_seq_) {
      report(Problem::order, offset, frame.seq, frame.seq,
             (leaf ? "record " : "a frame of record ") + std::to_string(frame.seq) +
                 " stands behind record " + std::to_string(next_seq_ - 1),
             false);
    }
    stray_seq_ = frame.seq + 1;
    return !leaf;
  }
  const std::uint64_t last = leaf ? frame.seq - 1 : frame.seq;
  if (damaged_at_ && last < next_seq_) {
    report(Problem::frame, *damaged_at_, 0, 0, "bytes between records are no frame: " + damage_,
           false);
  } else if (damaged_at_) {
    report(Problem::frame, *damaged_at_, next_seq_, last,
           records(next_seq_, last) + " cannot be read: " + damage_, true);
  } else {
    report(Problem::missing, offset, next_seq_, last, records(next_seq_, last) + " are not there",
           true);
  }
  damaged_at_.reset();
  next_seq_ = last + 1;
  return true;
}

void SegmentScan::take_leaf(const Frame& frame, std::uint64_t offset) {
  if (!labels_.fit(frame)) {
    report(Problem::label, offset, frame.seq, frame.seq,
           "the frame of record " + std::to_string(frame.seq) + " has another type or time", false);
  }
  const bool recovered = frame.type == FrameType::recovery && is_of_dead_log(frame.payload);
  batch_.leaves.push_back(leaf_hash(frame.payload));
  batch_.times.push_back(recovered ? 0 : frame.time_ns);
  ++batch_.counts[static_cast<std::size_t>(frame.type)];
  batch_.first_time_ns = std::min(batch_.first_time_ns, frame.time_ns);
  batch_.last_time_ns = std::max(batch_.last_time_ns, frame.time_ns);
  ++next_seq_;
  if (frame.type == FrameType::heartbeat) mark(Mark::Kind::heartbeat, offset, frame.time_ns);
  if (recovered) mark(Mark::Kind::recovery, offset, frame.time_ns);
  if (frame.type != FrameType::config) return;
  mark(Mark::Kind::config, offset, frame.time_ns).text = frame.payload;
  batch_text_ += frame.payload.size();
}

void SegmentScan::take_other(const Frame& frame, std::uint64_t offset) {
  if (frame.type == FrameType::checkpoint) {
    auto opened = open_with(*task_.keys, header_.origin, frame.payload);
    Mark& made = mark(Mark::Kind::checkpoint, offset, frame.time_ns);
    // Without a good signature it still tells what somebody wanted to be believed.
    if (!opened) made.text = opened.error().message;
    auto read = opened ? std::move(opened) : parse_checkpoint(frame.payload);
    if (read) made.checkpoint = std::move(*read);
    return;
  }
  trailer_ = frame.type == FrameType::trailer;
  mark(trailer_ ? Mark::Kind::trailer : Mark::Kind::sync, offset, frame.time_ns).text =
      frame.payload;
  batch_text_ += frame.payload.size();
}

}  // namespace mcpgov::audit
