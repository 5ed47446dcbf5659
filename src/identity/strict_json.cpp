// Reading one JSON object strictly.
// Tested by tests/identity/strict_json_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/strict_json.hpp"

#include <algorithm>
#include <cstring>

namespace mcpgov::identity {

void StrictJson::reserve(std::size_t bytes, std::size_t depth) {
  if (bytes <= capacity_ && depth == depth_) return;
  const std::size_t capacity = std::max<std::size_t>({bytes, capacity_, 1024});
  bytes_ = std::make_unique<char[]>(capacity + simdjson::SIMDJSON_PADDING);
  if (parser_.allocate(capacity, depth) != simdjson::SUCCESS) throw std::bad_alloc();
  capacity_ = capacity;
  depth_ = depth;
}

bool StrictJson::read(std::string_view text, const StrictLimits& limits) {
  root_ = {};
  if (text.empty() || text.size() > limits.bytes) return false;
  reserve(text.size(), limits.depth);
  std::memcpy(bytes_.get(), text.data(), text.size());
  std::memset(bytes_.get() + text.size(), 0, simdjson::SIMDJSON_PADDING);
  JsonElement whole;
  JsonObject object;
  if (parser_.parse(bytes_.get(), text.size(), false).get(whole) != simdjson::SUCCESS) return false;
  if (whole.get(object) != simdjson::SUCCESS) return false;
  open_.assign(1, whole);
  if (!all_names_differ(limits)) return false;
  root_ = object;
  return true;
}

// Walks the tree without recursion. Sorting keeps an object of many members cheap.
bool StrictJson::all_names_differ(const StrictLimits& limits) {
  std::size_t members = 0;
  while (!open_.empty()) {
    const JsonElement at = open_.back();
    open_.pop_back();
    const auto enter = [&](const JsonElement& value) {
      ++members;
      if (value.is_object() || value.is_array()) open_.push_back(value);
    };
    if (at.is_array()) {
      for (const JsonElement item : simdjson::dom::array(at)) enter(item);
    } else {
      names_.clear();
      for (const auto& [name, value] : JsonObject(at)) {
        names_.push_back(name);
        enter(value);
      }
      std::sort(names_.begin(), names_.end());
      if (std::adjacent_find(names_.begin(), names_.end()) != names_.end()) return false;
    }
    if (members > limits.members) return false;
  }
  return true;
}

std::optional<JsonElement> member(const JsonObject& object, std::string_view name) noexcept {
  JsonElement value;
  if (object.at_key(name).get(value) != simdjson::SUCCESS) return std::nullopt;
  return value;
}

std::optional<std::string_view> text_member(const JsonObject& object,
                                            std::string_view name) noexcept {
  const auto value = member(object, name);
  if (!value || !value->is_string()) return std::nullopt;
  return value->get_string().value_unsafe();
}

}  // namespace mcpgov::identity
