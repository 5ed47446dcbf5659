// Tests of src/audit/proof.hpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/proof.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/base64.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;

const std::string kOrigin = "acme.example/log";
const std::string kFirst = "c2sp.org/tlog-proof@v1\n";

struct SignedLog {
  std::vector<Digest> leaves;
  std::string checkpoint;
  VerifierKey key;
};

std::string record(std::size_t at) {
  return "record " + std::to_string(at);
}

SignedLog some_log(std::size_t size) {
  SignedLog out;
  Tree tree;
  for (std::size_t at = 0; at < size; ++at) {
    out.leaves.push_back(leaf_hash(record(at)));
    tree.append(out.leaves.back());
  }
  const auto signer = Signer::from_seed(std::string(32, 's'));
  out.checkpoint = signer->sign({kOrigin, tree.size(), tree.root()});
  out.key = {kOrigin, signer->public_key()};
  return out;
}

InclusionProof proof_of(const SignedLog& log, std::size_t index) {
  return {index, inclusion_proof(log.leaves, index), {}, log.checkpoint};
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("proof: written, read and verified for every record of logs of several sizes") {
  for (const std::size_t size : {1U, 2U, 3U, 7U, 8U, 21U}) {
    const SignedLog log = some_log(size);
    for (std::size_t index = 0; index < size; ++index) {
      CAPTURE(size);
      CAPTURE(index);
      InclusionProof proof = proof_of(log, index);
      if (index % 2 == 1) proof.extra = record(index) + std::string("\0\n", 2);
      const std::string text = proof_text(proof);
      const auto read = read_proof(text);
      REQUIRE_MESSAGE(read.has_value(), read.error().text());
      CHECK(proof_text(*read) == text);
      CHECK(read->extra == proof.extra);
      const auto verified = verify_proof(*read, record(index), log.key);
      REQUIRE_MESSAGE(verified.has_value(), verified.error().text());
      CHECK(verified->size == size);
      CHECK(verified->origin == kOrigin);
    }
  }
}

TEST_CASE("proof: has the form of the specification") {
  const SignedLog log = some_log(2);
  InclusionProof proof = proof_of(log, 1);
  const std::string_view sibling(reinterpret_cast<const char*>(log.leaves[0].data()), 32);
  CHECK(proof_text(proof) ==
        kFirst + "index 1\n" + encode_base64(sibling) + "\n\n" + log.checkpoint);
  proof.extra = "abc";
  CHECK(proof_text(proof).starts_with(kFirst + "extra YWJj\nindex 1\n"));
}

TEST_CASE("proof: another record, place, checkpoint or key is not proven") {
  const SignedLog log = some_log(6);
  const SignedLog longer = some_log(7);
  const InclusionProof proof = proof_of(log, 3);
  REQUIRE(verify_proof(proof, record(3), log.key).has_value());
  CHECK(verify_proof(proof, record(2), log.key).error().code == ErrorCode::audit_proof);
  CHECK(verify_proof(proof, record(3) + " ", log.key).error().code == ErrorCode::audit_proof);
  InclusionProof elsewhere = proof;
  elsewhere.index = 2;
  CHECK(verify_proof(elsewhere, record(3), log.key).error().code == ErrorCode::audit_proof);
  elsewhere.index = 6;
  CHECK(verify_proof(elsewhere, record(3), log.key).error().code == ErrorCode::audit_proof);
  InclusionProof other = proof;
  other.checkpoint = longer.checkpoint;
  CHECK(verify_proof(other, record(3), log.key).error().code == ErrorCode::audit_proof);
  VerifierKey stranger = log.key;
  stranger.public_key = Signer::from_seed(std::string(32, 't'))->public_key();
  CHECK(verify_proof(proof, record(3), stranger).error().code == ErrorCode::audit_checkpoint);
  stranger = {"other.example", log.key.public_key};
  CHECK(verify_proof(proof, record(3), stranger).error().code == ErrorCode::audit_checkpoint);
  CHECK(verify_proof(proof, record(3), {kOrigin, {}}).error().code == ErrorCode::audit_key);
}

TEST_CASE("proof: a change of any bit of its text is refused or proves nothing") {
  const SignedLog log = some_log(5);
  const std::string text = proof_text(proof_of(log, 2));
  std::size_t proven = 0;
  for (std::size_t bit = 0; bit < text.size() * 8; ++bit) {
    std::string changed = text;
    changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ (1 << (bit % 8)));
    const auto read = read_proof(changed);
    if (read && verify_proof(*read, record(2), log.key)) ++proven;
  }
  CHECK(proven == 0);
}

