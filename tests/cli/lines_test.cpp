// Lines of a stream that comes in pieces.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/lines.hpp"

#include <string>
#include <vector>

#include <doctest/doctest.h>

namespace {

using mcpgov::cli::Lines;

struct Case {
  const char* name;
  std::vector<std::string> pieces;
  std::vector<std::string> lines;
  std::string rest;
};

std::vector<std::string> read(Lines& lines, const std::vector<std::string>& pieces) {
  std::vector<std::string> out;
  for (const std::string& piece : pieces) {
    lines.feed(piece);
    for (std::string_view line; lines.next(line);) out.emplace_back(line);
  }
  return out;
}

}  // namespace

TEST_CASE("lines: a stream gives its lines however it is cut") {
  const Case cases[] = {
      {"nothing", {}, {}, ""},
      {"one line", {"a\n"}, {"a"}, ""},
      {"two in one piece", {"a\nb\n"}, {"a", "b"}, ""},
      {"one line in three pieces", {"a", "b", "c\n"}, {"abc"}, ""},
      {"the end of a line alone", {"abc", "\n"}, {"abc"}, ""},
      {"half a line after a line", {"a\nbc", "d\n"}, {"a", "bcd"}, ""},
      {"carriage returns", {"a\r\nb\r", "\nc\r\n"}, {"a", "b", "c"}, ""},
      {"a carriage return inside stays", {"a\rb\n"}, {"a\rb"}, ""},
      {"empty lines", {"\n\na\n\n"}, {"", "", "a", ""}, ""},
      {"a rest without a line end", {"a\nbc"}, {"a"}, "bc"},
      {"no rest after a line", {"ab", "c\n"}, {"abc"}, ""},
      {"a line as long as the limit", {"12345678\n"}, {"12345678"}, ""},
      {"a longer one shows that it is", {"1234567890\nx\n"}, {"123456789", "x"}, ""},
      {"a longer one in pieces", {"12345", "67890", "1234\nx\n"}, {"123456789", "x"}, ""},
      {"a rest that is too long", {"12345", "67890"}, {}, "123456789"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.name);
    Lines lines(8);
    CHECK(read(lines, c.pieces) == c.lines);
    std::string_view rest;
    CHECK(lines.rest(rest) == !c.rest.empty());
    CHECK(rest == c.rest);
    CHECK_FALSE(lines.rest(rest));
  }
}

TEST_CASE("lines: every cut of a stream gives the same lines") {
  const std::string stream = "{\"a\":1}\r\n\n{\"b\":\"\xc3\xa4\"}\n{\"long\":123456}\nend\n";
  Lines whole(12);
  const std::vector<std::string> expected = read(whole, {stream});
  CHECK(expected.size() == 5);
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) {
      Lines lines(12);
      const auto got = read(lines, {stream.substr(0, first), stream.substr(first, second - first),
                                    stream.substr(second)});
      REQUIRE(got == expected);
    }
  }
}

TEST_CASE("lines: a limit that shrinks in the middle of a line holds for it") {
  Lines lines(8);
  CHECK(read(lines, {"1234567"}).empty());
  lines.set_limit(3);
  const std::vector<std::string> got = read(lines, {std::string(1000, 'x'), "\nok\n"});
  REQUIRE(got.size() == 2);
  CHECK(got[0].size() == 7);  // what was there, too long for the new limit, and nothing more
  CHECK(got[1] == "ok");
}
