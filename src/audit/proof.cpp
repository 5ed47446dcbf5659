// The text of c2sp.org/tlog-proof, and whether it proves a record.
// Tested by tests/audit/proof_test.cpp and fuzz/proof_fuzz.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/proof.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.hpp"

namespace mcpgov::audit {
namespace {

constexpr std::string_view kFirstLine = "c2sp.org/tlog-proof@v1";
constexpr std::string_view kExtra = "extra ";
constexpr std::string_view kIndex = "index ";

Error refused(std::string_view why) {
  return {ErrorCode::audit_proof, "the proof " + std::string(why), {}, 0, 0};
}

// False: the text ends within the line.
bool take_line(std::string_view& text, std::string_view& line) noexcept {
  const std::size_t end = text.find('\n');
  if (end == std::string_view::npos) return false;
  line = text.substr(0, end);
  text.remove_prefix(end + 1);
  return true;
}

bool read_index(std::string_view line, std::uint64_t& index) noexcept {
  if (!line.starts_with(kIndex)) return false;
  line.remove_prefix(kIndex.size());
  if (line.empty() || (line.front() == '0' && line.size() > 1)) return false;
  const auto [end, failure] = std::from_chars(line.data(), line.data() + line.size(), index);
  return failure == std::errc() && end == line.data() + line.size();
}

bool read_hash(std::string_view line, Digest& hash) {
  std::string bytes;
  if (!decode_base64(line, bytes) || bytes.size() != hash.size()) return false;
  std::copy(bytes.begin(), bytes.end(), hash.begin());
  return true;
}

}  // namespace

std::string proof_text(const InclusionProof& proof) {
  std::string out(kFirstLine);
  out += '\n';
  if (!proof.extra.empty()) out.append(kExtra).append(encode_base64(proof.extra)).append("\n");
  out.append(kIndex).append(std::to_string(proof.index)).append("\n");
  for (const Digest& hash : proof.hashes) {
    const std::string_view bytes(reinterpret_cast<const char*>(hash.data()), hash.size());
    out.append(encode_base64(bytes)).append("\n");
  }
  return out.append("\n").append(proof.checkpoint);
}

Result<InclusionProof> read_proof(std::string_view text) {
  if (text.size() > kMaxProof) return refused("is longer than 512 KiB");
  InclusionProof out;
  std::string_view line;
  if (!take_line(text, line) || line != kFirstLine) {
    return refused("does not begin with `" + std::string(kFirstLine) + "`");
  }
  if (!take_line(text, line)) return refused("has no index");
  if (line.starts_with(kExtra)) {
    // Without extra data there is no such line.
    if (!decode_base64(line.substr(kExtra.size()), out.extra) || out.extra.empty()) {
      return refused("has extra data that is not base64");
    }
    if (!take_line(text, line)) return refused("has no index");
  }
  if (!read_index(line, out.index)) return refused("has no index");
  for (;;) {
    if (!take_line(text, line)) return refused("ends before its checkpoint");
    if (line.empty()) break;
    if (out.hashes.size() == kMaxProofHashes) return refused("has more than 64 hashes");
    if (!read_hash(line, out.hashes.emplace_back())) {
      return refused("has a line that is no SHA-256 hash in base64");
    }
  }
  out.checkpoint = text;
  if (const auto checkpoint = parse_checkpoint(text); !checkpoint) {
    return refused("holds no checkpoint: " + checkpoint.error().message);
  }
  return out;
}

Result<Checkpoint> verify_proof(const InclusionProof& proof, std::string_view record,
                                const VerifierKey& key) {
  Result<Checkpoint> checkpoint = open_checkpoint(proof.checkpoint, key);
  if (!checkpoint) return checkpoint;
  if (!verify_inclusion(leaf_hash(record), proof.index, checkpoint->size, proof.hashes,
                        checkpoint->root)) {
    return refused("does not lead from this record, as number " + std::to_string(proof.index) +
                   ", to the root that was signed");
  }
  return checkpoint;
}

}  // namespace mcpgov::audit
