// Signed statements about a tree: C2SP tlog-checkpoint in a C2SP signed note, with Ed25519.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "audit/note.hpp"
#include "audit/tree.hpp"
#include "crypto/signing_key.hpp"
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

// Who signs: a key of a file, or the host. Copies share the key. Threads: one thread at a time.
class Signer {
 public:
  // seed: 32 bytes, still to be wiped by whoever had it. Errors: audit_key.
  static Result<Signer> from_seed(std::string_view seed);
  // context: borrowed for the signer's life.
  static Signer from_host(Sign sign, void* context, const std::array<std::uint8_t, 32>& public_key);

  const std::array<std::uint8_t, 32>& public_key() const noexcept { return public_key_; }
  // The whole note, whose key has the name of the checkpoint's origin, as tlog-checkpoint asks. A
  // host's signature is verified first: a note that nobody accepts must not stand in a log.
  // Empty: it cannot be signed, or the origin is no name of a key (is_key_name).
  // A log must sign nothing that contradicts what it signed before; that is the caller's to see to.
  std::string sign(const Checkpoint& checkpoint) const;

 private:
  Signer() = default;
  std::array<std::uint8_t, 32> public_key_ = {};
  std::optional<crypto::SigningKey> key_;
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

// Reads a note and checks the signature of this key, whose name must be the checkpoint's origin;
// signatures of others are passed over, as signed-note asks. note: at most kMaxNote.
// Errors: audit_checkpoint, audit_key.
Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key);
// The same without asking who signed; for messages, never for a verdict. Errors: audit_checkpoint.
Result<Checkpoint> parse_checkpoint(std::string_view note);

}  // namespace mcpgov::audit
