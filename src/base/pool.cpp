// The block pool: one owner per thread, with a lock-free way home for blocks of other threads.
// Tested by tests/base/pool_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "base/pool.hpp"

#include <atomic>
#include <cstdint>
#include <new>

namespace mcpgov {

namespace {

constexpr std::size_t kSizes[] = {1024, 2048, 4096, 16384};
constexpr std::size_t kClasses = sizeof kSizes / sizeof kSizes[0];

struct Owner;

struct alignas(std::max_align_t) Head {
  Owner* owner;  // null: larger than every class
  Head* next;
  std::size_t size_class;
};

// Owner of the blocks of one thread. It lives until the thread has ended and every block is home.
struct Owner {
  Head* free[kClasses] = {};
  std::uint64_t kept[kClasses] = {};
  std::atomic<Head*> returned{nullptr};
  std::int64_t out = 0;                  // blocks taken and not yet seen again; this thread only
  std::atomic<std::int64_t> closing{0};  // blocks still out once the thread has ended
};

// Marks `returned` of an owner whose thread has ended; blocks then go to the system.
Head closed_mark;

// Blocks kept per class: enough that 10,000 open verdicts about ordinary calls come back warm.
constexpr std::uint64_t kKeep[kClasses] = {16384, 16384, 2048, 128};

void keep_or_free(Owner& owner, Head* head) noexcept {
  --owner.out;
  if (owner.kept[head->size_class] >= kKeep[head->size_class]) {
    ::operator delete(head);
    return;
  }
  head->next = owner.free[head->size_class];
  owner.free[head->size_class] = head;
  ++owner.kept[head->size_class];
}

void collect(Owner& owner) noexcept {
  Head* head = owner.returned.exchange(nullptr, std::memory_order_acquire);
  while (head != nullptr) {
    Head* const next = head->next;
    keep_or_free(owner, head);
    head = next;
  }
}

struct Thread {
  Owner* owner = nullptr;
  bool ended = false;

  Owner* get() {
    if (owner == nullptr && !ended) owner = new Owner;
    return owner;
  }

  ~Thread() {
    ended = true;
    if (owner == nullptr) return;
    Owner* const mine = owner;
    owner = nullptr;
    Head* head = mine->returned.exchange(&closed_mark, std::memory_order_acq_rel);
    while (head != nullptr) {
      Head* const next = head->next;
      ::operator delete(head);
      --mine->out;
      head = next;
    }
    for (Head*& list : mine->free) {
      while (list != nullptr) {
        Head* const next = list->next;
        ::operator delete(list);
        list = next;
      }
    }
    // Returns that saw the mark before this line have counted down already. Once the count is in,
    // the last of the others may delete the owner: nothing of it is read any more.
    const std::int64_t out = mine->out;
    if (mine->closing.fetch_add(out, std::memory_order_acq_rel) + out == 0) delete mine;
  }
};

thread_local Thread thread;

Head* allocate(std::size_t bytes) {
  return static_cast<Head*>(::operator new(sizeof(Head) + bytes));
}

void give_home(Head* head) noexcept {
  Owner* const owner = head->owner;
  Head* top = owner->returned.load(std::memory_order_acquire);
  do {
    if (top == &closed_mark) {
      ::operator delete(head);
      if (owner->closing.fetch_sub(1, std::memory_order_acq_rel) == 1) delete owner;
      return;
    }
    head->next = top;
  } while (!owner->returned.compare_exchange_weak(top, head, std::memory_order_acq_rel,
                                                  std::memory_order_acquire));
}

}  // namespace

Block take_block(std::size_t bytes) {
  std::size_t size_class = 0;
  while (size_class < kClasses && kSizes[size_class] < bytes) ++size_class;
  Owner* const owner = size_class < kClasses ? thread.get() : nullptr;
  if (owner == nullptr) {
    Head* const head = allocate(bytes);
    head->owner = nullptr;
    return {head + 1, bytes};
  }
  if (owner->free[size_class] == nullptr) collect(*owner);
  Head* head = owner->free[size_class];
  if (head != nullptr) {
    owner->free[size_class] = head->next;
    --owner->kept[size_class];
  } else {
    head = allocate(kSizes[size_class]);
    head->owner = owner;
    head->size_class = size_class;
  }
  ++owner->out;
  return {head + 1, kSizes[size_class]};
}

void give_block(void* bytes) noexcept {
  if (bytes == nullptr) return;
  Head* const head = static_cast<Head*>(bytes) - 1;
  if (head->owner == nullptr) {
    ::operator delete(head);
  } else if (head->owner == thread.owner) {
    keep_or_free(*head->owner, head);
  } else {
    give_home(head);
  }
}

}  // namespace mcpgov
