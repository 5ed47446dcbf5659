// Records between the thread that is answered and the thread that writes, in memory that outlives
// the process.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>

#include "audit/lane.hpp"
#include "audit/ring_layout.hpp"
#include "base/os_shared_memory.hpp"
#include "mcpgov/audit.hpp"

// PREFETCHW takes a line away from the other cores; what compilers emit without this leaves them
// their copies, and the write waits all the same. Older processors pass over the instruction
// (Intel's manual, volume 2, PREFETCHW).
#if defined(__x86_64__) && defined(__GNUC__)
#define MCPGOV_OWNED_LINES __attribute__((target("prfchw")))
#else
#define MCPGOV_OWNED_LINES
#endif

namespace mcpgov::audit {

struct RingSettings {
  std::string path;
  std::uint64_t bytes = 64ull << 20;  // at least kRingPage and two extents
  std::uint32_t max_stall_ms = 50;
  std::array<std::uint8_t, 16> log_uuid = {};
};

// What the content of one side is at its hand-over. gone: there was some, and it must not be kept.
struct Handed {
  std::string_view text = {};
  bool gone = false;
};

// A run that is in the hands of the log's thread.
struct TakenRun {
  std::uint32_t block = 0;
  bool intent = false;  // it is still open; only its intent is to be written
};

struct RingUse {
  std::uint64_t begun = 0, ended = 0;
  std::uint64_t stalls = 0, stalled_ns = 0;
  std::uint64_t bytes = 0;  // of runs that are not free
};

// begin() and end() copy what they are given and neither allocate, lock nor call the system once a
// thread has its lane; only begin() without room waits, at most max_stall_ms. A record takes its
// place for its end with it: end() cannot fail.
// Threads: begin(), end(), settled and use() from any; take() and prepare() by one thread, the
// log's; free() by one thread. In a forked child nothing but forget().
class Ring {
 public:
  // Errors: audit_open.
  static Result<std::unique_ptr<Ring>> create(const RingSettings& settings);

  // flags: kWantsIntent: the log's thread is to be told at once; kNoResult: content of the end is
  // not wanted. result: of a record that is closed. Returns none or audit_unavailable.
  ErrorCode begin(const Record& record, const Completion* closed, const Handed& arguments,
                  std::uint16_t flags, Ticket& ticket, const Handed& result = {}) noexcept;
  // False: the ticket's record has ended already, or there never was one; nothing is changed.
  bool end(const Ticket& ticket, const Completion& completion, const Handed& result) noexcept;

  // Sequence number of the intent of a record that is open (0: there is none yet), and the class of
  // its tool. False: the ticket's record is not open.
  bool intent_seq(const Ticket& ticket, std::uint64_t& seq, ToolClass& tool_class) const noexcept;

  // Runs that wait to be written, at most out.size(). Returns how many.
  std::size_t take(std::span<TakenRun> out) noexcept;
  // At the end, when nobody calls begin() or end() any more: all that are left, which are those
  // that were never ended.
  std::size_t take_open(std::span<TakenRun> out) noexcept;
  RunHead& head(std::uint32_t block) noexcept { return *reinterpret_cast<RunHead*>(run(block)); }
  // The bytes of a run that was taken: head, texts and arguments.
  std::string_view bytes(std::uint32_t block) noexcept;
  // The result's content of a run that is done.
  std::string_view content(const RunEnd& end) noexcept;
  // Gives the blocks of a taken run back.
  void free(std::uint32_t block) noexcept;
  // Keeps some extents ready, so that callers do not wait for memory.
  void prepare() noexcept;

  RingUse use() const noexcept;
  const std::string& path() const noexcept { return memory_.path(); }
  bool on_memory() const noexcept { return memory_.on_memory(); }
  // Everything is written: the file is not needed any more.
  void remove() noexcept { memory_.remove(); }
  void forget() noexcept { memory_.forget(); }

 private:
  Ring(SharedMemory memory, const RingSettings& settings);
  char* run(std::uint32_t block) const noexcept {
    return extents_begin_ + std::size_t{block} * kBlock;
  }
  BlockWord& word(std::uint32_t block) const noexcept {
    return words(block / kExtentBlocks)[block % kExtentBlocks];
  }
  ExtentWords words(std::uint32_t extent) const noexcept {
    return ExtentWords(extents_begin_ + std::size_t{extent} * kExtent);
  }
  RingHeader& header() const noexcept { return *reinterpret_cast<RingHeader*>(memory_.begin()); }
  bool names_open_run(const Ticket& ticket, std::uint32_t& block) const noexcept;

  std::uint32_t allocate(Lane& lane, std::uint32_t blocks) noexcept;
  std::uint32_t allocate_anywhere(Lane* lane, std::uint32_t blocks) noexcept;
  std::uint32_t wait_for_room(Lane* lane, std::uint32_t blocks) noexcept;
  bool next_extent(Lane& lane, std::uint32_t blocks) noexcept;
  bool try_all(Lane& lane, std::uint32_t blocks, std::uint32_t least) noexcept;
  bool try_extent(Lane& lane, std::uint32_t extent, std::uint32_t blocks,
                  std::uint32_t least) noexcept;
  std::uint32_t search(std::uint32_t extent, std::uint32_t blocks,
                       std::uint32_t& free) const noexcept;
  std::uint32_t grow(bool hold) noexcept;
  void complete(Lane* lane, std::uint32_t block, std::uint32_t generation,
                const Completion& completion, const Handed& result) noexcept;
  void store_content(Lane* lane, RunEnd& end, const Handed& result) noexcept;
  void tell(Lane* lane, const LaneNote& note) noexcept;
  MCPGOV_OWNED_LINES void expect(const Lane& lane, std::uint32_t blocks) const noexcept;
  std::size_t take_noted(std::span<TakenRun> out) noexcept;
  bool any_overflowed() noexcept;
  std::size_t scan(std::span<TakenRun> out) noexcept;
  bool take_noted(const LaneNote& note, TakenRun& out) noexcept;
  bool take_one(std::uint32_t block, BlockState state, TakenRun& out) noexcept;

  SharedMemory memory_;
  char* extents_begin_;
  std::uint32_t extents_;
  std::uint32_t max_stall_ms_;
  std::uint64_t number_;  // of this ring, never used again
  std::shared_ptr<Lanes> lanes_;
  std::atomic<std::uint32_t> ready_{0};  // extents that have memory
  // Below are lines of cache that are written while records are: those above stay with every core.
  alignas(64) std::mutex grow_lock_;
  std::atomic<std::uint64_t> stalls_{0};
  std::atomic<std::uint64_t> stalled_ns_{0};
  // The log's thread only.
  alignas(64) std::size_t next_lane_ = 0;
  std::uint32_t scan_at_ = 0;  // block where the search goes on
  bool scanning_ = false;
  bool scanned_ = false;  // once: notes may be stale
  // Complete runs that the log's thread has in hand, by block. Not in their words: callers need the
  // lines of cache that those stand in.
  std::unique_ptr<std::atomic<bool>[]> taken_;
};

}  // namespace mcpgov::audit
