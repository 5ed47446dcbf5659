// JSON events of nlohmann's SAX reader, built into a tree.
// Tested by tests/policy/entities_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "policy/cedar/json_tree.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <nlohmann/json.hpp>

#include "base/json_cursor.hpp"
#include "policy/cedar/lexer.hpp"

namespace mcpgov::policy::cedar {
namespace {

// Receives the events. Returning false ends the reading, with `error_` set.
class TreeBuilder {
 public:
  TreeBuilder(std::string_view text, const JsonLimits& limits, Arena& arena)
      : text_(text), limits_(limits), arena_(arena), furthest_(text.data()) {}

  JsonCursor begin() { return {text_.data(), &furthest_}; }
  JsonCursor end() { return {text_.data() + text_.size(), &furthest_}; }
  Error take_error() { return std::move(error_); }
  JsonNode root() const { return values_.back(); }

  bool null() { return scalar(JsonNode::Type::null, 0); }
  bool boolean(bool value) { return scalar(JsonNode::Type::boolean, value ? 1 : 0); }
  bool number_integer(std::int64_t value) {
    // Negative zero is a floating-point number to the reference engine's JSON reader.
    if (value == 0) return scalar(JsonNode::Type::number, 0);
    return scalar(JsonNode::Type::integer, value);
  }
  bool number_unsigned(std::uint64_t value) {
    if (value > INT64_MAX) return scalar(JsonNode::Type::number, 0);
    return scalar(JsonNode::Type::integer, static_cast<std::int64_t>(value));
  }
  bool number_float(double, const std::string&) { return scalar(JsonNode::Type::number, 0); }
  bool binary(std::vector<std::uint8_t>&) { return false; }  // not in JSON

  bool string(std::string& value) {
    JsonNode node;
    node.type = JsonNode::Type::string;
    node.offset = next_token();
    node.size = static_cast<std::uint32_t>(value.size());
    node.text = arena_.copy(value).data();
    values_.push_back(node);
    return true;
  }

  bool key(std::string& name) {
    keys_.push_back({arena_.copy(name), next_token(), {}});
    return true;
  }
  bool start_object(std::size_t) { return open(JsonNode::Type::object); }
  bool start_array(std::size_t) { return open(JsonNode::Type::array); }

  bool end_object() {
    const Open open = close();
    const std::size_t count = values_.size() - open.values;
    JsonMember* members = arena_.array<JsonMember>(count);
    const std::size_t first_key = keys_.size() - count;
    for (std::size_t i = 0; i < count; ++i) {
      members[i] = keys_[first_key + i];
      members[i].value = values_[open.values + i];
    }
    keys_.resize(first_key);
    values_.resize(open.values);
    JsonNode node = open.node;
    node.size = static_cast<std::uint32_t>(count);
    node.members_at = members;
    values_.push_back(node);
    return no_duplicates(node.members());
  }

  bool end_array() {
    const Open open = close();
    JsonNode node = open.node;
    const std::span<const JsonNode> items(values_.data() + open.values,
                                          values_.size() - open.values);
    node.size = static_cast<std::uint32_t>(items.size());
    node.items_at = arena_.copy(items).data();
    values_.resize(open.values);
    values_.push_back(node);
    return true;
  }

  // position: bytes read, the one that did not fit (or the end of the text) among them. The
  // reader's own sentence quotes the text, which errors must not.
  bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception&) {
    return fail(ErrorCode::entities_json, "not valid JSON", position == 0 ? 0 : position - 1);
  }

 private:
  struct Open {
    JsonNode node;
    std::size_t values;  // how many there were before its first
  };

  // Offset of the token this event is about: between tokens there is only space and punctuation.
  std::uint32_t next_token() {
    const char* const last = text_.data() + text_.size();
    const auto skipped = [](char c) {
      return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == ',' || c == ':';
    };
    const char* at = token_end_;
    if (at == nullptr) at = text_.data();
    while (at != last && (skipped(*at) || *at == ']' || *at == '}')) ++at;
    token_end_ = furthest_;
    return static_cast<std::uint32_t>(at - text_.data());
  }

