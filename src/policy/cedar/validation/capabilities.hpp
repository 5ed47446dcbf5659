// What an expression being true proves: which attributes and tags exist. A stack, so that the
// proofs of an operand lie together and flow to where they count without being copied.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace mcpgov::policy::cedar::validation {

// One proof is a small number (see Checker::proof). Learned ones lie on the stack; a range of the
// stack is held while an expression is checked that may rely on it.
// Threads: one thread. Throws: std::bad_alloc.
class Capabilities {
 public:
  std::size_t mark() const noexcept { return learned_.size(); }

  void learn(std::uint32_t proof) { learned_.push_back(proof); }
  // Everything above the mark. Nothing of it may be held.
  void forget(std::size_t mark) { learned_.resize(mark); }
  // [first, last), with what lies above moving down.
  void drop(std::size_t first, std::size_t last);
  // Leaves at `first` what both [first, middle) and [middle, top) prove.
  void intersect(std::size_t first, std::size_t middle);

  void hold(std::size_t first, std::size_t last);
  void release(std::size_t first, std::size_t last);
  bool held(std::uint32_t proof) const noexcept {
    return proof < held_.size() && held_[proof] != 0;
  }

  void clear() {
    learned_.clear();
    held_.clear();
    seen_.clear();
  }

 private:
  std::vector<std::uint32_t> learned_;
  std::vector<std::uint32_t> held_;  // by proof: how often it is held
  std::vector<std::uint32_t> seen_;  // by proof: the last intersection that met it
  std::uint32_t intersection_ = 0;
};

}  // namespace mcpgov::policy::cedar::validation
