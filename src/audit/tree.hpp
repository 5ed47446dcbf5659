// The Merkle tree of a log (RFC 6962 section 2.1) while it grows, and proofs about it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/sha256.hpp"

namespace mcpgov::audit {

using crypto::Digest;

// SHA-256(0x00 || bytes) and SHA-256(0x01 || left || right). Throw: std::bad_alloc.
Digest leaf_hash(std::string_view bytes);
Digest node_hash(const Digest& left, const Digest& right);

// The right edge of a tree: one hash for each bit of its size.
// Threads: thread-compatible. Throws: std::bad_alloc.
class Tree {
 public:
  void append(const Digest& leaf);
  std::uint64_t size() const noexcept { return size_; }
  // Of the empty tree: SHA-256 of nothing.
  Digest root() const;

 private:
  std::uint64_t size_ = 0;
  std::vector<Digest> edge_;  // largest subtree first
};

// leaves: the hashes of all leaves of the tree, in order. index < leaves.size().
std::vector<Digest> inclusion_proof(std::span<const Digest> leaves, std::uint64_t index);
std::vector<Digest> consistency_proof(std::span<const Digest> leaves, std::uint64_t old_size);

// Whether the leaf is the one at index of the tree of that size and root. Never throws for what a
// proof may hold.
bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const Digest> proof, const Digest& root);
bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size,
                        const Digest& new_root, std::span<const Digest> proof);

}  // namespace mcpgov::audit
