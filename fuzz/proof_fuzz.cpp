// Proofs of any shape: nothing crashes, what was read is written the same way again, and none of
// them proves a record that the log does not have.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <string>
#include <string_view>

#include "audit/proof.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

// The first hash is the root, the others are the proof; sizes come of the index.
void try_hashes(const InclusionProof& proof) {
  if (proof.hashes.empty()) return;
  const Digest& root = proof.hashes.front();
  const std::span<const Digest> rest = std::span(proof.hashes).subspan(1);
  const Digest leaf = leaf_hash("a record that is nowhere");
  for (const std::uint64_t size : {proof.index + 1, proof.index * 2 + 1, ~proof.index}) {
    require(!verify_inclusion(leaf, proof.index, size, rest, root));
    require(!verify_consistency(proof.index, leaf, size, root, rest) || proof.index == size);
    if (proof.index < size) (void)ProofMaker::inclusion(proof.index, size).proof();
    if (proof.index <= size) (void)ProofMaker::consistency(proof.index, size).proof();
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Signer signer = *Signer::from_seed(std::string(32, 's'));
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  const auto proof = read_proof(text);
  if (!proof) return 0;
  require(proof_text(*proof) == text);
  const auto checkpoint = parse_checkpoint(proof->checkpoint);
  require(checkpoint.has_value());
  const VerifierKey key = {checkpoint->origin, signer.public_key()};
  require(!verify_proof(*proof, "a record that is nowhere", key));
  try_hashes(*proof);
  return 0;
}
