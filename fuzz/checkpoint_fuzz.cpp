// Notes and verifier keys of any shape: nothing crashes, what opens was read the same way, and what
// was read can be signed and opened again.
//
// SPDX-License-Identifier: Apache-2.0
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "audit/checkpoint.hpp"

using namespace mcpgov;
using namespace mcpgov::audit;

namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

bool same(const Checkpoint& a, const Checkpoint& b) {
  return a.origin == b.origin && a.size == b.size && a.root == b.root;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* bytes, std::size_t size) {
  static const Signer signer = *Signer::from_seed(std::string(32, 's'));
  const std::string_view text(reinterpret_cast<const char*>(bytes), size);
  if (const auto key = parse_verifier_key(text)) {
    require(verifier_key(key->name, key->public_key) == text);
  }
  const auto note = read_note(text);
  const auto read = parse_checkpoint(text);
  require(note.has_value() || !read.has_value());
  if (!read) return 0;
  require(note->text.starts_with(checkpoint_text(*read)));
  const VerifierKey key = {read->origin, signer.public_key()};
  if (const auto opened = open_checkpoint(text, key)) require(same(*opened, *read));
  const std::string again = signer.sign(*read);
  require(again.empty() != is_key_name(read->origin));
  if (again.empty()) return 0;
  const auto opened = open_checkpoint(again, key);
  require(opened.has_value() && same(*opened, *read));
  return 0;
}
