// Tests of src/audit/note.hpp and src/audit/checkpoint.hpp, with the examples of the specifications
// and a checkpoint of sum.golang.org.
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/checkpoint.hpp"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>

#include "base/base64.hpp"
#include "crypto/public_key.hpp"

namespace {

using namespace mcpgov;
using namespace mcpgov::audit;

const std::string kDash = "\xe2\x80\x94";

// c2sp.org/signed-note, section Example.
const std::string kExampleKey =
    "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k";
const std::string kExampleNote = "This is an example message.\n\n" + kDash +
                                 " example.com/foo "
                                 "Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjO"
                                 "BH3mFXmRKuwHjG1Yu72IneyaQM=\n";

// What Go's checksum database signed once, with its key as cmd/go has it.
const std::string kGoKey = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8";
const std::string kGoNote =
    "go.sum database tree\n6476701\nmb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=\n\n" + kDash +
    " sum.golang.org "
    "Az3grsLX85Gz+s1SiTbgkuqxgItqFq7gsMUEyVnrsa9LM7Us9S+1xbFIGu95949rj4nPRYfvimWEPWL+o3GeoWwOoAw="
    "\n";

const std::string kOrigin = "acme.example/mcpgov/host-7";

Signer some_signer(char seed = 's') {
  Result<Signer> signer = Signer::from_seed(std::string(32, seed));
  REQUIRE(signer.has_value());
  return *signer;
}

VerifierKey key_of(const Signer& signer, const std::string& name = kOrigin) {
  return {name, signer.public_key()};
}

Checkpoint some_checkpoint() {
  return {kOrigin, 184468, leaf_hash("root")};
}

template <class Bytes>
std::string_view view(const Bytes& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// A note over any text, signed as some_signer() would.
std::string signed_text(const std::string& text, const std::string& name = kOrigin) {
  const auto key = crypto::SigningKey::from_seed(std::string(32, 's'));
  crypto::Ed25519Signature signature;
  REQUIRE(key->sign(text, signature));
  const KeyId id = ed25519_key_id(name, key->public_key());
  return text + "\n" + signature_line(name, id, view(signature));
}

std::string replaced(std::string text, std::string_view from, std::string_view to) {
  const std::size_t at = text.find(from);
  REQUIRE(at != std::string::npos);
  return text.replace(at, from.size(), to);
}

TEST_CASE("note: the specification's example is read and verifies") {
  const auto key = parse_verifier_key(kExampleKey);
  REQUIRE_MESSAGE(key.has_value(), key.error().text());
  CHECK(key->name == "example.com/foo");
  CHECK(verifier_key(key->name, key->public_key) == kExampleKey);
  const auto note = read_note(kExampleNote);
  REQUIRE_MESSAGE(note.has_value(), note.error().text());
  CHECK(note->text == "This is an example message.\n");
  REQUIRE(note->signatures.size() == 1);
  const NoteSignature& signature = note->signatures[0];
  CHECK(signature.name == "example.com/foo");
  CHECK(signature.key == KeyId{0x53, 0x0d, 0x90, 0x3a});
  CHECK(signature.key == ed25519_key_id(key->name, key->public_key));
  const auto verifier = crypto::PublicKey::ed25519(view(key->public_key));
  CHECK(verifier->verify(note->text, signature.signature));
  CHECK(signature_line(signature.name, signature.key, signature.signature) ==
        kExampleNote.substr(kExampleNote.find(kDash)));
}

TEST_CASE("checkpoint: one of sum.golang.org is read, and is of another log than its key's name") {
  const auto key = parse_verifier_key(kGoKey);
  REQUIRE_MESSAGE(key.has_value(), key.error().text());
  const auto read = parse_checkpoint(kGoNote);
  REQUIRE_MESSAGE(read.has_value(), read.error().text());
  CHECK(read->origin == "go.sum database tree");
  CHECK(read->size == 6476701);
  CHECK(encode_base64(view(read->root)) == "mb8QLQIs0Z0yP5Cstq6guj87oXWeC9gEM8oVikmm9Wk=");
  CHECK(checkpoint_text(*read) == read_note(kGoNote)->text);
  // Signed well, but we want the key named as the log.
  const auto opened = open_checkpoint(kGoNote, *key);
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().message == "the checkpoint is one of another log");
  const auto changed = open_checkpoint(replaced(kGoNote, "6476701", "6476702"), *key);
  REQUIRE_FALSE(changed.has_value());
  CHECK(changed.error().message ==
        "the checkpoint has a signature of `sum.golang.org` that is wrong");
}

TEST_CASE("checkpoint: what is signed opens with its key, and with no other") {
  const Signer signer = some_signer();
  for (const std::uint64_t size : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
    CAPTURE(size);
    Checkpoint checkpoint = some_checkpoint();
    checkpoint.size = size;
    const std::string note = signer.sign(checkpoint);
    const auto opened = open_checkpoint(note, key_of(signer));
    REQUIRE_MESSAGE(opened.has_value(), opened.error().text());
    CHECK(opened->origin == checkpoint.origin);
    CHECK(opened->size == size);
    CHECK(opened->root == checkpoint.root);
    CHECK(note == signer.sign(checkpoint));
    CHECK(note.starts_with(kOrigin + "\n" + std::to_string(size) + "\n"));
    CHECK(open_checkpoint(note, key_of(some_signer('t'))).error().code ==
          ErrorCode::audit_checkpoint);
    CHECK(open_checkpoint(note, key_of(signer, "acme.example/mcpgov/host-8")).error().code ==
          ErrorCode::audit_checkpoint);
  }
}

TEST_CASE("checkpoint: no byte of a signed one can be changed, left out or doubled") {
  const Signer signer = some_signer();
  const std::string note = signer.sign(some_checkpoint());
  const VerifierKey key = key_of(signer);
  REQUIRE(open_checkpoint(note, key).has_value());
  for (std::size_t at = 0; at < note.size(); ++at) {
    CAPTURE(at);
    for (int bit = 0; bit < 8; ++bit) {
      std::string changed = note;
      changed[at] = static_cast<char>(changed[at] ^ (1 << bit));
      REQUIRE_FALSE(open_checkpoint(changed, key).has_value());
    }
    REQUIRE_FALSE(open_checkpoint(note.substr(0, at), key).has_value());
    REQUIRE_FALSE(open_checkpoint(note.substr(0, at) + note.substr(at + 1), key).has_value());
    std::string doubled = note;
    doubled.insert(at, 1, note[at]);
    REQUIRE_FALSE(open_checkpoint(doubled, key).has_value());
  }
}

struct Signed {
  const char* name;
  std::string note;
  const char* because;  // empty: it opens
};

TEST_CASE("checkpoint: signatures of others are passed over, whatever they are") {
  const Signer signer = some_signer();
  const std::string note = signer.sign(some_checkpoint());
  const std::string same_name =
      signature_line(kOrigin, ed25519_key_id(kOrigin, some_signer('t').public_key()), "wrong");
  const std::string same_key =
      signature_line("other.example", ed25519_key_id(kOrigin, signer.public_key()), "wrong");
  const std::string ours_again =
      signature_line(kOrigin, ed25519_key_id(kOrigin, signer.public_key()), std::string(64, 'x'));
  const std::string large = signature_line("witness.example", {6, 0, 0, 1}, std::string(5000, 'm'));
  std::string sixteen;
  for (int count = 0; count < 15; ++count) sixteen += large;
  std::string hundred;
  for (int count = 0; count < 99; ++count) hundred += same_name;
  const std::string own_line = note.substr(note.find(kDash));
  const Signed cases[] = {
      {"a key of the same name", note + same_name, ""},
      {"a key of the same id and another name", note + same_key, ""},
      {"others before ours", replaced(note, kDash, same_name + same_key + kDash), ""},
      {"15 more of post-quantum size", note + sixteen, ""},
      {"ours twice", note + own_line, ""},
      {"a hundred", note + hundred, ""},
      {"a hundred and one", note + hundred + same_name, "has more than 100"},
      {"ours, and a wrong one that says it is ours", note + ours_again, "that is wrong"},
      {"only a wrong one that says it is ours", replaced(note, own_line, ours_again), "is wrong"},
      {"only one of another", replaced(note, own_line, same_name), "is not signed by this key"},
      {"none at all", replaced(note, own_line, ""), "has no signatures"},
      {"a line of another kind among them", note + "signature\n", "is no signature"},
      {"a hyphen in place of the dash", note + replaced(same_name, kDash, "-"), "is no signature"},
      {"a name with a plus", note + replaced(same_key, "other.", "other+"), "is no signature"},
      {"no name", note + replaced(same_key, "other.example", ""), "is no signature"},
      {"no base64", note + replaced(same_key, "example ", "example !"), "is no signature"},
      {"base64 without padding", note + kDash + " o AAAAAAA\n", "is no signature"},
      {"an id and nothing after it", note + kDash + " o AAAAAA==\n", "is no signature"},
      {"two spaces", note + kDash + "  o AAAAAAAA\n", "is no signature"},
      {"something after the base64", note + kDash + " o AAAAAAAA \n", "is no signature"},
  };
  for (const Signed& c : cases) {
    CAPTURE(std::string(c.name));
    const auto opened = open_checkpoint(c.note, key_of(signer));
    const std::string_view because = c.because;
    CHECK(opened.has_value() == because.empty());
    if (opened || because.empty()) continue;
    CHECK(opened.error().code == ErrorCode::audit_checkpoint);
    CAPTURE(opened.error().message);
    CHECK(opened.error().message.find(because) != std::string::npos);
  }
}

TEST_CASE("checkpoint: a text with a right signature that is no checkpoint") {
  const std::string root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
  const std::string size = "7\n";
  const std::string origin = kOrigin + "\n";
  const Signed cases[] = {
      {"a checkpoint", origin + size + root, ""},
      {"with lines that extend it", origin + size + root + "time 7\n- \n", ""},
      {"size zero", origin + "0\n" + root, ""},
      {"an empty line among those that extend it", origin + size + root + "a\n\nb\n", "empty line"},
      {"no origin", "\n" + size + root, "has no origin"},
      {"another origin", "other.example\n" + size + root, "is one of another log"},
      {"our origin and more", kOrigin + " x\n" + size + root, "is one of another log"},
      {"only an origin", origin, "has no size"},
      {"no root", origin + size, "has no root"},
      {"a size with a leading zero", origin + "07\n" + root, "has no size"},
      {"zero twice", origin + "00\n" + root, "has no size"},
      {"a size with a sign", origin + "+7\n" + root, "has no size"},
      {"a negative size", origin + "-7\n" + root, "has no size"},
      {"a size with a space", origin + " 7\n" + root, "has no size"},
      {"a size in hexadecimal", origin + "0x7\n" + root, "has no size"},
      {"a size with a fraction", origin + "7.0\n" + root, "has no size"},
      {"an empty size", origin + "\n" + root, "has no size"},
      {"a size of more than 64 bits", origin + "18446744073709551616\n" + root, "has no size"},
      {"a root of 31 bytes", origin + size + std::string(40, 'A') + "AA==\n", "has no root"},
      {"a root of 33 bytes", origin + size + std::string(44, 'A') + "\n", "has no root"},
      {"a root with bits that no encoder sets", origin + size + replaced(root, "2I=", "2J="),
       "has no root"},
      {"a root without padding", origin + size + replaced(root, "=", ""), "has no root"},
      {"a root in base64url", origin + size + replaced(root, "/", "_"), "has no root"},
      {"a root in hexadecimal", origin + size + std::string(64, 'a') + "\n", "has no root"},
  };
  const VerifierKey key = key_of(some_signer());
  for (const Signed& c : cases) {
    CAPTURE(std::string(c.name));
    const auto opened = open_checkpoint(signed_text(c.note), key);
    const std::string_view because = c.because;
    CHECK(opened.has_value() == because.empty());
    if (opened || because.empty()) continue;
    CHECK(opened.error().code == ErrorCode::audit_checkpoint);
    CAPTURE(opened.error().message);
    CHECK(opened.error().message.find(because) != std::string::npos);
  }
}

TEST_CASE("note: bytes that no note may have") {
  const std::string note = some_signer().sign(some_checkpoint());
  const Signed cases[] = {
      {"nothing", "", "has no signatures"},
      {"a line end", "\n", "has no signatures"},
      {"two line ends", "\n\n", "has no signatures"},
      {"line ends of Windows", replaced(note, "\n", "\r\n"), "control character"},
      {"a tab", replaced(note, "acme", "a\tme"), "control character"},
      {"a zero", note + std::string(1, '\0'), "control character"},
      {"an escape", replaced(note, "acme", "a\x1bme"), "control character"},
      {"a byte that is no UTF-8", replaced(note, "acme", "a\xffme"), "is not UTF-8"},
      {"an overlong line end", replaced(note, "acme", "a\xc0\x8ame"), "is not UTF-8"},
      {"no line end at the end", note.substr(0, note.size() - 1), "ends within a line"},
      {"text after the signatures", note + "x", "ends within a line"},
      {"an empty line at the end", note + "\n", "has no signatures"},
      {"more than 256 KiB", note + std::string(kMaxNote, '\n'), "is longer"},
  };
  for (const Signed& c : cases) {
    CAPTURE(std::string(c.name));
    const auto read = parse_checkpoint(c.note);
    REQUIRE_FALSE(read.has_value());
    CHECK(read.error().code == ErrorCode::audit_checkpoint);
    CAPTURE(read.error().message);
    CHECK(read.error().message.find(c.because) != std::string::npos);
  }
}

TEST_CASE("key names: which there may be, also as origins that are signed") {
  struct Case {
    const char* name;
    std::string text;
    bool good;
  };
  const Case cases[] = {
      {"a URL without its scheme", "example.com/log42", true},
      {"one letter", "a", true},
      {"letters of other alphabets", "\xc3\xa9\xe6\x97\xa5", true},
      {"1,024 bytes", std::string(1024, 'a'), true},
      {"1,025 bytes", std::string(1025, 'a'), false},
      {"nothing", "", false},
      {"a plus", "a+b", false},
      {"a space", "a b", false},
      {"a line end", "a\nb", false},
      {"a tab", "a\tb", false},
      {"a next line (U+0085)", "a\xc2\x85", false},
      {"a no-break space (U+00A0)", "a\xc2\xa0", false},
      {"an ogham space mark (U+1680)", "a\xe1\x9a\x80", false},
      {"an en quad (U+2000)", "a\xe2\x80\x80", false},
      {"a hair space (U+200A)", "a\xe2\x80\x8a", false},
      {"a zero-width space, which is none (U+200B)", "a\xe2\x80\x8b", true},
      {"a line separator (U+2028)", "a\xe2\x80\xa8", false},
      {"a paragraph separator (U+2029)", "a\xe2\x80\xa9", false},
      {"a narrow no-break space (U+202F)", "a\xe2\x80\xaf", false},
      {"a medium mathematical space (U+205F)", "a\xe2\x81\x9f", false},
      {"an ideographic space (U+3000)", "a\xe3\x80\x80", false},
      {"bytes that are no UTF-8", "a\xff", false},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK(is_key_name(c.text) == c.good);
    Checkpoint checkpoint = some_checkpoint();
    checkpoint.origin = c.text;
    const std::string note = some_signer().sign(checkpoint);
    CHECK(note.empty() != c.good);
    if (c.good) CHECK(open_checkpoint(note, key_of(some_signer(), c.text)).has_value());
  }
}

TEST_CASE("verifier key: one spelling, and nothing near it") {
  const std::string good = verifier_key(kOrigin, some_signer().public_key());
  const auto parsed = parse_verifier_key(good);
  REQUIRE(parsed.has_value());
  CHECK(parsed->name == kOrigin);
  CHECK(parsed->public_key == some_signer().public_key());
  const std::size_t plus = good.find('+');
  const std::array<std::uint8_t, 32> weak = {};
  const Signed cases[] = {
      {"nothing", "", "is not"},
      {"a name alone", kOrigin, "is not"},
      {"a name and a hash", good.substr(0, plus + 9), "is not"},
      {"no name", good.substr(plus), "has a name"},
      {"a space in the name", "a " + good, "has a name"},
      {"another name", "a" + good, "has the hash of another key"},
      {"a hash in capitals", kOrigin + "+" + std::string("ABCDEF01") + good.substr(plus + 9),
       "has the hash"},
      {"a hash of another key", replaced(good, good.substr(plus, 9), "+00000000"), "has the hash"},
      {"a line end after it", good + "\n", "is not base64"},
      {"a letter more", good + "A", "is not base64"},
      {"four letters more", good + "AAAA", "is not one of Ed25519"},
      {"half a key", good.substr(0, plus + 10 + 20), "is not one of Ed25519"},
      {"another algorithm", replaced(good, "+A", "+B"), "is not one of Ed25519"},
      {"a point of small order", verifier_key(kOrigin, weak), "cannot be used"},
  };
  for (const Signed& c : cases) {
    CAPTURE(std::string(c.name));
    const auto refused = parse_verifier_key(c.note);
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().code == ErrorCode::audit_key);
    CAPTURE(refused.error().message);
    CHECK(refused.error().message.find(c.because) != std::string::npos);
  }
}

