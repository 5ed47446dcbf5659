// Ranges of proofs.
// Tested by tests/policy/validation_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/validation/capabilities.hpp"

#include <algorithm>

namespace mcpgov::policy::cedar::validation {

void Capabilities::drop(std::size_t first, std::size_t last) {
  const auto begin = learned_.begin();
  learned_.erase(begin + static_cast<std::ptrdiff_t>(first),
                 begin + static_cast<std::ptrdiff_t>(last));
}

void Capabilities::intersect(std::size_t first, std::size_t middle) {
  if (first == middle || middle == learned_.size()) return forget(first);
  ++intersection_;
  const auto highest =
      *std::max_element(learned_.begin() + static_cast<std::ptrdiff_t>(first), learned_.end());
  if (seen_.size() <= highest) seen_.resize(highest + 1, 0);
  for (std::size_t i = first; i < middle; ++i) seen_[learned_[i]] = intersection_;
  std::size_t kept = first;
  for (std::size_t i = middle; i < learned_.size(); ++i) {
    if (seen_[learned_[i]] != intersection_) continue;
    seen_[learned_[i]] = 0;  // once is enough
    learned_[kept++] = learned_[i];
  }
  forget(kept);
}

void Capabilities::hold(std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) {
    const std::uint32_t proof = learned_[i];
    if (held_.size() <= proof) held_.resize(proof + 1, 0);
    ++held_[proof];
  }
}

void Capabilities::release(std::size_t first, std::size_t last) {
  for (std::size_t i = first; i < last; ++i) --held_[learned_[i]];
}

}  // namespace mcpgov::policy::cedar::validation
