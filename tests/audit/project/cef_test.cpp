// CEF: one line for each event, whatever callers call themselves.
//
// SPDX-License-Identifier: Apache-2.0
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <doctest/doctest.h>

#include "audit/project/forms.hpp"
#include "audit/project/samples.hpp"

namespace mcpgov::audit {
namespace {

// A reader by the rules of the format: header fields end at `|`, keys are letters and digits before
// `=`, a value ends before the space of the next key.
struct Read {
  std::vector<std::string> header;
  std::map<std::string, std::string> values;
};

Read read(std::string_view line) {
  Read out;
  std::string field;
  std::size_t at = 0;
  while (at < line.size() && out.header.size() < 7) {
    if (line[at] == '\\' && at + 1 < line.size()) {
      field += line[at + 1];
      at += 2;
    } else if (line[at] == '|') {
      out.header.push_back(field);
      field.clear();
      ++at;
    } else {
      field += line[at++];
    }
  }
  std::string key;
  std::string value;
  for (; at < line.size(); ++at) {
    if (line[at] == '\\' && at + 1 < line.size()) {
      value += line[++at] == 'n' ? '\n' : line[at] == 'r' ? '\r' : line[at];
    } else if (line[at] == '=') {
      const std::size_t space = value.rfind(' ');
      if (!key.empty()) out.values[key] = value.substr(0, space);
      key = space == std::string::npos ? value : value.substr(space + 1);
      CHECK(out.values.count(key) == 0);
      value.clear();
    } else {
      value += line[at];
    }
  }
  out.values[key] = value;
  return out;
}

std::string cef(const std::string& text) {
  EventParser parser;
  ParsedEvent event;
  REQUIRE(parser.parse(text, event) == ErrorCode::none);
  event.log = "boot-1";
  event.seq = 5;
  std::string out;
  CHECK(append_cef(out, event));
  return out;
}

TEST_CASE("cef: a usual call") {
  CHECK(cef(test::usual_event()) ==
        "CEF:0|mcpgov|mcpgov|0.1.0|tools/call|MCP message allowed|2|rt=1795159380123 "
        "externalId=0123456789abcdef0123456789abcdef deviceExternalId=boot-1 mcpgovSeq=5 "
        "suid=00u1abcd sntdom=https://login.example.com src=10.1.2.80 dhost=filesystem app=mcp "
        "act=allow outcome=success requestMethod=tools/call request=write_file "
        "cs1Label=policyIds cs1=permit-report-writers,log,all\\=\"x\" cs2Label=sessionId "
        "cs2=0197f2b4-0000-7a55-9c3e-000000000001 cs3Label=actorIds "
        "cs3=report-writer,spiffe://acme.example/w cs4Label=traceId "
        "cs4=0af7651916cd43dd8448eb211c80319c cs5Label=toolClass cs5=write cs6Label=decision "
        "cs6=allow cn1Label=latencyUs cn1=13000 cn2Label=inputSize cn2=181 cn3Label=outputSize "
        "cn3=127");
}

TEST_CASE("cef: what callers say stays in its field") {
  for (const std::string& text : test::sample_events()) {
    CAPTURE(text);
    const std::string line = cef(text);
    CHECK(line.find('\n') == std::string::npos);
    const Read parts = read(line);
    REQUIRE(parts.header.size() == 7);
    CHECK(parts.header[1] == "mcpgov");
    CHECK(line.substr(0, line.find("|rt=")).find_first_of("\\=\"") == std::string::npos);
    CHECK(parts.values.at("mcpgovSeq") == "5");
    EventParser parser;
    ParsedEvent event;
    REQUIRE(parser.parse(text, event) == ErrorCode::none);
    if (!event.is_message()) continue;
    CHECK(parts.values.at("act") == (event.allowed ? "allow" : "deny"));
    CHECK(parts.values.at("cs6") == (event.decided_allow ? "allow" : "deny"));
  }
}

TEST_CASE("cef: a denied destructive tool weighs more than a denied reading one, loss the most") {
  const auto severity = [](std::string_view wanted) {
    for (const std::string& text : test::sample_events()) {
      if (text.find(wanted) != std::string::npos) return read(cef(text)).header[6];
    }
    return std::string();
  };
  CHECK(severity(R"("outcome":"completed")") == "2");
  CHECK(severity(R"("outcome":"denied","latency)") == "6");
  CHECK(severity(R"("class":"destructive")") == "8");
  CHECK(severity(R"("kind":"loss")") == "10");
}

}  // namespace
}  // namespace mcpgov::audit
