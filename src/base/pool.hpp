// Memory blocks of open verdicts: taken from the thread that makes them, returned from any.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>

namespace mcpgov {

// Blocks of 1, 2, 4 and 16 KiB are kept by the thread that first took them and used again; larger
// ones come from and go to the system. A block given back on another thread finds its way home over
// a lock-free list, so a warm thread allocates nothing, however many blocks are open.
// Threads: thread-safe.
struct Block {
  void* bytes = nullptr;
  std::size_t size = 0;  // at least what was asked for
};

// Throws std::bad_alloc. Aligned for every fundamental type.
Block take_block(std::size_t bytes);
// bytes: from take_block(); null does nothing.
void give_block(void* bytes) noexcept;

}  // namespace mcpgov
