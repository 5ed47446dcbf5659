// Reading YAML strictly: unknown and duplicate keys, and every wrong value, with their place.
//
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "mcpgov/result.hpp"

namespace mcpgov {

// Carries an Error from the depth of the reader to read_config(), which returns it. Never leaves.
struct ConfigFailure {
  Error error;
};

// One node with the path that led to it, for messages. Threads: one thread.
class YamlNode {
 public:
  // Parses the text. Throws ConfigFailure: config_syntax, config_duplicate_key, config_value.
  static YamlNode parse(std::string_view text, const std::string& file);

  // Throws ConfigFailure at this node's place.
  [[noreturn]] void fail(ErrorCode code, const std::string& message) const;

  // A mapping whose keys are all among `keys`; otherwise fails.
  void expect_keys(std::initializer_list<std::string_view> keys) const;
  bool has(std::string_view key) const;
  YamlNode at(std::string_view key) const;  // fails with config_missing_key
  // The node below this one that `issuers[0].keys` names, or the last on the way to it.
  YamlNode nearest(std::string_view path) const;
  std::vector<std::pair<std::string, YamlNode>> entries() const;
  std::vector<YamlNode> items() const;  // of a sequence

  bool is_mapping() const { return node_.IsMap(); }
  bool is_sequence() const { return node_.IsSequence(); }
  std::string text() const;  // a scalar, not empty
  bool boolean() const;
  std::uint64_t number(std::uint64_t low, std::uint64_t high) const;
  std::vector<std::string> texts() const;
  // Of a day such as 2026-12-31: the end of it, UTC, in microseconds since 1970.
  std::uint64_t end_of_day_us() const;

  // The position in `words` of a scalar that is one of them.
  std::size_t one_of(std::initializer_list<std::string_view> words) const;
  template <class Enum>
  Enum choice(std::initializer_list<std::string_view> words) const {
    return static_cast<Enum>(one_of(words));
  }

  // The node as JSON text, for parts that are read as JSON. Scalars that are plain and read as
  // numbers, true, false or null stay so.
  std::string json() const;

  const std::string& path() const { return path_; }
  const std::string& file() const { return *file_; }
  std::uint32_t line() const;  // from 1

 private:
  YamlNode(const YAML::Node& node, std::string path, const std::string* file)
      : node_(node), path_(std::move(path)), file_(file) {}
  void append_json(std::string& out) const;

  YAML::Node node_;
  std::string path_;
  const std::string* file_;  // outlives the reading
};

}  // namespace mcpgov
