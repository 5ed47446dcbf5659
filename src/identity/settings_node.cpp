// One value of the settings with the path that led to it.
// Tested by tests/identity/settings_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "identity/settings_node.hpp"

#include <algorithm>

namespace mcpgov::identity {

void SettingsNode::fail(const std::string& sentence, ErrorCode code) const {
  const std::string where = path_.empty() ? std::string() : "`" + path_ + "`: ";
  throw SettingsFailure{{code, where + sentence, {}, 0, 0}, path_};
}

void SettingsNode::expect_keys(std::initializer_list<std::string_view> keys) const {
  if (!value_->is_object()) fail("expected a mapping");
  for (const auto& [key, value] : value_->items()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    const std::string below = path_.empty() ? key : path_ + "." + key;
    throw SettingsFailure{
        {ErrorCode::identity_setting, "`" + below + "`: the key is unknown", {}, 0, 0}, below};
  }
}

bool SettingsNode::has(std::string_view key) const {
  return value_->is_object() && value_->contains(key);
}

SettingsNode SettingsNode::at(std::string_view key) const {
  if (!has(key)) fail("the key `" + std::string(key) + "` is missing");
  const std::string below = path_.empty() ? std::string(key) : path_ + "." + std::string(key);
  return {(*value_)[std::string(key)], below, *documents_};
}

std::vector<std::pair<std::string, SettingsNode>> SettingsNode::entries() const {
  if (!value_->is_object()) fail("expected a mapping");
  std::vector<std::pair<std::string, SettingsNode>> out;
  for (const auto& [key, value] : value_->items()) out.emplace_back(key, at(key));
  return out;
}

std::vector<SettingsNode> SettingsNode::items() const {
  if (!value_->is_array()) fail("expected a list");
  std::vector<SettingsNode> out;
  for (std::size_t i = 0; i < value_->size(); ++i) {
    out.emplace_back((*value_)[i], path_ + "[" + std::to_string(i) + "]", *documents_);
  }
  return out;
}

std::string SettingsNode::text() const {
  if (!value_->is_string() || value_->get_ref<const std::string&>().empty()) fail("expected text");
  return value_->get<std::string>();
}

bool SettingsNode::boolean() const {
  if (!value_->is_boolean()) fail("expected `true` or `false`");
  return value_->get<bool>();
}

std::uint32_t SettingsNode::number(std::uint32_t low, std::uint32_t high) const {
  if (value_->is_number_unsigned()) {
    const auto given = value_->get<std::uint64_t>();
    if (given >= low && given <= high) return static_cast<std::uint32_t>(given);
  }
  fail("expected a whole number from " + std::to_string(low) + " to " + std::to_string(high));
}

double SettingsNode::decimal(double low, double high) const {
  if (value_->is_number()) {
    const auto given = value_->get<double>();
    if (given >= low && given <= high) return given;
  }
  fail("expected a number from " + std::to_string(low) + " to " + std::to_string(high));
}

std::vector<std::string> SettingsNode::texts() const {
  std::vector<std::string> out;
  for (const SettingsNode& item : items()) out.push_back(item.text());
  return out;
}

std::string SettingsNode::read(std::string_view key, std::string_view source) const {
  const SettingsNode name = at(key);
  if (documents_->read == nullptr) name.fail("documents cannot be read here");
  auto text = documents_->read(documents_->context, source, name.text());
  if (!text) name.fail(text.error().message, text.error().code);
  return *std::move(text);
}

std::string SettingsNode::document() const {
  if (has("file")) return read("file", "file");
  if (has("text")) return at("text").text();
  fail("expected `file` or `text`");
}

// Editors and `echo` end files with a line end, which is no part of a secret.
std::string SettingsNode::secret() const {
  expect_keys({"file", "env"});
  if (has("file") == has("env")) fail("expected either `file` or `env`");
  const bool file = has("file");
  std::string out = read(file ? "file" : "env", file ? "secret_file" : "env");
  while (!out.empty() && (out.back() == '\n' || out.back() == '\r')) out.pop_back();
  if (out.empty()) fail("the secret is empty");
  return out;
}

}  // namespace mcpgov::identity
