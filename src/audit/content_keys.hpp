// Keys by tenant that encrypt stored content, so that erasing a key erases the content.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "audit/capture.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Appends {"key":"<id>","nonce":"<base64>","text":"<base64>"}: text as crypto::seal() makes it,
// bound to the tenant. False: there is no key, or no randomness; nothing was appended.
// Throws: std::bad_alloc.
bool seal_content(ContentKeys& keys, std::string_view tenant, std::string_view text,
                  std::string& out);

// The way back, for readers. sealed: JSON text of that object, of a log that an attacker may have
// written. Errors: audit_key (no key of this id, or other bytes than were sealed), audit_damaged
// (no such object). Throws: std::bad_alloc.
Result<std::string> open_content(ContentKeys& keys, std::string_view tenant,
                                 std::string_view sealed);

// 16 hexadecimal digits that tell keys apart and say nothing about them.
std::string content_key_id(std::string_view key);

// The tenant's file without its folder: `default.key` for the empty tenant; what is no letter,
// digit, `-`, `_` or `.` inside becomes `=` and two hexadecimal digits. Different tenants never
// share a file, also where case does not count.
std::string content_key_file(std::string_view tenant);

// A folder with a file for each tenant, as load_or_make_secret() writes it. A file that vanishes
// or is replaced, also by another process, is noticed with the next key(). Keys in memory are wiped
// when they are forgotten. Threads: one thread at a time.
class KeyFolder final : public ContentKeys {
 public:
  // make_missing: a log makes keys that are missing; a reader does not.
  // Errors: audit_key (there is no such folder, and it cannot be made with mode 0700).
  static Result<std::unique_ptr<KeyFolder>> open(const std::string& folder, bool make_missing);
  ~KeyFolder() override;

  // Empty also when the file cannot be read; last_error() says why.
  std::string_view key(std::string_view tenant) override;
  const Error& last_error() const noexcept { return last_error_; }

  // Overwrites and removes the tenant's key, and makes that durable: what it encrypted cannot be
  // read any more, but by who has a copy of the file. On a copy-on-write file system or a flash
  // disk the old bytes may stay until the medium reuses them. No error when there is no key.
  // Errors: audit_key.
  Result<void> erase(std::string_view tenant);

 private:
  struct Entry;
  KeyFolder(std::string folder, bool make_missing);
  std::string path_of(std::string_view tenant) const;

  std::string folder_;
  bool make_missing_;
  std::unordered_map<std::string, Entry> entries_;
  Error last_error_;
};

}  // namespace mcpgov::audit
