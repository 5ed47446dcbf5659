// What a log stores of arguments and results: levels, redaction, digests, encryption.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "audit/event.hpp"
#include "mcpgov/audit.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::audit {

// Content of one side of one message. text: JSON as sent, or its first bytes where it was longer
// than what callers hand over; bytes: of the whole.
struct Content {
  bool is_result = false;
  std::string_view tenant;
  std::string_view tool;  // empty: not a tool call
  std::string_view text;
  std::uint64_t bytes = 0;
  std::uint64_t time_s = 0;  // seconds since 1970, for the end of level full
};

// Keys by tenant for the content itself, so that erasing a key erases what it encrypted.
// key(): 32 bytes; empty: there is none, and content is left out. Threads: one thread at a time.
class ContentKeys {
 public:
  virtual ~ContentKeys() = default;
  virtual std::string_view key(std::string_view tenant) = 0;
};

// Rules, patterns and keys, prepared. Threads: thread-compatible; each thread has its own copy.
class Capture {
 public:
  // digest_secret: 32 bytes. content_keys: borrowed for the capture's life; null: not encrypted.
  // Errors: audit_capture (names the rule).
  static Result<Capture> make(const CaptureSettings& settings, std::string_view digest_secret,
                              ContentKeys* content_keys, CountTokens count_tokens,
                              void* count_context);
  Capture(Capture&&) noexcept;
  Capture& operator=(Capture&&) noexcept;
  ~Capture();

  // Whether the text is needed at all (level none of this tool and side: not).
  bool wants(std::string_view tool, bool is_result) const noexcept;
  // Of every tool, arguments and results.
  bool wants_all() const noexcept;

  // Makes what is stored. The result lives until the next call. Whatever goes wrong inside (invalid
  // JSON, too much work) falls back to level metadata with kCaptureFailed; content that was to be
  // taken out is never in the result. Throws: std::bad_alloc.
  Captured operator()(const Content& content);

  // Takes `drop` places out of JSON text, for rings on a disk: allowed on a caller's thread.
  // False: it cannot be understood, and nothing of it may be kept.
  bool drop_places(std::string_view text, std::string& out) const;

  struct Parts;

 private:
  explicit Capture(std::unique_ptr<Parts> parts) noexcept;
  std::unique_ptr<Parts> parts_;
};

}  // namespace mcpgov::audit
