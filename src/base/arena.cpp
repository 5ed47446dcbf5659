// Growing and resetting the arena.
// Tested by tests/base/arena_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/arena.hpp"

#include <algorithm>
#include <new>

namespace mcpgov {

void Arena::use(std::size_t index) noexcept {
  current_ = index;
  base_ = blocks_[index].bytes.get();
  capacity_ = blocks_[index].size;
  used_ = 0;
}

void* Arena::allocate_slow(std::size_t bytes) {
  if (bytes > PTRDIFF_MAX) throw std::bad_alloc();  // no object is larger
  // A new block starts at operator new's alignment, which satisfies every T (none is over-aligned).
  while (!blocks_.empty() && current_ + 1 < blocks_.size()) {
    use(current_ + 1);
    if (bytes <= capacity_) {
      used_ = bytes;
      return base_;
    }
  }
  const std::size_t grown = blocks_.empty() ? block_size_ : blocks_.back().size * 2;
  const std::size_t size = std::max(bytes, grown);
  blocks_.reserve(blocks_.size() + 1);
  blocks_.push_back({std::make_unique_for_overwrite<char[]>(size), size});
  use(blocks_.size() - 1);
  used_ = bytes;
  return base_;
}

std::string_view Arena::concat(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (const std::string_view part : parts) size += part.size();
  char* const out = array<char>(size);
  char* at = out;
  for (const std::string_view part : parts) {
    if (!part.empty()) std::memcpy(at, part.data(), part.size());
    at += part.size();
  }
  return {out, size};
}

void Arena::reset() noexcept {
  if (blocks_.empty()) return;
  std::size_t kept = 0;
  std::size_t count = 0;
  while (count < blocks_.size() && kept + blocks_[count].size <= kKeep)
    kept += blocks_[count++].size;
  blocks_.erase(blocks_.begin() + static_cast<std::ptrdiff_t>(count), blocks_.end());
  if (blocks_.empty()) {
    base_ = nullptr;
    capacity_ = used_ = current_ = 0;
    return;
  }
  use(0);
}

std::size_t Arena::held() const noexcept {
  std::size_t bytes = 0;
  for (const Block& block : blocks_) bytes += block.size;
  return bytes;
}

}  // namespace mcpgov
