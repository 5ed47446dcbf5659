// The report's page: nothing of others acts in it, and it stays small.
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_page.hpp"

#include <limits>
#include <map>
#include <string>
#include <vector>

#include <doctest/doctest.h>

#include "base/base64.hpp"
#include "cli/report_gather.hpp"
#include "cli/report_plots.hpp"
#include "crypto/sha256.hpp"
#include "report_events.hpp"

using namespace mcpgov::cli;
using made::Call;

namespace {

const char* const kAttacks[] = {
    "<script>alert(1)</script>",
    "\"><img src=x onerror=alert(1)>",
    "' onmouseover='alert(1)",
    "</script><script>alert(1)</script>",
    "</style><script>alert(1)</script>",
    "<!--",
    "]]>",
    "</title><svg onload=alert(1)>",
    "javascript:alert(1)",
    "&lt;script&gt;",
    "&#60;script&#62;",
    "a\u2028b\u2029c",
    "\u202Egnp.exe",
    "zero\u200Bwidth\uFEFF",
    "line\nbreak\rand\ttab",
    "{{7*7}} ${7*7}",
    "\x1b[31mred",
};

// Every text of an event is the attack.
std::string event_of(const std::string& attack) {
  auto event = made::to_json({.found = attack});
  for (const char* member : {"tenant", "server", "transport", "protocol", "target", "peer"}) {
    event[member] = attack;
  }
  for (const char* member : {"issuer", "subject", "client", "claimed"}) {
    event["caller"][member] = attack;
  }
  event["caller"]["actors"] = {{{"kind", attack}, {"issuer", attack}, {"subject", attack}}};
  event["session"]["id"] = attack;
  event["outcome"] = attack;
  for (const char* member : {"reason", "approver", "snapshot"}) event["decision"][member] = attack;
  event["decision"]["policies"] = {attack};
  return event.dump();
}

Evidence evidence_of(const std::string& attack) {
  Evidence evidence;
  evidence.source = evidence.against = attack;
  LogEvidence log;
  log.name = log.damage = log.verdict = attack;
  log.last_checkpoint = {1, attack, attack, attack};
  evidence.logs.push_back(log);
  return evidence;
}

// The page without our own style, script and facts; of these another test sees.
std::string markup_of(std::string page) {
  const std::size_t facts = page.find("id=\"facts\">") + 11;
  page.erase(facts, page.find("</script>", facts) - facts);
  for (const std::string_view own : {report_style(), report_script()}) {
    const std::size_t at = page.find(own);
    REQUIRE(at != std::string::npos);
    page.erase(at, own.size());
  }
  return page;
}

// Names of elements in the order of the page, and whether anything stands where it may not.
std::map<std::string, int> elements_of(const std::string& markup) {
  std::map<std::string, int> out;
  for (std::size_t at = 0; (at = markup.find('<', at)) != std::string::npos; ++at) {
    std::size_t end = at + 1;
    if (end < markup.size() && markup[end] == '/') ++end;
    const std::size_t begin = end;
    while (end < markup.size() && std::isalnum(static_cast<unsigned char>(markup[end]))) ++end;
    ++out[markup.substr(begin, end - begin)];
  }
  return out;
}

}  // namespace

TEST_CASE("text of others stays text, in every field") {
  Gatherer plain(0, 0);
  plain.take(event_of("plain"));
  const auto expected =
      elements_of(markup_of(report_page(plain.finish(), evidence_of("plain"), {})));
  for (const char* attack : kAttacks) {
    CAPTURE(std::string(attack));
    Gatherer gatherer(0, 0);
    gatherer.take(event_of(attack));
    const Facts facts = gatherer.finish();
    REQUIRE(facts.all.calls == 1);
    const std::string page = markup_of(report_page(facts, evidence_of(attack), {}));
    CHECK(elements_of(page) == expected);
    for (const char* part :
         {"<script>alert", "<img", "<svg onload", "onerror=alert(1)>", "' onmouseover='", "\u2028",
          "\u2029", "\u202E", "\u200B", "\uFEFF", "\x1b", "\r"}) {
      CAPTURE(std::string(part));
      CHECK(page.find(part) == std::string::npos);
    }
  }
}

