// Who writes where in a ring.
// Tested by tests/audit/ring_threads_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/lane.hpp"

#include <new>

#include "base/os_fork.hpp"

namespace mcpgov::audit {

namespace {

// More blocks than an extent has.
constexpr std::uint32_t kEverything = 1 << 16;

}  // namespace

Lanes::Lanes(std::uint32_t extents, std::size_t most)
    : held_(std::make_unique<std::atomic<bool>[]>(extents)),
      empty_(std::make_unique<std::atomic<bool>[]>(extents)),
      freed_(std::make_unique<std::atomic<std::uint32_t>[]>(extents)),
      lanes_(std::make_unique<std::unique_ptr<Lane>[]>(most + 1)),
      most_(most + 1) {
  free_.reserve(most_);  // so that giving back needs no memory
  lanes_[0] = std::make_unique<Lane>();
  size_.store(1, std::memory_order_release);
}

Lane* Lanes::claim() {
  const std::lock_guard hold(lock_);
  if (!free_.empty()) {
    Lane* const lane = free_.back();
    free_.pop_back();
    return lane;
  }
  const std::size_t size = size_.load(std::memory_order_relaxed);
  if (size == most_) return nullptr;
  lanes_[size] = std::make_unique<Lane>();
  size_.store(size + 1, std::memory_order_release);
  return lanes_[size].get();
}

// Its notes stay in the queue, which the next thread goes on with.
void Lanes::give_back(Lane* lane) noexcept {
  const std::lock_guard hold(lock_);
  if (lane->extent != kNoExtent) add_freed(lane->extent, kEverything);  // its rest was never used
  let_go(lane->extent);
  lane->extent = kNoExtent;
  free_.push_back(lane);
}

namespace {

struct Claimed {
  std::uint64_t ring;
  std::uint64_t generation;  // a forked child has nothing to give back: its locks may be torn
  std::shared_ptr<Lanes> lanes;
  Lane* lane;
};

// What was asked for last; no constructor, so that reading it costs no check.
struct Latest {
  std::uint64_t ring;
  Lane* lane;
};
constinit thread_local Latest latest{0, nullptr};
constinit thread_local bool ended = false;

struct Mine {
  std::vector<Claimed> claimed;

  ~Mine() {
    ended = true;
    latest = {0, nullptr};
    for (const Claimed& one : claimed) {
      if (one.generation == fork_generation()) one.lanes->give_back(one.lane);
    }
  }
};
thread_local Mine mine;

Lane* claim(std::uint64_t ring, const std::shared_ptr<Lanes>& lanes) {
  for (const Claimed& one : mine.claimed) {
    if (one.ring == ring) return one.lane;
  }
  // Lanes of rings that are gone: nobody else has them any more.
  std::erase_if(mine.claimed, [](const Claimed& one) { return one.lanes.use_count() == 1; });
  mine.claimed.reserve(mine.claimed.size() + 1);
  Lane* const lane = lanes->claim();
  if (lane != nullptr) mine.claimed.push_back({ring, fork_generation(), lanes, lane});
  return lane;
}

}  // namespace

Lane* lane_of_thread(std::uint64_t ring, const std::shared_ptr<Lanes>& lanes) noexcept {
  if (latest.ring == ring) return latest.lane;
  if (ended) return nullptr;
  try {
    Lane* const lane = claim(ring, lanes);
    if (lane != nullptr) latest = {ring, lane};
    return lane;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

}  // namespace mcpgov::audit
