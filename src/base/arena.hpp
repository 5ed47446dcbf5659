// A bump allocator for what lives as long as one request.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <memory>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>
#include <vector>

namespace mcpgov {

// Hands out memory that is freed all at once by reset(), which keeps the blocks: after the first
// few requests a thread allocates nothing more. Holds only trivially destructible things.
// Throws std::bad_alloc when the system has no memory.
// Threads: one thread.
class Arena {
 public:
  // first_block: bytes, 16 KiB holds an ordinary tool call with its decision.
  explicit Arena(std::size_t first_block = 16 * 1024) : block_size_(first_block) {}
  Arena(const Arena&) = delete;
  Arena& operator=(const Arena&) = delete;

  void* allocate(std::size_t bytes, std::size_t alignment) {
    const std::size_t start = (used_ + alignment - 1) & ~(alignment - 1);
    // Subtracted, not added: a huge count of bytes must not wrap around and seem to fit.
    if (start > capacity_ || bytes > capacity_ - start) return allocate_slow(bytes);
    used_ = start + bytes;
    return base_ + start;
  }

  // count elements of T, uninitialised.
  template <class T>
  T* array(std::size_t count) {
    static_assert(std::is_trivially_destructible_v<T>);
    if (count > SIZE_MAX / sizeof(T)) throw std::bad_alloc();
    return static_cast<T*>(allocate(count * sizeof(T), alignof(T)));
  }

  template <class T, class... Args>
  T* create(Args&&... args) {
    static_assert(std::is_trivially_destructible_v<T>);
    return new (allocate(sizeof(T), alignof(T))) T{std::forward<Args>(args)...};
  }

  // A copy that lives until reset().
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* to = array<char>(text.size());
    std::memcpy(to, text.data(), text.size());
    return {to, text.size()};
  }

  // The parts one after the other, in one text that lives until reset().
  std::string_view concat(std::initializer_list<std::string_view> parts);

  template <class T>
  std::span<T> copy(std::span<const T> from) {
    static_assert(std::is_trivially_copyable_v<T>);
    if (from.empty()) return {};
    T* to = array<T>(from.size());
    std::memcpy(static_cast<void*>(to), from.data(), from.size_bytes());
    return {to, from.size()};
  }

  // Forgets everything handed out. Keeps the blocks, up to kKeep bytes of them.
  void reset() noexcept;

  // Bytes of all blocks, used or not.
  std::size_t held() const noexcept;

  // Blocks above this many bytes in total are given back by reset(): one huge message must not
  // pin its memory for the life of the thread.
  static constexpr std::size_t kKeep = 1024 * 1024;

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  void* allocate_slow(std::size_t bytes);
  void use(std::size_t index) noexcept;

  char* base_ = nullptr;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
  std::size_t block_size_;
  std::size_t current_ = 0;
  std::vector<Block> blocks_;
};

}  // namespace mcpgov
