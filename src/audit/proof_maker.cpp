// Proofs made while the leaves pass by: which subtrees a proof names, and their roots.
// Tested by tests/audit/tree_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <bit>
#include <utility>

#include "audit/tree.hpp"

namespace mcpgov::audit {
namespace {

// Where a tree of this size, at least 2, splits: the largest power of two below it.
std::uint64_t split(std::uint64_t size) noexcept {
  return std::bit_floor(size - 1);
}

}  // namespace

// RFC 9162 section 2.1.3.1, from the root down: the half without the leaf is part of the proof.
ProofMaker ProofMaker::inclusion(std::uint64_t index, std::uint64_t size) {
  std::vector<Part> top_down;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (end - begin > 1) {
    const std::uint64_t middle = begin + split(end - begin);
    if (index < middle) {
      top_down.push_back({middle, end, 0, {}});
      end = middle;
    } else {
      top_down.push_back({begin, middle, 0, {}});
      begin = middle;
    }
  }
  std::reverse(top_down.begin(), top_down.end());
  return ProofMaker(std::move(top_down));
}

// RFC 9162 section 2.1.4.1, from the root down to the subtree that ends where the old tree does.
ProofMaker ProofMaker::consistency(std::uint64_t old_size, std::uint64_t size) {
  std::vector<Part> top_down;
  std::uint64_t begin = 0;
  std::uint64_t end = size;
  while (old_size != 0 && end != old_size) {
    const std::uint64_t middle = begin + split(end - begin);
    if (old_size <= middle) {
      top_down.push_back({middle, end, 0, {}});
      end = middle;
    } else {
      top_down.push_back({begin, middle, 0, {}});
      begin = middle;
    }
  }
  // The verifier has the old root, and so this subtree where it is the whole old tree.
  if (begin != 0) top_down.push_back({begin, end, 0, {}});
  std::reverse(top_down.begin(), top_down.end());
  return ProofMaker(std::move(top_down));
}

ProofMaker::ProofMaker(std::vector<Part> bottom_up) : parts_(std::move(bottom_up)) {
  for (std::size_t place = 0; place < parts_.size(); ++place) parts_[place].place = place;
  std::sort(parts_.begin(), parts_.end(),
            [](const Part& a, const Part& b) { return a.begin < b.begin; });
}

void ProofMaker::append(const Digest& leaf) noexcept {
  const std::uint64_t index = passed_++;
  if (next_ == parts_.size() || index < parts_[next_].begin) return;
  part_.append(leaf);
  if (passed_ < parts_[next_].end) return;
  parts_[next_++].root = part_.root();
  part_ = Tree();
}

std::vector<Digest> ProofMaker::proof() const {
  std::vector<Digest> out(parts_.size());
  for (const Part& part : parts_) out[part.place] = part.root;
  return out;
}

std::vector<Digest> inclusion_proof(std::span<const Digest> leaves, std::uint64_t index) {
  ProofMaker maker = ProofMaker::inclusion(index, leaves.size());
  for (const Digest& leaf : leaves) maker.append(leaf);
  return maker.proof();
}

std::vector<Digest> consistency_proof(std::span<const Digest> leaves, std::uint64_t old_size) {
  ProofMaker maker = ProofMaker::consistency(old_size, leaves.size());
  for (const Digest& leaf : leaves) maker.append(leaf);
  return maker.proof();
}

}  // namespace mcpgov::audit