TEST_CASE("places and sessions of others are text, too, and a command stays one command") {
  const auto page_of = [](const std::string& text) {
    Facts facts;
    facts.of(Rule::twice).add({1, text, text, text, text});
    Evidence evidence;
    evidence.source = text;
    Proofs proofs;
    proofs.places[text] = {text, 7, text, 9};
    SessionTrace trace{text, text, text, text, {}, true};
    for (int each = 0; each < 30; ++each) {
      const std::string name = text + std::to_string(each);
      trace.calls.push_back({1, name, name, name, name, Verdict::denied, {}});
    }
    proofs.traces = {trace};
    return markup_of(report_page(facts, evidence, {}, proofs));
  };
  const auto expected = elements_of(page_of("plain"));
  for (const char* attack : kAttacks) {
    CAPTURE(std::string(attack));
    const std::string page = page_of(attack);
    CHECK(elements_of(page) == expected);
    CHECK(page.find("<img") == std::string::npos);
    CHECK(page.find("others") != std::string::npos);
  }
  CHECK(prove_command("/var/log's", "$(id)\n") ==
        "mcpgov audit prove '/var/log'\\''s' '$(id)\n' -o event.tlog-proof");
}

TEST_CASE("a graph has each agent, server and tool once, and says what was denied") {
  SessionTrace trace{"s1", "ann", "id", "rule", {}, false};
  trace.calls = {
      {1, "a", "bot", "files", "read", Verdict::allowed, mcpgov::audit::ToolClass::read_only},
      {2, "b", "bot", "files", "read", Verdict::denied, mcpgov::audit::ToolClass::read_only},
      {3, "c", "bot", "files", "drop", Verdict::denied, mcpgov::audit::ToolClass::destructive},
      {4, "d", "", "web", "post", Verdict::allowed, mcpgov::audit::ToolClass::write}};
  Proofs proofs;
  proofs.traces = {trace};
  const std::string page = report_page({}, {}, {}, proofs);
  const auto times = [&page](const std::string& part) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = page.find(part, at)) != std::string::npos; ++at) ++count;
    return count;
  };
  CHECK(times("class=\"node") == 7);
  CHECK(times("class=\"node destructive\"") == 1);
  CHECK(times("the caller itself</text>") == 1);
  CHECK(times("class=\"edge observed\"") == 2);  // bot to files, files to read
  CHECK(times("class=\"edge denied\"") == 1);
  CHECK(times("class=\"edge allowed\"") == 2);
  CHECK(times("1 ran, 2 denied</title>") == 1);
}

TEST_CASE("findings with texts of others are text, too") {
  for (const char* attack : kAttacks) {
    CAPTURE(std::string(attack));
    Facts facts;
    for (RuleFindings& rule : facts.findings) {
      rule.limits = attack;
      rule.add({1, attack, attack, attack, attack, 1});
    }
    const std::string page = markup_of(report_page(facts, {}, {}));
    CHECK(page.find("<script>alert") == std::string::npos);
    CHECK(page.find("<img") == std::string::npos);
    CHECK(page.find("' onmouseover") == std::string::npos);
  }
}

TEST_CASE("the policy of the page allows this style and this script and nothing else") {
  const std::string page = report_page({}, {}, {});
  const auto source = [](std::string_view content) {
    const auto digest = mcpgov::crypto::sha256(content);
    return "'sha256-" +
           mcpgov::encode_base64({reinterpret_cast<const char*>(digest.data()), digest.size()}) +
           "'";
  };
  const std::string policy = "content=\"default-src 'none'; style-src " + source(report_style()) +
                             "; script-src " + source(report_script()) +
                             "; base-uri 'none'; form-action 'none'\"";
  CHECK(page.find(policy) != std::string::npos);
  CHECK(page.find(" style=") == std::string::npos);
  CHECK(page.find(" onclick") == std::string::npos);
  CHECK(page.find("http://") == std::string::npos);
  CHECK(page.find("https://") == std::string::npos);
  CHECK(page.find("src=") == std::string::npos);
}

TEST_CASE("the page has the facts as JSON, whose digest it names") {
  Gatherer gatherer(0, 0);
  gatherer.take(event_of("</script><!--&\u2028"));
  const std::string page = report_page(gatherer.finish(), {}, {});
  const std::string open = "<script type=\"application/json\" id=\"facts\">";
  const std::size_t from = page.find(open) + open.size();
  const std::string json = page.substr(from, page.find("</script>", from) - from);
  CHECK(json.find_first_of("<>&") == std::string::npos);
  CHECK(json.find("\u2028") == std::string::npos);
  const auto facts = nlohmann::json::parse(json);
  CHECK(facts["callers"][0]["subject"] == "</script><!--&\u2028");
  CHECK(facts["messages"]["messages"] == 1);
  // The digest is of the JSON before its escapes for HTML; a reader gets it back by reading.
  const std::string plain = nlohmann::ordered_json::parse(json).dump(
      -1, ' ', false, nlohmann::ordered_json::error_handler_t::replace);
  CHECK(page.find(mcpgov::crypto::hex(mcpgov::crypto::sha256(plain))) != std::string::npos);
}

TEST_CASE("a page of nothing is a page") {
  const std::string page = report_page({}, {}, {});
  for (const char* part :
       {"<h1>Audit report</h1>", "There were no messages.", "No tool was called.",
        "No rule found anything serious", "Not verified."}) {
    CAPTURE(std::string(part));
    CHECK(page.find(part) != std::string::npos);
  }
}

