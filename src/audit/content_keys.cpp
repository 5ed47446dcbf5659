// Keys by tenant that encrypt stored content: what is sealed, and the files of the keys.
// Tested by tests/audit/content_keys_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "audit/content_keys.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "audit/key_file.hpp"
#include "base/base64.hpp"
#include "base/json.hpp"
#include "base/os_log_file.hpp"
#include "crypto/hmac.hpp"
#include "crypto/random.hpp"
#include "crypto/seal.hpp"
#include "crypto/sha256.hpp"

namespace mcpgov::audit {

namespace {

constexpr char kHex[] = "0123456789abcdef";
// Of a file's name without its ending; file systems allow 255 bytes.
constexpr std::size_t kLongestName = 200;
// Content has at most some 64 KiB, and base64 adds a third.
constexpr std::size_t kMostSealed = 1 << 20;
constexpr std::size_t kMostEntries = 1024;

Error key_error(std::string why) {
  return {ErrorCode::audit_key, std::move(why), {}, 0, 0};
}

std::string_view view_of(const crypto::SealNonce& nonce) noexcept {
  return {reinterpret_cast<const char*>(nonce.data()), nonce.size()};
}

// The compiler must not take this for a write that nobody reads.
void wipe(std::string& secret) noexcept {
  volatile char* at = secret.data();
  for (std::size_t i = 0; i < secret.size(); ++i) at[i] = 0;
}

}  // namespace

std::string content_key_id(std::string_view key) {
  constexpr std::size_t kShown = 8;
  const crypto::Digest digest = crypto::KeyedSha256(key).code("mcpgov content key id");
  return crypto::hex(digest).substr(0, 2 * kShown);
}

bool seal_content(ContentKeys& keys, std::string_view tenant, std::string_view text,
                  std::string& out) {
  const std::string_view key = keys.key(tenant);
  if (key.size() != crypto::kSealKey) return false;
  crypto::SealNonce nonce{};
  std::string sealed;
  if (!crypto::seal(key, tenant, text, nonce, sealed)) return false;
  out += R"({"key":")" + content_key_id(key);
  out += R"(","nonce":")" + encode_base64(view_of(nonce));
  out += R"(","text":")" + encode_base64(sealed) + "\"}";
  return true;
}

Result<std::string> open_content(ContentKeys& keys, std::string_view tenant,
                                 std::string_view sealed) {
  const Error damaged{ErrorCode::audit_damaged, "this is no sealed content", {}, 0, 0};
  JsonLimits limits;
  limits.bytes = kMostSealed;
  limits.depth = 2;
  limits.members = 16;
  const auto read = parse_json(sealed, limits, {}, ErrorCode::audit_damaged);
  if (!read) return damaged;
  const auto text_of = [&](const char* name) -> std::string {
    const auto found = read->is_object() ? read->find(name) : read->end();
    return read->is_object() && found != read->end() && found->is_string()
               ? found->get<std::string>()
               : std::string();
  };
  std::string nonce_bytes;
  std::string bytes;
  if (!decode_base64(text_of("nonce"), nonce_bytes) || !decode_base64(text_of("text"), bytes) ||
      nonce_bytes.size() != crypto::kSealNonce) {
    return damaged;
  }
  const std::string_view key = keys.key(tenant);
  if (key.empty()) return key_error("there is no key of this tenant");
  if (content_key_id(key) != text_of("key")) {
    return key_error("the content was sealed with another key of this tenant");
  }
  crypto::SealNonce nonce{};
  std::memcpy(nonce.data(), nonce_bytes.data(), nonce.size());
  std::string text;
  if (!crypto::open_sealed(key, tenant, nonce, bytes, text)) {
    return key_error("the content is not what was sealed for this tenant");
  }
  return text;
}

std::string content_key_file(std::string_view tenant) {
  if (tenant.empty()) return "default.key";
  std::string out;
  for (std::size_t i = 0; i < tenant.size(); ++i) {
    const char c = tenant[i];
    const bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_' ||
                       (c == '.' && i > 0);
    // A tenant that is called `default` must not have the key of those without a name.
    if (plain && !(i == 0 && tenant == "default")) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '=';
    out += kHex[byte >> 4U];
    out += kHex[byte & 15U];
  }
  // `h` is no hexadecimal digit: no other name looks like this.
  if (out.size() > kLongestName) out = "=h" + crypto::hex(crypto::sha256(tenant));
  return out + ".key";
}

