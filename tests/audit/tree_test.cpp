// Tests of src/audit/tree.hpp against the definitions of RFC 6962 section 2.1, written down as they
// stand there.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/tree.hpp"

#include <bit>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <doctest/doctest.h>

#include "support/allocation.hpp"

namespace {

using namespace mcpgov::audit;
using mcpgov::crypto::hex;
using mcpgov::crypto::sha256;

using Leaves = std::span<const Digest>;
using Proof = std::vector<Digest>;

constexpr std::size_t kLargest = 130;  // past two powers of two

std::vector<Digest> some_leaves(std::size_t count) {
  std::vector<Digest> out;
  for (std::size_t at = 0; at < count; ++at) out.push_back(leaf_hash(std::to_string(at)));
  return out;
}

std::size_t largest_power_below(std::size_t size) {
  std::size_t power = 1;
  while (power * 2 < size) power *= 2;
  return power;
}

Digest defined_root(Leaves leaves) {
  if (leaves.empty()) return sha256("");
  if (leaves.size() == 1) return leaves[0];
  const std::size_t k = largest_power_below(leaves.size());
  return node_hash(defined_root(leaves.first(k)), defined_root(leaves.subspan(k)));
}

Proof with(Proof proof, const Digest& last) {
  proof.push_back(last);
  return proof;
}

Proof defined_path(std::size_t m, Leaves d) {
  if (d.size() == 1) return {};
  const std::size_t k = largest_power_below(d.size());
  return m < k ? with(defined_path(m, d.first(k)), defined_root(d.subspan(k)))
               : with(defined_path(m - k, d.subspan(k)), defined_root(d.first(k)));
}

Proof defined_subproof(std::size_t m, Leaves d, bool whole) {
  if (m == d.size()) return whole ? Proof{} : Proof{defined_root(d)};
  const std::size_t k = largest_power_below(d.size());
  return m <= k ? with(defined_subproof(m, d.first(k), whole), defined_root(d.subspan(k)))
                : with(defined_subproof(m - k, d.subspan(k), false), defined_root(d.first(k)));
}

// Every way to damage a proof a little; `holds` must deny them all.
template <class Holds>
std::size_t damages_that_hold(const Proof& proof, const Holds& holds) {
  std::size_t held = 0;
  Proof damaged = proof;
  for (std::size_t at = 0; at < proof.size(); ++at) {
    for (std::size_t bit = 0; bit < 256; ++bit) {
      const auto mask = static_cast<std::uint8_t>(1U << (bit % 8));
      damaged[at][bit / 8] = static_cast<std::uint8_t>(damaged[at][bit / 8] ^ mask);
      held += holds(damaged) ? 1 : 0;
      damaged[at][bit / 8] = static_cast<std::uint8_t>(damaged[at][bit / 8] ^ mask);
    }
    Proof shorter = proof;
    shorter.erase(shorter.begin() + static_cast<std::ptrdiff_t>(at));
    held += holds(shorter) ? 1 : 0;
    if (at > 0) {
      std::swap(damaged[at - 1], damaged[at]);
      held += holds(damaged) ? 1 : 0;
      std::swap(damaged[at - 1], damaged[at]);
    }
  }
  for (const Digest& extra : {Digest{}, sha256("")}) {
    held += holds(with(proof, extra)) ? 1 : 0;
    Proof before{extra};
    before.insert(before.end(), proof.begin(), proof.end());
    held += holds(before) ? 1 : 0;
  }
  return held;
}

TEST_CASE("tree: the published hashes") {
  CHECK(hex(Tree().root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(Tree().root() == sha256(""));
  CHECK(hex(leaf_hash("")) == "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d");
  Tree abc;
  for (const std::string_view leaf : {"a", "b", "c"}) abc.append(leaf_hash(leaf));
  CHECK(hex(abc.root()) == "36642e73c2540ab121e3a6bf9545b0a24982cd830eb13d3cd19de3ce6c021ec1");
}

TEST_CASE("tree: the roots of Certificate Transparency's eight leaves") {
  // Leaves and roots of github.com/google/certificate-transparency, merkle_tree_test.cc.
  using namespace std::string_view_literals;
  const std::pair<std::string_view, const char*> steps[] = {
      {"", "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"},
      {"\0"sv, "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125"},
      {"\x10", "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77"},
      {"\x20\x21", "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7"},
      {"\x30\x31", "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4"},
      {"\x40\x41\x42\x43", "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef"},
      {"\x50\x51\x52\x53\x54\x55\x56\x57",
       "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c"},
      {"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
       "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"},
  };
  Tree tree;
  for (const auto& [leaf, root] : steps) {
    tree.append(leaf_hash(leaf));
    CAPTURE(tree.size());
    CHECK(hex(tree.root()) == root);
  }
}

TEST_CASE("tree: a node is no leaf of the same bytes") {
  const Digest left = leaf_hash("l");
  const Digest right = leaf_hash("r");
  std::string both(left.begin(), left.end());
  both.append(right.begin(), right.end());
  CHECK(node_hash(left, right) == sha256('\x01' + both));
  CHECK(node_hash(left, right) != leaf_hash(both));
  CHECK(node_hash(left, right) != node_hash(right, left));
}

TEST_CASE("tree: every size has the root that the definition gives, and goes on from its edge") {
  const std::vector<Digest> leaves = some_leaves(kLargest);
  Tree tree;
  for (std::size_t size = 0; size <= kLargest; ++size) {
    CAPTURE(size);
    REQUIRE(tree.size() == size);
    REQUIRE(tree.root() == defined_root(Leaves(leaves).first(size)));
    REQUIRE(tree.edge().size() == static_cast<std::size_t>(std::popcount(size)));
    std::optional<Tree> resumed = Tree::resume(size, tree.edge());
    REQUIRE(resumed.has_value());
    REQUIRE(resumed->root() == tree.root());
    for (std::size_t next = size; next < kLargest; ++next) resumed->append(leaves[next]);
    REQUIRE(resumed->root() == defined_root(leaves));
    if (size < kLargest) tree.append(leaves[size]);
  }
}

TEST_CASE("tree: an edge of another size is none") {
  const std::vector<Digest> leaves = some_leaves(3);
  CHECK_FALSE(Tree::resume(1, {}).has_value());
  CHECK_FALSE(Tree::resume(0, leaves).has_value());
  CHECK_FALSE(Tree::resume(4, leaves).has_value());
  CHECK(Tree::resume(7, leaves).has_value());
  CHECK(Tree::resume(~std::uint64_t{0}, some_leaves(64)).has_value());
  CHECK_FALSE(Tree::resume(~std::uint64_t{0}, some_leaves(65)).has_value());
}

TEST_CASE("tree: growing allocates nothing") {
  Tree tree;
  const Digest leaf = leaf_hash("leaf");
  const std::size_t before = mcpgov::test::allocation_count();
  for (int round = 0; round < 1000; ++round) tree.append(leaf_hash("leaf"));
  tree.append(leaf);
  const Digest root = tree.root();
  CHECK(mcpgov::test::allocation_count() == before);
  CHECK(root != leaf);
}

TEST_CASE("inclusion: every leaf of every tree is proven as defined, and nothing else is") {
  const std::vector<Digest> all = some_leaves(kLargest + 1);
  for (std::size_t size = 1; size <= kLargest; ++size) {
    const Leaves leaves = Leaves(all).first(size);
    const Digest root = defined_root(leaves);
    for (std::size_t index = 0; index < size; ++index) {
      CAPTURE(size);
      CAPTURE(index);
      const Proof proof = inclusion_proof(leaves, index);
      REQUIRE(proof == defined_path(index, leaves));
      REQUIRE(verify_inclusion(leaves[index], index, size, proof, root));
      REQUIRE_FALSE(verify_inclusion(all[kLargest], index, size, proof, root));
      REQUIRE_FALSE(verify_inclusion(leaves[index], index, size, proof, all[kLargest]));
      REQUIRE_FALSE(verify_inclusion(leaves[index], index, 0, proof, root));
      std::size_t elsewhere = 0;
      for (std::size_t other = 0; other < size + 2; ++other) {
        elsewhere += verify_inclusion(leaves[index], other, size, proof, root) ? 1 : 0;
      }
      REQUIRE(elsewhere == 1);
    }
  }
}

TEST_CASE("inclusion: no bit, length or order of a proof can be changed") {
  const std::vector<Digest> all = some_leaves(33);
  for (const std::size_t size : {1U, 2U, 3U, 5U, 8U, 13U, 33U}) {
    const Leaves leaves = Leaves(all).first(size);
    const Digest root = defined_root(leaves);
    for (std::size_t index = 0; index < size; ++index) {
      CAPTURE(size);
      CAPTURE(index);
      REQUIRE(damages_that_hold(inclusion_proof(leaves, index), [&](const Proof& damaged) {
                return verify_inclusion(leaves[index], index, size, damaged, root);
              }) == 0);
    }
  }
}

TEST_CASE("consistency: every pair of sizes is proven as defined, and no other pair is") {
  const std::vector<Digest> all = some_leaves(kLargest);
  std::vector<Digest> roots;
  for (std::size_t size = 0; size <= kLargest; ++size) {
    roots.push_back(defined_root(Leaves(all).first(size)));
  }
  for (std::size_t size = 0; size <= kLargest; ++size) {
    for (std::size_t old = 0; old <= size; ++old) {
      CAPTURE(size);
      CAPTURE(old);
      const Leaves leaves = Leaves(all).first(size);
      const Proof proof = consistency_proof(leaves, old);
      if (old > 0) REQUIRE(proof == defined_subproof(old, leaves, true));
      REQUIRE(verify_consistency(old, roots[old], size, roots[size], proof));
      REQUIRE_FALSE(verify_consistency(old, leaf_hash("x"), size, roots[size], proof));
      if (old != size) {
        REQUIRE_FALSE(verify_consistency(size, roots[size], old, roots[old], proof));
      }
      if (old > 0) {
        REQUIRE_FALSE(verify_consistency(old, roots[old], size, leaf_hash("x"), proof));
        REQUIRE_FALSE(verify_consistency(old - 1, roots[old], size, roots[size], proof));
      }
    }
  }
}

TEST_CASE("consistency: no bit, length or order of a proof can be changed") {
  const std::vector<Digest> all = some_leaves(33);
  for (const std::size_t size : {1U, 2U, 3U, 7U, 8U, 12U, 33U}) {
    const Leaves leaves = Leaves(all).first(size);
    for (std::size_t old = 0; old <= size; ++old) {
      CAPTURE(size);
      CAPTURE(old);
      const Digest old_root = defined_root(leaves.first(old));
      REQUIRE(damages_that_hold(consistency_proof(leaves, old), [&](const Proof& damaged) {
                return verify_consistency(old, old_root, size, defined_root(leaves), damaged);
              }) == 0);
    }
  }
}

TEST_CASE("proof maker: leaves past the size are of no account, and missing ones prove nothing") {
  const std::vector<Digest> leaves = some_leaves(20);
  ProofMaker more = ProofMaker::inclusion(4, 13);
  for (const Digest& leaf : leaves) more.append(leaf);
  CHECK(more.proof() == defined_path(4, Leaves(leaves).first(13)));
  ProofMaker fewer = ProofMaker::inclusion(4, 13);
  for (std::size_t at = 0; at < 12; ++at) fewer.append(leaves[at]);
  const Digest root = defined_root(Leaves(leaves).first(13));
  CHECK_FALSE(verify_inclusion(leaves[4], 4, 13, fewer.proof(), root));
}

TEST_CASE("proofs: sizes of the whole range of 64 bits neither hang nor hold") {
  const Digest leaf = leaf_hash("x");
  const Proof proof(64, leaf);
  constexpr std::uint64_t most = ~std::uint64_t{0};
  for (const std::uint64_t size : {most, most - 1, std::uint64_t{1} << 63}) {
    CHECK_FALSE(verify_inclusion(leaf, size - 1, size, proof, leaf));
    CHECK_FALSE(verify_inclusion(leaf, 0, size, proof, leaf));
    CHECK_FALSE(verify_inclusion(leaf, size, size, proof, leaf));
    CHECK_FALSE(verify_consistency(size - 1, leaf, size, leaf, proof));
    CHECK_FALSE(verify_consistency(1, leaf, size, leaf, proof));
    CHECK(ProofMaker::inclusion(0, size).proof().size() <= 64);
    CHECK(ProofMaker::consistency(size - 1, size).proof().size() <= 64);
  }
}

}  // namespace
