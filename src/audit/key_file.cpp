// The keys of a log as files.
// Tested by tests/audit/key_file_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/key_file.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>

#include "base/base64.hpp"
#include "base/os_file.hpp"
#include "base/os_memory.hpp"
#include "crypto/public_key.hpp"
#include "crypto/random.hpp"

namespace mcpgov::audit {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr std::size_t kMaxSecretFile = 4096;
constexpr std::size_t kMaxKeysFile = 1024 * 1024;
constexpr unsigned kOwnerOnly = 0600;
constexpr unsigned kPublic = 0644;

Error unusable(const std::string& path, std::string_view why, std::uint32_t line = 0) {
  return {ErrorCode::audit_key, "the key in `" + path + "` " + std::string(why), path, line, 0};
}

// Wiped with the scope: copies of a secret that are no longer needed.
struct Wiped {
  std::string text;
  ~Wiped() { wipe(text); }
};

// The next line, without its end; also of files that came from Windows.
std::string_view take_line(std::string_view& text) noexcept {
  std::string_view line = text.substr(0, text.find('\n'));
  text.remove_prefix(std::min(text.size(), line.size() + 1));
  if (line.ends_with('\r')) line.remove_suffix(1);
  return line;
}

bool says_nothing(std::string_view line) noexcept {
  return line.empty() || line.front() == '#';
}

Result<std::string> secret_of(const std::string& path, std::string_view text) {
  std::string secret;
  bool found = false;
  while (!text.empty()) {
    const std::string_view line = take_line(text);
    if (says_nothing(line)) continue;
    if (found) {
      wipe(secret);
      return unusable(path, "has more than one line");
    }
    found = true;
    // What is refused is not shown.
    if (!decode_base64(line, secret)) return unusable(path, "is not base64");
  }
  if (secret.size() == kSecretBytes) return secret;
  wipe(secret);
  return unusable(path, found ? "does not have 32 bytes" : "is missing: the file is empty");
}

Result<bool> make_secret(const std::string& path, std::string_view note) {
  std::array<std::uint8_t, kSecretBytes> bytes = {};
  if (!crypto::random_bytes(bytes)) {
    return unusable(path, "cannot be made: the system gives no random bytes");
  }
  const std::string_view secret(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const Wiped line{encode_base64(secret)};
  Wiped text;
  // Without a reallocation, which would leave a copy behind.
  text.text.reserve(note.size() + line.text.size() + 4);
  text.text.append("# ").append(note).append("\n").append(line.text).append("\n");
  wipe(reinterpret_cast<char*>(bytes.data()), bytes.size());
  return create_file(path, text.text, kOwnerOnly);
}

// The line of this key is in the file when this returns. True: there were others, of other keys.
Result<bool> publish(const std::string& path, const std::string& line, const Signer& signer) {
  const Result<bool> made = create_file(path, line + "\n", kPublic);
  if (!made) return made.error();
  if (*made) return false;
  Result<std::string> text = read_plain_file(path, kMaxKeysFile, Links::follow);
  if (!text) return text.error();
  bool others = false, known = false;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view each = take_line(rest);
    if (each == line) return false;
    if (says_nothing(each)) continue;
    const auto key = parse_verifier_key(each);
    others = true;
    known = known || (key && key->public_key == signer.public_key());
  }
  if (!text->empty() && text->back() != '\n') *text += '\n';
  const Result<void> replaced = replace_file(path, *text + line + "\n");
  if (!replaced) return replaced.error();
  return others && !known;
}

Result<Signer> signer_of(const LogSettings& settings, std::vector<std::string>* notices) {
  if (settings.sign != nullptr) {
    const std::string_view key(reinterpret_cast<const char*>(settings.sign_public_key.data()),
                               settings.sign_public_key.size());
    if (const auto usable = crypto::PublicKey::ed25519(key); !usable) {
      return Error{ErrorCode::audit_key,
                   "the public key of who signs cannot be used: " + usable.error().message,
                   {},
                   0,
                   0};
    }
    return Signer::from_host(settings.sign, settings.sign_context, settings.sign_public_key);
  }
  const bool named = !settings.signing_key_file.empty();
  const std::string path = named ? settings.signing_key_file : settings.directory + "/signing.key";
  KeyReport report;
  Result<std::string> seed = load_or_make_secret(
      path, "Ed25519 seed that signs checkpoints of the audit log; whoever has it can forge them",
      named ? Links::follow : Links::refuse, &report);
  if (!seed) return std::move(seed).error();
  if (notices != nullptr) add_notice(path, report, *notices);
  const Wiped wiped{std::move(*seed)};
  return Signer::from_seed(wiped.text);
}

}  // namespace

Result<std::string> load_or_make_secret(const std::string& path, std::string_view note, Links links,
                                        KeyReport* report) {
  KeyReport mine;
  Result<std::string> text = read_secret_file(path, kMaxSecretFile, links, mine.tightened);
  if (!text) {
    // Missing, or not to be used: making it tells which.
    const Result<bool> made = make_secret(path, note);
    if (!made) return made.error();
    mine.made = *made;
    text = read_secret_file(path, kMaxSecretFile, links, mine.tightened);
    if (!text) return std::move(text).error();
  }
  if (report != nullptr) *report = mine;
  const Wiped wiped{std::move(*text)};
  return secret_of(path, wiped.text);
}

void add_notice(const std::string& path, const KeyReport& report,
                std::vector<std::string>& notices) {
  if (!report.tightened) return;
  notices.push_back("a group had rights to the key in `" + path +
                    "`: they were taken away, and whoever is of that group may have the key");
}

Result<Signer> load_or_make_signer(const LogSettings& settings, std::vector<std::string>* notices) {
  if (!is_key_name(settings.origin)) {
    return Error{ErrorCode::audit_key,
                 "the origin `" + settings.origin + "` is empty, too long, or has a space or `+`",
                 {},
                 0,
                 0};
  }
  Result<Signer> signer = signer_of(settings, notices);
  if (!signer) return signer;
  const std::string line = verifier_key(settings.origin, signer->public_key());
  const Result<bool> published = publish(settings.directory + "/signing.vkey", line, *signer);
  if (!published) return published.error();
  if (*published && notices != nullptr) {
    notices->push_back("the key that signs is new, and none that signed here before: " + line);
  }
  return signer;
}

Result<std::vector<VerifierKey>> read_verifier_keys(const std::string& path) {
  const Result<std::string> text = read_plain_file(path, kMaxKeysFile, Links::follow);
  if (!text) return text.error();
  std::vector<VerifierKey> out;
  std::uint32_t number = 0;
  for (std::string_view rest = *text; !rest.empty();) {
    const std::string_view line = take_line(rest);
    ++number;
    if (says_nothing(line)) continue;
    Result<VerifierKey> key = parse_verifier_key(line);
    if (!key) return unusable(path, "cannot be used: " + key.error().message, number);
    out.push_back(std::move(*key));
  }
  return out;
}

}  // namespace mcpgov::audit
