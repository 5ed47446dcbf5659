// Who writes where in a ring: one lane for each thread, returned when the thread ends.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <vector>

namespace mcpgov::audit {

// What a lane tells the log's thread: a run that is complete, or one that needs its intent written.
// A hint that may be stale; the run's own word decides.
struct alignas(16) LaneNote {
  std::uint32_t block = 0;
  std::uint32_t generation = 0;
  bool intent = false;
};

// Notes from one thread to another. Full: the writer of notes says so in `overflowed`, and the
// reader looks through the whole ring.
class NoteQueue {
 public:
  bool push(const LaneNote& note) noexcept {
    const std::uint32_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - seen_head_ == kNotes) {
      seen_head_ = head_.load(std::memory_order_acquire);
      if (tail - seen_head_ == kNotes) return false;
    }
    notes_[place(tail)] = note;
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }
  bool pop(LaneNote& note) noexcept {
    const std::uint32_t head = head_.load(std::memory_order_relaxed);
    if (head == seen_tail_) {
      seen_tail_ = tail_.load(std::memory_order_acquire);
      if (head == seen_tail_) return false;
    }
    note = notes_[place(head)];
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  // Asks for the line that the next note goes to.
  void expect() const noexcept {
#if defined(__GNUC__)
    __builtin_prefetch(&notes_[place(tail_.load(std::memory_order_relaxed))], 1);
#endif
  }

 private:
  static constexpr std::uint32_t kNotes = 1024;
  static constexpr std::uint32_t kLines = kNotes * sizeof(LaneNote) / 64;
  // The next note is in another line than the one that the reader is at.
  static constexpr std::uint32_t place(std::uint32_t number) noexcept {
    const std::uint32_t at = number % kNotes;
    return at % kLines * (kNotes / kLines) + at / kLines;
  }
  // Each side's own line of cache.
  alignas(64) std::atomic<std::uint32_t> tail_{0};
  std::uint32_t seen_head_ = 0;
  alignas(64) std::atomic<std::uint32_t> head_{0};
  std::uint32_t seen_tail_ = 0;
  alignas(64) std::array<LaneNote, kNotes> notes_;
};

inline constexpr std::uint32_t kNoExtent = ~std::uint32_t{0};

// One thread's place in the ring: the extent that it holds, and where it goes on there.
// Threads: its thread; counts and overflowed are read by others.
struct Lane {
  std::uint32_t extent = kNoExtent;
  std::uint32_t hand = 0;
  std::uint32_t previous = kNoExtent;  // held before, so probably still in this core's cache
  std::uint32_t failures = 0;          // searches for room that found none
  std::atomic<std::uint64_t> begun{0};
  std::atomic<std::uint64_t> ended{0};
  std::atomic<bool> overflowed{false};
  NoteQueue notes;
};

// The lanes of one ring. Outlives it as long as threads have one of its lanes.
class Lanes {
 public:
  // most: lanes for threads of their own. The first lane is for everybody else, under a lock.
  Lanes(std::uint32_t extents, std::size_t most);

  // A lane for this thread, until give_back(). Null: there are enough. Throws: std::bad_alloc.
  Lane* claim();
  void give_back(Lane* lane) noexcept;

  // The common lane, and who may use it.
  Lane& common() noexcept { return *lanes_[0]; }
  std::mutex& common_lock() noexcept { return common_lock_; }

  // For the log's thread: the lanes there are, only ever more.
  std::size_t size() const noexcept { return size_.load(std::memory_order_acquire); }
  Lane& at(std::size_t index) noexcept { return *lanes_[index]; }

  // Extents: held by one lane, or by none. hold() is the only way to write new runs there.
  bool hold(std::uint32_t extent) noexcept {
    std::atomic<bool>& held = held_[extent];
    return !held.load(std::memory_order_relaxed) && !held.exchange(true, std::memory_order_acquire);
  }
  void let_go(std::uint32_t extent) noexcept {
    if (extent != kNoExtent) held_[extent].store(false, std::memory_order_release);
  }

  // Extents in which nothing is, so that whoever takes one need not search it. Both for who holds
  // it.
  void set_empty(std::uint32_t extent) noexcept {
    empty_[extent].store(true, std::memory_order_relaxed);
  }
  bool take_empty(std::uint32_t extent) noexcept {
    if (!is_empty(extent)) return false;
    empty_[extent].store(false, std::memory_order_relaxed);
    return true;
  }
  bool is_empty(std::uint32_t extent) const noexcept {
    return empty_[extent].load(std::memory_order_relaxed);
  }

  // Blocks that were given back since the extent was last searched: most extents of a full ring
  // need not be searched at all.
  void add_freed(std::uint32_t extent, std::uint32_t blocks) noexcept {
    freed_[extent].fetch_add(blocks, std::memory_order_relaxed);
  }
  std::uint32_t freed(std::uint32_t extent) const noexcept {
    return freed_[extent].load(std::memory_order_relaxed);
  }
  void set_searched(std::uint32_t extent) noexcept {
    freed_[extent].store(0, std::memory_order_relaxed);
  }

 private:
  std::unique_ptr<std::atomic<bool>[]> held_;
  std::unique_ptr<std::atomic<bool>[]> empty_;
  std::unique_ptr<std::atomic<std::uint32_t>[]> freed_;
  std::unique_ptr<std::unique_ptr<Lane>[]> lanes_;
  std::size_t most_;
  std::atomic<std::size_t> size_{0};
  std::mutex lock_;
  std::mutex common_lock_;
  std::vector<Lane*> free_;
};

// The lane of this thread in the ring of that number, which names one ring of this process for
// ever. Null: it has none, and writes in the common lane.
Lane* lane_of_thread(std::uint64_t ring, const std::shared_ptr<Lanes>& lanes) noexcept;

}  // namespace mcpgov::audit