TEST_CASE("signer: a seed of another length is none") {
  for (const std::size_t size : {0U, 31U, 33U}) {
    const auto signer = Signer::from_seed(std::string(size, 's'));
    REQUIRE_FALSE(signer.has_value());
    CHECK(signer.error().code == ErrorCode::audit_key);
  }
}

TEST_CASE("signer: a key with a point of small order opens nothing") {
  const auto opened = open_checkpoint(some_signer().sign(some_checkpoint()), {kOrigin, {}});
  REQUIRE_FALSE(opened.has_value());
  CHECK(opened.error().code == ErrorCode::audit_key);
}

// A host's module, which can refuse and can be wrong.
struct Module {
  bool refuses = false;
  bool is_wrong = false;
  static bool sign(void* context, std::string_view text,
                   std::array<std::uint8_t, 64>& out) noexcept {
    const Module& self = *static_cast<Module*>(context);
    const auto key = crypto::SigningKey::from_seed(std::string(32, 's'));
    const bool signed_it = !self.refuses && key->sign(text, out);
    if (self.is_wrong) out[0] ^= 1;
    return signed_it;
  }
};

TEST_CASE("signer: a host that signs, refuses, or is wrong") {
  Module module;
  const Signer ours = some_signer();
  const Signer host = Signer::from_host(&Module::sign, &module, ours.public_key());
  CHECK(host.public_key() == ours.public_key());
  CHECK(host.sign(some_checkpoint()) == ours.sign(some_checkpoint()));
  module.refuses = true;
  CHECK(host.sign(some_checkpoint()).empty());
  module = {false, true};
  CHECK(host.sign(some_checkpoint()).empty());
  module = {};
  const Signer stranger = Signer::from_host(&Module::sign, &module, some_signer('t').public_key());
  CHECK(stranger.sign(some_checkpoint()).empty());
}

}  // namespace