TEST_CASE("proof: texts that are none") {
  const SignedLog log = some_log(4);
  const std::string text = proof_text(proof_of(log, 2));
  const std::string hash = std::string(43, 'A') + "=\n";
  std::string many;
  for (int count = 0; count < 65; ++count) many += hash;
  struct Case {
    const char* name;
    std::string text;
    const char* because;
  };
  const Case cases[] = {
      {"nothing", "", "does not begin with"},
      {"another version", replaced(text, "@v1", "@v2"), "does not begin with"},
      {"something before it", " " + text, "does not begin with"},
      {"line ends of Windows", replaced(text, "\n", "\r\n"), "does not begin with"},
      {"only its first line", kFirst, "has no index"},
      {"no index", kFirst + "\n" + log.checkpoint, "has no index"},
      {"an empty index", replaced(text, "index 2", "index "), "has no index"},
      {"an index with a leading zero", replaced(text, "index 2", "index 02"), "has no index"},
      {"a negative index", replaced(text, "index 2", "index -2"), "has no index"},
      {"an index with a sign", replaced(text, "index 2", "index +2"), "has no index"},
      {"an index with a space after it", replaced(text, "index 2", "index 2 "), "has no index"},
      {"an index of more than 64 bits", replaced(text, "index 2", "index 18446744073709551616"),
       "has no index"},
      {"extra data after the index", replaced(text, "index 2\n", "index 2\nextra YQ==\n"),
       "is no SHA-256 hash"},
      {"extra data twice", replaced(text, "index", "extra YQ==\nextra YQ==\nindex"),
       "has no index"},
      {"extra data that is not base64", replaced(text, "index", "extra ?\nindex"), "not base64"},
      {"extra data that is empty", replaced(text, "index", "extra \nindex"), "not base64"},
      {"extra data and nothing else", kFirst + "extra YQ==", "has no index"},
      {"a hash that is too short", replaced(text, "index 2\n", "index 2\nAAAA\n"), "no SHA-256"},
      {"a hash with a space", replaced(text, "index 2\n", "index 2\n " + hash), "no SHA-256"},
      {"65 hashes", kFirst + "index 2\n" + many + "\n" + log.checkpoint, "more than 64 hashes"},
      {"no empty line before the checkpoint", replaced(text, "\n\n", "\n"), "no SHA-256"},
      {"no checkpoint", text.substr(0, text.find("\n\n") + 1), "ends before its checkpoint"},
      {"an empty checkpoint", text.substr(0, text.find("\n\n") + 2), "holds no checkpoint"},
      {"a checkpoint without signature", text.substr(0, text.rfind("\n\n") + 2),
       "holds no checkpoint"},
      {"more than 512 KiB", text + std::string(kMaxProof, 'x'), "is longer"},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    const auto read = read_proof(c.text);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == ErrorCode::audit_proof);
    CAPTURE(read.error().message);
    CHECK(read.error().message.find(c.because) != std::string::npos);
  }
}

TEST_CASE("proof: 64 hashes are read, whatever they prove") {
  const SignedLog log = some_log(4);
  InclusionProof proof = proof_of(log, 2);
  proof.hashes.assign(64, leaf_hash("x"));
  const auto read = read_proof(proof_text(proof));
  REQUIRE(read.has_value());
  CHECK(read->hashes == proof.hashes);
  CHECK(verify_proof(*read, record(2), log.key).error().code == ErrorCode::audit_proof);
}

}  // namespace
