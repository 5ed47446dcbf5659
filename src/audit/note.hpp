// C2SP signed notes: a text, and lines of signatures below it (c2sp.org/signed-note).
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// signed-note asks for 16 signatures at least, which may be of 5 kB each (ML-DSA).
inline constexpr std::size_t kMaxNote = 256 * 1024;

// Names a key together with the key's name: bytes of a hash, in the order they are written.
using KeyId = std::array<std::uint8_t, 4>;

// name: borrowed from the note. signature: as decoded, of any algorithm, at least one byte.
struct NoteSignature {
  std::string_view name;
  KeyId key = {};
  std::string signature;
};

// text: what is signed, with its last line end; borrowed from what was read.
struct Note {
  std::string_view text;
  std::vector<NoteSignature> signatures;
};

// Takes a note apart; says nothing about who signed it. note: outlives the result.
// Errors: audit_checkpoint. Throws: std::bad_alloc.
Result<Note> read_note(std::string_view note);

// Whether keys may have this name: at most 1,024 bytes of UTF-8, not empty, without control
// characters, white space (Unicode's White_Space) and `+`.
bool is_key_name(std::string_view name) noexcept;

// Of LogSettings::origin; with the log's name it is far below what a key's name may have.
inline constexpr std::size_t kMaxOrigin = 256;
bool is_origin(std::string_view name) noexcept;

// Of an Ed25519 key. Throws: std::bad_alloc.
KeyId ed25519_key_id(std::string_view name, const std::array<std::uint8_t, 32>& public_key);

// One line with its end. Throws: std::bad_alloc.
std::string signature_line(std::string_view name, const KeyId& key, std::string_view signature);

}  // namespace mcpgov::audit
