// An operator new that fails on request, for the whole program, the shared library included.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstdlib>
#include <new>

namespace {

long countdown = -1;  // allocations until the one that fails; negative: none does
int failures = 0;

void* allocate(std::size_t size) noexcept {
  if (countdown == 0) {
    ++failures;
    return nullptr;
  }
  if (countdown > 0) --countdown;
  return std::malloc(size == 0 ? 1 : size);
}

}  // namespace

extern "C" {
// From the allocation after `count` others on, every one fails, until stop_failing().
void fail_after(long count) {
  failures = 0;
  countdown = count;
}
// How many failed.
int stop_failing(void) {
  countdown = -1;
  return failures;
}
}

void* operator new(std::size_t size) {
  void* const out = allocate(size);
  if (out == nullptr) throw std::bad_alloc();
  return out;
}
void* operator new[](std::size_t size) {
  return operator new(size);
}
void* operator new(std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void* operator new[](std::size_t size, const std::nothrow_t&) noexcept {
  return allocate(size);
}
void operator delete(void* from) noexcept {
  std::free(from);
}
void operator delete[](void* from) noexcept {
  std::free(from);
}
void operator delete(void* from, std::size_t) noexcept {
  std::free(from);
}
void operator delete[](void* from, std::size_t) noexcept {
  std::free(from);
}
void operator delete(void* from, const std::nothrow_t&) noexcept {
  std::free(from);
}
void operator delete[](void* from, const std::nothrow_t&) noexcept {
  std::free(from);
}
