// The Merkle tree of a log (RFC 6962 section 2.1, the same as RFC 9162 section 2.1) while it grows,
// and proofs about it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "crypto/sha256.hpp"

namespace mcpgov::audit {

using crypto::Digest;

// SHA-256(0x00 || bytes) and SHA-256(0x01 || left || right).
Digest leaf_hash(std::string_view bytes) noexcept;
Digest node_hash(const Digest& left, const Digest& right) noexcept;

// The right edge of a tree: one hash for each bit of its size. Allocates nothing.
// Threads: thread-compatible.
class Tree {
 public:
  void append(const Digest& leaf) noexcept;
  std::uint64_t size() const noexcept { return size_; }
  // Of the empty tree: SHA-256 of nothing.
  Digest root() const noexcept;

  // What a tree can go on from: the roots of its perfect subtrees, largest first. Whoever reads it
  // back compares root() with one that can be relied on. nullopt: not one hash for each bit of
  // size.
  std::span<const Digest> edge() const noexcept { return {edge_.data(), depth_}; }
  static std::optional<Tree> resume(std::uint64_t size, std::span<const Digest> edge) noexcept;

 private:
  std::uint64_t size_ = 0;
  std::size_t depth_ = 0;
  std::array<Digest, 64> edge_ = {};
};

// A proof that is made while the leaves pass by, in memory of the proof's own size, so that logs of
// any length have proofs. Threads: one thread at a time. Throws: std::bad_alloc.
class ProofMaker {
 public:
  // That the leaf at index is one of the tree of that size. index < size.
  static ProofMaker inclusion(std::uint64_t index, std::uint64_t size);
  // That the tree of old_size is a beginning of that of size. old_size <= size.
  static ProofMaker consistency(std::uint64_t old_size, std::uint64_t size);

  // The next leaf, from the first; those at and past size are of no account.
  void append(const Digest& leaf) noexcept;
  // Complete once `size` leaves have passed. In the order of RFC 9162.
  std::vector<Digest> proof() const;

 private:
  // Leaves [begin, end), whose root stands in the proof at `place`.
  struct Part {
    std::uint64_t begin = 0, end = 0;
    std::size_t place = 0;
    Digest root = {};
  };
  explicit ProofMaker(std::vector<Part> bottom_up);

  std::vector<Part> parts_;  // in the order of the leaves
  std::size_t next_ = 0;
  std::uint64_t passed_ = 0;
  Tree part_;
};

// leaves: the hashes of all leaves of the tree, in order. index < leaves.size(); old_size at most
// that. Throw: std::bad_alloc.
std::vector<Digest> inclusion_proof(std::span<const Digest> leaves, std::uint64_t index);
std::vector<Digest> consistency_proof(std::span<const Digest> leaves, std::uint64_t old_size);

// Whether the leaf is the one at index of the tree of that size and root (RFC 9162
// section 2.1.3.2).
bool verify_inclusion(const Digest& leaf, std::uint64_t index, std::uint64_t size,
                      std::span<const Digest> proof, const Digest& root) noexcept;
// Whether the old tree is a beginning of the new one (RFC 9162 section 2.1.4.2). The empty tree is
// one of every tree, and a tree is one of itself; both proofs are empty.
bool verify_consistency(std::uint64_t old_size, const Digest& old_root, std::uint64_t new_size,
                        const Digest& new_root, std::span<const Digest> proof) noexcept;

}  // namespace mcpgov::audit