TEST_CASE("a page is below 2 MB, however much there is and however long the texts are") {
  GatherLimits limits;
  limits.pairs = 20'000;
  Gatherer gatherer(0, 0, {}, limits);
  const std::string filler(900, '<');
  for (int i = 0; i < 6000; ++i) {
    Call call;
    call.time_us += static_cast<std::uint64_t>(i) * made::kHour;
    call.subject = filler + std::to_string(i % 3000);
    call.tool = filler + std::to_string(i % 1500);
    call.server = filler + std::to_string(i % 300);
    call.session = filler + std::to_string(i);
    call.agent = filler + std::to_string(i % 700);
    call.snapshot = filler + std::to_string(i % 500);
    call.reason = filler + std::to_string(i % 600);
    call.allowed = i % 5 != 0;
    call.found = filler + std::to_string(i % 400);
    gatherer.take(made::text(call));
  }
  const Facts facts = gatherer.finish();
  CHECK(facts.all.calls == 6000);
  const std::string page = report_page(facts, {}, {});
  CHECK(page.size() < 2'000'000);
  CHECK(page.find("of 3,000, by messages") != std::string::npos);
}

TEST_CASE("what is broken is said first, and in words") {
  Evidence evidence;
  LogEvidence good, bad;
  good.name = "good log";
  good.proven = Proven::yes;
  bad.name = "bad log";
  bad.proven = Proven::no;
  evidence.logs = {good, bad};
  CHECK(evidence.proven() == Proven::no);
  const std::string page = report_page({}, evidence, {});
  CHECK(page.find("Not as it was written.") < page.find("bad log"));
  CHECK(page.find("bad log") < page.find("good log"));
  evidence.logs = {good};
  CHECK(evidence.proven() == Proven::yes);
  CHECK(report_page({}, evidence, {}).find("<strong>Verified.</strong>") != std::string::npos);
  evidence.logs.push_back({});
  CHECK(evidence.proven() == Proven::unchecked);
}

TEST_CASE("numbers are written for people") {
  CHECK(count_text(0) == "0");
  CHECK(count_text(999) == "999");
  CHECK(count_text(1000) == "1,000");
  CHECK(count_text(1234567) == "1,234,567");
  CHECK(bytes_text(1023) == "1023 B");
  CHECK(bytes_text(1536) == "1.50 KiB");
  CHECK(bytes_text(1048575) == "1.00 MiB");
  CHECK(bytes_text(std::numeric_limits<std::uint64_t>::max()) == "16.0 EiB");
  CHECK(duration_text(999) == "999 ns");
  CHECK(duration_text(1500) == "1.50 µs");
  CHECK(duration_text(12'000'000) == "12.0 ms");
  CHECK(duration_text(150'000'000'000) == "2.50 min");
  CHECK(share_text(0, 0) == "–");
  CHECK(share_text(0, 5) == "0 %");
  CHECK(share_text(1, 10'000) == "< 0.1 %");
  CHECK(share_text(1, 3) == "33 %");
  CHECK(share_text(1, 40) == "2.5 %");
  CHECK(time_text(0) == "–");
  CHECK(shortened("abc", 3) == "abc");
  CHECK(shortened("äöü!", 3) == "äöü…");
  CHECK(showing(5, 5, "by x").empty());
  CHECK(showing(5, 1234, "by x") == "Showing 5 of 1,234, by x.");
}

TEST_CASE("axes begin at zero, reach the largest number and have few steps") {
  for (std::uint64_t largest = 0; largest < 3'000'000; largest = largest * 3 / 2 + 1) {
    CAPTURE(largest);
    const auto steps = axis_steps(largest);
    CHECK(steps.front() == 0);
    CHECK(steps.back() >= largest);
    CHECK(steps.size() >= 2);
    CHECK(steps.size() <= 7);
  }
}

TEST_CASE("a timeline has at most 180 bars and every message in one of them") {
  for (const std::uint64_t hours : {1ull, 24ull, 179ull, 180ull, 181ull, 8'760ull, 90'000ull}) {
    CAPTURE(hours);
    std::map<std::uint64_t, HourFacts> table;
    for (std::uint64_t i = 0; i < hours; ++i) table[490'000 + i].verdicts[i % kVerdicts] = 1;
    const Timeline timeline = timeline_of(table);
    CHECK(timeline.bars.size() <= 182);
    std::uint64_t sum = 0;
    for (const HourFacts& bar : timeline.bars) {
      for (const std::uint64_t each : bar.verdicts) sum += each;
    }
    CHECK(sum == hours);
    CHECK(timeline_svg(timeline).find("<rect") != std::string::npos);
  }
}
