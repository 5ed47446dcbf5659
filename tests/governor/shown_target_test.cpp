// Targets in records: what is masked, and what stays.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/shown_target.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov::detail {
namespace {

using wire::TargetKind;

std::string shown(std::string_view target, TargetKind kind = TargetKind::resource) {
  Arena arena;
  return std::string(shown_target(kind, target, arena));
}

TEST_CASE("target: secrets in URIs are masked") {
  struct Case {
    const char* what;
    const char* target;
    const char* expected;
  };
  const Case cases[] = {
      {"user and password", "https://ann:pw@db.example/t", "https://***@db.example/t"},
      {"a password with an at sign", "https://ann:p@w@db.example", "https://***@db.example"},
      {"a token", "https://a.example/x?token=abc", "https://a.example/x?token=***"},
      {"a signed URL", "s3://b/k?X-Amz-Credential=AK&X-Amz-Signature=ff&part=1",
       "s3://b/k?X-Amz-Credential=***&X-Amz-Signature=***&part=1"},
      {"a key in capitals", "https://a.example/?API_KEY=1", "https://a.example/?API_KEY=***"},
      {"parameters by semicolon", "https://a.example/?a=1;sig=2;b=3",
       "https://a.example/?a=1;sig=***;b=3"},
      {"a fragment with a token", "https://a.example/#access_token=abc&state=1",
       "https://a.example/#access_token=***&state=1"},
      {"query and fragment", "https://a.example/?code=1#id_token=2",
       "https://a.example/?code=***#id_token=***"},
      {"a name with escapes, which may spell anything", "https://a.example/?t%6Fken=abc",
       "https://a.example/?t%6Fken=***"},
      {"user, query and all", "ftp://u@h/p?password=x", "ftp://***@h/p?password=***"},
      {"no authority", "urn:example:a?secret=1", "urn:example:a?secret=***"},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.what));
    CHECK(shown(each.target) == each.expected);
  }
}

TEST_CASE("target: everything else stays as it is") {
  for (const char* target : {"file:///srv/reports/q3.md", "https://a.example/x?page=2&limit=10",
                             "mailto:ann@example.com", "https://a.example/a@b",
                             "https://a.example/?token", "https://a.example/#top", ""}) {
    CAPTURE(std::string(target));
    CHECK(shown(target) == target);
  }
  CHECK(shown("read?token=abc", TargetKind::tool) == "read?token=abc");
}

TEST_CASE("target: no more than 1,024 bytes, masks included") {
  const std::string many = "https://a.example/?" + [] {
    std::string out;
    for (int at = 0; at < 400; ++at) out += "key=&";
    return out;
  }();
  CHECK(shown(many).size() <= 1024);
  CHECK(shown(std::string(5000, 'x'), TargetKind::tool).size() == 1024);
}

}  // namespace
}  // namespace mcpgov::detail
