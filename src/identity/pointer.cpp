// JSON pointers into claims.
// Tested by tests/identity/pointer_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/pointer.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>

namespace mcpgov::identity {

namespace {

constexpr std::size_t kSteps = 16;
constexpr std::size_t kBytes = 1024;

Error refusal(std::string_view pointer, std::string_view why) {
  std::string sentence = "the pointer `";
  sentence.append(pointer.substr(0, 100)).append("` ").append(why);
  return {ErrorCode::identity_setting, std::move(sentence), {}, 0, 0};
}

// Whether a step, with its escapes, is the name.
bool is_step_to(std::string_view step, std::string_view name) noexcept {
  std::size_t at = 0;
  for (const char c : name) {
    if (at == step.size()) return false;
    char wanted = step[at++];
    if (wanted == '~') {
      if (at == step.size()) return false;
      wanted = step[at++] == '0' ? '~' : '/';
    }
    if (wanted != c) return false;
  }
  return at == step.size();
}

std::optional<JsonElement> down(const JsonObject& from, std::string_view step) noexcept {
  for (const auto& [name, value] : from) {
    if (is_step_to(step, name)) return value;
  }
  return std::nullopt;
}

std::optional<JsonElement> down(const JsonElement& from, std::string_view step) noexcept {
  if (from.is_object()) return down(JsonObject(from), step);
  if (!from.is_array() || step.empty() || (step.size() > 1 && step[0] == '0')) return std::nullopt;
  std::uint32_t index = 0;
  const char* const end = step.data() + step.size();
  const auto [stop, error] = std::from_chars(step.data(), end, index);
  JsonElement value;
  if (error != std::errc() || stop != end ||
      simdjson::dom::array(from).at(index).get(value) != simdjson::SUCCESS) {
    return std::nullopt;
  }
  return value;
}

}  // namespace

Result<void> check_pointer(std::string_view pointer) {
  if (pointer.empty() || pointer[0] != '/') return refusal(pointer, "does not start with `/`");
  if (pointer.size() > kBytes) return refusal(pointer, "is too long");
  if (std::count(pointer.begin(), pointer.end(), '/') > static_cast<std::ptrdiff_t>(kSteps)) {
    return refusal(pointer, "has too many steps");
  }
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const char c = pointer[i];
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      return Error{ErrorCode::identity_setting, "a pointer holds a control character", {}, 0, 0};
    }
    const char next = i + 1 < pointer.size() ? pointer[i + 1] : '\0';
    if (c == '~' && next != '0' && next != '1') {
      return refusal(pointer, "holds a `~` that is not followed by 0 or 1");
    }
  }
  return {};
}

std::optional<JsonElement> find(const JsonObject& root, std::string_view pointer) noexcept {
  if (pointer.empty() || pointer[0] != '/') return std::nullopt;
  std::optional<JsonElement> at;
  while (!pointer.empty()) {
    pointer.remove_prefix(1);
    const std::string_view step = pointer.substr(0, pointer.find('/'));
    pointer.remove_prefix(step.size());
    at = at ? down(*at, step) : down(root, step);
    if (!at) return std::nullopt;
  }
  return at;
}

std::string pointer_to(std::string_view member) {
  std::string out = "/";
  for (const char c : member) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
  return out;
}

}  // namespace mcpgov::identity
