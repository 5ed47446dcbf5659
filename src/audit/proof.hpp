// One record's proof as a file that stands by itself: c2sp.org/tlog-proof.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "audit/checkpoint.hpp"
#include "audit/tree.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// extra: bytes for the reader that nothing vouches for, such as the record itself, which then the
// proof does. checkpoint: the note as it was signed.
struct InclusionProof {
  std::uint64_t index = 0;  // of the leaf, from 0; a record's sequence number less one
  std::vector<Digest> hashes;
  std::string extra;
  std::string checkpoint;
};

inline constexpr std::size_t kMaxProof = 512 * 1024;  // of text
inline constexpr std::size_t kMaxProofHashes = 64;    // for sizes of 64 bits

// Files are to be named `.tlog-proof`. Throws: std::bad_alloc.
std::string proof_text(const InclusionProof& proof);

// Reads what proof_text() wrote, or others did. Says nothing about whether the proof holds.
// Errors: audit_proof. Throws: std::bad_alloc.
Result<InclusionProof> read_proof(std::string_view text);

// The checkpoint, if this key signed it and the record is the leaf at the proof's index.
// record: a frame's payload. Errors: audit_proof, audit_checkpoint, audit_key.
// Throws: std::bad_alloc.
Result<Checkpoint> verify_proof(const InclusionProof& proof, std::string_view record,
                                const VerifierKey& key);

}  // namespace mcpgov::audit
