// One JSON object of untrusted origin, read so that no two readers could differ about it: parts of
// tokens, key sets, metadata, answers of issuers.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include <simdjson.h>

namespace mcpgov::identity {

using JsonObject = simdjson::dom::object;
using JsonElement = simdjson::dom::element;

// Zero admits nothing. members: of all objects, and elements of all arrays, together.
struct StrictLimits {
  std::size_t bytes = 16 * 1024;  // of a token, before decoding
  std::uint32_t depth = 16;       // open objects and arrays; real tokens have 4
  std::uint32_t members = 2000;  // 1,000 groups and as many roles, which is more than a token holds
};

// Keeps its memory between texts. Threads: one thread.
class StrictJson {
 public:
  // Whether text is exactly one JSON object (RFC 8259) in UTF-8 within the limits, without members
  // of the same name at any depth (RFC 7515 section 4, RFC 7519 section 4). The text is copied.
  // Throws: std::bad_alloc.
  bool read(std::string_view text, const StrictLimits& limits);

  // Of the last read() that succeeded; lives until the next one.
  JsonObject root() const noexcept { return root_; }

 private:
  void reserve(std::size_t bytes, std::size_t depth);
  bool all_names_differ(const StrictLimits& limits);

  simdjson::dom::parser parser_;
  std::unique_ptr<char[]> bytes_;
  std::size_t capacity_ = 0;
  std::size_t depth_ = 0;
  JsonObject root_;
  std::vector<JsonElement> open_;
  std::vector<std::string_view> names_;
};

// A member of an object; empty: absent.
std::optional<JsonElement> member(const JsonObject& object, std::string_view name) noexcept;

// The member as text, or nothing when it is absent or no string.
std::optional<std::string_view> text_member(const JsonObject& object,
                                            std::string_view name) noexcept;

}  // namespace mcpgov::identity
