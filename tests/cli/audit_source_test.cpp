// Times on the command line, events as lines, and files of lines.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/audit_source.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "cli/audit_line.hpp"
#include "cli/audit_time.hpp"
#include "report_events.hpp"
#include "support/temporary_folder.hpp"

using namespace mcpgov;
using namespace mcpgov::cli;

namespace {

std::string line_of(const nlohmann::ordered_json& json) {
  EventReader reader;
  ReportEvent event;
  const std::string text = json.dump();
  REQUIRE(reader.read(text, event));
  return event_line(event);
}

}  // namespace

TEST_CASE("moments are absolute, or ago") {
  constexpr std::uint64_t kNow = made::kMonday + made::kDay;
  struct Case {
    const char* text;
    std::uint64_t us;
  };
  const Case cases[] = {{"", 0},
                        {"2025-11-17", made::kMonday},
                        {"2025-11-17T00:00:01Z", made::kMonday + made::kSecond},
                        {"90s", kNow - 90 * made::kSecond},
                        {"15m", kNow - 15 * made::kMinute},
                        {"24h", made::kMonday},
                        {"1d", made::kMonday},
                        {"2w", kNow - 14 * made::kDay},
                        {"5000w", 1}};
  for (const Case& each : cases) {
    CAPTURE(std::string(each.text));
    const auto moment = read_moment(each.text, each.us == 1 ? made::kDay : kNow);
    REQUIRE(moment.has_value());
    CHECK(*moment == each.us);
  }
}

TEST_CASE("what is no moment is refused, not guessed") {
  for (const char* text : {"yesterday", "24", "h", "-1h", "1.5h", "24 h", "2025-11-17T00:00:00",
                           "99999999999999999999s", "2025-13-01", "1y"}) {
    CAPTURE(std::string(text));
    const auto moment = read_moment(text, made::kMonday);
    REQUIRE_FALSE(moment.has_value());
    CHECK(moment.error().code == ErrorCode::audit_query);
  }
}

TEST_CASE("a line says when, who, where, what, whether and how it ended") {
  CHECK(line_of(made::to_json({.agent = "bot"})) ==
        "2025-11-17 00:00:00  ann (bot)             files       tools/call read_file            "
        "allow       completed  5.00 ms");
  const std::string denied = line_of(made::to_json({.allowed = false, .reason = "policy_denied"}));
  CHECK(denied.find("deny policy_denied") != std::string::npos);
  auto intent = made::to_json({});
  intent["kind"] = "intent";
  CHECK(line_of(intent).ends_with("intent"));
  CHECK(line_of(made::to_json({.effect = "deny"})).find("observe") != std::string::npos);
}

TEST_CASE("text of callers cannot act on the terminal") {
  const std::string attack = "a\x1b[2J\nb\r\u202e\u2028\x07";
  auto event = made::to_json({.subject = attack, .tool = attack, .server = attack});
  event["method"] = attack;
  event["outcome"] = attack;
  event["caller"]["client"] = attack;
  const std::string line = line_of(event);
  for (const char byte : line) CHECK(static_cast<unsigned char>(byte) >= 0x20);
  CHECK(line.find("\u202e") == std::string::npos);
  CHECK(line.find("\\u{1b}") != std::string::npos);
}

TEST_CASE("lines of a file are given one by one, also the last without an end") {
  const test::TemporaryFolder folder;
  const std::string path = folder.path("lines");
  std::ofstream(path, std::ios::binary) << "one\ntwo\r\n\nlast";
  std::vector<std::string> lines;
  const auto read = read_lines(path, [&](std::string_view line) { lines.emplace_back(line); });
  CHECK(read.has_value());
  CHECK(lines == std::vector<std::string>{"one", "two", "", "last"});
  CHECK(read_lines(folder.path("none"), [](std::string_view) {}).error().code ==
        ErrorCode::file_unreadable);
  CHECK(is_folder(folder.path("")));
  CHECK_FALSE(is_folder(path));
}

TEST_CASE("a folder without logs has nothing to merge") {
  const test::TemporaryFolder folder;
  const auto none = LogMerge::open(folder.path(""));
  REQUIRE_FALSE(none.has_value());
  CHECK(none.error().code == ErrorCode::audit_open);
  CHECK_FALSE(LogMerge::open(folder.path("none")).has_value());
}
