// A tree whose last leaves wait, so that its roots of some time ago can still be had: checkpoints
// stand behind the records that were written while they were signed.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "audit/tree.hpp"

namespace mcpgov::audit {

// Threads: one thread. Throws: std::bad_alloc.
class LaggingTree {
 public:
  // A second of 1,000,000 records; 32 MiB.
  static constexpr std::size_t kMostWaiting = std::size_t{1} << 20;

  LaggingTree() = default;
  // Goes on from a tree.
  explicit LaggingTree(const Tree& tree) : tree_(tree) {}

  void append(std::span<const Digest> leaves) {
    waiting_.insert(waiting_.end(), leaves.begin(), leaves.end());
  }
  std::uint64_t size() const noexcept { return tree_.size() + (waiting_.size() - begin_); }
  // Roots of smaller sizes are gone. Whoever lets more than kMostWaiting leaves wait settles.
  std::uint64_t settled() const noexcept { return tree_.size(); }

  // size: settled() to size(); after that it is settled().
  Digest root_at(std::uint64_t size) {
    settle(size);
    return tree_.root();
  }
  void settle(std::uint64_t size) {
    for (; tree_.size() < size; ++begin_) tree_.append(waiting_[begin_]);
    if (begin_ < waiting_.size() / 2) return;
    waiting_.erase(waiting_.begin(), waiting_.begin() + static_cast<std::ptrdiff_t>(begin_));
    begin_ = 0;
  }

  // Another tree of the same size in place of what is settled.
  void restart(const Tree& tree) noexcept { tree_ = tree; }

 private:
  Tree tree_;
  std::vector<Digest> waiting_;
  std::size_t begin_ = 0;  // of those in waiting_ that still wait
};

}  // namespace mcpgov::audit
