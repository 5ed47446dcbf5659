// One value of the settings with the path that led to it.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "mcpgov/identity.hpp"
#include "mcpgov/result.hpp"

namespace mcpgov::identity {

// Carries an error from the depth of the reader to read_settings(). Never leaves.
struct SettingsFailure {
  Error error;
  std::string place;
};

// Every accessor throws SettingsFailure when the value is not what is asked for.
// Borrows the document. Threads: one thread.
class SettingsNode {
 public:
  // read: null: no document can be had.
  struct Documents {
    ReadDocument read = nullptr;
    void* context = nullptr;
  };

  SettingsNode(const nlohmann::json& value, std::string path, const Documents& documents)
      : value_(&value), path_(std::move(path)), documents_(&documents) {}

  [[noreturn]] void fail(const std::string& sentence,
                         ErrorCode code = ErrorCode::identity_setting) const;

  void expect_keys(std::initializer_list<std::string_view> keys) const;  // of an object
  bool has(std::string_view key) const;
  SettingsNode at(std::string_view key) const;
  std::vector<std::pair<std::string, SettingsNode>> entries() const;  // of an object
  std::vector<SettingsNode> items() const;                            // of a list

  bool is_object() const { return value_->is_object(); }
  std::string text() const;  // not empty
  bool boolean() const;
  std::uint32_t number(std::uint32_t low, std::uint32_t high) const;
  double decimal(double low, double high) const;
  std::vector<std::string> texts() const;
  std::string json() const { return value_->dump(); }

  // {text: …} or {file: …}; {file: …} or {env: …} for a secret, which never stands in the settings.
  std::string document() const;
  std::string secret() const;

  template <class Value>
  Value one_of(std::initializer_list<std::pair<std::string_view, Value>> choices) const {
    const std::string word = text();
    std::string known;
    for (const auto& [name, value] : choices) {
      if (name == word) return value;
      known += (known.empty() ? "`" : ", `") + std::string(name) + "`";
    }
    fail("expected one of " + known);
  }

 private:
  std::string read(std::string_view key, std::string_view source) const;

  const nlohmann::json* value_;
  std::string path_;
  const Documents* documents_;
};

}  // namespace mcpgov::identity
