// Syslog: messages that RFC 5424 allows, of a bounded size, framed so that none can forge another.
//
// SPDX-License-Identifier: Apache-2.0
#include <regex>
#include <string>
#include <string_view>

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include "audit/project/format.hpp"
#include "audit/project/forms.hpp"
#include "audit/project/samples.hpp"
#include "base/utf8.hpp"

namespace mcpgov::audit {
namespace {

std::string syslog(const std::string& text, const ProjectionSettings& settings = {}) {
  EventParser parser;
  ParsedEvent event;
  REQUIRE(parser.parse(text, event) == ErrorCode::none);
  event.log = "boot-1";
  event.seq = 5;
  std::string out;
  CHECK(append_syslog(out, event, settings));
  return out;
}

// The end of the structured data, by its grammar.
std::size_t structured_end(std::string_view message) {
  std::size_t at = message.find('[');
  REQUIRE(at != std::string_view::npos);
  bool quoted = false;
  for (++at; at < message.size(); ++at) {
    if (quoted && message[at] == '\\') {
      ++at;
    } else if (message[at] == '"') {
      quoted = !quoted;
    } else if (!quoted && message[at] == ']') {
      return at + 1;
    }
  }
  return std::string_view::npos;
}

TEST_CASE("syslog: a usual call") {
  ProjectionSettings settings;
  settings.host_name = "host 7";
  settings.syslog_process = "42";
  const std::string text = syslog(test::usual_event(), settings);
  const std::string head =
      "<109>1 2026-11-20T07:23:00.123456Z host_7 mcpgov 42 call [mcpgov@32473 "
      R"(id="0123456789abcdef0123456789abcdef" log="boot-1" seq="5" method="tools/call" )"
      R"(target="write_file" server="filesystem" issuer="https://login.example.com" )"
      R"(subject="00u1abcd" session="0197f2b4-0000-7a55-9c3e-000000000001" decision="allow" )"
      "enforced=\"true\" outcome=\"completed\"] \xef\xbb\xbf";
  CHECK(text.substr(0, head.size()) == head);
  const auto event = nlohmann::json::parse(text.substr(head.size()));
  CHECK(event["seq"] == 5);
  CHECK(event["target"] == "write_file");
}

TEST_CASE("syslog: every event is a message by the grammar, within the limit and on one line") {
  // RFC 5424 section 6, without the structured data.
  const std::regex grammar(R"(<\d{1,3}>1 \d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z )"
                           R"([!-~]{1,255} [!-~]{1,48} [!-~]{1,128} [!-~]{1,32} )");
  for (const std::string& event : test::sample_events()) {
    for (const std::uint32_t limit : {2048U, 8192U}) {
      for (const bool cef : {false, true}) {
        CAPTURE(event.substr(0, 400));
        ProjectionSettings settings;
        settings.syslog_bytes = limit;
        settings.syslog_cef = cef;
        const std::string text = syslog(event, settings);
        CHECK(text.size() <= limit);
        CHECK(text.find('\n') == std::string::npos);
        CHECK(find_invalid_utf8(text) == text.size());
        std::smatch match;
        CHECK(std::regex_search(text, match, grammar, std::regex_constants::match_continuous));
        const std::size_t end = structured_end(text);
        REQUIRE(end != std::string::npos);
        CHECK(text.compare(end, 4, " \xef\xbb\xbf") == 0);
        CHECK(text.compare(end + 4, 1, cef ? "C" : "{") == 0);
        if (!cef) CHECK(nlohmann::json::parse(text.substr(end + 4)).contains("kind"));
      }
    }
  }
}

TEST_CASE("syslog: an event that is too large loses its content first, and stays JSON") {
  for (const std::string& event : test::sample_events()) {
    if (event.find("\"bytes\":70000") == std::string::npos) continue;
    ProjectionSettings settings;
    settings.syslog_bytes = 2048;
    const std::string text = syslog(event, settings);
    CHECK(text.find(" cut=\"true\"]") != std::string::npos);
    const auto read = nlohmann::json::parse(text.substr(text.find("\xef\xbb\xbf") + 3));
    CHECK_FALSE(read.contains("arguments"));
    CHECK(read["outcome"] == "completed");
  }
}

TEST_CASE("syslog: priorities, also with a facility that does not exist") {
  ProjectionSettings settings;
  const auto priority = [&](std::string_view wanted) {
    for (const std::string& text : test::sample_events()) {
      if (text.find(wanted) == std::string::npos) continue;
      const std::string line = syslog(text, settings);
      return line.substr(0, line.find('>') + 1);
    }
    return std::string();
  };
  CHECK(priority(R"("outcome":"completed")") == "<109>");
  CHECK(priority(R"("effect":"deny","allowed":false)") == "<108>");
  CHECK(priority(R"("kind":"loss")") == "<106>");
  settings.syslog_facility = 255;
  CHECK(priority(R"("outcome":"completed")") == "<189>");
}

TEST_CASE("syslog: frames say how long they are") {
  EventParser parser;
  std::string batch;
  ProjectionSettings settings;
  open_batch(batch, Format::syslog, settings);
  std::size_t count = 0;
  for (const std::string& text : test::sample_events()) {
    ParsedEvent event;
    REQUIRE(parser.parse(text, event) == ErrorCode::none);
    CHECK(append_to_batch(batch, Format::syslog, event, settings));
    ++count;
  }
  close_batch(batch, Format::syslog);
  for (std::string_view rest = batch; !rest.empty(); --count) {
    const std::size_t space = rest.find(' ');
    const std::size_t size = std::stoul(std::string(rest.substr(0, space)));
    REQUIRE(rest.size() >= space + 1 + size);
    CHECK(rest[space + 1] == '<');
    rest.remove_prefix(space + 1 + size);
  }
  CHECK(count == 0);
}

}  // namespace
}  // namespace mcpgov::audit
