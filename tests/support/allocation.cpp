// operator new, counted and made to fail. In a file of its own, so that no compiler sees through
// it.
//
// SPDX-License-Identifier: Apache-2.0
#include "support/allocation.hpp"

#include <cstdlib>
#include <new>

namespace {

constexpr std::size_t kNever = static_cast<std::size_t>(-1);
thread_local std::size_t allocations = 0;
thread_local std::size_t bytes = 0;
thread_local std::size_t fail_at = kNever;
thread_local bool fail_all = false;
thread_local bool failed = false;

bool must_fail(std::size_t size) noexcept {
  bytes += size;
  const std::size_t number = allocations++;
  if (number != fail_at && !(fail_all && fail_at != kNever && number > fail_at)) return false;
  failed = true;
  return true;
}

}  // namespace

// All forms, though the standard's own would call the first ([new.delete]): AddressSanitizer has
// some of its own, which would not match ours.
void* operator new(std::size_t size) {
  void* const memory = must_fail(size) ? nullptr : std::malloc(size == 0 ? 1 : size);
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return must_fail(size) ? nullptr : std::malloc(size == 0 ? 1 : size);
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return operator new(size, std::nothrow);
}
void operator delete(void* memory) noexcept {
  std::free(memory);
}
void operator delete(void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete(void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}
void operator delete[](void* memory) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, std::size_t) noexcept {
  std::free(memory);
}
void operator delete[](void* memory, const std::nothrow_t&) noexcept {
  std::free(memory);
}

namespace mcpgov::test {

std::size_t allocation_count() noexcept {
  return allocations;
}

std::size_t allocated_bytes() noexcept {
  return bytes;
}

FailingHeap::FailingHeap(std::size_t n, bool all) noexcept {
  failed = false;
  fail_all = all;
  fail_at = allocations + n;
}
FailingHeap::~FailingHeap() {
  fail_at = kNever;
  fail_all = false;
}
bool FailingHeap::reached() const noexcept {
  return failed;
}

}  // namespace mcpgov::test