// The file stays open, so that it is known whether its name still leads to it.
struct KeyFolder::Entry {
  std::string key;
  ReadFile file;

  Entry() = default;
  Entry(Entry&&) = default;
  Entry& operator=(Entry&&) = delete;
  ~Entry() { wipe(key); }
};

KeyFolder::KeyFolder(std::string folder, bool make_missing)
    : folder_(std::move(folder)), make_missing_(make_missing) {}
KeyFolder::~KeyFolder() = default;

Result<std::unique_ptr<KeyFolder>> KeyFolder::open(const std::string& folder, bool make_missing) {
  if (make_missing) {
    const int error = local_files().make_folder(folder);
    if (error != 0) {
      return key_error("the folder of content keys `" + folder +
                       "` cannot be made: " + io_error_text(error));
    }
  }
  std::vector<std::string> names;
  const int error = list_folder(folder, 1, names);
  if (error != 0 && error != E2BIG) {
    return key_error("the folder of content keys `" + folder +
                     "` cannot be read: " + io_error_text(error));
  }
  return std::unique_ptr<KeyFolder>(new KeyFolder(folder, make_missing));
}

std::string KeyFolder::path_of(std::string_view tenant) const {
  return folder_ + '/' + content_key_file(tenant);
}

std::string_view KeyFolder::key(std::string_view tenant) {
  const std::string name(tenant);
  const auto found = entries_.find(name);
  if (found != entries_.end()) {
    if (found->second.file.has_name()) return found->second.key;
    entries_.erase(found);
  }
  const std::string path = path_of(tenant);
  Entry entry;
  // Opened first: a file that is replaced between the two is noticed the next time.
  const int missing = entry.file.open(path);
  if (missing != 0 && !(make_missing_ && missing == ENOENT)) {
    last_error_ = key_error("`" + path + "` cannot be opened: " + io_error_text(missing));
    return {};
  }
  Result<std::string> key = load_or_make_secret(path,
                                                "mcpgov content key; whoever has it can read "
                                                "what was stored for this tenant");
  if (!key) {
    last_error_ = key.error();
    return {};
  }
  entry.key = *std::move(key);
  if (missing != 0) {
    const int error = entry.file.open(path);
    if (error != 0) {
      last_error_ = key_error("`" + path + "` cannot be opened: " + io_error_text(error));
      return {};
    }
  }
  if (entries_.size() >= kMostEntries) entries_.clear();
  return entries_.emplace(name, std::move(entry)).first->second.key;
}

Result<void> KeyFolder::erase(std::string_view tenant) {
  entries_.erase(std::string(tenant));
  const std::string path = path_of(tenant);
  const auto failed = [&](const char* what, int error) {
    return key_error("`" + path + "` cannot be " + what + ": " + io_error_text(error));
  };
  ReadFile reader;
  const int missing = reader.open(path);
  if (missing == ENOENT) return {};
  std::uint64_t bytes = 0;
  std::uint64_t changed_ns = 0;
  int error = missing != 0 ? missing : reader.stat(bytes, changed_ns);
  if (error != 0) return failed("read", error);
  std::unique_ptr<LogFile> file;
  error = local_files().open(path, file);
  // A key file has some hundred bytes; of what is put in its place no more is overwritten.
  std::string noise(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, 4096)), '\0');
  const bool random =
      crypto::random_bytes({reinterpret_cast<std::uint8_t*>(noise.data()), noise.size()});
  (void)random;  // zeros do as well
  const std::string_view pieces[] = {noise};
  if (error == 0) error = file->write_at(0, pieces);
  if (error == 0) error = file->sync();
  if (error != 0) return failed("overwritten", error);
  error = local_files().remove(path);
  if (error == 0) error = local_files().sync_folder(folder_);
  if (error != 0) return failed("removed", error);
  return {};
}

}  // namespace mcpgov::audit
