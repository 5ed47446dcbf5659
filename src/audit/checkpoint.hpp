// Signed statements about a tree: C2SP tlog-checkpoint in a C2SP signed note, with Ed25519.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "audit/tree.hpp"
#include "mcpgov/audit.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

struct Checkpoint {
  std::string origin;
  std::uint64_t size = 0;
  Digest root = {};
};

// The text that is signed: origin, size and root, a line each.
std::string checkpoint_text(const Checkpoint& checkpoint);

// Who signs: a key of a file, or the host. Threads: one thread at a time.
class Signer {
 public:
  // seed: 32 bytes. Errors: audit_key.
  static Result<Signer> from_seed(std::string_view seed);
  static Signer from_host(Sign sign, void* context, const std::array<std::uint8_t, 32>& public_key);

  const std::array<std::uint8_t, 32>& public_key() const noexcept { return public_key_; }
  // The whole note, named by the checkpoint's origin. Empty: it cannot be signed.
  std::string sign(const Checkpoint& checkpoint) const;

 private:
  Signer() = default;
  std::array<std::uint8_t, 32> public_key_ = {};
  std::array<char, 32> seed_ = {};  // wiped at the end
  Sign sign_ = nullptr;
  void* context_ = nullptr;
};

// `name+hash+base64`, as witnesses and verifiers read it; and back. Errors: audit_key.
std::string verifier_key(std::string_view name, const std::array<std::uint8_t, 32>& public_key);
struct VerifierKey {
  std::string name;
  std::array<std::uint8_t, 32> public_key = {};
};
Result<VerifierKey> parse_verifier_key(std::string_view text);

// Reads a note and checks the signature of this key; those of others are passed over, as
// signed-note asks. note: at most 64 KiB. Errors: audit_checkpoint.
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);
// The same without asking who signed; for messages, never for a verdict.
Result<Checkpoint> parse_checkpoint(std::string_view note);

}  // namespace mcpgov::audit
