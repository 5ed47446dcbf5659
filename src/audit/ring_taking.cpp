// Records between threads, the side of the thread that writes them.
// Tested by tests/audit/ring_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>

#include "audit/ring.hpp"

namespace mcpgov::audit {

namespace {

// Extents kept ready: 1 MiB, two thousand ordinary records.
constexpr std::uint32_t kReady = 4;

}  // namespace

// Whether the run is to be written now. If so that is noted, so that a note and a search do not
// both find it.
bool Ring::take_one(std::uint32_t block, BlockState state, TakenRun& out) noexcept {
  if (state == BlockState::done) {
    if (taken_[block].load(std::memory_order_relaxed)) return false;
    taken_[block].store(true, std::memory_order_relaxed);
    out = {block, false};
    return true;
  }
  if (state != BlockState::open) return false;
  RunHead& open = head(block);
  if ((open.flags & kWantsIntent) == 0) return false;
  if (open.intent_seq.load(std::memory_order_relaxed) != 0) return false;
  open.intent_seq.store(kIntentInHand, std::memory_order_relaxed);
  out = {block, true};
  return true;
}

// A note of a complete run is true for as long as nothing but notes has led to one: its word, whose
// line of cache the caller may be writing to, is left alone.
bool Ring::take_noted(const LaneNote& note, TakenRun& out) noexcept {
  if (!note.intent && !scanned_) return take_one(note.block, BlockState::done, out);
  const std::uint32_t now = word(note.block).load(std::memory_order_acquire);
  if (now >> 8 != note.generation) return false;
  // A note of an intent whose record has ended since: its own note of the end comes, too.
  if (note.intent && state_of(now) != BlockState::open) return false;
  return take_one(note.block, state_of(now), out);
}

// Nothing is 0 only when no note is lost: callers that end, or answer a flush, rely on it. A note
// that got lost while the search was already past its block needs another search.
std::size_t Ring::take(std::span<TakenRun> out) noexcept {
  for (;;) {
    const std::size_t count = take_noted(out);
    if (count != 0 || !any_overflowed()) return count;
  }
}

bool Ring::any_overflowed() noexcept {
  for (std::size_t at = 0; at < lanes_->size(); ++at) {
    if (lanes_->at(at).overflowed.load(std::memory_order_acquire)) return true;
  }
  return false;
}

std::size_t Ring::take_noted(std::span<TakenRun> out) noexcept {
  std::size_t count = 0;
  const std::size_t lanes = lanes_->size();
  for (std::size_t passed = 0; passed < lanes && count < out.size(); ++passed) {
    Lane& lane = lanes_->at(next_lane_ % lanes);
    LaneNote note;
    while (count < out.size() && lane.notes.pop(note)) {
      if (take_noted(note, out[count])) ++count;
    }
    // One read-modify-write: either the search sees the record whose note was lost, or the flag
    // that the caller sets after it stays. A store would let the search's loads pass it.
    if (!scanning_ && lane.overflowed.load(std::memory_order_relaxed) &&
        lane.overflowed.exchange(false, std::memory_order_acq_rel)) {
      scanning_ = scanned_ = true;
      scan_at_ = 0;
    }
    ++next_lane_;
  }
  if (scanning_) count += scan(out.subspan(count));
  return count;
}

std::size_t Ring::scan(std::span<TakenRun> out) noexcept {
  std::size_t count = 0;
  const std::uint32_t last = ready_.load(std::memory_order_acquire) * kExtentBlocks;
  for (; scan_at_ < last && count < out.size(); ++scan_at_) {
    if (scan_at_ % kExtentBlocks < kFirstBlock) continue;
    const std::uint32_t now = word(scan_at_).load(std::memory_order_acquire);
    if (take_one(scan_at_, state_of(now), out[count])) ++count;
  }
  scanning_ = scan_at_ < last;
  return count;
}

std::size_t Ring::take_open(std::span<TakenRun> out) noexcept {
  std::size_t count = 0;
  const std::uint32_t last = ready_.load(std::memory_order_acquire) * kExtentBlocks;
  for (std::uint32_t block = 0; block < last && count < out.size(); ++block) {
    if (block % kExtentBlocks < kFirstBlock) continue;
    const std::uint32_t now = word(block).load(std::memory_order_acquire);
    if (state_of(now) != BlockState::open && state_of(now) != BlockState::done) continue;
    if (taken_[block].exchange(true, std::memory_order_relaxed)) continue;
    word(block).store(block_word(now >> 8, BlockState::done), std::memory_order_release);
    out[count++] = {block, false};
  }
  return count;
}

std::string_view Ring::bytes(std::uint32_t block) noexcept {
  return {run(block), head(block).blocks * kBlock};
}

std::string_view Ring::content(const RunEnd& end) noexcept {
  if (end.content_block == 0) return {};
  return {run(end.content_block), end.content_size};
}

void Ring::free(std::uint32_t block) noexcept {
  const RunHead& head_of = head(block);
  const auto give_back = [this](std::uint32_t first, std::uint32_t blocks) {
    for (std::uint32_t at = first; at < first + blocks; ++at) {
      const std::uint32_t generation = word(at).load(std::memory_order_relaxed) >> 8;
      word(at).store(block_word(generation, BlockState::free), std::memory_order_release);
    }
    lanes_->add_freed(first / kExtentBlocks, blocks);
  };
  taken_[block].store(false, std::memory_order_relaxed);  // before the word says that it is free
  const RunEnd end = head_of.end;
  const std::uint32_t blocks = head_of.blocks;
  // The record goes first: one that is found without its content would be taken for torn.
  give_back(block, blocks);
  if (end.content_block != 0) give_back(end.content_block, end.content_blocks);
}

void Ring::prepare() noexcept {
  std::uint32_t idle = 0;
  const std::uint32_t ready = ready_.load(std::memory_order_acquire);
  for (std::uint32_t extent = 0; extent < ready && idle < kReady; ++extent) {
    if (lanes_->is_empty(extent)) {
      ++idle;
      continue;
    }
    if (!lanes_->hold(extent)) continue;
    const ExtentWords word_of = words(extent);
    std::uint32_t at = kFirstBlock;
    while (at < kExtentBlocks &&
           state_of(word_of[at].load(std::memory_order_relaxed)) == BlockState::free) {
      ++at;
    }
    if (at == kExtentBlocks) {
      ++idle;
      lanes_->set_empty(extent);
    }
    lanes_->let_go(extent);
  }
  for (; idle < kReady; ++idle) {
    if (grow(false) == kNoExtent) return;
  }
}

RingUse Ring::use() const noexcept {
  RingUse use;
  for (std::size_t at = 0; at < lanes_->size(); ++at) {
    use.begun += lanes_->at(at).begun.load(std::memory_order_relaxed);
    use.ended += lanes_->at(at).ended.load(std::memory_order_relaxed);
  }
  use.stalls = stalls_.load(std::memory_order_relaxed);
  use.stalled_ns = stalled_ns_.load(std::memory_order_relaxed);
  const std::uint32_t ready = ready_.load(std::memory_order_acquire);
  for (std::uint32_t extent = 0; extent < ready; ++extent) {
    const ExtentWords word_of = words(extent);
    for (std::uint32_t at = kFirstBlock; at < kExtentBlocks; ++at) {
      const std::uint32_t now = word_of[at].load(std::memory_order_relaxed);
      if (state_of(now) != BlockState::free) use.bytes += kBlock;
    }
  }
  return use;
}

}  // namespace mcpgov::audit
