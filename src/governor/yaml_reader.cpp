// Reading YAML strictly.
// Tested by tests/governor/config_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/yaml_reader.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <set>
#include <sstream>

#include <yaml-cpp/anchor.h>
#include <yaml-cpp/eventhandler.h>

#include "base/json_writer.hpp"

namespace mcpgov {

namespace {

// A configuration of this size would hold thousands of servers. Anchors could still multiply what
// was read, so they are refused below.
constexpr std::size_t kTextBytes = 4 * 1024 * 1024;
constexpr int kDepth = 32;

std::uint32_t one_based(int zero_based) {
  return static_cast<std::uint32_t>(zero_based + 1);
}

[[noreturn]] void fail_at(ErrorCode code, const std::string& message, const std::string& file,
                          const YAML::Mark& mark) {
  Error error{code, message, file, 0, 0};
  if (!mark.is_null()) {
    error.line = one_based(mark.line);
    error.column = one_based(mark.column);
  }
  throw ConfigFailure{std::move(error)};
}

// A repeated key would be read by one reader as its first and by another as its last value.
void refuse_duplicates(const YAML::Node& node, const std::string& file, int depth) {
  if (depth > kDepth) {
    fail_at(ErrorCode::config_value, "the configuration is nested too deeply", file, node.Mark());
  }
  if (node.IsMap()) {
    std::set<std::string> seen;
    for (const auto& entry : node) {
      if (!entry.first.IsScalar()) {
        fail_at(ErrorCode::config_syntax, "a key must be a word", file, entry.first.Mark());
      }
      if (!seen.insert(entry.first.Scalar()).second) {
        fail_at(ErrorCode::config_duplicate_key,
                "the key `" + entry.first.Scalar() + "` is repeated", file, entry.first.Mark());
      }
      refuse_duplicates(entry.second, file, depth + 1);
    }
  } else if (node.IsSequence()) {
    for (const auto& item : node) refuse_duplicates(item, file, depth + 1);
  }
}

// An alias makes one text stand for another; nothing in this configuration needs it, and a few
// nested ones make a small file enormous.
class AliasFinder : public YAML::EventHandler {
 public:
  void OnDocumentStart(const YAML::Mark&) override { ++documents; }
  void OnDocumentEnd() override {}
  void OnNull(const YAML::Mark&, YAML::anchor_t) override {}
  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    if (!found) first = mark;
    found = true;
  }
  void OnScalar(const YAML::Mark&, const std::string&, YAML::anchor_t,
                const std::string&) override {}
  void OnSequenceStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                       YAML::EmitterStyle::value) override {}
  void OnSequenceEnd() override {}
  void OnMapStart(const YAML::Mark&, const std::string&, YAML::anchor_t,
                  YAML::EmitterStyle::value) override {}
  void OnMapEnd() override {}

  bool found = false;
  int documents = 0;
  YAML::Mark first;
};

}  // namespace

YamlNode YamlNode::parse(std::string_view text, const std::string& file) {
  if (text.size() > kTextBytes) {
    throw ConfigFailure{{ErrorCode::config_value, "the configuration exceeds 4 MiB", file, 0, 0}};
  }
  try {
    std::istringstream stream{std::string(text)};
    YAML::Parser parser(stream);
    AliasFinder finder;
    while (parser.HandleNextDocument(finder)) {
    }
    if (finder.found) {
      fail_at(ErrorCode::config_syntax, "aliases are not supported", file, finder.first);
    }
    if (finder.documents > 1) {
      fail_at(ErrorCode::config_syntax, "more than one document", file, YAML::Mark::null_mark());
    }
    const YAML::Node root = YAML::Load(std::string(text));
    refuse_duplicates(root, file, 0);
    return {root, "", &file};
  } catch (const YAML::Exception& e) {
    fail_at(ErrorCode::config_syntax, e.msg, file, e.mark);
  }
}

void YamlNode::fail(ErrorCode code, const std::string& message) const {
  fail_at(code, path_.empty() ? message : "`" + path_ + "`: " + message, *file_, node_.Mark());
}

std::uint32_t YamlNode::line() const {
  return one_based(node_.Mark().line);
}

void YamlNode::expect_keys(std::initializer_list<std::string_view> keys) const {
  for (const auto& [key, node] : entries()) {
    if (std::find(keys.begin(), keys.end(), key) != keys.end()) continue;
    std::string known;
    for (const std::string_view word : keys)
      known += (known.empty() ? "" : ", ") + std::string(word);
    node.fail(ErrorCode::config_unknown_key, "unknown key; expected one of: " + known);
  }
}

bool YamlNode::has(std::string_view key) const {
  const auto all = entries();
  return std::any_of(all.begin(), all.end(), [&](const auto& entry) { return entry.first == key; });
}

YamlNode YamlNode::at(std::string_view key) const {
  for (auto& [name, node] : entries()) {
    if (name == key) return node;
  }
  fail(ErrorCode::config_missing_key, "the key `" + std::string(key) + "` is missing");
}

YamlNode YamlNode::nearest(std::string_view path) const {
  YamlNode at_node = *this;
  while (!path.empty()) {
    if (path[0] == '.') path.remove_prefix(1);
    if (path.starts_with('[') && at_node.is_sequence()) {
      std::size_t index = 0;
      const auto read = std::from_chars(path.data() + 1, path.data() + path.size(), index);
      const std::vector<YamlNode> below = at_node.items();
      if (read.ec != std::errc() || index >= below.size()) break;
      at_node = below[index];
      path.remove_prefix(std::min(path.size(), path.find(']') + 1));
      continue;
    }
    const std::string_view key = path.substr(0, path.find_first_of(".["));
    if (key.empty() || !at_node.is_mapping() || !at_node.has(key)) break;
    at_node = at_node.at(key);
    path.remove_prefix(key.size());
  }
  return at_node;
}

