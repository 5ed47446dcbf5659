// JSON of set-up: nlohmann's reader with our limits, duplicates refused, positions kept.
// Tested by tests/base/json_test.cpp.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/json.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "base/json_cursor.hpp"

namespace mcpgov {
namespace {

// Builds the tree. Every function returns whether to go on; a stop leaves its sentence behind.
class Builder final : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Builder(const JsonLimits& limits) : limits_(limits) {}

  bool null() override { return put(nullptr); }
  bool boolean(bool value) override { return put(value); }
  bool number_integer(number_integer_t value) override { return put(value); }
  bool number_unsigned(number_unsigned_t value) override { return put(value); }
  bool number_float(number_float_t value, const string_t&) override { return put(value); }
  bool string(string_t& value) override { return put(std::move(value)); }
  bool binary(binary_t&) override { return stop("binary values are not JSON"); }

  bool start_object(std::size_t) override { return open(nlohmann::json::object()); }
  bool start_array(std::size_t) override { return open(nlohmann::json::array()); }
  bool end_object() override { return close(); }
  bool end_array() override { return close(); }

  bool key(string_t& name) override {
    nlohmann::json& object = *open_.back();
    if (object.contains(name)) return stop("an object names a member twice");
    if (!count()) return false;
    place_ = &object[name];
    return true;
  }

  bool parse_error(std::size_t, const std::string&,
                   const nlohmann::detail::exception& cause) override {
    // 406: a number beyond the range of a double; the texts of the reader may quote the input.
    return stop(cause.id == 406 ? "a number is out of range" : "the text is not valid JSON");
  }

  nlohmann::json& root() { return root_; }
  const char* sentence() const { return sentence_; }

 private:
  bool stop(const char* sentence) {
    if (sentence_ == nullptr) sentence_ = sentence;
    return false;
  }
  bool count() {
    if (members_ >= limits_.members) return stop("the text exceeds the limit of members");
    ++members_;
    return true;
  }
  // Where the next value goes: the root, the member just named, or the end of the open array.
  nlohmann::json* slot() {
    if (open_.empty()) return &root_;
    if (!open_.back()->is_array()) return place_;
    if (!count()) return nullptr;
    open_.back()->emplace_back();
    return &open_.back()->back();
  }
  bool put(nlohmann::json value) {
    nlohmann::json* to = slot();
    if (to == nullptr) return false;
    *to = std::move(value);
    return true;
  }
  bool open(nlohmann::json empty) {
    if (open_.size() >= limits_.depth) return stop("the text exceeds the nesting limit");
    nlohmann::json* to = slot();
    if (to == nullptr) return false;
    *to = std::move(empty);
    open_.push_back(to);
    return true;
  }
  bool close() {
    open_.pop_back();
    return true;
  }

  const JsonLimits& limits_;
  nlohmann::json root_;
  // The pointers stay good: an array grows only while it is the innermost open value.
  std::vector<nlohmann::json*> open_;
  nlohmann::json* place_ = nullptr;
  std::size_t members_ = 0;
  const char* sentence_ = nullptr;
};

Error error_at(std::string_view text, std::size_t offset, std::string_view sentence,
               std::string_view file, ErrorCode code) {
  Error error{code, std::string(sentence), std::string(file), 1, 1};
  for (const char c : text.substr(0, offset)) {
    ++error.column;
    if (c == '\n') {
      ++error.line;
      error.column = 1;
    }
  }
  return error;
}

}  // namespace

Result<nlohmann::json> parse_json(std::string_view text, const JsonLimits& limits,
                                  std::string_view file, ErrorCode code) {
  if (text.size() > limits.bytes) {
    return Error{code, "the text exceeds the size limit", std::string(file), 0, 0};
  }
  // nlohmann skips a byte order mark; RFC 8259 section 8.1 says texts must not have one.
  if (text.substr(0, 3) == "\xef\xbb\xbf") {
    return error_at(text, 0, "the text starts with a byte order mark", file, code);
  }
  const char* seen = text.data();
  Builder builder(limits);
  const bool done = nlohmann::json::sax_parse(
      JsonCursor(text.data(), &seen), JsonCursor(text.data() + text.size(), &seen), &builder);
  if (done) return std::move(builder.root());
  const char* sentence = builder.sentence() ? builder.sentence() : "the text is not valid JSON";
  const auto read = static_cast<std::size_t>(seen - text.data());
  return error_at(text, read == 0 ? 0 : read - 1, sentence, file, code);
}

}  // namespace mcpgov
