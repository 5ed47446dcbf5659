// The failing heap of the C++ tests for a program in C; it serves the shared library as well.
//
// SPDX-License-Identifier: Apache-2.0
#include <optional>

#include "support/allocation.hpp"

namespace {

std::optional<mcpgov::test::FailingHeap> heap;

}  // namespace

extern "C" {

void fail_after(long count);
int stop_failing(void);

// From the allocation after `count` others on, every one of this thread fails, until
// stop_failing(); none does when it is negative.
void fail_after(long count) {
  heap.reset();
  if (count >= 0) heap.emplace(static_cast<std::size_t>(count), true);
}

// Whether any failed.
int stop_failing(void) {
  const bool reached = heap && heap->reached();
  heap.reset();
  return reached ? 1 : 0;
}
}
