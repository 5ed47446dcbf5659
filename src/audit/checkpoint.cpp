// Checkpoints: their text, who signs them, and whether a signature is that of a key.
// Tested by tests/audit/checkpoint_test.cpp and fuzz/checkpoint_fuzz.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/checkpoint.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "base/base64.hpp"
#include "crypto/public_key.hpp"

namespace mcpgov::audit {
namespace {

constexpr char kEd25519 = 0x01;  // signed-note's number of the algorithm

template <class Bytes>
std::string_view text_of(const Bytes& bytes) noexcept {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Error refused(std::string_view why) {
  return {ErrorCode::audit_checkpoint, "the checkpoint " + std::string(why), {}, 0, 0};
}

Error bad_key(std::string_view why) {
  return {ErrorCode::audit_key, "the verifier key " + std::string(why), {}, 0, 0};
}

// Shortest digits only: a size has one text, as what is signed is text.
bool read_size(std::string_view text, std::uint64_t& size) noexcept {
  if (text.empty() || (text.front() == '0' && text.size() > 1)) return false;
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), size);
  return failure == std::errc() && end == text.data() + text.size();
}

bool read_root(std::string_view text, Digest& root) {
  std::string bytes;
  if (!decode_base64(text, bytes) || bytes.size() != root.size()) return false;
  std::copy(bytes.begin(), bytes.end(), root.begin());
  return true;
}

std::string_view next_line(std::string_view& text) noexcept {
  const std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  return line;
}

Result<Checkpoint> read_text(std::string_view text) {
  Checkpoint out;
  out.origin = next_line(text);
  if (out.origin.empty()) return refused("has no origin");
  if (!read_size(next_line(text), out.size)) return refused("has no size in its second line");
  if (!read_root(next_line(text), out.root)) return refused("has no root in its third line");
  // Lines that extend it are for others, but none of them may be empty.
  while (!text.empty()) {
    if (next_line(text).empty()) return refused("has an empty line");
  }
  return out;
}

}  // namespace

std::string checkpoint_text(const Checkpoint& checkpoint) {
  std::string out = checkpoint.origin;
  out.append("\n").append(std::to_string(checkpoint.size)).append("\n");
  return out.append(encode_base64(text_of(checkpoint.root))).append("\n");
}

Result<Signer> Signer::from_seed(std::string_view seed) {
  Result<crypto::SigningKey> key = crypto::SigningKey::from_seed(seed);
  if (!key) return std::move(key).error();
  Signer out;
  out.public_key_ = key->public_key();
  out.key_ = std::move(*key);
  return out;
}

Signer Signer::from_host(Sign sign, void* context, const std::array<std::uint8_t, 32>& public_key) {
  Signer out;
  out.public_key_ = public_key;
  out.sign_ = sign;
  out.context_ = context;
  return out;
}

std::string Signer::sign(const Checkpoint& checkpoint) const {
  if (!is_key_name(checkpoint.origin)) return {};
  std::string note = checkpoint_text(checkpoint);
  crypto::Ed25519Signature signature = {};
  if (key_) {
    if (!key_->sign(note, signature)) return {};
  } else {
    if (!sign_(context_, note, signature)) return {};
    const auto key = crypto::PublicKey::ed25519(text_of(public_key_));
    if (!key || !key->verify(note, text_of(signature))) return {};
  }
  const KeyId id = ed25519_key_id(checkpoint.origin, public_key_);
  return note.append("\n").append(signature_line(checkpoint.origin, id, text_of(signature)));
}

std::string verifier_key(std::string_view name, const std::array<std::uint8_t, 32>& public_key) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(name);
  out += '+';
  for (const std::uint8_t byte : ed25519_key_id(name, public_key)) {
    out += kDigits[byte >> 4];
    out += kDigits[byte & 0xf];
  }
  std::string key(1, kEd25519);
  key.append(text_of(public_key));
  return out.append("+").append(encode_base64(key));
}

Result<VerifierKey> parse_verifier_key(std::string_view text) {
  // Base64 may have a `+` as well; names and hexadecimal digits have none.
  const std::size_t name_end = text.find('+');
  const std::size_t id_end = name_end == text.npos ? text.npos : text.find('+', name_end + 1);
  if (id_end == text.npos) return bad_key("is not `name+hash+base64`");
  VerifierKey out;
  out.name = text.substr(0, name_end);
  if (!is_key_name(out.name)) return bad_key("has a name that no key may have");
  std::string key;
  if (!decode_base64(text.substr(id_end + 1), key)) return bad_key("is not base64");
  if (key.size() != 1 + out.public_key.size() || key.front() != kEd25519) {
    return bad_key("is not one of Ed25519");
  }
  std::copy(key.begin() + 1, key.end(), out.public_key.begin());
  // Compared as text, so that there is one spelling.
  if (text != verifier_key(out.name, out.public_key)) return bad_key("has the hash of another key");
  if (const auto usable = crypto::PublicKey::ed25519(text_of(out.public_key)); !usable) {
    return bad_key("cannot be used: " + usable.error().message);
  }
  return out;
}

Result<Checkpoint> open_checkpoint(std::string_view note, const VerifierKey& key) {
  const auto verifier = crypto::PublicKey::ed25519(text_of(key.public_key));
  if (!verifier) return bad_key("cannot be used: " + verifier.error().message);
  const Result<Note> parts = read_note(note);
  if (!parts) return parts.error();
  const KeyId id = ed25519_key_id(key.name, key.public_key);
  bool is_signed = false;
  for (const NoteSignature& each : parts->signatures) {
    if (each.name != key.name || each.key != id) continue;
    // One that is wrong spoils the note, whatever else stands there: signed-note asks for it.
    if (!verifier->verify(parts->text, each.signature)) {
      return refused("has a signature of `" + key.name + "` that is wrong");
    }
    is_signed = true;
  }
  if (!is_signed) return refused("is not signed by this key of `" + key.name + "`");
  Result<Checkpoint> out = read_text(parts->text);
  if (out && out->origin != key.name) return refused("is one of another log");
  return out;
}

Result<Checkpoint> parse_checkpoint(std::string_view note) {
  const Result<Note> parts = read_note(note);
  return parts ? read_text(parts->text) : Result<Checkpoint>(parts.error());
}

}  // namespace mcpgov::audit