  bool scalar(JsonNode::Type type, std::int64_t value) {
    JsonNode node;
    node.type = type;
    node.offset = next_token();
    node.integer = value;
    // The reader sees a number's end in the byte behind it, which belongs to the next token.
    if (type == JsonNode::Type::integer || type == JsonNode::Type::number) {
      constexpr std::string_view part_of_number = "+-.0123456789eE";
      const std::size_t end = text_.find_first_not_of(part_of_number, node.offset);
      token_end_ = text_.data() + std::min(end, text_.size());
    }
    values_.push_back(node);
    return true;
  }

  bool open(JsonNode::Type type) {
    Open opened;
    opened.node.type = type;
    opened.node.offset = next_token();
    opened.values = values_.size();
    if (open_.size() >= static_cast<std::size_t>(limits_.depth)) {
      return fail(ErrorCode::entities_too_deep, "nested too deeply", opened.node.offset);
    }
    open_.push_back(opened);
    return true;
  }

  Open close() {
    const Open closed = open_.back();
    open_.pop_back();
    return closed;
  }

  bool no_duplicates(std::span<const JsonMember> members) {
    constexpr std::size_t few = 8;  // up to here comparing all pairs is cheaper than sorting
    if (members.size() <= few) {
      for (std::size_t i = 1; i < members.size(); ++i) {
        for (std::size_t k = 0; k < i; ++k) {
          if (members[i].key == members[k].key) return duplicate(members[i]);
        }
      }
      return true;
    }
    sorted_.clear();
    for (const JsonMember& member : members) sorted_.push_back(&member);
    std::sort(sorted_.begin(), sorted_.end(), [](const JsonMember* a, const JsonMember* b) {
      return a->key != b->key ? a->key < b->key : a->offset < b->offset;
    });
    for (std::size_t i = 1; i < sorted_.size(); ++i) {
      if (sorted_[i - 1]->key == sorted_[i]->key) return duplicate(*sorted_[i]);
    }
    return true;
  }

  bool duplicate(const JsonMember& member) {
    return fail(ErrorCode::entities_json, "a member is named twice", member.offset);
  }

  bool fail(ErrorCode code, std::string message, std::size_t offset) {
    error_ = error_at(code, std::move(message), text_, offset);
    return false;
  }

  std::string_view text_;
  JsonLimits limits_;
  Arena& arena_;
  const char* furthest_;
  const char* token_end_ = nullptr;
  std::vector<JsonNode> values_;
  std::vector<JsonMember> keys_;
  std::vector<Open> open_;
  std::vector<const JsonMember*> sorted_;
  Error error_;
};

}  // namespace

const JsonNode* JsonNode::find(std::string_view key) const noexcept {
  if (type != Type::object) return nullptr;
  for (const JsonMember& member : members()) {
    if (member.key == key) return &member.value;
  }
  return nullptr;
}

const JsonNode* JsonNode::find_string(std::string_view key) const noexcept {
  const JsonNode* found = find(key);
  return found != nullptr && found->type == Type::string ? found : nullptr;
}

Error error_at(ErrorCode code, std::string message, std::string_view text, std::size_t offset) {
  const Position position = position_of(text, std::min(offset, text.size()));
  return {code, std::move(message), {}, position.line, position.column};
}

Result<JsonNode> read_json(std::string_view text, const JsonLimits& limits, Arena& arena) {
  if (text.size() > limits.bytes) {
    return error_at(ErrorCode::entities_too_large, "the text exceeds the size limit", text, 0);
  }
  // The reader would skip a byte order mark; RFC 8259 section 8.1 lets us refuse it.
  if (text.starts_with("\xef\xbb\xbf")) {
    return error_at(ErrorCode::entities_json, "starts with a byte order mark", text, 0);
  }
  TreeBuilder builder(text, limits, arena);
  if (!nlohmann::json::sax_parse(builder.begin(), builder.end(), &builder)) {
    return builder.take_error();
  }
  return builder.root();
}

}  // namespace mcpgov::policy::cedar
