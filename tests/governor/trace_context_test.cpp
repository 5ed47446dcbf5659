// Trace contexts of messages and headers: what W3C allows, and nothing else.
//
// SPDX-License-Identifier: Apache-2.0
#include "governor/trace_context.hpp"

#include <string>

#include <doctest/doctest.h>

namespace mcpgov::detail {
namespace {

constexpr std::string_view kTraceId = "0af7651916cd43dd8448eb211c80319c";
constexpr std::string_view kParentId = "b7ad6b7169203331";
constexpr std::string_view kGood = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr std::string_view kRecord = "5993142e04064de90000000000000006";

TEST_CASE("trace context: what is valid") {
  struct Case {
    const char* what;
    std::string text;
    std::uint8_t flags;
  };
  const Case cases[] = {
      {"version 00, sampled", std::string(kGood), 1},
      {"not sampled", std::string(kGood.substr(0, 53)) + "00", 0},
      {"flags that are not known yet", std::string(kGood.substr(0, 53)) + "ff", 255},
      {"a later version of the same length", "cc" + std::string(kGood.substr(2)), 1},
      {"a later version that goes on", "cc" + std::string(kGood.substr(2)) + "-what-comes", 1},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.what));
    audit::Trace out;
    REQUIRE(read_traceparent(each.text, out));
    CHECK(out.trace_id == kTraceId);
    CHECK(out.parent_id == kParentId);
    CHECK(out.flags == each.flags);
  }
}

TEST_CASE("trace context: what is not") {
  const std::string good(kGood);
  struct Case {
    const char* what;
    std::string text;
  };
  const Case cases[] = {
      {"nothing", ""},
      {"one byte short", good.substr(0, 54)},
      {"version 00 that goes on", good + "-00"},
      {"version 00 with a space behind", good + " "},
      {"a later version that goes on without a dash", "cc" + good.substr(2) + ".x"},
      {"version ff", "ff" + good.substr(2)},
      {"a version of letters", "zz" + good.substr(2)},
      {"upper case in the trace id", "00-0AF7651916cd43dd8448eb211c80319c" + good.substr(35)},
      {"upper case in the parent id", good.substr(0, 36) + "B7ad6b7169203331-01"},
      {"a trace id of zeros", "00-" + std::string(32, '0') + good.substr(35)},
      {"a parent id of zeros", good.substr(0, 36) + std::string(16, '0') + "-01"},
      {"flags of letters", good.substr(0, 53) + "0g"},
      {"another separator", "00_" + good.substr(3)},
      {"another separator before the parent id", good.substr(0, 35) + "_" + good.substr(36)},
      {"another separator before the flags", good.substr(0, 52) + "_01"},
  };
  for (const Case& each : cases) {
    CAPTURE(std::string(each.what));
    audit::Trace out;
    CHECK_FALSE(read_traceparent(each.text, out));
    CHECK(out.trace_id.empty());
  }
}

struct Told {
  audit::Trace trace;
  char span_id[16];
};

void tell(Told& out, const wire::Message* message, const HttpHead& http,
          std::string_view record = kRecord) {
  out.trace = trace_of(message, http, record, out.span_id);
}

TEST_CASE("trace context: the message's own goes before the headers'") {
  const std::string other = "00-11111111111111111111111111111111-2222222222222222-00";
  const Header headers[] = {{"TraceParent", other}, {"tracestate", "vendor=header"}};
  const HttpHead http{"POST", "/", headers};
  wire::Message message;
  message.traceparent = kGood;
  message.tracestate = "vendor=meta";
  Told told{};
  tell(told, &message, http);
  CHECK(told.trace.trace_id == kTraceId);
  CHECK(told.trace.state == "vendor=meta");
  CHECK(told.trace.from_message);

  message.traceparent = "nonsense";
  tell(told, &message, http);
  CHECK(told.trace.trace_id == std::string(32, '1'));
  CHECK(told.trace.parent_id == std::string(16, '2'));
  CHECK(told.trace.state == "vendor=header");
  CHECK_FALSE(told.trace.from_message);
}

TEST_CASE("trace context: without a valid one a trace begins that has the record's id") {
  Told told{};
  const Header headers[] = {{"traceparent", "00-bad"}, {"tracestate", "vendor=header"}};
  tell(told, nullptr, {"GET", "/", headers});
  CHECK(told.trace.trace_id == kRecord);
  CHECK(told.trace.parent_id.empty());
  CHECK(told.trace.state.empty());
  CHECK(told.trace.flags == 0);
}

TEST_CASE("trace context: a state is cut to what everybody passes on") {
  wire::Message message;
  message.traceparent = kGood;
  const std::string state(600, 's');
  message.tracestate = state;
  Told told{};
  tell(told, &message, {});
  CHECK(told.trace.state.size() == 512);
}

TEST_CASE("trace context: each record has a span of its own, and never the one of zeros") {
  Told first{};
  Told second{};
  tell(first, nullptr, {});
  tell(second, nullptr, {}, "5993142e04064de90000000000000007");
  CHECK(first.trace.span_id.size() == 16);
  CHECK(first.trace.span_id != second.trace.span_id);
  CHECK(first.trace.span_id.find_first_not_of("0123456789abcdef") == std::string_view::npos);
  Told zero{};
  tell(zero, nullptr, {}, std::string(32, '\0'));
  CHECK(zero.trace.span_id != std::string(16, '0'));
}

}  // namespace
}  // namespace mcpgov::detail
