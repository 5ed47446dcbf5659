// Records between threads, the side of those who are answered.
// Tested by tests/audit/ring_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/ring.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <new>
#include <thread>

#include "audit/run_codec.hpp"
#include "base/os_time.hpp"

namespace mcpgov::audit {

namespace {

constexpr std::uint32_t kUsableBlocks = kExtentBlocks - kFirstBlock;
// An extent that is taken up again has at least this much free: a lane looks for one only once in
// so many records.
constexpr std::uint32_t kWorthwhile = kUsableBlocks / 2;
// When there is none, one with so much does.
constexpr std::uint32_t kSome = 16;
// Between looks for room. A batch is written and synced in a millisecond or so, and who looks often
// takes the processor from those who make room.
constexpr std::chrono::microseconds kPause(200);
// Blocks whose lines are asked for ahead: a record with a kilobyte of arguments and one of result.
constexpr std::uint32_t kMostExpected = 6;
// Block numbers have 32 bits.
constexpr std::uint64_t kMaxExtents = (std::uint64_t{1} << 32) / kExtentBlocks;

std::atomic<std::uint64_t> rings{0};

std::uint32_t blocks_for(std::size_t text_bytes, std::size_t content) noexcept {
  return static_cast<std::uint32_t>((run_bytes(text_bytes, content) + kBlock - 1) / kBlock);
}

std::uint64_t ticket_number(std::uint32_t generation, std::uint32_t block) noexcept {
  return std::uint64_t{generation} << 32 | block;
}

// Asks for a line that will be written to, and does not wait for it.
void expect_write(const void* at) noexcept {
#if defined(__GNUC__)
  __builtin_prefetch(at, 1);
#else
  (void)at;
#endif
}

void count(std::atomic<std::uint64_t>& counter) noexcept {
  counter.store(counter.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
}

}  // namespace

Ring::Ring(SharedMemory memory, const RingSettings& settings)
    : memory_(std::move(memory)),
      extents_begin_(memory_.begin() + kRingPage),
      extents_(static_cast<std::uint32_t>((memory_.size() - kRingPage) / kExtent)),
      max_stall_ms_(settings.max_stall_ms),
      number_(rings.fetch_add(1) + 1),
      // Half of the extents can never be held by threads that do nothing.
      lanes_(std::make_shared<Lanes>(extents_, extents_ / 2)),
      taken_(std::make_unique<std::atomic<bool>[]>(std::size_t{extents_} * kExtentBlocks)) {}

Result<std::unique_ptr<Ring>> Ring::create(const RingSettings& settings) {
  const std::uint64_t room = settings.bytes < kRingPage ? 0 : settings.bytes - kRingPage;
  const std::uint64_t extents = std::clamp<std::uint64_t>(room / kExtent, 2, kMaxExtents - 1);
  auto memory = SharedMemory::create(settings.path, kRingPage + extents * kExtent);
  if (!memory) return memory.error();
  if (!memory->take(0, kRingPage)) {
    memory->remove();
    return Error{ErrorCode::audit_open, "there is no memory for `" + settings.path + "`",
                 settings.path, 0, 0};
  }
  std::unique_ptr<Ring> ring(new Ring(*std::move(memory), settings));
  RingHeader& header = ring->header();
  header.version = kRingVersion;
  header.block_bytes = kBlock;
  header.extent_bytes = kExtent;
  header.extents = ring->extents_;
  std::memcpy(header.log_uuid, settings.log_uuid.data(), sizeof header.log_uuid);
  ring->prepare();
  if (ring->ready_.load() == 0) {
    ring->remove();
    return Error{ErrorCode::audit_open, "there is no memory for `" + settings.path + "`",
                 settings.path, 0, 0};
  }
  std::memcpy(header.magic, kRingMagic, sizeof header.magic);
  return ring;
}

ErrorCode Ring::begin(const Record& record, const Completion* closed, const Handed& arguments,
                      std::uint16_t flags, Ticket& ticket, const Handed& result) noexcept {
  Lane* const lane = lane_of_thread(number_, lanes_);
  const RunTexts texts = measure_texts(record);
  std::string_view content = arguments.text.substr(0, kMaxContent);
  std::uint32_t blocks = blocks_for(texts.bytes, content.size());
  std::uint32_t block = allocate_anywhere(lane, blocks);
  const bool gone = arguments.gone || (block == 0 && !content.empty());
  if (block == 0) {
    content = {};
    blocks = blocks_for(texts.bytes, 0);
    block = wait_for_room(lane, blocks);
    if (block == 0) return ErrorCode::audit_unavailable;
  }
  char* const to = run(block);
  write_run(to, record, texts, content);
  RunHead& head = *reinterpret_cast<RunHead*>(to);
  head.blocks = blocks;
  head.flags = static_cast<std::uint16_t>(head.flags | flags | (gone ? kArgumentsGone : 0));
  std::memset(static_cast<void*>(&head.end), 0, sizeof head.end);
  BlockWord& first = word(block);
  const std::uint32_t generation = first.load(std::memory_order_relaxed) >> 8;
  ticket.number = ticket_number(generation, block);
  std::memcpy(ticket.id, head.id, sizeof ticket.id);
  Lane& counted = lane != nullptr ? *lane : lanes_->common();
  if (lane != nullptr) {
    count(counted.begun);
  } else {
    counted.begun.fetch_add(1, std::memory_order_relaxed);
  }
  if (closed == nullptr) {
    first.store(block_word(generation, BlockState::open), std::memory_order_release);
    if ((flags & kWantsIntent) != 0) tell(lane, {block, generation, true});
  } else {
    complete(lane, block, generation, *closed, result);
  }
  return ErrorCode::none;
}

bool Ring::names_open_run(const Ticket& ticket, std::uint32_t& block) const noexcept {
  block = static_cast<std::uint32_t>(ticket.number);
  const auto generation = static_cast<std::uint32_t>(ticket.number >> 32);
  const bool known = block / kExtentBlocks < ready_.load(std::memory_order_relaxed) &&
                     block % kExtentBlocks >= kFirstBlock;
  if (!known) return false;
  const std::uint32_t now = word(block).load(std::memory_order_acquire);
  if (now != block_word(generation, BlockState::open)) return false;
  const auto& head = *reinterpret_cast<const RunHead*>(run(block));
  return std::memcmp(head.id, ticket.id, sizeof head.id) == 0;
}

bool Ring::end(const Ticket& ticket, const Completion& completion, const Handed& result) noexcept {
  std::uint32_t block = 0;
  if (!names_open_run(ticket, block)) return false;
  const auto generation = static_cast<std::uint32_t>(ticket.number >> 32);
  complete(lane_of_thread(number_, lanes_), block, generation, completion, result);
  return true;
}

void Ring::complete(Lane* lane, std::uint32_t block, std::uint32_t generation,
                    const Completion& completion, const Handed& result) noexcept {
  RunHead& head = *reinterpret_cast<RunHead*>(run(block));
  write_run_end(head.end, completion);
  const bool has_content = !result.text.empty() || result.gone;
  if (has_content && (head.flags & kNoResult) == 0) store_content(lane, head.end, result);
  const std::uint32_t blocks = head.blocks + head.end.content_blocks;
  word(block).store(block_word(generation, BlockState::done), std::memory_order_release);
  // From here on the run is the log's thread's.
  tell(lane, {block, generation, false});
  if (lane == nullptr) {
    lanes_->common().ended.fetch_add(1, std::memory_order_relaxed);
    return;
  }
  count(lane->ended);
  expect(*lane, blocks);
}

// Brings what the next record will be written to into this core while the caller goes on with
// something else, if that takes as much room as the last one. Other threads had these lines last.
void Ring::expect(const Lane& lane, std::uint32_t blocks) const noexcept {
  if (lane.extent == kNoExtent || lane.hand + blocks > kExtentBlocks) return;
  const ExtentWords word_of = words(lane.extent);
  const std::uint32_t most = std::min(blocks, kMostExpected);
  const char* const at = run(lane.extent * kExtentBlocks + lane.hand);
  for (std::uint32_t block = 0; block < most; ++block) expect_write(&word_of[lane.hand + block]);
  for (std::size_t line = 0; line < most * kBlock; line += 64) expect_write(at + line);
  lane.notes.expect();
}

void Ring::store_content(Lane* lane, RunEnd& end, const Handed& result) noexcept {
  const std::string_view content = result.text.substr(0, kMaxContent);
  const auto blocks = static_cast<std::uint32_t>((content.size() + kBlock - 1) / kBlock);
  const std::uint32_t block = result.gone ? 0 : allocate_anywhere(lane, blocks);
  if (block == 0) {
    end.flags = static_cast<std::uint16_t>(end.flags | kResultGone);
    return;
  }
  std::memcpy(run(block), content.data(), content.size());
  BlockWord& first = word(block);
  const std::uint32_t generation = first.load(std::memory_order_relaxed) >> 8;
  first.store(block_word(generation, BlockState::content), std::memory_order_release);
  end.content_block = block;
  end.content_blocks = blocks;
  end.content_size = static_cast<std::uint32_t>(content.size());
}

bool Ring::intent_seq(const Ticket& ticket, std::uint64_t& seq,
                      ToolClass& tool_class) const noexcept {
  std::uint32_t block = 0;
  if (!names_open_run(ticket, block)) return false;
  const auto& head = *reinterpret_cast<const RunHead*>(run(block));
  seq = head.intent_seq.load(std::memory_order_acquire);
  // Acquire: the second look at the word below must not be done before this.
  tool_class = static_cast<ToolClass>(head.tool_class.load(std::memory_order_acquire));
  if (seq == kIntentInHand) seq = 0;
  return names_open_run(ticket, block);  // what was read is still of this record
}

void Ring::tell(Lane* lane, const LaneNote& note) noexcept {
  if (lane != nullptr) {
    if (!lane->notes.push(note)) lane->overflowed.store(true, std::memory_order_release);
    return;
  }
  Lane& common = lanes_->common();
  const std::lock_guard hold(lanes_->common_lock());
  if (!common.notes.push(note)) common.overflowed.store(true, std::memory_order_release);
}

// Each block of the run is marked as a part of one, so that whoever holds the extent next passes it
// over; a process that dies before the run is complete leaves nothing that looks like a record.
std::uint32_t Ring::allocate(Lane& lane, std::uint32_t blocks) noexcept {
  if (lane.extent == kNoExtent && !next_extent(lane, blocks)) return 0;
  for (;;) {
    const ExtentWords word_of = words(lane.extent);
    while (lane.hand + blocks <= kExtentBlocks) {
      std::uint32_t found = 0;
      while (found < blocks && state_of(word_of[lane.hand + found].load(
                                   std::memory_order_acquire)) == BlockState::free) {
        ++found;
      }
      if (found < blocks) {
        lane.hand += found + 1;
        continue;
      }
      const std::uint32_t first = lane.hand;
      for (std::uint32_t at = first; at < first + blocks; ++at) {
        const std::uint32_t generation = (word_of[at].load(std::memory_order_relaxed) >> 8) + 1;
        word_of[at].store(block_word(generation & 0xffffff, BlockState::part),
                          std::memory_order_relaxed);
      }
      lane.hand += blocks;
      return lane.extent * kExtentBlocks + first;
    }
    if (!next_extent(lane, blocks)) return 0;
  }
}

std::uint32_t Ring::allocate_anywhere(Lane* lane, std::uint32_t blocks) noexcept {
  if (blocks > kUsableBlocks) return 0;
  if (lane != nullptr) return allocate(*lane, blocks);
  const std::lock_guard hold(lanes_->common_lock());
  return allocate(lanes_->common(), blocks);
}

std::uint32_t Ring::wait_for_room(Lane* lane, std::uint32_t blocks) noexcept {
  std::uint32_t block = allocate_anywhere(lane, blocks);
  if (block != 0 || max_stall_ms_ == 0) return block;
  const std::uint64_t start = steady_clock_ns();
  std::uint64_t waited = 0;
  while (block == 0 && waited < std::uint64_t{max_stall_ms_} * 1'000'000) {
    std::this_thread::sleep_for(kPause);
    block = allocate_anywhere(lane, blocks);
    waited = steady_clock_ns() - start;
  }
  stalls_.fetch_add(1, std::memory_order_relaxed);
  stalled_ns_.fetch_add(waited, std::memory_order_relaxed);
  return block;
}

// Moves the lane to an extent with room for a run of so many blocks. The one it has, or had, comes
// first, because its lines are in the cache of this core.
bool Ring::next_extent(Lane& lane, std::uint32_t blocks) noexcept {
  if (try_all(lane, blocks, kWorthwhile)) return true;
  const std::uint32_t grown = grow(true);
  if (grown != kNoExtent) {
    lanes_->let_go(lane.extent);
    lane.previous = lane.extent;
    lane.extent = grown;
    lane.hand = kFirstBlock;
    return true;
  }
  if (try_all(lane, blocks, kSome)) return true;
  // What was passed over before, because it was too little for another record, is looked for only
  // now and then: a full ring has to be emptied by somebody who needs the processor, too.
  constexpr std::uint32_t kNowAndThen = 16;
  return ++lane.failures % kNowAndThen == 1 && try_all(lane, blocks, 0);
}

bool Ring::try_all(Lane& lane, std::uint32_t blocks, std::uint32_t least) noexcept {
  const std::uint32_t ready = ready_.load(std::memory_order_acquire);
  if (lane.extent != kNoExtent && try_extent(lane, lane.extent, blocks, least)) return true;
  if (lane.previous < ready && try_extent(lane, lane.previous, blocks, least)) return true;
  for (std::uint32_t extent = 0; extent < ready; ++extent) {
    if (try_extent(lane, extent, blocks, least)) return true;
  }
  return false;
}

bool Ring::try_extent(Lane& lane, std::uint32_t extent, std::uint32_t blocks,
                      std::uint32_t least) noexcept {
  const bool has_it = extent == lane.extent;
  const bool worth = least == 0 || lanes_->is_empty(extent) || lanes_->freed(extent) >= least;
  if (!worth) return false;
  if (!has_it && !lanes_->hold(extent)) return false;
  lanes_->set_searched(extent);
  std::uint32_t free = kUsableBlocks;
  std::uint32_t start = kFirstBlock;
  if (!lanes_->take_empty(extent)) start = search(extent, blocks, free);
  if (start == 0 || free < least) {
    lanes_->add_freed(extent, free);  // enough, perhaps, for a smaller record
    if (!has_it) lanes_->let_go(extent);
    return false;
  }
  if (!has_it) {
    lanes_->let_go(lane.extent);
    lane.previous = lane.extent;
    lane.extent = extent;
  }
  lane.hand = start;
  return true;
}

// The first of so many adjacent free blocks, or 0; and how many are free in all.
std::uint32_t Ring::search(std::uint32_t extent, std::uint32_t blocks,
                           std::uint32_t& free) const noexcept {
  const ExtentWords word_of = words(extent);
  std::uint32_t adjacent = 0;
  std::uint32_t start = 0;
  free = 0;
  for (std::uint32_t at = kFirstBlock; at < kExtentBlocks; ++at) {
    const bool is_free = state_of(word_of[at].load(std::memory_order_acquire)) == BlockState::free;
    free += is_free ? 1 : 0;
    adjacent = is_free ? adjacent + 1 : 0;
    if (start == 0 && adjacent == blocks) start = at + 1 - blocks;
  }
  return start;
}

// One more extent gets its memory. Taken by the log's thread ahead of need (prepare()); a caller
// does it only when records come faster than that.
std::uint32_t Ring::grow(bool hold) noexcept {
  const std::lock_guard one_at_a_time(grow_lock_);
  const std::uint32_t extent = ready_.load(std::memory_order_relaxed);
  if (extent == extents_ || !memory_.take(kRingPage + extent * kExtent, kExtent)) return kNoExtent;
  if (hold) {
    (void)lanes_->hold(extent);
  } else {
    lanes_->set_empty(extent);
  }
  ready_.store(extent + 1, std::memory_order_release);
  header().taken.store(extent + 1, std::memory_order_release);
  return extent;
}

}  // namespace mcpgov::audit
