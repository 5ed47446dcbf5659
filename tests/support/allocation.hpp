// Counting the heap, and making it fail.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace mcpgov::test {

// Calls of operator new by this thread.
std::size_t allocation_count() noexcept;
// And the bytes they asked for, whether they were given back or not.
std::size_t allocated_bytes() noexcept;

// While it lives, the n-th operator new of this thread from now on throws std::bad_alloc, and so
// does every later one when `all` is set. Counting starts at 0.
class FailingHeap {
 public:
  explicit FailingHeap(std::size_t n, bool all = false) noexcept;
  FailingHeap(const FailingHeap&) = delete;
  FailingHeap& operator=(const FailingHeap&) = delete;
  ~FailingHeap();

  // Whether the failure happened: false means that there were fewer allocations than n.
  bool reached() const noexcept;
};

}  // namespace mcpgov::test
