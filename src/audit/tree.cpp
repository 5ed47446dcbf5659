// The Merkle tree of a log, and verification of proofs about it.
// Tested by tests/audit/tree_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/tree.hpp"

#include <algorithm>
#include <bit>

namespace mcpgov::audit {
namespace {

std::string_view text_of(const Digest& digest) noexcept {
  return {reinterpret_cast<const char*>(digest.data()), digest.size()};
}

// SHA-256 of nothing.
constexpr Digest kEmptyRoot = {0xe3, 0xb0, 0xc4, 0x42, 0x98, 0xfc, 0x1c, 0x14, 0x9a, 0xfb, 0xf4,
                               0xc8, 0x99, 0x6f, 0xb9, 0x24, 0x27, 0xae, 0x41, 0xe4, 0x64, 0x9b,
                               0x93, 0x4c, 0xa4, 0x95, 0x99, 0x1b, 0x78, 0x52, 0xb8, 0x55};

// Up to the next level at which there is something to the left, or to the top.
void climb(std::uint64_t& first, std::uint64_t& second) noexcept {
  while (first != 0 && (first & 1) == 0) {
    first >>= 1;
    second >>= 1;
  }
}

}  // namespace

Digest leaf_hash(std::string_view bytes) noexcept {
  return crypto::sha256_tagged(0x00, bytes);
}

Digest node_hash(const Digest& left, const Digest& right) noexcept {
  return crypto::sha256_tagged(0x01, text_of(left), text_of(right));
}

void Tree::append(const Digest& leaf) noexcept {
  Digest node = leaf;
  // Every bit that is set carries, as in an addition of one.
  for (std::uint64_t carry = size_; (carry & 1) != 0; carry >>= 1) {
    node = node_hash(edge_[--depth_], node);
  }
  edge_[depth_++] = node;
  ++size_;
}

Digest Tree::root() const noexcept {
  if (depth_ == 0) return kEmptyRoot;
  Digest root = edge_[depth_ - 1];
  for (std::size_t at = depth_ - 1; at-- > 0;) root = node_hash(edge_[at], root);
  return root;
}

std::optional<Tree> Tree::resume(std::uint64_t size, std::span<const Digest> edge) noexcept {
  if (edge.size() != static_cast<std::size_t>(std::popcount(size))) return std::nullopt;
  Tree tree;
  tree.size_ = size;
  tree.depth_ = edge.size();
  std::copy(edge.begin(), edge.end(), tree.edge_.begin());
  return tree;
}

bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const Digest> proof, const Digest& root) noexcept {
  if (index >= size) return false;
  std::uint64_t node = index;
  std::uint64_t last = size - 1;
  Digest hash = leaf;
  for (const Digest& sibling : proof) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      hash = node_hash(sibling, hash);
      climb(node, last);
    } else {
      hash = node_hash(hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && hash == root;
}

bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size,
                        const Digest& new_root, std::span<const Digest> proof) noexcept {
  if (old_size > new_size) return false;
  if (old_size == new_size) return proof.empty() && old_root == new_root;
  // RFC 9162 leaves this out; nothing is left to prove but that the old tree was empty.
  if (old_size == 0) return proof.empty() && old_root == kEmptyRoot;
  std::uint64_t node = old_size - 1;
  std::uint64_t last = new_size - 1;
  while ((node & 1) != 0) {
    node >>= 1;
    last >>= 1;
  }
  // An old tree that is a perfect one is a node of the new tree; its root is not sent again.
  const bool sent = !std::has_single_bit(old_size);
  if (sent && proof.empty()) return false;
  Digest old_hash = sent ? proof.front() : old_root;
  Digest new_hash = old_hash;
  for (const Digest& sibling : proof.subspan(sent ? 1 : 0)) {
    if (last == 0) return false;
    if ((node & 1) != 0 || node == last) {
      old_hash = node_hash(sibling, old_hash);
      new_hash = node_hash(sibling, new_hash);
      climb(node, last);
    } else {
      new_hash = node_hash(new_hash, sibling);
    }
    node >>= 1;
    last >>= 1;
  }
  return last == 0 && old_hash == old_root && new_hash == new_root;
}

}  // namespace mcpgov::audit
