// C2SP signed notes: taking them apart, and the lines they are made of.
// Tested by tests/audit/checkpoint_test.cpp and fuzz/checkpoint_fuzz.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/note.hpp"

#include <algorithm>
#include <utility>

#include "base/base64.hpp"
#include "base/utf8.hpp"
#include "crypto/sha256.hpp"

namespace mcpgov::audit {
namespace {

constexpr std::string_view kDash = "\xe2\x80\x94 ";  // U+2014 and a space
// As golang.org/x/mod/sumdb/note, which most readers of notes use.
constexpr std::size_t kMaxSignatures = 100;
constexpr std::size_t kMaxName = 1024;

Error refused(std::string why) {
  return {ErrorCode::audit_checkpoint, "the signed note " + std::move(why), {}, 0, 0};
}

// Unicode 16.0, PropList.txt, White_Space; those below U+0020 are control characters anyway.
bool is_space(char32_t value) noexcept {
  return value <= 0x20 || value == 0x85 || value == 0xa0 || value == 0x1680 ||
         (value >= 0x2000 && value <= 0x200a) || value == 0x2028 || value == 0x2029 ||
         value == 0x202f || value == 0x205f || value == 0x3000;
}

// False: not `— name base64`.
bool read_signature(std::string_view line, NoteSignature& out) {
  if (!line.starts_with(kDash)) return false;
  line.remove_prefix(kDash.size());
  const std::size_t space = line.find(' ');
  if (space == std::string_view::npos || !is_key_name(line.substr(0, space))) return false;
  out.name = line.substr(0, space);
  std::string bytes;
  if (!decode_base64(line.substr(space + 1), bytes) || bytes.size() <= out.key.size()) return false;
  std::copy_n(bytes.begin(), out.key.size(), out.key.begin());
  out.signature = bytes.substr(out.key.size());
  return true;
}

}  // namespace

Result<Note> read_note(std::string_view note) {
  if (note.size() > kMaxNote) return refused("is longer than 256 KiB");
  if (find_invalid_utf8(note) != note.size()) return refused("is not UTF-8");
  for (const char byte : note) {
    if (static_cast<unsigned char>(byte) < 0x20 && byte != '\n') {
      return refused("holds a control character");
    }
  }
  // The text may have empty lines itself; the last one ends it.
  const std::size_t end = note.rfind("\n\n");
  if (end == std::string_view::npos) return refused("has no signatures");
  if (note.back() != '\n') return refused("ends within a line");
  Note out;
  out.text = note.substr(0, end + 1);
  for (std::string_view rest = note.substr(end + 2); !rest.empty();) {
    const std::size_t length = rest.find('\n');
    if (out.signatures.size() == kMaxSignatures) return refused("has more than 100 signatures");
    NoteSignature signature;
    if (!read_signature(rest.substr(0, length), signature)) {
      return refused("has a line that is no signature where signatures stand");
    }
    out.signatures.push_back(std::move(signature));
    rest.remove_prefix(length + 1);
  }
  if (out.signatures.empty()) return refused("has no signatures");
  return out;
}

bool is_key_name(std::string_view name) noexcept {
  if (name.empty() || name.size() > kMaxName) return false;
  while (!name.empty()) {
    const CodePoint point = decode_utf8(name);
    if (point.size == 0 || is_space(point.value) || point.value == '+') return false;
    name.remove_prefix(point.size);
  }
  return true;
}

bool is_origin(std::string_view name) noexcept {
  return name.size() <= kMaxOrigin && is_key_name(name);
}

KeyId ed25519_key_id(std::string_view name, const std::array<std::uint8_t, 32>& public_key) {
  // SHA-256(name || 0x0A || 0x01, which means Ed25519 || key), its first four bytes.
  std::string named(name);
  named.append("\n\x01").append(public_key.begin(), public_key.end());
  const crypto::Digest digest = crypto::sha256(named);
  KeyId out;
  std::copy_n(digest.begin(), out.size(), out.begin());
  return out;
}

std::string signature_line(std::string_view name, const KeyId& key, std::string_view signature) {
  std::string bytes(key.begin(), key.end());
  bytes.append(signature);
  std::string line(kDash);
  return line.append(name).append(" ").append(encode_base64(bytes)).append("\n");
}

}  // namespace mcpgov::audit
