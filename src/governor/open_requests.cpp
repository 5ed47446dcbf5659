// Requests that wait for their response: linear probing, at most half full, deletion by moving
// back. Tested by tests/governor/open_requests_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/open_requests.hpp"

#include "base/hash.hpp"

namespace mcpgov::detail {

namespace {

// Ids come from the peer. Clustering costs it its own session's time only, and the table is small;
// a secret seed would make even that harder, which `limit` already bounds.
std::uint64_t hash(const wire::Id& id) noexcept {
  const auto type = static_cast<std::uint64_t>(id.type);
  return id.type == wire::Id::Type::string
             ? hash_bytes(id.text, type)
             : mix(static_cast<std::uint64_t>(id.integer) + 0x9e3779b97f4a7c15U,
                   0xd6e8feb86659fd93U + 2 * type);
}

}  // namespace

// The slot that holds the id, or the free one where it belongs.
std::size_t OpenRequests::slot(const wire::Id& id) const noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t at = hash(id) & mask;
  while (slots_[at] != nullptr && !(slots_[at]->facts.id == id)) at = (at + 1) & mask;
  return at;
}

VerdictState* OpenRequests::find(const wire::Id& id) const noexcept {
  return slots_.empty() || !id.present() ? nullptr : slots_[slot(id)];
}

OpenRequests::Added OpenRequests::add(VerdictState* state) {
  if (find(state->facts.id) != nullptr) return Added::in_use;
  const std::size_t bytes = state->facts.raw.size();
  if (size_ >= limit_ || bytes > limit_bytes_ - bytes_) return Added::full;
  if (2 * (size_ + 1U) > slots_.size()) grow();
  slots_[slot(state->facts.id)] = state;
  ++size_;
  bytes_ += bytes;
  return Added::yes;
}

void OpenRequests::remove(const VerdictState* state) noexcept {
  const std::size_t mask = slots_.size() - 1;
  std::size_t hole = slot(state->facts.id);
  if (slots_[hole] != state) return;
  --size_;
  bytes_ -= state->facts.raw.size();
  // What stands behind the hole and belongs at or before it moves into it.
  for (std::size_t at = (hole + 1) & mask; slots_[at] != nullptr; at = (at + 1) & mask) {
    const std::size_t home = hash(slots_[at]->facts.id) & mask;
    if (((at - home) & mask) >= ((at - hole) & mask)) {
      slots_[hole] = slots_[at];
      hole = at;
    }
  }
  slots_[hole] = nullptr;
}

VerdictState* OpenRequests::any_awaiting() const noexcept {
  for (VerdictState* const state : slots_) {
    if (state != nullptr && state->awaiting) return state;
  }
  return nullptr;
}

void OpenRequests::grow() {
  std::vector<VerdictState*> former(slots_.empty() ? 16 : slots_.size() * 2, nullptr);
  former.swap(slots_);
  for (VerdictState* const state : former) {
    if (state != nullptr) slots_[slot(state->facts.id)] = state;
  }
}

}  // namespace mcpgov::detail
