// The texts of the report's rules and names.
// Tested by tests/cli/report_gather_test.cpp
//
// SPDX-License-Identifier: Apache-2.0
#include "cli/report_facts.hpp"

namespace mcpgov::cli {

namespace {

constexpr RuleText kTexts[kRules] = {
    {"The log does not verify",
     "Bytes, sequence, tree or signature are not as the log's writer left them.",
     Severity::serious},
    {"Records were lost", "The log says itself that it could not keep records.", Severity::serious},
    {"Gaps in the sequence", "Each record has the number after the one before it.",
     Severity::serious},
    {"Silence",
     "A log that is open writes a sign of life at least every 60 s; here 150 s passed "
     "without a record.",
     Severity::warning},
    {"The clock was set", "The wall clock moved by more than 1 s against the steady one.",
     Severity::warning},
    {"The same event twice", "An event's id is unique; two final events share one.",
     Severity::serious},
    {"Sensitive read, then a write to the open world",
     "In one session: a result with secrets in it, or of a tool named with "
     "--sensitive, and within 30 min an allowed call of an open-world tool that is not "
     "read-only.",
     Severity::serious},
    {"Secrets in results",
     "A detector matched in what a tool sent, other than for mail addresses and telephone numbers.",
     Severity::serious},
    {"A denied call, tried again and again",
     "At least 5 different arguments in denied calls of one caller to one tool within 60 s.",
     Severity::serious},
    {"Burst of denials",
     "In 10 min more denials of a caller than 10 and than m + 4 * sqrt(m), where m is its mean "
     "for "
     "the same hour of the 14 days before.",
     Severity::warning},
    {"A server's tools changed",
     "After the time of learning, a server's list of tools has a length it did not have before, "
     "or "
     "a tool is called that it was never asked for.",
     Severity::warning},
    {"Denied, then allowed under another snapshot",
     "The first allowed call of a caller to a tool that an earlier snapshot denied it.",
     Severity::warning},
    {"A session from two addresses", "Messages of one session came from different addresses.",
     Severity::warning},
    {"First seen",
     "After the time of learning, a caller who was active in it uses a tool for the first time.",
     Severity::note},
    {"Unusual volume",
     "In one hour more messages of a caller than 30 and than m + 6 * s, where m is the median of "
     "its hours and s = max(1.4826 * MAD, sqrt(m), 1), with at least 12 hours to compare.",
     Severity::warning},
    {"Unusually large reply",
     "The largest reply of a tool is more than 8 times the 99th percentile of its (at least 200) "
     "replies; the number is its bytes.",
     Severity::warning},
    {"At an unusual hour",
     "After the time of learning, a message in an hour of the day (UTC) in which the caller, "
     "with "
     "at least 50 messages on 3 days of learning, had none, nor in the hours beside it.",
     Severity::note},
};

}  // namespace

const RuleText& rule_text(Rule rule) noexcept {
  return kTexts[static_cast<std::size_t>(rule)];
}

std::string caller_text(const CallerFacts& caller) {
  if (!caller.subject.empty()) return caller.subject;
  return caller.kind.empty() || caller.kind == "none" ? "nobody" : caller.kind;
}

std::string tool_text(const ToolFacts& tool) {
  return tool.server.empty() ? tool.name : tool.server + " / " + tool.name;
}

}  // namespace mcpgov::cli
