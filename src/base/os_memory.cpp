// Memory for secrets.
// Tested by tests/base/os_memory_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/os_memory.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

#if defined(__unix__) || defined(__APPLE__)
#include <sys/mman.h>
#define MCPGOV_HAS_MMAP 1
#else
#define MCPGOV_HAS_MMAP 0
#endif

namespace mcpgov {

SecretPages::SecretPages(std::size_t bytes) : size_(bytes) {
  if (bytes == 0) return;
#if MCPGOV_HAS_MMAP
  void* const at = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (at == MAP_FAILED) throw std::bad_alloc();
  begin_ = static_cast<char*>(at);
  // Either may be unknown to the kernel; then the pages are ordinary ones.
#if defined(MADV_DONTDUMP)
  (void)madvise(at, bytes, MADV_DONTDUMP);
#endif
#if defined(MADV_WIPEONFORK)
  (void)madvise(at, bytes, MADV_WIPEONFORK);
#endif
#else
  begin_ = static_cast<char*>(std::calloc(bytes, 1));
  if (begin_ == nullptr) throw std::bad_alloc();
#endif
}

SecretPages::SecretPages(SecretPages&& other) noexcept
    : begin_(std::exchange(other.begin_, nullptr)), size_(std::exchange(other.size_, 0)) {}

SecretPages& SecretPages::operator=(SecretPages&& other) noexcept {
  std::swap(begin_, other.begin_);
  std::swap(size_, other.size_);
  return *this;
}

SecretPages::~SecretPages() {
  if (begin_ == nullptr) return;
#if MCPGOV_HAS_MMAP
  // The kernel zeroes pages before anybody else gets them; touching all of them would cost memory.
  munmap(begin_, size_);
#else
  wipe(begin_, size_);
  std::free(begin_);
#endif
}

void wipe(char* bytes, std::size_t size) noexcept {
  volatile char* at = bytes;
  for (std::size_t i = 0; i < size; ++i) at[i] = 0;
}

void wipe(std::string& text) noexcept {
  wipe(text.data(), text.size());
  text.clear();
}

}  // namespace mcpgov
