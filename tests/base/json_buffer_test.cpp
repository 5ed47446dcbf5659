// The buffer writes what JsonWriter writes, and never beyond its end.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/json_buffer.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "base/json_writer.hpp"

namespace mcpgov {
namespace {

template <class Out>
void write_all(Out& out, std::string_view text, std::string_view json) {
  out.string("text", text);
  out.number("most", UINT64_MAX);
  out.boolean("yes", true);
  out.open_object("object");
  out.boolean("no", false);
  out.open_array("empty");
  out.close_array();
  out.close_object();
  out.open_array("list");
  out.element(text);
  out.element(text);
  out.open_object({});
  out.close_object();
  out.close_array();
  out.raw("raw", json);
  out.finish();
}

std::string by_writer(std::string_view text, std::string_view json) {
  std::string out;
  JsonWriter writer(out);
  write_all(writer, text, json);
  return out;
}

std::string by_buffer(std::string_view text, std::string_view json) {
  std::array<char, 16384> memory;
  JsonBuffer buffer(memory);
  write_all(buffer, text, json);
  return buffer.overflowed() ? "overflowed" : std::string(buffer.text());
}

TEST_CASE("json_buffer: every byte, at every place of a word, is written as JsonWriter writes it") {
  const std::string plain = "0123456789abcdefg";
  for (int byte = 0; byte < 256; ++byte) {
    for (std::size_t size = 1; size <= plain.size(); ++size) {
      for (std::size_t at = 0; at < size; ++at) {
        std::string text = plain.substr(0, size);
        text[at] = static_cast<char>(byte);
        if (by_buffer(text, "[1]") != by_writer(text, "[1]")) FAIL(text);
      }
    }
  }
}

TEST_CASE("json_buffer: texts of any characters are written as JsonWriter writes them") {
  std::mt19937 random(7);
  const std::string_view parts[] = {"a",          "plain text", "\"",           "\\",
                                    "\n",         "\xc3\xa9",   "\xe2\x80\xae", "\xe2\x80\xa8",
                                    "\x7f",       "\xff",       "\xc2\x85",     "\xf0\x9f\x98\x80",
                                    "0123456789", "\xe2\x80"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (auto left = random() % 20; left > 0; --left) text += parts[random() % std::size(parts)];
    CHECK(by_buffer(text, "null") == by_writer(text, "null"));
  }
}

TEST_CASE("json_buffer: JSON text goes in as it is, but on one line and safe to show") {
  const std::string_view cases[] = {
      R"({"a":[1,2.50,"x y"]})",
      "{\n\t\"a\": 1}",
      "\"\xe2\x80\xae\"",
      R"("\"\n")",
      "\"\xff\"",
      "\"\x7f\"",
  };
  for (const std::string_view json : cases) CHECK(by_buffer("", json) == by_writer("", json));
}

TEST_CASE("json_buffer: what JsonWriter lacks: integers, times and texts without escapes") {
  std::array<char, 512> memory;
  JsonBuffer out(memory);
  out.integer("least", INT64_MIN);
  out.plain("name", "deny");
  out.time("time", 1'795'159'380'123'456);
  out.finish();
  CHECK(out.text() == R"({"least":-9223372036854775808,"name":"deny",)"
                      R"("time":"2026-11-20T07:23:00.123456Z"})");
}

TEST_CASE("json_buffer: whatever the size, it writes all or says that it overflowed") {
  const std::string text = "some \n text \xff";
  const std::string json = "[\"\xe2\x80\xae\", 1]";
  const std::string whole = by_writer(text, json);
  for (std::size_t size = 1; size < whole.size() + 8; ++size) {
    // The bytes behind the memory are the test's own, and stay as they are.
    std::vector<char> memory(size + JsonBuffer::kSlack + 64, '#');
    JsonBuffer out({memory.data(), size + JsonBuffer::kSlack});
    write_all(out, text, json);
    CHECK(std::all_of(memory.end() - 64, memory.end(), [](char c) { return c == '#'; }));
    if (size > whole.size()) {
      CHECK_FALSE(out.overflowed());
      CHECK(out.text() == whole);
    } else if (size < whole.size()) {
      CHECK(out.overflowed());
    }
  }
}

}  // namespace
}  // namespace mcpgov
