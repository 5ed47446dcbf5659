// JSON text that reads back as it was meant, and that a terminal can show.
//
// SPDX-License-Identifier: Apache-2.0
#include "base/json_writer.hpp"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "base/utf8.hpp"

namespace mcpgov {
namespace {

std::string as_json(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

TEST_CASE("json_writer: members come in the order of the calls, with commas where they belong") {
  std::string out = "kept:";
  JsonWriter json(out);
  json.string("text", "a");
  json.number("none", 0);
  json.number("most", UINT64_MAX);
  json.boolean("yes", true);
  json.boolean("no", false);
  json.raw("raw", R"({"x":[1]})");
  json.open_object("empty");
  json.close_object();
  json.open_object("object");
  json.string("inner", "{");
  json.number("after", 1);
  json.close_object();
  json.open_array("nothing");
  json.close_array();
  json.open_array("list");
  json.element("[");
  json.element("");
  json.open_object({});
  json.string("in", "list");
  json.close_object();
  json.close_array();
  json.finish();
  CHECK(out == R"(kept:{"text":"a","none":0,"most":18446744073709551615,"yes":true,"no":false,)"
               R"("raw":{"x":[1]},"empty":{},"object":{"inner":"{","after":1},"nothing":[],)"
               R"("list":["[","",{"in":"list"}]})");
}

TEST_CASE("json_writer: an empty object is one") {
  std::string out;
  JsonWriter(out).finish();
  CHECK(out == "{}");
}

TEST_CASE("json_writer: what could forge a line or hide in a terminal is escaped") {
  struct Case {
    const char* name;
    std::string_view text;
    std::string_view written;
  };
  using namespace std::string_view_literals;
  const Case cases[] = {
      {"nothing", "", R"("")"},
      {"plain text", "a b", R"("a b")"},
      {"quotation mark and backslash", R"(a"b\)", R"("a\"b\\")"},
      {"a slash stays", "/", R"("/")"},
      {"line feed and carriage return", "a\r\nb", R"("a\u000d\u000ab")"},
      {"nul", "a\0b"sv, R"("a\u0000b")"},
      {"escape", "\x1b[2J", R"("\u001b[2J")"},
      {"delete", "\x7f", R"("\u007f")"},
      {"a C1 control", "\xc2\x9b", R"("\u009b")"},
      {"the first character after C1 stays", "\xc2\xa0", "\"\xc2\xa0\""},
      {"line separator", "\xe2\x80\xa8", R"("\u2028")"},
      {"paragraph separator", "\xe2\x80\xa9", R"("\u2029")"},
      {"right-to-left override", "\xe2\x80\xae", R"("\u202e")"},
      {"an isolate", "\xe2\x81\xa6", R"("\u2066")"},
      {"byte order mark", "\xef\xbb\xbf", R"("\ufeff")"},
      {"letters of two, three and four bytes stay", "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
       "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\""},
      {"an invalid byte", "a\xff", "\"a\xef\xbf\xbd\""},
      {"a truncated letter", "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"an overlong quotation mark", "\xc0\xa2", "\"\xef\xbf\xbd\xef\xbf\xbd\""},
      {"half of a surrogate pair", "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\""},
      {"text after an invalid byte", "\xff\"", "\"\xef\xbf\xbd\\\"\""},
  };
  for (const Case& c : cases) {
    CAPTURE(std::string(c.name));
    CHECK(as_json(c.text) == c.written);
  }
}

TEST_CASE("json_writer: every pair of bytes gives JSON of one line that reads back") {
  std::size_t same = 0;
  std::size_t wrong = 0;
  for (int high = 0; high < 256; ++high) {
    for (int low = 0; low < 256; ++low) {
      const std::string text{static_cast<char>(high), static_cast<char>(low)};
      const std::string written = as_json(text);
      const bool one_line = std::all_of(written.begin(), written.end(), [](char c) {
        return static_cast<unsigned char>(c) >= 0x20;
      });
      const auto read = nlohmann::json::parse(written, nullptr, false);
      if (!one_line || find_invalid_utf8(written) != written.size() || !read.is_string()) {
        ++wrong;
      } else if (find_invalid_utf8(text) == text.size()) {
        (read.get<std::string>() == text ? same : wrong) += 1;
      }
    }
  }
  CHECK(wrong == 0);
  // All pairs of ASCII, and the letters of two bytes (C2 to DF, then 80 to BF).
  CHECK(same == 128 * 128 + 30 * 64);
}

}  // namespace
}  // namespace mcpgov