std::vector<std::pair<std::string, YamlNode>> YamlNode::entries() const {
  if (!node_.IsMap()) fail(ErrorCode::config_value, "expected a mapping");
  std::vector<std::pair<std::string, YamlNode>> out;
  for (const auto& entry : node_) {
    const std::string& key = entry.first.Scalar();
    out.emplace_back(key, YamlNode(entry.second, path_.empty() ? key : path_ + "." + key, file_));
  }
  return out;
}

std::vector<YamlNode> YamlNode::items() const {
  if (!node_.IsSequence()) fail(ErrorCode::config_value, "expected a list");
  std::vector<YamlNode> out;
  for (const auto& item : node_) {
    out.push_back(YamlNode(item, path_ + "[" + std::to_string(out.size()) + "]", file_));
  }
  return out;
}

std::string YamlNode::text() const {
  if (!node_.IsScalar() || node_.Scalar().empty()) fail(ErrorCode::config_value, "expected a text");
  return node_.Scalar();
}

bool YamlNode::boolean() const {
  if (node_.IsScalar() && node_.Scalar() == "true") return true;
  if (node_.IsScalar() && node_.Scalar() == "false") return false;
  fail(ErrorCode::config_value, "expected true or false");
}

std::uint64_t YamlNode::number(std::uint64_t low, std::uint64_t high) const {
  std::uint64_t value = 0;
  if (node_.IsScalar()) {
    const std::string& digits = node_.Scalar();
    const auto end = digits.data() + digits.size();
    const auto read = std::from_chars(digits.data(), end, value);
    if (read.ec == std::errc() && read.ptr == end && value >= low && value <= high) return value;
  }
  fail(ErrorCode::config_value,
       "expected a whole number from " + std::to_string(low) + " to " + std::to_string(high));
}

std::vector<std::string> YamlNode::texts() const {
  std::vector<std::string> out;
  for (const YamlNode& item : items()) out.push_back(item.text());
  return out;
}

std::uint64_t YamlNode::end_of_day_us() const {
  const std::string day_text = text();
  const auto digits = [&](std::size_t from, std::size_t count) {
    int value = 0;
    for (std::size_t at = from; at < from + count; ++at) {
      if (day_text[at] < '0' || day_text[at] > '9') return -1;
      value = value * 10 + (day_text[at] - '0');
    }
    return value;
  };
  using namespace std::chrono;
  if (day_text.size() == 10 && day_text[4] == '-' && day_text[7] == '-') {
    const int y = digits(0, 4);
    const int m = digits(5, 2);
    const int d = digits(8, 2);
    const year_month_day date{year{y}, month{static_cast<unsigned>(m)},
                              day{static_cast<unsigned>(d)}};
    if (y >= 1970 && m > 0 && d > 0 && date.ok()) {
      const auto end = sys_days{date} + days{1};
      return static_cast<std::uint64_t>(
          duration_cast<microseconds>(end.time_since_epoch()).count());
    }
  }
  fail(ErrorCode::config_value, "expected a day such as 2026-12-31");
}

std::size_t YamlNode::one_of(std::initializer_list<std::string_view> words) const {
  if (node_.IsScalar()) {
    const auto found = std::find(words.begin(), words.end(), node_.Scalar());
    if (found != words.end()) return static_cast<std::size_t>(found - words.begin());
  }
  std::string known;
  for (const std::string_view word : words)
    known += (known.empty() ? "" : ", ") + std::string(word);
  fail(ErrorCode::config_value, "expected one of: " + known);
}

std::string YamlNode::json() const {
  std::string out;
  append_json(out);
  return out;
}

namespace {

// A plain scalar that JSON would read as number, true, false or null (YAML 1.2 core schema).
bool plain_json(const YAML::Node& node) {
  if (node.Tag() == "!") return false;  // quoted
  const std::string& word = node.Scalar();
  if (word == "true" || word == "false" || word == "null") return true;
  std::size_t at = word.starts_with("-") ? 1 : 0;
  const std::size_t digits = at;
  while (at < word.size() && word[at] >= '0' && word[at] <= '9') ++at;
  if (at == digits || (word[digits] == '0' && at - digits > 1)) return false;
  if (at < word.size() && word[at] == '.') {
    const std::size_t fraction = ++at;
    while (at < word.size() && word[at] >= '0' && word[at] <= '9') ++at;
    if (at == fraction) return false;
  }
  if (at < word.size() && (word[at] == 'e' || word[at] == 'E')) {
    at += at + 1 < word.size() && (word[at + 1] == '+' || word[at + 1] == '-') ? 2 : 1;
    const std::size_t exponent = at;
    while (at < word.size() && word[at] >= '0' && word[at] <= '9') ++at;
    if (at == exponent) return false;
  }
  return at == word.size();
}

}  // namespace

void YamlNode::append_json(std::string& out) const {
  if (node_.IsMap()) {
    out += '{';
    for (const auto& [key, node] : entries()) {
      if (out.back() != '{') out += ',';
      append_json_string(out, key);
      out += ':';
      node.append_json(out);
    }
    out += '}';
  } else if (node_.IsSequence()) {
    out += '[';
    for (const YamlNode& item : items()) {
      if (out.back() != '[') out += ',';
      item.append_json(out);
    }
    out += ']';
  } else if (node_.IsScalar()) {
    if (plain_json(node_)) {
      out += node_.Scalar();
    } else {
      append_json_string(out, node_.Scalar());
    }
  } else {
    out += "null";
  }
}

}  // namespace mcpgov
