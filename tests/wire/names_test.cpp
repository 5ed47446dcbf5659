// Names and URIs that every reader sees alike.
//
// SPDX-License-Identifier: Apache-2.0
#include "wire/names.hpp"

#include <string>
#include <string_view>

#include "wire/support.hpp"

namespace mcpgov::wire::test {
namespace {

using namespace std::string_view_literals;

TEST_CASE("names: what looks like another name is refused") {
  constexpr std::string_view bad[] = {
      ""sv,
      " a"sv,
      "a "sv,
      " "sv,
      "a\tb"sv,
      "a\nb"sv,
      "a\0b"sv,
      "a\x7f"
      "b"sv,
      "a\xc2\x85"sv,                 // U+0085 next line
      "a\xc2\xa0z"sv,                // U+00A0 no-break space
      "a\xc2\xadz"sv,                // U+00AD soft hyphen
      "e\xcc\x81"sv,                 // U+0301 combining acute accent
      "a\xd8\x9cz"sv,                // U+061C Arabic letter mark
      "\xe1\x84\x80\xe1\x85\xa1"sv,  // decomposed Hangul
      "a\xe2\x80\x8bz"sv,            // U+200B zero width space
      "a\xe2\x80\x8dz"sv,            // U+200D zero width joiner
      "a\xe2\x80\xaez"sv,            // U+202E right-to-left override
      "a\xe2\x80\xa8z"sv,            // U+2028 line separator
      "a\xe2\x81\xa6z"sv,            // U+2066 isolate
      "\xe2\x84\xaa"sv,              // U+212A Kelvin sign
      "a\xe3\x80\x80z"sv,            // U+3000 ideographic space
      "\xe3\x85\xa4"sv,              // U+3164 Hangul filler
      "a\xee\x80\x80"sv,             // U+E000 private use
      "\xef\xac\x81"sv,              // U+FB01 ligature fi
      "a\xef\xb8\x8f"sv,             // U+FE0F variation selector
      "\xef\xbb\xbf"
      "a"sv,                  // U+FEFF
      "\xef\xbd\x81"sv,       // U+FF41 full width a
      "a\xef\xbf\xbd"sv,      // U+FFFD
      "\xf0\x9d\x90\x9a"sv,   // U+1D41A mathematical bold a
      "a\xf3\xa0\x80\x81"sv,  // U+E0001 tag
      "a\xf4\x8f\xbf\xbf"sv,  // U+10FFFF
      "a\xff"sv,              // no UTF-8
      "a\xc3"sv,
  };
  for (const std::string_view name : bad) {
    CAPTURE(name);
    CHECK(check_name(name) == ErrorCode::name_invalid);
  }
  CHECK(check_name(std::string(257, 'a')) == ErrorCode::name_invalid);
}

TEST_CASE("names: what is in use passes") {
  for (const char* name : {"a", "get_weather", "Tool.Name-2", "github/search", "a b", "server:tool",
                           "a@b!", "größe", "поиск", "搜索", "検索ツール", "도구", "😀", "بحث"}) {
    CAPTURE(name);
    CHECK(check_name(name) == ErrorCode::none);
  }
  CHECK(check_name(std::string(256, 'a')) == ErrorCode::none);
}

TEST_CASE("names: handles are short and hold no control characters") {
  CHECK(check_handle("786512e2-9e0d") == ErrorCode::none);
  CHECK(check_handle("a b ü") == ErrorCode::none);
  CHECK(check_handle(std::string(1024, 'x')) == ErrorCode::none);
  CHECK(check_handle(std::string(1025, 'x')) == ErrorCode::params_invalid);
  CHECK(check_handle("") == ErrorCode::params_invalid);
  CHECK(check_handle("a\rb") == ErrorCode::params_invalid);
  CHECK(check_handle("a\x7f") == ErrorCode::params_invalid);
  CHECK(check_handle("a\0"sv) == ErrorCode::params_invalid);
}

TEST_CASE("names: a URI with a second spelling is refused") {
  constexpr std::string_view bad[] = {
      ""sv,
      ":"sv,
      "a:"sv,
      "/etc/passwd"sv,
      "etc/passwd"sv,
      "//host/a"sv,
      "1a:b"sv,
      "a_b:c"sv,
      "File:///a"sv,
      "HTTPS://h/"sv,
      "https://H/"sv,
      "https://h.Example/"sv,
      "https://u@H/"sv,
      "https://a@b@c/"sv,
      "https://[::FF]/"sv,
      "https://[::1/"sv,
      "https://[::1]x/"sv,
      "https://a[b/"sv,
      "https://h:/"sv,
      "https://h:443/"sv,
      "http://h:80"sv,
      "https://h:8x/"sv,
      "https://h:1:2/"sv,
      "file:/a"sv,
      "file:a"sv,
      "file://localhost/a"sv,
      "file://u@h/a"sv,
      "file:////a"sv,
      "file:///a//b"sv,
      "file:///a/./b"sv,
      "file:///a/../b"sv,
      "file:///.."sv,
      "file:///a/."sv,
      "file:///a/..;x=1/b"sv,
      "https://h/../a"sv,
      "https://h/a/..?q"sv,
      "https://h/a/..#f"sv,
      "urn:../a"sv,
      "a:."sv,
      "file:///a/%2e%2e/b"sv,
      "file:///a/%2E%2E/b"sv,
      "file:///a/.%2E/b"sv,
      "file:///a%2Fb"sv,
      "file:///a%2fb"sv,
      "file:///a%5Cb"sv,
      "file:///a%5cb"sv,
      "file:///a%00"sv,
      "file:///a%0A"sv,
      "file:///a%7F"sv,
      "file:///%41"sv,  // an unreserved character
      "file:///%7E"sv,
      "file:///%c3%a9"sv,  // lower-case escapes
      "file:///%C3%aF"sv,
      "file:///%"sv,
      "file:///%2"sv,
      "file:///%GG"sv,
      "file:///a\\b"sv,
      "file:///a b"sv,
      "file:///a\tb"sv,
      "file:///a\nb"sv,
      "file:///a\0"sv,
      "file:///a\x7f"sv,
      "file:///\xc3\xa9"sv,
      "file:///a|b"sv,
      "file:///a^b"sv,
      "file:///a`b"sv,
      "file:///a\"b"sv,
      "file:///<a>"sv,
      "file:///{a}"sv,
      "a b:c"sv,
      " a:b"sv,
  };
  for (const std::string_view uri : bad) {
    CAPTURE(uri);
    CHECK(check_uri(uri) == ErrorCode::uri_not_normal);
  }
  CHECK(check_uri("a:" + std::string(8191, 'x')) == ErrorCode::uri_not_normal);
}

TEST_CASE("names: ordinary URIs of MCP servers pass") {
  for (const char* uri : {"file:///a/b.txt",
                          "file:///",
                          "file:///a/",
                          "file://server/share/a",
                          "file:///c:/a",
                          "file:///app/[id]/page.tsx",
                          "demo://resource/static/document/features.md",
                          "test://static/resource/1",
                          "https://h/p?q=1",
                          "https://h",
                          "https://h:8443/a//b/",
                          "https://[::1]:8080/",
                          "https://xn--bcher-kva.example/",
                          "https://h/a?x=../y#../z",
                          "https://h/%20%C3%A9%3A",
                          "str:///x",
                          "urn:a:b",
                          "urn:uuid:f81d4fae-7dec",
                          "postgres://user@host:5432/db/table/schema",
                          "git+ssh://g/x",
                          "memo://insights",
                          "ui://a/b",
                          "data:text/plain,hi",
                          "mailto:a@b.example",
                          "a:b",
                          "x-y.z:1",
                          "https://h/...",
                          "note:a;b=1",
                          "https://h/a;..",
                          "https://h/~user/-._!$&'()*+,=:@"}) {
    CAPTURE(uri);
    CHECK(check_uri(uri) == ErrorCode::none);
  }
  CHECK(check_uri("a:" + std::string(8190, 'x')) == ErrorCode::none);
}

TEST_CASE("names: templates are ASCII without spaces and backslashes") {
  CHECK(check_uri_template("test://template/{id}/data{?q*}") == ErrorCode::none);
  for (const std::string_view text :
       {""sv, "a:{b} c"sv, "a:{b}\\"sv, "a:{\xc3\xa9}"sv, "a:{\n}"sv, "a:{\x7f}"sv, "a:{\0}"sv}) {
    CAPTURE(text);
    CHECK(check_uri_template(text) == ErrorCode::uri_not_normal);
  }
  CHECK(check_uri_template(std::string(8193, '{')) == ErrorCode::uri_not_normal);
}

}  // namespace
}  // namespace mcpgov::wire::test
